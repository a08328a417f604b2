"""Publishing over HTTP, choosing themes, following what changes."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from corpus.errors import StoreUnavailableError
from corpus.store import Corpus
from service.app import create_app
from service.settings import Settings

_ADDRESS = "https://www.qingxi.gov.cn/xxgk/2024/56.html"
_NOTICE = {
    "url": _ADDRESS,
    "title": "关于做好农村公路养护工作的通知",
    "body": "各乡镇要加强农村公路养护和公路路面大修，治理超限超载。",
    "declared_topic": "其他-其他",
}


def _publish(door: TestClient, **fields: object) -> dict:
    answer = door.post("/api/v1/notices", json={**_NOTICE, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_published_notice_is_stored_with_suggestions_in_the_answer(door, corpus):
    """The declared theme is kept as it is printed; what is suggested is not applied."""
    answer = _publish(door)

    assert answer["change"]["what"] == "new"
    assert answer["notice"]["declared_topic"] == "其他-其他"
    assert answer["topic_source"] in {"issuer", None}
    assert answer["suggestion"]["suggestions"][0]["code"] == "0707"
    assert corpus.get(answer["notice"]["id"]).notice.title == _NOTICE["title"]


def test_publishing_twice_changes_nothing(door):
    """The same document is the same notice."""
    first = _publish(door)
    second = _publish(door)

    assert second["change"] == {**first["change"], "what": "unchanged"}


def test_a_pasted_page_is_kept_as_what_was_read_of_it(door):
    """Title, body and metadata are told apart before it is stored."""
    page = "索引号: QX1 发布机构: 青溪县交通运输局\n关于农村公路养护的通知\n各乡镇：\n请照办。\n"

    answer = door.post("/api/v1/notices", json={"body": page}).json()

    assert answer["notice"]["issuing_body"] == "青溪县交通运输局"
    assert answer["notice"] == {**answer["suggestion"]["notice"], "id": answer["notice"]["id"]}


@pytest.mark.parametrize("notice", [{"url": _ADDRESS}, {"title": "  ", "body": ""}])
def test_a_notice_without_text_is_refused(door, corpus, notice):
    """There is nothing to publish, and nothing is stored."""
    answer = door.post("/api/v1/notices", json=notice)

    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"title", "body"}
    assert corpus.revision() == 0


@pytest.mark.parametrize("by_what", ["id", "address", "quoted address"])
def test_a_notice_is_shown_by_its_id_or_address(door, by_what):
    """Its theme and its history come with it."""
    number = _publish(door)["notice"]["id"]
    name = {"id": number, "address": _ADDRESS, "quoted address": quote(_ADDRESS, safe="")}[by_what]

    shown = door.get(f"/api/v1/notices/{name}").json()

    assert shown["notice"]["id"] == number
    assert shown["notice"]["body"] == _NOTICE["body"]
    assert shown["state"] == "live"
    assert [tag["source"] for tag in shown["history"]] in (["issuer"], [])


def test_copies_are_linked(door):
    """A notice with the same document number elsewhere is another notice."""
    number = "青交〔2024〕56号"
    first = _publish(door, document_number=number)
    other = _publish(door, url="https://www.yunling.gov.cn/9.html", document_number=number)

    shown = door.get(f"/api/v1/notices/{first['notice']['id']}").json()

    assert [copy["id"] for copy in shown["copies"]] == [other["notice"]["id"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "nothing"), ("PUT", "nothing/topic"), ("DELETE", "nothing/topic"), ("GET", "")],
)
def test_an_unknown_notice_is_not_found(door, method, path):
    """The problem says so in both languages."""
    answer = door.request(method, f"/api/v1/notices/{path}", json={"topic": "0707"})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "公文" in answer.json()["detail"]


def test_a_withdrawn_notice_is_not_shown(door, corpus):
    """The problem says what became of it."""
    number = _publish(door)["notice"]["id"]
    corpus.withdraw(number, by="test", reason="test")

    answer = door.get(f"/api/v1/notices/{number}")

    assert answer.status_code == 404
    assert "撤回" in answer.json()["detail"]


@pytest.mark.parametrize("given", ["1102", "label"])
def test_a_choice_becomes_the_theme(door, taxonomy, given):
    """By code or as a page prints it; the history names who chose."""
    number = _publish(door)["notice"]["id"]
    topic = taxonomy.print(taxonomy.topic("1102")) if given == "label" else given

    answer = door.put(
        f"/api/v1/notices/{number}/topic",
        json={"topic": topic, "source": "reviewer", "by": "李审核"},
    ).json()

    assert (answer["topic"], answer["topic_source"]) == ("1102", "reviewer")
    assert answer["tag"]["by"] == "李审核"
    assert answer["topic_label"] == taxonomy.print(taxonomy.topic("1102"))


def test_an_undo_takes_the_newest_choice_back(door):
    """What was said before holds again; a second undo redoes it."""
    number = _publish(door)["notice"]["id"]
    address = f"/api/v1/notices/{number}/topic"
    for topic in ("1102", "1301"):
        door.put(address, json={"topic": topic, "source": "publisher", "by": "王发布"})

    assert door.delete(address, params={"by": "王发布"}).json()["topic"] == "1102"
    assert door.delete(address, params={"by": "王发布"}).json()["topic"] == "1301"
    history = door.get(f"/api/v1/notices/{number}").json()["history"]
    assert len([tag for tag in history if tag["source"] == "publisher"]) == 4


def test_nothing_to_undo_is_a_conflict(door):
    """Nobody has chosen yet."""
    number = _publish(door)["notice"]["id"]

    answer = door.delete(f"/api/v1/notices/{number}/topic")

    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:zhuti:problem:nothing-to-undo"


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ({"topic": "9999"}, "topic"),
        ({"topic": ""}, "topic"),
        ({"topic": 707}, "topic"),
        ({}, "topic"),
        ({"topic": "0707", "source": "model"}, "source"),
        ({"topic": "0707", "source": []}, "source"),
        ({"topic": "0707", "by": None}, "by"),
        ({"topic": "0707", "by": "x" * 201}, "by"),
        (["0707"], "body"),
    ],
)
def test_a_choice_that_cannot_be_taken_names_the_field(door, choice, field):
    """Nothing is appended."""
    number = _publish(door)["notice"]["id"]

    answer = door.put(f"/api/v1/notices/{number}/topic", json=choice)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_follower_sees_every_change_once(door, corpus):
    """Page by page, with themes and states, until nothing is new."""
    first = _publish(door)["notice"]["id"]
    second = _publish(door, url="https://www.yunling.gov.cn/9.html")["notice"]["id"]
    corpus.withdraw(second, by="test", reason="test")
    door.put(f"/api/v1/notices/{first}/topic", json={"topic": "1102"})

    seen, since = [], 0
    while page := door.get("/api/v1/changes", params={"since": since, "limit": 1}).json():
        if not page["changes"]:
            break
        seen += page["changes"]
        since = page["revision"]

    assert [(entry["id"], entry["state"]) for entry in seen] == [
        (second, "withdrawn"),
        (first, "live"),
    ]
    assert (seen[1]["topic"], seen[1]["topic_source"], seen[1]["url"]) == (
        "1102", "publisher", _ADDRESS,
    )  # fmt: skip
    assert since == corpus.revision()


@pytest.mark.parametrize(
    "query", ["since=-1", "since=x", "limit=0", "limit=9999", f"since={10**30}"]
)
def test_a_follower_with_a_wrong_number_is_told(door, query):
    """Never an error of the database."""
    assert door.get(f"/api/v1/changes?{query}").status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/notices"),
        ("GET", "/api/v1/notices/x"),
        ("PUT", "/api/v1/notices/x/topic"),
        ("DELETE", "/api/v1/notices/x/topic"),
        ("GET", "/api/v1/changes"),
        ("GET", "/readyz"),
    ],
)
def test_a_store_that_is_gone_is_told_in_words(model, tmp_path, monkeypatch, method, path):
    """Come again, says the answer, and not where the files are."""

    def gone(*_arguments: object, **_more: object) -> None:
        raise StoreUnavailableError("/secret/zhuti.db", "the disk is full", "Make room.")

    with Corpus.open(f"sqlite:///{tmp_path / 'zhuti.db'}") as corpus:
        monkeypatch.setattr(corpus._database, "reading", gone)
        monkeypatch.setattr(corpus._database, "writing", gone)
        with TestClient(create_app(model, Settings(), corpus)) as door:
            answer = door.request(method, path, json={**_NOTICE, "topic": "0707"})

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "secret" not in answer.text
    assert answer.json()["detail_en"].startswith("The corpus cannot be used")


def test_publishing_works_on_postgresql(model, postgresql_store):
    """The same doors open onto either store."""
    with (
        Corpus.open(postgresql_store) as corpus,
        TestClient(create_app(model, Settings(), corpus)) as door,
    ):
        number = _publish(door)["notice"]["id"]
        chosen = door.put(f"/api/v1/notices/{number}/topic", json={"topic": "1102"}).json()

        assert chosen["topic"] == "1102"
        assert door.get("/api/v1/changes").json()["changes"][0]["id"] == number
