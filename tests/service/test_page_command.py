"""``zhuti page`` shows what was read from a page, or why it is no notice."""

from __future__ import annotations

import pytest

PAGE = """<html><head><title>关于公路养护的通知_青溪县人民政府网</title></head><body>
<ul><li>索引号：QX1/2024-1</li><li>发布日期：2024-03-14</li></ul><h1>关于公路养护的通知</h1>
<div id="zoom"><p>为做好农村公路养护工作，保障群众出行安全，现将有关事项通知如下，请各单位认真执行。</p>
<p><a href="f/a.pdf">任务表.pdf</a></p></div></body></html>"""
LIST = """<html><body><ul><li><a href="./1.html">关于公路养护的通知</a><span>2024-03-14</span></li></ul>
<a href="index_2.html">下一页</a></body></html>"""
URL = "https://www.qingxi.example/zw/index.html"


def test_a_page_is_shown_as_json(zhuti, tmp_path):
    """All fields of a notice by our names, and where each was read."""
    file = tmp_path / "page.html"
    file.write_bytes(PAGE.encode("gbk"))

    ran = zhuti("page", file, "--url", URL, "--json")

    assert ran.code == 0
    assert ran.json["notice"]["title"] == "关于公路养护的通知"
    assert ran.json["notice"]["index_number"] == "QX1/2024-1"
    assert ran.json["notice"]["published_on"] == "2024-03-14"
    assert ran.json["notice"]["expires_on"] is None
    assert ran.json["notice"]["attachments"] == [
        {"name": "任务表.pdf", "url": "https://www.qingxi.example/zw/f/a.pdf"}
    ]
    assert ran.json["from"]["index_number"] == "label 索引号"


def test_a_list_is_shown_as_json(zhuti):
    """Its entries and the page behind it."""
    ran = zhuti("page", "-", "--url", URL, "--list", "--json", stdin=LIST.encode())

    (entry,) = ran.json["entries"]
    assert (entry["title"], entry["published_on"]) == ("关于公路养护的通知", "2024-03-14")
    assert entry["url"] == "https://www.qingxi.example/zw/1.html"
    assert ran.json["next_page"] == "https://www.qingxi.example/zw/index_2.html"


@pytest.mark.parametrize("option", [[], ["--list"]])
def test_people_get_lines(zhuti, option):
    """A field or an entry each."""
    ran = zhuti("page", "-", "--url", URL, *option, stdin=(LIST if option else PAGE).encode())

    assert ran.code == 0
    assert "关于公路养护的通知" in ran.out
    assert "2024-03-14" in ran.out


def test_what_is_no_notice_is_refused(zhuti):
    """With a name for machines, and in words for people."""
    shell = b"<html><body><div id='app'></div><script src='a.js'></script></body></html>"

    machine = zhuti("page", "-", "--url", URL, "--json", stdin=shell)
    person = zhuti("page", "-", "--url", URL, stdin=shell)

    assert (machine.code, machine.json["refused"]) == (1, "shell")
    assert machine.json["reason"]
    assert person.code == 1
    assert person.err.startswith("Error: This page is no notice (shell)")


def test_a_file_that_is_not_there_is_named(zhuti, tmp_path):
    """No traceback."""
    ran = zhuti("page", tmp_path / "none.html", "--url", URL)

    assert ran.code == 1
    assert "none.html" in ran.err
