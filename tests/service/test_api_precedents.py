"""Precedents over HTTP and on the command line; and that nothing is made where nothing is."""

from __future__ import annotations

import json
from datetime import date

import pytest
from starlette.testclient import TestClient

from corpus.notice import Notice
from corpus.stored import Source
from service.api.schemas import AnswerSchema, PrecedentsSchema
from service.app import create_app
from service.settings import Settings

ROADS = Notice(
    id="roads",
    url="https://www.qingxi.example/roads.html",
    title="云岭市人民政府办公室关于做好农村公路养护工作的通知",
    body="各有关单位：\n云岭市近年来重视农村公路养护，落实路政巡查。",
    issuing_body="云岭市交通运输局",
    published_on=date(2019, 5, 1),
    declared_topic="工业、交通-公路",
)
ASKED = {"title": "白鹭区关于加强农村公路养护的意见", "body": "农村公路养护实行路长制。"}


@pytest.fixture
def site(door, corpus, index):
    """Return the door of a service with one notice, in its index."""
    corpus.add(ROADS, by="test")
    corpus.tag("roads", "0707", source=Source.REVIEWER, by="test")
    index.follow(corpus)
    return door


def test_precedents_are_asked_for_on_their_own(site):
    """The same input as for topics; the documented answer."""
    answer = site.post("/api/v1/precedents", json=ASKED)

    assert answer.status_code == 200
    found = answer.json()
    assert PrecedentsSchema.model_validate(found).model_dump(mode="json") == found
    assert [one["id"] for one in found["precedents"]] == ["roads"]
    assert found["precedents"][0]["topic"]["source"] == "reviewer"
    assert "公路" in "".join(found["precedents"][0]["words"])


def test_suggestions_carry_precedents_only_if_asked(site):
    """Nobody waits for what he did not ask for."""
    plain = site.post("/api/v1/suggest", json=ASKED).json()
    full = site.post("/api/v1/suggest?precedents=true", json=ASKED).json()

    assert "precedents" not in plain
    assert [one["id"] for one in full.pop("precedents")] == ["roads"]
    assert full == plain
    assert AnswerSchema.model_validate(plain).model_dump(mode="json") == plain


def test_a_withdrawn_notice_is_no_precedent(site, corpus):
    """What was published by mistake is not held up as an example."""
    corpus.withdraw("roads", by="test", reason="误发")

    assert site.post("/api/v1/precedents", json=ASKED).json() == {"precedents": []}


def test_without_a_corpus_topics_are_suggested_all_the_same(model):
    """The key is absent, and asking for precedents alone says why there are none."""
    with TestClient(create_app(model, Settings())) as door:
        answer = door.post("/api/v1/suggest?precedents=true", json=ASKED)
        refused = door.post("/api/v1/precedents", json=ASKED)

    assert answer.status_code == 200
    assert "precedents" not in answer.json()
    assert refused.status_code == 503
    assert "公文库" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("content", "status"), [(b"{broken", 400), (b'{"title": 5}', 422), (b"[]", 422)]
)
def test_bad_input_is_refused_as_for_topics(site, content, status):
    """A problem in words, never a failure."""
    answer = site.post("/api/v1/precedents", content=content)

    assert answer.status_code == status
    assert answer.json()["detail"]


def test_only_a_service_with_a_corpus_asks_for_precedents_on_its_page(site, model):
    """The page of a service without one does not even try."""
    with TestClient(create_app(model, Settings())) as bare:
        assert "data-precedents" not in bare.get("/").text
    assert 'data-precedents="/api/v1/precedents"' in site.get("/").text


# --- the command line


@pytest.fixture
def archive(zhuti, tmp_path, monkeypatch):
    """Put one notice into the corpus of a user of his own, with its index."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    path = tmp_path / "roads.jsonl"
    entry = {"id": "roads", "title": ROADS.title, "body": ROADS.body, "url": ROADS.url}
    path.write_text(json.dumps({**entry, "declared_topic": "工业、交通-公路"}), "utf-8")
    assert zhuti("import", path).code == 0
    assert zhuti("index", "rebuild").code == 0


@pytest.mark.usefixtures("archive")
def test_the_command_line_shows_precedents(suggest):
    """In words for a person, under the documented key for a program."""
    asked = json.dumps(ASKED).encode()

    said = suggest(stdin=asked).out
    found = suggest("--json", stdin=asked).json["precedents"]

    assert "相似的已发布公文：" in said
    assert ROADS.title in said
    assert "工业、交通-公路 · https://www.qingxi.example/roads.html" in said
    assert "共同词语：" in said
    assert [one["id"] for one in found] == ["roads"]
    assert found[0]["topic"] == {"code": "0707", "label": "工业、交通-公路", "source": "issuer"}


@pytest.mark.usefixtures("archive")
def test_precedents_can_be_left_out_or_asked_for(suggest, tmp_path):
    """A single notice has them unless refused, many only if wanted: each costs a search."""
    asked = json.dumps(ASKED)
    many = tmp_path / "many.jsonl"
    many.write_text(asked + "\n", "utf-8")

    assert "precedents" not in suggest("--json", "--no-precedents", stdin=asked.encode()).json
    assert "precedents" not in suggest(many).lines[0]
    assert suggest(many, "--precedents").lines[0]["precedents"][0]["id"] == "roads"


def test_suggesting_makes_no_corpus(suggest, tmp_path):
    """Where there is none, no file appears, and the answer is as before."""
    where = tmp_path / "nowhere"

    ran = suggest(
        "--json", "--database", f"sqlite:///{where}/zhuti.db", "--index", where / "index",
        stdin=json.dumps(ASKED).encode(),
    )  # fmt: skip

    assert ran.code == 0
    assert ran.err == ""
    assert "precedents" not in ran.json
    assert not where.exists()


@pytest.mark.usefixtures("archive")
def test_a_corpus_that_cannot_be_read_takes_nothing_from_the_topics(suggest, tmp_path):
    """The suggestions come, and a line says why there are no precedents."""
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all" * 100)

    ran = suggest("--json", "--database", f"sqlite:///{broken}", stdin=json.dumps(ASKED).encode())

    assert ran.code == 0
    assert ran.json["suggestions"]
    assert "Without precedents:" in ran.err
    assert "Traceback" not in ran.err
