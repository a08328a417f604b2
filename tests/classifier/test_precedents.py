"""Earlier notices like one: which, in what order, with what in common, and which never."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from classifier.precedents import find_precedents
from corpus.notice import Notice
from corpus.search import SearchIndex
from corpus.store import Corpus
from corpus.stored import Source

ROADS = Notice(
    id="roads",
    url="https://www.qingxi.example/roads.html",
    title="云岭市人民政府办公室关于做好农村公路养护工作的通知",
    body="各有关单位：\n云岭市近年来重视农村公路养护。为进一步做好农村公路养护和路政巡查，提出要求。",
    issuing_body="云岭市交通运输局",
    published_on=date(2019, 5, 1),
    declared_topic="工业、交通-公路",
)
BRIDGES = Notice(
    id="bridges",
    title="南屏县公路桥梁加固和路政巡查管理办法",
    body="公路桥梁加固由养护单位负责，路政巡查每月不少于两次。",
)
SCHOOLS = Notice(id="schools", title="云岭市义务教育招生办法", body="义务教育招生不得考试。")
ASKED = Notice(
    title="白鹭区关于加强农村公路养护的意见", body="农村公路养护实行路长制，加强路政巡查。"
)


@pytest.fixture
def archive(tmp_path, taxonomy):
    """Return a corpus of three notices with its index."""
    with (
        Corpus.open(f"sqlite:///{tmp_path}/zhuti.db", taxonomy=taxonomy) as corpus,
        SearchIndex.open(tmp_path / "index", store=corpus.made_at.isoformat()) as index,
    ):
        list(corpus.add_all([ROADS, BRIDGES, SCHOOLS], by="test"))
        corpus.tag("bridges", "0707", source=Source.REVIEWER, by="test")
        index.follow(corpus)
        yield corpus, index


def _ids(archive, model, notice, **options):
    corpus, index = archive
    return [one.stored.id for one in find_precedents(notice, model, index, corpus, **options)]


def test_the_most_similar_notice_is_first(archive, model):
    """What is about the same comes first; what shares no subject does not come at all."""
    assert _ids(archive, model, ASKED) == ["roads", "bridges"]


def test_a_precedent_has_its_theme_and_what_both_say(archive, model, taxonomy):
    """The documented keys; each common word stands in both notices."""
    corpus, index = archive

    first, second = (one.as_json(taxonomy) for one in find_precedents(ASKED, model, index, corpus))

    assert first["words"]
    for word in first.pop("words"):
        assert word in f"{ASKED.title}{ASKED.body}"
        assert word in f"{ROADS.title}{ROADS.body}"
    assert 0.1 < first.pop("similarity") <= 1
    assert first == {
        "id": "roads",
        "title": ROADS.title,
        "url": ROADS.url,
        "published_on": "2019-05-01",
        "issuing_body": "云岭市交通运输局",
        "topic": {"code": "0707", "label": "工业、交通-公路", "source": "issuer"},
    }
    assert second["topic"]["source"] == "reviewer"


def test_one_common_word_is_no_likeness(archive, model):
    """A text that shares a word in passing is not held up as an example."""
    corpus, index = archive
    body = (
        "会议研究了义务教育招生、疫苗接种、税收优惠政策落实、最低生活保障和港口航道建设，听取了"
        "学前教育普及普惠、税费征收管理、营商环境改革、航道疏浚、慢性病防治和社会救助的汇报。"
    )
    asked = Notice(title="云岭市人民政府会议纪要", body=f"{body}另外讨论了路政巡查。")

    found = find_precedents(asked, model, index, corpus)

    assert all(len(one.words) > 1 or one.similarity >= 0.25 for one in found)
    assert "bridges" not in [one.stored.id for one in found]


def test_a_notice_without_a_theme_is_a_precedent_all_the_same(archive, model, taxonomy):
    """Nobody said what it is about: the theme is null."""
    corpus, index = archive
    asked = Notice(title="桃源市关于做好义务教育招生工作的通知")

    (found,) = find_precedents(asked, model, index, corpus)

    assert found.stored.id == "schools"
    assert found.as_json(taxonomy)["topic"] is None


@pytest.mark.parametrize(
    "same",
    [
        ROADS,
        replace(ROADS, body=None, id=None),
        replace(ROADS, id=None, url=None, issuing_body=None),
        replace(ROADS, id=None, url=None, body=f"  {ROADS.body}\n"),
    ],
    ids=["whole", "address", "text", "blanks"],
)
def test_a_notice_is_no_precedent_of_itself(archive, model, same):
    """It is known by its address, its id, or its title and text, blanks or not."""
    assert "roads" not in _ids(archive, model, same)


def test_a_notice_of_the_same_title_may_be_a_precedent(archive, model):
    """Last year's notice often has the same title and another text."""
    again = Notice(title=ROADS.title, body="今年的农村公路养护要求如下，路政巡查另行通知。")

    assert _ids(archive, model, again)[0] == "roads"


def test_copies_of_a_precedent_are_shown_once(archive, model):
    """The same text sent out by twelve offices takes one place of the three."""
    corpus, index = archive
    for number in range(12):
        corpus.add(replace(ROADS, id=f"copy-{number}", url=None), by="test")
    index.follow(corpus)

    found = _ids(archive, model, ASKED)

    assert len(found) == 2
    assert found[1] == "bridges"


def test_a_withdrawn_notice_is_never_shown(archive, model):
    """Not even before the index has heard of it."""
    corpus, _ = archive
    corpus.withdraw("roads", by="test", reason="误发")

    assert _ids(archive, model, ASKED) == ["bridges"]


def test_no_more_are_returned_than_asked_for(archive, model):
    """The first is the most similar one."""
    assert _ids(archive, model, ASKED, limit=1) == ["roads"]


@pytest.mark.parametrize(
    "nothing", [Notice(), Notice(title="hello"), Notice(body="的了和")], ids=["empty", "en", "stop"]
)
def test_where_nothing_is_known_nothing_is_like_it(archive, model, nothing):
    """No text and no word the model knows have no precedents."""
    assert _ids(archive, model, nothing) == []


def test_an_index_that_is_not_there_yet_finds_nothing(archive, model, tmp_path):
    """A new corpus answers, with no precedents."""
    corpus, _ = archive
    with SearchIndex.open(tmp_path / "other") as empty:
        assert find_precedents(ASKED, model, empty, corpus) == ()


def test_everyday_signs_are_no_syntax(archive, model):
    """Quotation marks, stars and brackets in a notice are characters like any other."""
    asked = replace(ASKED, title=f'"*(+{ASKED.title}^2) AND -OR')

    assert _ids(archive, model, asked) == ["roads", "bridges"]
