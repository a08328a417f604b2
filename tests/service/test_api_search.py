"""Searching over HTTP: what the address asks for, what comes back, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest
from starlette.testclient import TestClient

from corpus.notice import Notice
from corpus.search import SearchIndex
from corpus.stored import Source
from service.app import create_app
from service.settings import Settings

_ROADS = Notice(
    id="roads",
    title="关于做好农村公路养护工作的通知",
    body="各乡镇要落实路长制，及时修补路面。",
    issuing_body="青溪县交通运输局",
    published_on=date(2019, 5, 1),
    declared_topic="工业、交通-公路",
)
_SCHOOLS = Notice(
    id="schools",
    title="义务教育招生办法",
    body="学校就近招生，不得考试。",
    issuing_body="云岭市教育局",
    published_on=date(2021, 3, 4),
    expires_on=date(2022, 1, 1),
)


@pytest.fixture
def site(door, corpus, index):
    """Return the door of a service with two notices, both in its index."""
    list(corpus.add_all([_ROADS, _SCHOOLS], by="test"))
    corpus.tag("schools", "1102", source=Source.REVIEWER, by="test")
    index.follow(corpus)
    return door


def _ids(site: TestClient, address: str) -> list[str]:
    answer = site.get(f"/api/v1/search?{address}")
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()["hits"]]


def test_words_find_notices_with_their_highlights(site):
    """A hit has the fields of a notice, its theme, and where the words stand."""
    found = site.get("/api/v1/search", params={"words": "公路养护"}).json()

    assert found["total"] == 1
    hit = found["hits"][0]
    assert hit["id"] == "roads"
    assert hit["issuing_body"] == "青溪县交通运输局"
    assert hit["topic_source"] == "issuer"
    assert "".join(hit["title"][start:end] for start, end in hit["highlights"]["title"])
    assert set(found["facets"]) == {
        "topic", "issuing_body", "year", "document_type", "validity", "source",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", ["schools", "roads"]),
        ("topic=1102", ["schools"]),
        ("topic=11&topic=07", ["schools", "roads"]),
        ("issuing_body=云岭市教育局", ["schools"]),
        ("year_from=2020", ["schools"]),
        ("year_to=2020", ["roads"]),
        ("year_from=2019&year_to=2019", ["roads"]),
        ("document_type=通知", ["roads"]),
        ("validity=expired", ["schools"]),
        ("validity=in_force", ["roads"]),
        ("source=reviewer", ["schools"]),
        ("source=reviewer&source=issuer", ["schools", "roads"]),
        ("sort=oldest", ["roads", "schools"]),
        ("limit=1", ["schools"]),
        ("limit=1&offset=1", ["roads"]),
        ("topic=&year_from=&validity=&sort=&limit=&offset=", ["schools", "roads"]),
    ],
)
def test_an_address_holds_the_whole_search(site, address, expected):
    """Each parameter narrows, orders or pages; an empty one is none."""
    assert _ids(site, address) == expected


def test_a_printed_label_is_a_topic_as_well(site, taxonomy):
    """Whoever knows the theme by name need not know its code."""
    label = taxonomy.print(taxonomy.topic("1102"))

    assert _ids(site, f"topic={label}") == ["schools"]


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("year_from=twenty", "year_from"),
        ("year_to=0", "year_to"),
        ("year_to=１９", "year_to"),
        ("validity=maybe", "validity"),
        ("source=rumour", "source"),
        ("sort=random", "sort"),
        ("offset=-1", "offset"),
        ("offset=99999999999999999999", "offset"),
        ("limit=101", "limit"),
        ("topic=9999", "topic"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(site, address, field):
    """A problem in both languages names the parameter."""
    answer = site.get(f"/api/v1/search?{address}")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["detail"] != problem["detail_en"]


@pytest.mark.parametrize("words", ['"', "((", "-", "AND OR", "*:*", "\x00", "title:公路", "\ud800"])
def test_any_words_have_an_answer(site, words):
    """What a reader types is never syntax."""
    raw = words.encode("utf-8", "surrogatepass")
    quoted = "".join(f"%{byte:02x}" for byte in raw)

    assert site.get(f"/api/v1/search?words={quoted}").status_code == 200


def test_topics_are_counted_as_the_index_knows_them(site):
    """Level one includes what is below it."""
    counts = {
        topic["code"]: topic["notices"] for topic in site.get("/api/v1/topics").json()["topics"]
    }

    assert counts["1102"] == 1
    assert counts["11"] == 1
    assert counts["1301"] == 0


def test_a_service_without_a_corpus_says_so(client):
    """Searching is not there, suggesting is."""
    answer = client.get("/api/v1/search")

    assert answer.status_code == 503
    assert "公文库" in answer.json()["detail"]


def test_a_damaged_index_is_told_in_words_and_made_again(model, corpus, tmp_path, eventually):
    """The reader is told to come again, and soon he finds what he looks for."""
    corpus.add(_ROADS, by="test")
    folder = tmp_path / "damaged"
    with SearchIndex.open(folder) as index:
        index.follow(corpus)
    for file in folder.rglob("*"):
        if file.is_file():
            file.write_bytes(b"nonsense")

    with SearchIndex.open(folder) as index:
        alone = TestClient(create_app(model, Settings(), corpus, index))
        answer = alone.get("/api/v1/search")
        assert answer.status_code in {200, 503}
        if answer.status_code == 503:
            assert answer.headers["retry-after"]
            assert str(folder) not in answer.text
        with TestClient(create_app(model, Settings(), corpus, index)) as door:
            eventually(lambda: door.get("/api/v1/search").json().get("total") == 1)
