"""A whole pasted page becomes a notice; what is given wins over what is read."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.exchange import notice_as_json
from corpus.notice import Notice
from corpus.paste import complete, read_paste, read_texts
from corpus.taxonomy_file import state_council

PAGE = (Path(__file__).parents[1] / "data" / "qingxi_page.txt").read_text("utf-8")


def test_a_whole_page_is_taken_apart():
    """Header, title, attachments and body are found; empty labels stay unknown."""
    notice = read_paste(PAGE)

    assert notice.title == "关于开展“一窗受理”改革提速行动的工作方案"
    assert notice.index_number == "QX0012345672024000203"
    assert notice.issuing_body == "青溪县行政审批服务局"
    assert notice.declared_topic == "其他-其他"
    assert notice.published_on == date(2024, 5, 20)
    assert notice.document_number is None
    assert notice.written_on is None
    assert [file.name for file in notice.attachments] == ["综合窗口事项清单", "改革提速问题整改表"]


def test_a_body_begins_behind_the_header_and_ends_before_the_widget():
    """Nothing of the header and nothing the page says to visitors is left in the body."""
    body = read_paste(PAGE).body

    assert body is not None
    assert body.startswith("局机关各科室")
    assert body.endswith("交综合科。")


@pytest.mark.parametrize(
    "widget",
    [
        "为了便于其他人查询和了解政策,请为本文选择一个合适的主题。",
        "为了便于其他人查询和了解政策，请为本文选择一个合适的主题",
        "可登录个人中心查看咨询回复情况",
        "扫一扫在手机打开当前页",
        "Scan me!",
        "文件预览",
        "附件下载",
        "相关链接",
        "公众评价",
        "0位公众参与评价",
    ],
)
def test_what_a_page_says_to_visitors_is_cut(widget):
    """A visitor's widget is no part of a notice."""
    assert read_paste(f"现将有关事项通知如下。\n{widget}\n").body == "现将有关事项通知如下。"


def test_words_of_a_widget_in_a_sentence_stay():
    """Only a line of its own is a widget: the same words in a sentence are text."""
    text = "请在附件下载栏目中查找相关链接并参加公众评价。"

    assert read_paste(text).body == text


def test_a_title_among_the_labels_is_found():
    """A title between two parts of a header is a title, and not lost with the header."""
    page = (
        "索引号：QX0012\n发文字号：青交〔2024〕56号\n青溪县关于加强农村公路养护工作的通知\n"
        "发布时间：2024-05-20 来源：县交通局\n各乡镇：\n现通知如下。"
    )

    notice = read_paste(page)

    assert notice.title == "青溪县关于加强农村公路养护工作的通知"
    assert notice.published_on == date(2024, 5, 20)


def test_text_above_a_late_header_is_kept():
    """A block of labels below a paragraph does not take the paragraph with it."""
    text = "各乡镇：\n现就公路养护通知如下。\n索引号：QX0012\n发布日期：2024-05-20\n"

    notice = read_paste(text)

    assert notice.index_number == "QX0012"
    assert notice.body == "各乡镇：\n现就公路养护通知如下。"


def test_given_fields_win():
    """What somebody typed is not replaced by what the page says."""
    notice = complete(Notice(title="另一个标题", issuing_body="白鹭区教育局", body=PAGE))

    assert notice.title == "另一个标题"
    assert notice.issuing_body == "白鹭区教育局"
    assert notice.published_on == date(2024, 5, 20)


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        (Notice(title="关于农村公路的通知（青交〔2024〕56号）"), "青交〔2024〕56号"),
        (Notice(body="青交〔2024〕 56 号\n各乡镇：\n现通知如下。"), "青交〔2024〕56号"),
        (Notice(body="各乡镇：\n根据《办法》（青政发〔2023〕7号）要求，通知如下。"), None),
        (Notice(body="各乡镇：\n青政发〔2023〕7号\n同时废止。"), None),
    ],
)
def test_a_number_without_a_label_is_no_citation(notice, expected):
    """It stands in the title's last brackets or on its own line above the addressee."""
    assert complete(notice).document_number == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于农村公路的通知", "通知"),
        ("关于农村公路的批复（试行）", "批复"),
        ("青溪县人民政府令", "命令"),
        ("农村公路管理办法", None),
    ],
)
def test_the_kind_of_document_is_read_from_the_title(title, expected):
    """Only the fifteen kinds are kinds; an 办法 is not one."""
    assert complete(Notice(title=title)).document_type == expected


_PIECES = st.sampled_from(
    [
        "索引号:",
        "主题分类：",
        "其他-其他",
        "发布日期:",
        "2024-05-20",
        "\n",
        "\n\n",
        "关于公路的通知",
        "各乡镇：",
        "附件：1.表",
        "2.册",
        "文件预览",
        "请为本文选择一个合适的主题。",
        "现将",
        "|",
        "\ud800",
        "《",
        "》",
        " ",
    ]
)


@given(st.lists(_PIECES, max_size=25).map("".join))
def test_completing_twice_changes_nothing(text):
    """Every door may complete a notice, also one that was completed before."""
    once = complete(Notice(body=text))

    assert complete(once) == once


@pytest.mark.parametrize(
    "piece",
    [
        "《",
        "关于",
        "(",
        "1",
        " ",
        "\n",
        "索引号:",
        "\n 索 引",
        "附件：1.a\n",
        "关于a的",
        "〔2019〕",
        "国",
        "：\n",
    ],
)
def test_no_text_is_too_much(piece):
    """Half a million characters of one thing are read like any other."""
    notice = complete(Notice(body=piece * (500_000 // len(piece))))

    assert notice.index_number is None


def test_header_samples_come_out_as_expected(shared):
    """The headers of ten real sites are read as a person wrote down."""
    taxonomy = state_council()
    samples = json.loads((shared / "facts" / "header_samples.json").read_text("utf-8"))["samples"]

    for sample in samples:
        found = notice_as_json(read_paste(sample["raw"]))
        topic = taxonomy.read(found["declared_topic"] or "")
        for name, expected in sample["expect"].items():
            if name != "topic":
                assert found[name] == expected, (sample["site"], name)
            elif expected is None:
                assert topic is None, sample["site"]
            elif expected != ["其他", "其他"]:
                printed = "-".join(filter(None, expected))
                assert topic is not None
                assert taxonomy.print(topic) == printed, sample["site"]
            else:
                assert topic == taxonomy.topic("22"), sample["site"]


def test_the_title_of_the_seed_notice_is_found(shared):
    """The order hides the title of what it issues; that title is what the notice is about."""
    notice = read_paste((shared / "data" / "seed_notice.txt").read_text("utf-8"))

    assert notice.title == "关于开展优化营商环境“大整改”专项行动的工作方案"
    assert "请为本文选择" not in (notice.body or "")


_HEADER = "索引号:SY1\n主题分类:工业、交通-公路\n发布日期:2024-03-08\n"


@pytest.mark.parametrize(
    ("page", "title", "body"),
    [
        pytest.param(
            f"{_HEADER}关于公路养护的通知\n各单位:\n现印发。\n一、总则\n文号:某府〔2020〕3号\n生效日期:2020-01-01",
            "关于公路养护的通知",
            "关于公路养护的通知\n各单位:\n现印发。\n一、总则\n文号:某府〔2020〕3号\n生效日期:2020-01-01",
            id="labels in the body",
        ),
        pytest.param(
            f"{_HEADER}关于公路养护的通知\n来源:区政府 发布时间:2024-03-08\n各镇:\n现通知如下。",
            "关于公路养护的通知",
            "关于公路养护的通知\n各镇:\n现通知如下。",
            id="a line of labels below the title",
        ),
        pytest.param(
            f"{_HEADER}关于公路养护的通知\n{_HEADER}各镇:\n现通知如下。",
            "关于公路养护的通知",
            "关于公路养护的通知\n各镇:\n现通知如下。",
            id="the header again below the title",
        ),
        pytest.param(
            f"{_HEADER}关于公路养护的通知\n各镇:\n现通知如下。\n联系电话:021-1234\n发布日期:2020-01-01",
            "关于公路养护的通知",
            "关于公路养护的通知\n各镇:\n现通知如下。\n联系电话:021-1234\n发布日期:2020-01-01",
            id="a footer",
        ),
        pytest.param(
            "索引号:SY1\n• 内容概述：\n本办法规定养护的职责。\n发布日期:2024-03-08\n"
            "关于公路养护的通知\n各镇:\n通知如下。",
            "关于公路养护的通知",
            "关于公路养护的通知\n各镇:\n通知如下。",
            id="a summary among the labels",
        ),
        pytest.param(
            f"{_HEADER}正文:\n关于公路养护的通知\n各镇:\n现通知如下。",
            "关于公路养护的通知",
            "关于公路养护的通知\n各镇:\n现通知如下。",
            id="a label of the body",
        ),
        pytest.param(
            f"首页 > 政务公开 > 通知公告\n{_HEADER}关于公路养护的通知\n各镇:\n现通知如下。",
            "关于公路养护的通知",
            "关于公路养护的通知\n各镇:\n现通知如下。",
            id="a trail of links",
        ),
    ],
)
def test_nothing_of_the_document_is_taken_for_its_header(page, title, body):
    """Labels end where the document begins; what stands among them is kept."""
    notice = read_paste(page)

    assert notice.title == title
    assert notice.body == body
    assert notice.document_number is None
    assert notice.effective_on is None
    assert notice.published_on == date(2024, 3, 8)


@pytest.mark.parametrize(
    "header",
    [
        "索引号\tSY001202400001\t主题分类\t工业、交通-公路\n发文机关\t区交通委\t发布日期\t20240308",
        (
            "[索引号] SY001202400001 [主题分类] 工业、交通-公路 [发文机关] 区交通委 [发文字号] "
            "[发布日期] 2024-03-08"
        ),
    ],
)
def test_a_header_in_cells_or_boxes_is_read(header):
    """A table copied with its tabs, labels in boxes on one line, a date without marks."""
    notice = read_paste(f"{header}\n关于公路养护的通知\n各镇:\n现通知如下。")

    assert notice.index_number == "SY001202400001"
    assert notice.declared_topic == "工业、交通-公路"
    assert notice.issuing_body == "区交通委"
    assert notice.published_on == date(2024, 3, 8)
    assert notice.document_number is None
    assert notice.title == "关于公路养护的通知"


@pytest.mark.parametrize("title", [None, " 关于养护的通知 ", "\u200b"])
@pytest.mark.parametrize(
    "body",
    [
        None,
        "索引号：QX001\n发布机构：青溪县人民政府\n关于做好养护工作的通知\n各有关单位：\n请遵照执行。\n打印本页",
        "青溪县\t索引号\tQX1\t发文字号\t青政〔2024〕1号\n关于招生的通知\n各校：\n如下。",
        "发 文 机 关：青溪县 文 号：青政〔2024〕1号\r\n关于招生的意见\r\n各校：\r\n如下。",
    ],
)
def test_title_and_body_alone_are_those_of_the_whole_notice(title, body):
    """What a model reads does not depend on whether the rest is looked for."""
    whole = complete(Notice(title=title, body=body))

    assert read_texts(title, body) == Notice(
        title=whole.title, body=whole.body, issuing_body=whole.issuing_body
    )
