"""The real pages beside the project are read rightly: every field, the whole text, nothing else."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from corpus.notice import Attachment
from corpus.page import read_page
from corpus.page_listing import read_listing

PAGES = Path(__file__).parents[3] / "shared" / "pages"
pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason="needs the pages beside the project")

# What a page says, read by eye: fields; the text's beginning, middle and end, the digest of the
# text without blanks; and words of the page that are not the notice's.
NEA = "ccc0e6f629384053b0bf50cc3f018187"
DETAILS: dict[str, tuple[str, dict[str, Any], tuple[str, str, str, str], tuple[str, ...]]] = {
    "www.gov.cn/1.html": (
        "https://www.gov.cn/gongbao/content/2007/content_711039.htm",
        {"document_type": "决议", "published_on": date(2007, 8, 20)},
        (
            "全国人民代表大会常务委员",
            "行特别国债购买外汇及调整",
            "为53365.53亿元。",
            "2f88421c5ded30c0",
        ),
        ("首页", "无障碍", "登录"),
    ),
    "www.cmse.gov.cn/1.html": (
        "http://www.cmse.gov.cn/xwzx/1.html",
        {
            "title": "天宫一号与神舟九号载人交会对接任务第二场新闻发布会",
            "published_on": date(2012, 6, 24),
        },
        (
            "中国载人航天工程新闻发言",
            "随后，神舟九号逐渐接近天",
            "，我愿意回答大家的提问。",
            "f18007cfa7ee4307",
        ),
        ("责任编辑", "字号", "友情链接"),
    ),
    "fgw.zj.gov.cn/1.html": (
        "http://fgw.zj.gov.cn/art/2016/11/22/art_1621004_30332664.htm",
        {
            "title": "1-10月德清县固定资产投资结构趋稳趋优",
            "published_on": date(2016, 11, 22),
            "written_on": None,
        },
        ("1-10月，全县固定资产", "0.7:50.7:48.", "稳趋优。（德清县发改局）", "9fab3f39c39800b1"),
        ("打印", "大汉", "浏览次数"),
    ),
    "www.nfra.gov.cn/1.html": (
        "https://www.nfra.gov.cn/cn/view/pages/ItemDetail.html?docId=1&itemId=1",
        {
            "title": "国家金融监督管理总局浙江监管局行政处罚信息公开表（浙金罚决字〔2024〕52号）",
            "document_number": "浙金罚决字〔2024〕52号",
            "published_on": date(2025, 6, 3),
            "declared_topic": None,
            "issuing_body": None,
        },
        (
            "序号当事人名称行政处罚决",
            "以外的其他利益；编制或者",
            "经理）警告并罚款14万元",
            "a7882b98af225cdc",
        ),
        ("机构概况", "无障碍"),
    ),
    "www.ccgp.gov.cn/1.html": (
        "http://www.ccgp.gov.cn/cggg/dfgg/1.html",
        {"document_type": "公告", "published_on": date(2021, 6, 10), "issuing_body": None},
        (
            "深圳市建星项目管理顾问有",
            "10959四、成交信息招",
            "天内完成七、其它补充事宜",
            "ac823d5fcfebf7df",
        ),
        ("相关公告", "版权所有", "服务热线"),
    ),
    "www.kepu.gov.cn/1.html": (
        "http://www.kepu.gov.cn/news/1.html",
        {
            "title": "习近平主持召开深入推进长三角一体化发展座谈会",
            "published_on": date(2023, 12, 1),
            "issuing_body": None,
        },
        (
            "习近平主持召开深入推进长",
            "和有机衔接，加快从区域项",
            "企业负责同志参加座谈会。",
            "2c571fa7c9c042c3",
        ),
        ("编辑：", "微信二维码", "热词"),
    ),
    "www.nea.gov.cn/1.html": (
        "http://www.nea.gov.cn/20260928/ccc0e6f629384053b0bf50cc3f018187/c.html",
        {
            "title": "关于披露中国能源传媒集团有限公司负责人2025年度薪酬情况的通知",
            "index_number": "000019705/2026-000154",
            "issuing_body": "国家能源局",
            "written_on": date(2026, 9, 16),
            "published_on": date(2026, 9, 16),
            "attachments": (
                Attachment(
                    "中国能源传媒集团有限公司负责人2025年度薪酬情况表",
                    f"http://www.nea.gov.cn/20260928/{NEA}/20260928{NEA}_59476bf93f441c47a7a235721cf34317d2.xlsx",
                ),
            ),
        },
        (
            "关于披露中国能源传媒集团",
            "6〕87号）精神，现对中",
            "事司2026年9月16日",
            "73574cbfe3c0bbe3",
        ),
        ("目录项的基本信息", "您当前位置"),
    ),
    "www.nea.gov.cn/2.html": (
        "https://www.nea.gov.cn/20260520/a842d14ccabc461292fa190e6618bb60/c.html",
        {
            "title": "国家能源局有关负责同志就《核电厂退役准备管理暂行办法》答记者问",
            "published_on": date(2026, 5, 20),
        },
        (
            "近日，国家发展改革委、国",
            "时间，但考虑到核电厂退役",
            "面部署退役准备各项工作。",
            "ebff20306806f441",
        ),
        ("相关政策与解读", "来源："),
    ),
    "www.mee.gov.cn/2.html": (
        "http://www.mee.gov.cn/ywdt/hjywnews/202204/t20220417_974894.shtml",
        {
            "title": "生态环境部一周要闻（4.10-4.16）",
            "published_on": date(2022, 4, 17),
            "keywords": None,
        },
        (
            "1.生态环境部召开部常务",
            "席会议并致辞。>>>更多",
            ">>>更多内容，点击阅读",
            "358480ff8f64c1c4",
        ),
        ("分享到", "字号", "当前位置"),
    ),
    "jcms_jiande/1.html": (
        "http://www.jiande.example/art/1.html",
        {"title": "建德市更楼街道绿化养护服务采购项目预中标结果公示"},
        (
            "建德市更楼街道绿化养护服",
            "．采购人名称：建德市城南",
            "-017中标公式.doc",
            "36483f208237933f",
        ),
        (),
    ),
    "www.nfra.gov.cn/fragment1.html": (
        "https://www.nfra.gov.cn/1.html",
        {},
        (
            "序号当事人名称主要违法违",
            "部门报送境外全资附属金融",
            "罚款90万元金融监管总局",
            "8bdc869e42f43414",
        ),
        (),
    ),
    "www.nfra.gov.cn/fragment2.html": (
        "https://www.nfra.gov.cn/1.html",
        {},
        (
            "行政处罚决定书文号金罚决",
            "保险股份有限公司合计罚款",
            "的日期2024年7月8日",
            "28bd846fc78d70a3",
        ),
        (),
    ),
    "www.nfra.gov.cn/fragment3.html": (
        "https://www.nfra.gov.cn/1.html",
        {},
        (
            "行政处罚决定书文号金罚决",
            "任行政处罚依据《中华人民",
            "日期2024年5月28日",
            "3b5858c80048d1b3",
        ),
        (),
    ),
}
LISTS = {
    "www.mee.gov.cn/1.html": (
        "http://www.mee.gov.cn/ywgz/zysthjbhdc/dcjl/",
        15,
        ("中央生态环境保护督察集中", "202606/t20260602_1157667.shtml", date(2026, 6, 2)),
        "http://www.mee.gov.cn/ywgz/zysthjbhdc/dcjl/index_1.shtml",
    ),
    "www.ndrc.gov.cn/1.html": (
        "https://www.ndrc.gov.cn/xxgk/zcfb/fzggwl/",
        4,
        ("《国家发展改革委关于修改", "202607/t20260731_1406815.html", date(2026, 7, 31)),
        None,
    ),
    "zrzy.guizhou.gov.cn/1.html": (
        "https://zrzy.guizhou.gov.cn/wzgb/zwgk/zdlyxxgk/kyqgl/",
        4,
        ("省自然资源厅关于贵州高源", "202607/t20260724_90660124.html", date(2026, 7, 24)),
        None,
    ),
    "www.xuchang.gov.cn/1.html": (
        "http://www.xuchang.gov.cn/govxxgk/11411023071371351L/category/031/1.html",
        1,
        ("环境简报2023年（第1", "infoid=0ed9f942-9681-462d-af1d-8c4dda52d8ec", date(2023, 2, 8)),
        (
            "http://www.xuchang.gov.cn/govxxgk/11411023071371351L/category/031/031002/031002014/"
            "031002014004/2.html"
        ),
    ),
}


@pytest.mark.parametrize("name", DETAILS)
def test_a_real_page_is_read_rightly(name):
    """Each field by eye, the text by its digest, and nothing of the page around it."""
    url, fields, (start, middle, end, digest), others = DETAILS[name]

    notice = read_page((PAGES / name).read_bytes(), url).notice

    text = "".join((notice.body or "").split())
    assert {field: getattr(notice, field) for field in fields} == fields
    assert text.startswith(start)
    assert middle in text
    assert text.endswith(end)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == digest
    assert [word for word in others if word in text] == []


@pytest.mark.parametrize("name", LISTS)
def test_a_real_list_is_read_rightly(name):
    """How many entries, the first of them, the next page."""
    url, count, (title, address, day), following = LISTS[name]

    listing = read_listing((PAGES / name).read_bytes(), url)

    first = listing.entries[0]
    assert len(listing.entries) == count
    assert first.title.startswith(title)
    assert first.url.endswith(address)
    assert first.published_on == day
    assert listing.next_page == following
