"""Lists of government sites are read: each entry once, its date, its row's labels, the next page."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.errors import RefusedPageError
from corpus.page_listing import read_listing

URL = "https://www.qingxi.example/zwgk/tz/index.html"
NAMES = ("关于做好公路养护工作的通知", "关于开展义务教育招生的公告", "关于防汛抗旱工作的意见")
DAYS = ("2024-03-14", "2024-03-12", "2024-02-28")
MENU = (
    "<ul class='menu'>"
    + "".join(f"<li><a href='/{n}/'>政务公开栏目之{n}</a></li>" for n in range(12))
    + "</ul>"
)


def _page(rows, *, more=""):
    return f"<html><head><title>通知公告_青溪县人民政府</title></head><body>{MENU}{rows}{more}</body></html>".encode()


def _rows(template, day=lambda text: text):
    return "".join(
        template.format(n=n, title=title, day=day(text))
        for n, (title, text) in enumerate(zip(NAMES, DAYS, strict=True))
    )


LISTS = {
    "TRS": f"<ul class='list'>{_rows('<li><a href=./202403/t20240314_{n}.html title={title}>{title}</a><span>{day}</span></li>')}</ul>",
    "date first": f"<ul>{_rows('<li><span class=date>{day}</span><a href=./{n}.shtml title=>{title}</a></li>')}</ul>",
    "date in brackets": f"<ul>{_rows('<li><a href=./c{n}.html>{title}</a> [{day}]</li>')}</ul>",
    "date in the link": f"<ul>{_rows('<li><a href=./c{n}.html><i>{day}</i> <em>{title}</em></a></li>')}</ul>",
    "slashes": f"<ul>{_rows('<li><a href=./c{n}.html>{title}</a><b>{day}</b></li>', lambda text: text.replace('-', '/'))}</ul>",
    "a table": f"<table>{_rows('<tr><td>{n}</td><td><a href=./c{n}.html>{title}</a></td><td>{day}</td></tr>')}</table>",
    "definitions": f"<dl>{_rows('<dd><a href=./c{n}.html>{title}</a><span>{day}</span></dd>')}</dl>",
    "blocks": f"<div class=news>{_rows('<div class=item><h3><a href=./c{n}.html>{title}</a></h3><p>摘要，内容。</p><span>{day}</span></div>')}</div>",
    "headings in links": f"<ul>{_rows('<li><a href=./c{n}.html><div><h1>{title}</h1><div><span>{day}</span></div></div></a></li>')}</ul>",
    "popboxes": f"<ul>{_rows('<li><a href=./c{n}.html>{title}</a><div class=popbox><ul><li><a href=../jd/{n}.html>《办法》解读之问答</a></li></ul></div><span>{day}</span></li>')}</ul>",
    "cut titles": f"<ul>{_rows('<li><a href=./c{n}.html title={title}>关于…</a><span>{day}</span></li>')}</ul>",
    "paragraphs": f"<div>{_rows('<p class=row><a href=./c{n}.html>{title}</a><span>{day}</span></p>')}</div>",
    "groups of five": f"<div><ul class=x>{_rows('<li><a href=./c{n}.html>{title}</a><span>{day}</span></li>')}</ul><ul class=y><li>广告</li></ul></div>",
    "JCMS": "<script type='text/xml'><datastore><recordset>"
    + _rows(
        "<record><![CDATA[<li><a href='/art/2024/3/14/art_1_{n}.html' title='{title}'>{title}</a><span>{day}</span></li>]]></record>"
    )
    + "</recordset></datastore></script>",
    "JCMS, an answer": 'totalRecord=3;totalPage=1;dataStore=["'
    + '","'.join(
        f"<li><a href='/art/{n}.html' title='{title}'>{title}</a><b>{day}</b></li>"
        for n, (title, day) in enumerate(zip(NAMES, DAYS, strict=True))
    )
    + '"];',
}


@pytest.mark.parametrize("name", LISTS)
def test_entries_are_read_in_every_shape(name):
    """Title whole, date, each entry once, in order; no menu, no links inside a row."""
    entries = read_listing(_page(LISTS[name]), URL).entries

    assert [entry.title for entry in entries] == list(NAMES)
    assert [entry.published_on for entry in entries] == [date.fromisoformat(day) for day in DAYS]
    assert len({entry.url for entry in entries}) == len(NAMES)
    assert all(entry.url.startswith("https://www.qingxi.example/") for entry in entries)


def test_what_a_row_says_of_its_notice_is_kept():
    """Hidden labels of Epoint, columns of a table."""
    epoint = (
        "<table><tbody><tr><td><a onclick=\"linkToNew('0ed9f942-9681-462d','002');\">环境简报第一期</a>"
        "<div style='display:none'><ul><li><label>索 引 号 ：</label><p><b>QX1/2024-1</b></p></li>"
        "<li><label>发布机构：</label><p>青溪县政府</p></li><li><label>文　号　：</label><p></p></li></ul></div>"
        "</td><td>2024-03-14</td></tr></tbody></table>"
    )
    columns = (
        "<table><tr><th>索引号</th><th>名称</th><th>发文字号</th><th>发布机构</th><th>生成日期</th></tr>"
        "<tr><td>QX1/2024-1</td><td><a href='/c1.html'>环境简报第一期</a></td><td>青环〔2024〕1号</td>"
        "<td>青溪县政府</td><td>2024-03-14</td></tr></table>"
    )

    (one,) = read_listing(_page(epoint), URL).entries
    (other,) = read_listing(_page(columns), URL).entries

    assert one.url == "https://www.qingxi.example/openDetailDynamic.html?infoid=0ed9f942-9681-462d"
    assert (one.index_number, one.issuing_body, one.document_number) == (
        "QX1/2024-1",
        "青溪县政府",
        None,
    )
    assert (other.index_number, other.issuing_body) == ("QX1/2024-1", "青溪县政府")
    assert (other.document_number, other.written_on) == ("青环〔2024〕1号", date(2024, 3, 14))


def test_a_document_number_beside_the_title_is_kept():
    """Guangdong prints it without a label; in a title it is a part of that."""
    rows = (
        "<ul><li><a href='/content/post_1.html'>关于公路养护的通知</a><span class='wh'>青府〔2024〕5号</span>"
        "<span class='date'>2024-03-14</span></li>"
        "<li><a href='/content/post_2.html'>转发省府〔2023〕9号文的通知</a><span>2024-03-13</span></li></ul>"
    )

    one, other = read_listing(_page(rows), URL).entries

    assert (one.document_number, other.document_number) == ("青府〔2024〕5号", None)
    assert one.published_on == date(2024, 3, 14)


@pytest.mark.parametrize(
    ("more", "url", "following"),
    [
        ("<script>createPageHTML(8, 0, 'index', 'html');</script>", URL, "index_1.html"),
        ('<script>createPageHTML(8,3,"index","shtml");</script>', URL, "index_4.shtml"),
        ("<script>createPageHTML(8, 7, 'index', 'html');</script>", URL, None),
        (
            "<script>createPageHTML('page_div',12,0,'list_gz','shtml',300);</script>",
            URL,
            "list_gz_1.shtml",
        ),
        (
            "<script>//createPageHTML(31, 0);\nvar currentPage = 0; var countPage = 31;</script>",
            URL,
            "index_1.html",
        ),
        (
            "<script>var countPage = 31;</script>",
            "https://www.qingxi.example/zwgk/tz/index_4.html",
            "index_5.html",
        ),
        ("<a href='index_2.html'>下一页</a>", URL, "index_2.html"),
        ("<a href='javascript:void(0)'>下一页</a>", URL, None),
        ("<a href='list_3.html'>&gt;</a>", URL, "list_3.html"),
        (
            "<ul><li class='wb-page-item current'>1</li><li><a href='2.html'>2</a></li></ul>",
            URL,
            "2.html",
        ),
        ("", URL, None),
    ],
)
def test_the_next_page_is_found(more, url, following):
    """As linked, or as the pager's script makes it; none behind the last."""
    found = read_listing(_page(LISTS["TRS"], more=more), url).next_page

    wanted = following and f"https://www.qingxi.example/zwgk/tz/{following}"
    assert found == wanted


@pytest.mark.parametrize(
    "page", [b"", b"<html><body><p>\xe6\xad\xa3\xe6\x96\x87</p></body></html>", _page("")]
)
def test_what_is_no_list_is_refused(page):
    """A menu alone is none."""
    with pytest.raises(RefusedPageError):
        read_listing(page, URL)
