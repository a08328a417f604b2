"""Pages of government sites are read: text, labels, files; and nothing else."""

from __future__ import annotations

import html
import importlib.util
import json
from datetime import date
from pathlib import Path

import pytest

from corpus.errors import RefusedPageError
from corpus.notice import Attachment
from corpus.page import read_fragment, read_page
from corpus.page_encoding import decode_page

_SPEC = importlib.util.spec_from_file_location(
    "page_samples", Path(__file__).with_name("page_samples.py")
)
assert _SPEC is not None
assert _SPEC.loader is not None
samples = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(samples)

URL = "https://www.qingxi.example/zw/202403/t20240314_1001.html"
HEADING = f"<h1>{samples.TITLE}</h1>"
BODY = f"<div class='TRS_Editor'>{samples.TEXT}</div>"
LINES = [
    "各乡镇人民政府，县直各部门：",
    "为做好农村公路养护工作，保障群众出行安全，现将有关事项通知如下。",
    "一、落实养护责任。各乡镇要明确专人，每月巡查路面，及时修补坑槽。",
    "路线\t里程",
    "青石线\t12.5公里",
    "二、加强资金管理。养护资金专款专用，不得挪用，接受审计监督。",
    "青溪县人民政府",
    "2024年3月12日",
]


def _read(page, url=URL, **known):
    return read_page(page.encode() if isinstance(page, str) else page, url, **known)


@pytest.mark.parametrize("name", samples.BLOCKS)
def test_labels_are_read_in_every_shape(name):
    """Tables, lists, definitions, lines: the values are the same."""
    notice = _read(samples.whole(f"{samples.BLOCKS[name]}{HEADING}{BODY}")).notice

    assert notice.index_number == samples.INDEX
    assert notice.declared_topic == "工业、交通\\公路"
    assert notice.issuing_body == "青溪县人民政府"
    assert notice.document_number == samples.NUMBER
    assert (notice.written_on, notice.published_on) == (date(2024, 3, 12), date(2024, 3, 14))
    assert notice.title == samples.TITLE
    assert (notice.body or "").split("\n") == LINES


@pytest.mark.parametrize("name", samples.CONTAINERS)
def test_the_text_is_found_in_every_container(name):
    """And nothing of the page is in it: no navigation, no tools, no other notices."""
    page = samples.whole(HEADING + samples.CONTAINERS[name].format(samples.TEXT))

    assert (_read(page).notice.body or "").split("\n") == LINES


@pytest.mark.parametrize("name", samples.CONTAINERS)
def test_labels_and_text_go_together_in_every_container(name):
    """The labels stand beside the text, not in it."""
    block = samples.BLOCKS["a table of four columns"]
    page = samples.whole(block + HEADING + samples.CONTAINERS[name].format(samples.TEXT))

    notice = _read(page).notice

    assert notice.index_number == samples.INDEX
    assert (notice.body or "").split("\n") == LINES


def test_labels_inside_the_text_are_cut_from_it():
    """Some sites put the table at the head of the text itself."""
    block = samples.BLOCKS["a table of two columns"]
    page = samples.whole(f"<div id='zoom'>{block}{HEADING}{samples.TEXT}</div>")

    notice = _read(page).notice

    assert notice.index_number == samples.INDEX
    assert notice.document_number == samples.NUMBER
    assert "索 引 号" not in (notice.body or "")


@pytest.mark.parametrize(
    "where",
    [
        "<head>{}</head><body>",
        "<head></head><body><div>{}</div>",
        "<head><div>{}</div></head><body>",
    ],
)
def test_meta_tags_count_wherever_they_stand(where):
    """In the head, in the body, or where a parser has closed the head."""
    page = f"<html>{where.format(samples.META)}{HEADING}{BODY}</body></html>"

    reading = _read(page)

    assert reading.notice.title == samples.TITLE
    assert reading.notice.published_on == date(2024, 3, 14)
    assert reading.notice.issuing_body == "青溪县人民政府"
    assert reading.sources["title"].startswith("meta")


def test_meta_tags_in_any_case_empty_or_doubled():
    """The first that says something counts."""
    head = (
        "<META NAME=articletitle CONTENT=''><meta name='ARTICLETITLE' content='"
        + samples.TITLE
        + "'>"
        "<meta content='2024/03/14' name='pubdate'><meta name='PubDate' content='1999-01-01'>"
    )

    notice = _read(samples.whole(BODY, head=head, title=samples.SITE)).notice

    assert notice.title == samples.TITLE
    assert notice.published_on == date(2024, 3, 14)


@pytest.mark.parametrize(
    "head",
    [
        "<meta name='Maketime' content='2030-01-01 10:00:00'>",
        "<meta name='others' content='页面生成时间 2030-01-01 10:00:00'>",
        "<meta name='lastmodifiedtime' content='2030-01-01'>",
    ],
)
def test_the_moment_a_page_was_built_is_no_date_of_the_notice(head):
    """Unknown is better than wrong."""
    assert _read(samples.whole(f"{HEADING}{BODY}", head=head)).notice.published_on is None


@pytest.mark.parametrize(
    "line",
    [
        "<div class='pages-date'>2024-03-14 09:30 <span class='font'>来源： 青溪县人民政府</span></div>",
        "<p class='tc'><span id='pubTime'>2024年03月14日 09:30</span> 来源：<span></span></p>",
        "<div class='info'><span>发布时间：2024-03-14</span><span>浏览次数：12</span></div>",
        "<div class='info'>信息来源：县府办 发布日期：2024-03-14 字号：大 中 小</div>",
        "<ul><li>来源：县府办</li><li>2024-03-14 14:43</li></ul>",
        "<span class='time'>2024/03/14</span>",
    ],
)
def test_the_date_near_the_title_is_that_of_publication(line):
    """Where no label and no meta tag tells it."""
    assert _read(samples.whole(f"{HEADING}{line}{BODY}")).notice.published_on == date(2024, 3, 14)


@pytest.mark.parametrize(
    "window",
    [
        f"{samples.TITLE}_{samples.SITE}",
        f"{samples.TITLE}-青溪县交通运输局",
        f"{samples.TITLE}---青溪县人民政府",
        f"{samples.TITLE}_公路_中国青溪网",
        f"{samples.SITE} {samples.TITLE}",
        samples.TITLE,
    ],
)
def test_the_title_is_without_the_site(window):
    """Whatever the window's title adds to it."""
    assert (
        _read(samples.whole(f"<h2>{samples.TITLE}</h2>{BODY}", title=window)).notice.title
        == samples.TITLE
    )


def test_the_elements_of_ucap_are_read():
    """Title, moment and text in elements of its own."""
    page = samples.whole(
        f"<UCAPTITLE>{samples.TITLE}</UCAPTITLE><PUBLISHTIME>2024-03-14 09:30</PUBLISHTIME>"
        f"<UCAPCONTENT>{samples.TEXT}</UCAPCONTENT>",
        title="政策文件",
    )

    notice = _read(page).notice

    assert (notice.title, notice.published_on) == (samples.TITLE, date(2024, 3, 14))
    assert (notice.body or "").split("\n") == LINES


def test_a_title_stands_in_the_window_alone():
    """Some pages show it as a picture, or not at all."""
    notice = _read(samples.whole(f"<div id='zoom'>{samples.TEXT}</div>")).notice

    assert notice.title == samples.TITLE


@pytest.mark.parametrize(
    ("title", "body", "number"),
    [
        (f"关于公路养护的通知（{samples.NUMBER}）", samples.TEXT, samples.NUMBER),
        ("关于公路养护的通知", f"<p>青政发〔2024〕5号</p>{samples.TEXT}", samples.NUMBER),
        ("关于公路养护的通知", f"{samples.TEXT}<p>根据县政发〔2019〕9号文件。</p>", None),
    ],
)
def test_a_document_number_without_label_is_read(title, body, number):
    """From the title's brackets or a line of its own; never from a citation."""
    page = samples.whole(f"<h1>{title}</h1><div id='zoom'>{body}</div>", title=title)

    assert _read(page).notice.document_number == number


def test_files_have_their_names_and_whole_addresses():
    """Beside the page, by a script's download, on another host; each once."""
    files = (
        "<p>附件：<a href='./P020240314.docx' title='x'>1.养护任务表.docx</a></p>"
        "<p><a href='/module/download/downfile.jsp?classid=0&filename=ab12.pdf'>2.考核办法</a></p>"
        "<p><a href='http://files.example/W0202.xls'>点击下载</a></p>"
        "<p><a href='./P020240314.docx'>1.养护任务表.docx</a></p>"
        "<p>依据<a href='/law/1.html'>公路法</a></p>"
    )
    beside = "<div class='attach'><a href='../../f/bz.pdf'>标准.pdf</a></div>"
    page = samples.whole(f"{HEADING}<div><div id='zoom'>{samples.TEXT}{files}</div>{beside}</div>")

    assert _read(page).notice.attachments == (
        Attachment("1.养护任务表.docx", "https://www.qingxi.example/zw/202403/P020240314.docx"),
        Attachment(
            "2.考核办法",
            "https://www.qingxi.example/module/download/downfile.jsp?classid=0&filename=ab12.pdf",
        ),
        Attachment("W0202.xls", "http://files.example/W0202.xls"),
        Attachment("标准.pdf", "https://www.qingxi.example/f/bz.pdf"),
    )


def test_a_page_that_closes_itself_in_the_middle_is_read_on():
    """Two </html>, the text behind the first."""
    page = f"<html><head><title>{samples.TITLE}</title></head><body>{samples.NAVIGATION}</body></html>{HEADING}{BODY}</body></html>"

    assert (_read(page).notice.body or "").split("\n") == LINES


def test_what_is_no_text_is_left_out():
    """Styles, scripts, remains of Word, counters, what is hidden."""
    inside = (
        "<style>.TRS_Editor P{line-height:1.5;}</style><script>var a=1;</script>"
        "<xml><o:OfficeDocumentSettings>x</o:OfficeDocumentSettings></xml>"
        "<div style='display: none'>隐藏的内容</div><div class='bdsharebuttonbox'>分享</div>"
    )
    page = samples.whole(
        f"{HEADING}<div class='TRS_Editor'>{inside}{samples.TEXT}<p>扫一扫在手机打开当前页</p></div>"
    )

    assert (_read(page).notice.body or "").split("\n") == LINES


@pytest.mark.parametrize("escaped", [False, True])
def test_a_notice_that_only_the_pages_script_holds_is_read(escaped):
    """The directory platform of Guangdong: the page is empty until its script has run."""
    content = html.escape(samples.TEXT) if escaped else samples.TEXT
    detail = {
        "title": samples.TITLE,
        "identifier": samples.INDEX,
        "document_number": samples.NUMBER,
        "publisher": "青溪县人民政府",
        "display_publish_time": "2024-03-14 09:00",
        "classify_theme_name": "公路",
        "content": content,
    }
    page = f"<html><body><div id='app'></div><script>window._CONFIG = {{SID: '7', DETAIL: {json.dumps(detail)}}};</script></body></html>"

    reading = _read(page)

    assert (reading.notice.body or "").split("\n") == LINES
    assert reading.notice.title == samples.TITLE
    assert reading.notice.index_number == samples.INDEX
    assert reading.notice.declared_topic == "公路"
    assert reading.notice.published_on == date(2024, 3, 14)
    assert reading.sources["index_number"] == "script identifier"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "gbk", "iso-8859-1", "nonsense", None])
def test_a_page_is_decoded_whatever_it_says_of_itself(encoding, declared):
    """A declaration that the bytes contradict does not count."""
    meta = "" if declared is None else f"<meta charset='{declared}'>"
    page = f"<html><head>{meta}<title>{samples.TITLE}</title></head><body>{BODY}</body></html>"

    assert decode_page(page.encode(encoding)) == page


def test_the_header_of_the_answer_goes_first():
    """Bytes that two encodings explain are what the server says."""
    content = "中文".encode("utf-16-le")

    assert decode_page(content, "text/html; charset=utf-16-le") == "中文"
    assert decode_page("\ufeff中文".encode(), "text/html; charset=gbk") == "中文"


def test_a_declaration_of_a_word_document_inside_does_not_count():
    """Only the top of the page is the page's own."""
    page = "<html><head></head><body>" + "中" * 1000 + "<meta charset=gb2312>" + BODY

    assert decode_page(page.encode()) == page


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("empty", ""),
        ("empty", "   \n"),
        ("empty", "<html></html>"),
        ("empty", "<html><body><p>&nbsp;</p></body></html>"),
        (
            "challenge",
            "<html><script>document.cookie='__jsl_clearance=1';location.reload()</script></html>",
        ),
        (
            "challenge",
            "<html><head><title>请稍候</title></head><body>您的访问被拦截，请完成安全验证</body></html>",
        ),
        ("challenge", "<html><script>var arg1='ACW';setCookie('acw_sc__v2',x)</script></html>"),
        (
            "login",
            "<html><body><form>用户登录<input name=u><input type='password' name=p></form></body></html>",
        ),
        ("error", "<html><title>404 Not Found</title><body><h1>404 Not Found</h1></body></html>"),
        (
            "error",
            "<html><body>您访问的页面不存在或已删除，请返回<a href='/'>首页</a></body></html>",
        ),
        (
            "shell",
            "<html><body><div id='app'></div><script src='/js/app.js'></script></body></html>",
        ),
        (
            "listing",
            samples.whole(
                "<ul>"
                + "".join(f"<li><a href='/a/{n}.html'>公告{n}</a></li>" for n in range(9))
                + "</ul>"
            ),
        ),
    ],
)
def test_what_is_no_notice_is_refused_by_name(kind, page):
    """A challenge or an error page must never be stored as a notice."""
    with pytest.raises(RefusedPageError) as refused:
        _read(page)

    assert refused.value.kind == kind


def test_binary_is_refused():
    """A picture under a page's name is no notice."""
    with pytest.raises(RefusedPageError):
        _read(bytes(range(256)) * 40)


def test_a_fragment_is_text_and_files():
    """Interfaces give the body alone."""
    fragment = read_fragment(f"{samples.TEXT}<a href='/f/a.pdf'>附件.pdf</a>", URL)

    assert (fragment.body or "").split("\n")[: len(LINES)] == LINES
    assert fragment.attachments == (Attachment("附件.pdf", "https://www.qingxi.example/f/a.pdf"),)
    assert read_fragment("", URL).body is None


def test_each_field_says_where_it_was_read():
    """The sources name all known fields and no other."""
    reading = _read(samples.whole(f"{samples.BLOCKS['items']}{HEADING}{BODY}", head=samples.META))
    known = {
        name
        for name in ("title", "index_number", "published_on", "body", "url", "document_type")
        if getattr(reading.notice, name)
    }

    assert known <= reading.sources.keys()
    assert reading.sources["index_number"] == "label 索引号"
    assert reading.sources["body"] == "trs_editor"
