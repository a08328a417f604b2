"""The search page and the page of a notice: what they show, and where their links lead."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from corpus.crawl_memory import Visit
from corpus.errors import UnusableIndexError
from corpus.notice import Attachment, Notice
from corpus.stored import Source
from service.app import create_app
from service.search_pages import marked
from service.settings import Settings

_ROADS = Notice(
    id="roads/2019",
    url="https://example.invalid/roads",
    title="关于做好农村公路养护工作的通知",
    body="各乡镇要落实路长制，<b>及时</b>修补路面。",
    issuing_body="青溪县交通运输局",
    index_number="QX0012345672019000001",
    published_on=date(2019, 5, 1),
    declared_topic="工业、交通-公路",
    attachments=(Attachment("路面台账", "javascript:alert(1)"),),
)
_SCHOOLS = Notice(
    id="schools",
    title="义务教育招生办法",
    body="学校就近招生，不得考试。",
    issuing_body="云岭市教育局",
    index_number="QX0012345672019000001",
    published_on=date(2021, 3, 4),
)


@pytest.fixture
def site(door, corpus, index):
    """Return the door of a service with two notices, both in its index."""
    list(corpus.add_all([_ROADS, _SCHOOLS], by="test"))
    corpus.tag("schools", "1102", source=Source.REVIEWER, by="审核员")
    index.follow(corpus)
    return door


def _links(page):
    """Return the addresses of a page by what stands on them."""
    found = re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', page.text, re.DOTALL)
    return {
        unescape(re.sub(r"<[^>]+>", "", text)).strip(): unescape(address) for address, text in found
    }


def test_hits_are_marked_and_escaped(site):
    """The words stand out in the title; markup in a notice stays text."""
    page = site.get("/search", params={"words": "公路 路面"})

    assert '<mark class="for">公路</mark>' in page.text
    assert "&lt;b&gt;" in page.text
    assert "<b>" not in page.text
    assert "1 篇" in page.text


def test_a_filter_is_a_link_that_can_be_taken_back(site):
    """Choosing a topic narrows the hits, and its chip leads back to where one came from."""
    chosen = site.get(_links(site.get("/search"))["科技、教育"])
    assert "义务教育招生办法" in chosen.text
    assert "农村公路" not in chosen.text

    chip = next(text for text in _links(chosen) if text.startswith("主题：科技、教育"))
    assert "2 篇" in site.get(_links(chosen)[chip]).text


@pytest.mark.parametrize(
    ("label", "hit"),
    [("青溪县交通运输局", "公路"), ("2021", "招生"), ("通知", "公路"), ("复核确定", "招生")],
)
def test_every_filter_leads_to_its_notices(site, label, hit):
    """Each count is a link to as many hits."""
    page = site.get(_links(site.get("/search"))[label])

    assert "1 篇" in page.text
    assert hit in page.text


def test_a_topic_below_a_chosen_one_takes_its_place(site):
    """Chosen beside the one above it, it would narrow nothing."""
    parent = site.get(_links(site.get("/search"))["工业、交通"])
    child = _links(parent)["公路"]

    assert "topic=0707" in child
    assert "topic=07&" not in f"{child}&"
    assert "1 篇" in site.get(child).text


def test_an_empty_result_says_what_to_loosen(site):
    """Nobody is left before an empty page."""
    page = site.get("/search", params={"words": "公路 招生", "year_from": "2019"})
    links = _links(page)

    assert "没有找到" in page.text
    assert "1 篇" in site.get(links["去掉词语“招生”"]).text
    assert "去掉“不早于：2019”" in links
    assert "2 篇" in site.get(links["看全部公文"]).text


def test_a_phrase_is_left_out_whole(site):
    """Quotation marks keep together what stands between them."""
    links = _links(site.get("/search", params={"words": '"没有 的词" 公路 公路'}))

    assert "1 篇" in site.get(links['去掉词语“"没有 的词"”']).text


def test_an_address_past_the_last_page_leads_back(site):
    """Whoever follows an old link is told, and finds the last page."""
    page = site.get("/search", params={"limit": 1, "offset": 40})

    assert "最后一页之后" in page.text
    assert "第 41" not in page.text
    assert "<h3>" in site.get(_links(page)["上一页"]).text


@pytest.mark.parametrize(("topic", "feed"), [("", "newest"), ("07", "topics/07")])
def test_a_search_leads_to_its_feed(site, topic, feed):
    """A reader of feeds finds the one that goes on with what was searched for."""
    page = site.get("/search", params={"topic": topic})

    assert f'href="/feeds/{feed}.atom"' in page.text
    assert site.get(f"/feeds/{feed}.atom").status_code == 200


@pytest.mark.parametrize("cut", [True, False])
def test_a_feed_below_a_prefix_leads_below_it(model, corpus, index, cut):
    """Whether the proxy cuts its prefix off or not, links in a feed carry it once."""
    corpus.add(_ROADS, by="test")
    index.follow(corpus)
    settings = Settings(root_path="/zhuti")
    with TestClient(create_app(model, settings, corpus, index)) as client:
        feed = client.get(f"{'' if cut else '/zhuti'}/feeds/newest.atom").text

    assert "testserver/zhuti/notices/" in feed
    assert "/zhuti/zhuti" not in feed


def test_pages_follow_each_other(site):
    """The second page goes on where the first one ends, and leads back."""
    first = site.get("/search", params={"limit": 1, "sort": "newest"})
    second = site.get(_links(first)["下一页"])

    assert "义务教育招生办法" in first.text
    assert "农村公路养护" in second.text
    assert "下一页" not in second.text
    assert "义务教育招生办法" in site.get(_links(second)["上一页"]).text


def test_a_widened_word_is_said(site, corpus, index):
    """Whoever types an everyday word is told what else was looked for."""
    corpus.add(Notice(title="住房贷款利率通知", body="下调住房贷款利率。"), by="test")
    index.follow(corpus)

    page = site.get("/search", params={"words": "房贷"})

    assert "也检索了：住房贷款" in page.text
    assert "1 篇" in page.text


@pytest.mark.parametrize("bad", [{"topic": "没有这个"}, {"year_from": "去年"}, {"limit": "-1"}])
def test_a_bad_address_is_told_on_the_page(site, bad):
    """An address that somebody wrote by hand gets words, and the form stays."""
    page = site.get("/search", params=bad)

    assert page.status_code == 422
    assert "无法检索" in page.text
    assert 'name="words"' in page.text


@given(words=st.text(max_size=30))
def test_whatever_is_typed_comes_back_as_text(words):
    """Pieces of a marked text are the text, whatever the spans."""
    spans = [(start, start + 1) for start in range(0, len(words), 2)]

    assert "".join(text for text, _ in marked(words, spans)) == words
    assert [text for text, hit in marked(words, spans) if hit] == [words[s:e] for s, e in spans]


def test_a_notice_has_a_page(site):
    """Fields, theme, history, copies and text; an address that is no web address is no link."""
    page = site.get(_links(site.get("/search"))["关于做好农村公路养护工作的通知"])

    assert page.status_code == 200
    assert "QX0012345672019000001" in page.text
    assert "工业、交通-公路" in page.text
    assert "发文机关所印" in page.text
    assert "&lt;b&gt;及时&lt;/b&gt;" in page.text
    assert "javascript:" not in page.text
    assert _links(page)["义务教育招生办法"].endswith("/notices/schools")


def test_the_history_is_in_words(site, corpus):
    """Who said what, and what was taken back."""
    corpus.undo("schools", by="审核员")

    page = site.get("/notices/schools")

    assert "科技、教育-教育，复核确定" in page.text
    assert "撤回：科技、教育-教育" in page.text
    assert "没有主题" in page.text


def test_a_withdrawn_notice_has_no_page(site, corpus):
    """What was taken back is gone at once, in words."""
    corpus.withdraw("schools", by="test", reason="误发")

    page = site.get("/notices/schools")

    assert page.status_code == 410
    assert "已撤下" in page.text


def test_pages_load_nothing_from_elsewhere(site):
    """No script or style inside the page, none from another machine."""
    for address in ("/search", "/notices/schools"):
        page = site.get(address)
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert set(re.findall(r'(?:src|href)="(https?:[^"]*)"', page.text)) == set()


def test_a_feed_lists_the_newest_of_a_theme(site):
    """A reader of feeds sees title, link, date and theme, and nothing of other themes."""
    feed = ET.fromstring(site.get("/feeds/topics/11.atom").content)  # noqa: S314 (our own)
    space = {"a": "http://www.w3.org/2005/Atom"}

    (entry,) = feed.findall("a:entry", space)
    assert entry.findtext("a:title", None, space) == "义务教育招生办法"
    assert entry.findtext("a:published", None, space) == "2021-03-04T00:00:00+08:00"
    assert entry.find("a:category", space).get("label") == "科技、教育-教育"
    link = entry.find("a:link", space).get("href")
    assert site.get(link).status_code == 200


def test_the_newest_come_first_in_the_feed_of_all(site):
    """Without a theme all notices are listed, the newest first."""
    titles = re.findall(r"<entry>.*?<title>(.*?)</title>", site.get("/feeds/newest.atom").text)

    assert titles == ["义务教育招生办法", "关于做好农村公路养护工作的通知"]


def test_a_feed_of_no_theme_is_not_there_by_name(site):
    """A wrong topic is named; a reader of feeds knows what an address that is not there is."""
    answer = site.get("/feeds/topics/9999.atom")

    assert answer.status_code == 404
    assert "9999" in answer.json()["detail"]


BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_search_that_cannot_be_answered_is_a_page(site, index, monkeypatch):
    """A reader is told in words what to do and can try again; who asks the interface gets JSON."""

    def broken(*_):
        raise UnusableIndexError("index", "it is damaged")

    monkeypatch.setattr(index, "search", broken)

    page = site.get("/search?words=%22a%22&topic=11", headers=BROWSER)

    assert (page.status_code, page.headers["retry-after"]) == (503, "2")
    assert "检索索引暂时无法使用" in page.text
    assert _links(page)["再试一次"] == "/search?words=%22a%22&topic=11"
    assert site.get("/search").json()["status"] == 503
    assert site.get("/api/v1/search", headers=BROWSER).json()["status"] == 503


def test_an_address_that_is_not_there_is_a_page_for_a_browser(site):
    """What was typed does not become markup."""
    page = site.get("/no<b>thing", headers=BROWSER)

    assert page.status_code == 404
    assert "没有这个地址" in page.text
    assert "<b>" not in page.text


def test_a_page_that_is_gone_from_its_site_is_told(site, corpus):
    """The notice stays; its link is known to lead nowhere."""
    assert "已不存在" not in site.get("/notices/roads%2F2019").text

    corpus.crawl_memory().note("a", [Visit("https://example.invalid/roads", gone=True)])

    assert "发现原网页已不存在" in site.get("/notices/roads%2F2019").text


def test_an_index_that_is_being_made_says_so(site, corpus, index, monkeypatch):
    """Who finds nothing yet is told why; a few changes behind is nothing to tell."""
    assert "检索索引正在建立" not in site.get("/search").text
    status = index.status(corpus)
    monkeypatch.setattr(index, "status", lambda _: replace(status, behind=9000))

    assert "还差 9000 项变更" in site.get("/search").text


def test_years_can_be_typed(site):
    """From and to stand in the form, and the other filters stay."""
    page = site.get("/search?year_from=2020&year_to=&topic=11")

    assert 'name="year_from"' in page.text
    assert re.search(r'name="year_from"[^>]* value="2020"', page.text)
    assert '<input type="hidden" name="topic" value="11">' in page.text
    assert "hidden" not in page.text.partition('name="year_from"')[2].partition(">")[0]
    assert "不早于：2020" in "".join(_links(page))


def test_an_undo_that_is_undone_reads_as_what_holds_again(site, corpus):
    """撤回 of 撤回 is 恢复, however often."""
    first = corpus.tags("schools")[-1]
    for _ in range(3):
        corpus.undo("schools", by="审核员")

    lines = re.findall(r"<li>((?:撤回|恢复)：[^（]*)", site.get("/notices/schools").text)

    assert first.topic == "1102"
    assert lines == [f"{what}：科技、教育-教育" for what in ("撤回", "恢复", "撤回")]


def test_a_service_without_a_corpus_has_no_search(client):
    """Its pages do not lead there, and the address says why."""
    assert 'href="/search"' not in client.get("/").text
    assert client.get("/search").status_code == 503
