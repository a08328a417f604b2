"""The review over HTTP: one question each, nothing told of blind ones, both languages."""

from __future__ import annotations

from itertools import count, islice

import pytest
from starlette.testclient import TestClient

from classifier.queueing import fill, questions_about
from corpus.errors import StoreUnavailableError
from corpus.notice import Notice
from corpus.review_draw import is_reserved
from corpus.review_records import Why
from corpus.store import Corpus
from corpus.stored import Source
from service.app import create_app
from service.settings import Settings


def _names(*, reserved):
    return (name for number in count() if is_reserved(name := f"n{number}") is reserved)


PLAIN = list(islice(_names(reserved=False), 12))
RESERVED = list(islice(_names(reserved=True), 2))
TITLES = ("义务教育招生", "港口航道建设", "增值税申报", "疫情防控", "殡葬管理", "公路大修")


@pytest.fixture
def asked(corpus, model):
    """Return a function that stores notices and asks about them, each for itself."""

    def ask(*names, same=False, **more):
        for number, name in enumerate(names):
            title = TITLES[0] if same else TITLES[number % len(TITLES)] + name
            url = f"https://www.qingxi.gov.cn/{name}.html"
            corpus.add(Notice(id=name, url=url, title=f"关于{title}的通知", body=None), by="导入")
        stored = [corpus.get(name) for name in names]
        corpus.review().push(questions_about(model, stored, why=Why.DOUBT, **more))

    return ask


def _next(door, by="李", **more):
    answer = door.get("/api/v1/review/next", params={"by": by, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["questions"]


def _post(door, what, **fields):
    return door.post(f"/api/v1/review/{what}", json={"by": "李", **fields})


def test_a_question_brings_all_that_a_reviewer_needs(door, asked, model):
    """The notice, the theme now, the proposal with its words, the near-duplicates, the lease."""
    asked(*PLAIN[:3], same=True, batch="b-1")

    (question,) = _next(door)

    assert question["notice"]["id"] == PLAIN[0]
    assert question["notice"]["title"] == "关于义务教育招生的通知"
    assert (question["topic"], question["why"], question["batch"]) == (None, "doubt", "b-1")
    proposal = question["proposal"]
    assert (proposal["code"], proposal["label"]) == ("1102", "科技、教育-教育")
    assert (len(proposal["alternatives"]), proposal["model"]) == (3, model.digest)
    assert "招生" in proposal["evidence"]
    assert [other["id"] for other in question["others"]] == PLAIN[1:3]
    assert question["until"].endswith("+00:00")


def test_people_get_different_questions_and_keep_theirs(door, asked):
    """Fetched ahead or not; asking again changes nothing."""
    asked(*PLAIN[:5])

    first = [q["notice"]["id"] for q in _next(door, "李", prefetch=2)]
    second = [q["notice"]["id"] for q in _next(door, "王", prefetch=4)]

    assert (len(first), len(second)) == (3, 2)
    assert not set(first) & set(second)
    assert [q["notice"]["id"] for q in _next(door, "李", prefetch=2)] == first
    assert _next(door, "赵") == []


def test_a_decision_settles_the_notice_and_its_near_duplicates(door, corpus, asked):
    """By code or printed label; the answer shows the notice as it is now."""
    asked(*PLAIN[:3], same=True)
    _next(door)

    answer = _post(
        door, "decide", notice=PLAIN[0], topic="科技、教育\\教育", remark="见附件"
    ).json()

    assert (answer["topic"], answer["topic_source"]) == ("1102", "reviewer")
    decision = answer["decision"]
    assert (decision["kind"], decision["topic_label"]) == ("topic", "科技、教育-教育")
    assert (decision["settled"], decision["shown"], decision["remark"]) == (3, True, "见附件")
    assert [corpus.get(name).topic for name in PLAIN[:3]] == ["1102"] * 3


def test_a_decision_may_leave_some_of_the_group(door, corpus, asked):
    """Those that are named are decided, the others are asked again."""
    asked(*PLAIN[:3], same=True)
    _next(door)

    _post(door, "decide", notice=PLAIN[0], topic="1102", only=PLAIN[:2])

    assert corpus.get(PLAIN[2]).topic is None
    assert _next(door)[0]["notice"]["id"] == PLAIN[2]


def test_an_undo_brings_the_question_back(door, corpus, asked):
    """The newest of that person, or the one of a number; twice is told."""
    asked(*PLAIN[:2])
    first = _next(door)[0]["notice"]["id"]
    number = _post(door, "decide", notice=first, topic="0707").json()["decision"]["id"]

    undone = _post(door, "undo").json()

    assert (undone["topic"], undone["decision"]["undone_by"]) == (None, "李")
    assert _next(door)[0]["notice"]["id"] == first
    for fields, detail in (({}, "没有可撤销的决定。"), ({"decision": number}, "已由 李 撤销")):
        again = _post(door, "undo", **fields)
        assert (again.status_code, again.json()["type"]) == (
            409, "urn:zhuti:problem:nothing-to-undo",
        )  # fmt: skip
        assert detail in again.json()["detail"]
    assert corpus.get(first).topic is None


def test_skips_and_flags_are_kept(door, asked):
    """A skip is for others; a flag names what is missing."""
    asked(*PLAIN[:2])
    first = _next(door)[0]["notice"]["id"]

    assert _post(door, "skip", notice=first).json()["decision"]["kind"] == "skip"
    second = _next(door)[0]["notice"]["id"]
    flagged = _post(door, "flag", notice=second, called="低空经济", remark="新领域").json()

    assert first != second
    assert (flagged["topic"], flagged["decision"]["called"]) == (None, "低空经济")
    flags = door.get("/api/v1/review/flags").json()
    assert flags["missing"] == [{"called": "低空经济", "count": 1}]
    assert [flag["notice"]["id"] for flag in flags["flags"]] == [second]
    assert _next(door, "王")[0]["notice"]["id"] == first


def test_nothing_is_told_of_a_blind_question(door, corpus, asked):
    """No proposal, no theme of a model, no reason, also not in the answer to the decision."""
    asked(RESERVED[0])
    corpus.tag(RESERVED[0], "0708", source=Source.MODEL, by="m", model="m", probability=0.9)

    (question,) = _next(door)
    decided = _post(door, "decide", notice=RESERVED[0], topic="1102")

    assert question["blind"]
    assert (question["proposal"], question["topic"], question["topic_source"]) == (None,) * 3
    assert (question["why"], question["batch"]) == ("sample", None)
    decision = decided.json()["decision"]
    assert (decision["blind"], decision["shown"], decision["why"]) == (True, False, "sample")
    assert "proposal" not in decision


def test_progress_says_who_did_what_today(door, asked):
    """What waits, who has what before him, who decided how much."""
    asked(*PLAIN[:4])
    _post(door, "decide", notice=_next(door)[0]["notice"]["id"], topic="0707")
    _post(door, "skip", notice=_next(door, "王")[0]["notice"]["id"], by="王")
    _next(door, "王")

    progress = door.get("/api/v1/review/progress").json()

    assert progress["waiting"] == {
        "questions": 3, "notices": 3, "blind": 0, "by_why": {"doubt": 3},
    }  # fmt: skip
    assert progress["claimed"] == [{"by": "王", "questions": 1}]
    assert progress["ever"] == {
        "decided": 1, "notices": 1, "skipped": 1, "flagged": 0, "blind": 0,
    }  # fmt: skip
    assert [(p["by"], p["decided"], p["skipped"]) for p in progress["today"]["by_person"]] == [
        ("李", 1, 0),
        ("王", 0, 1),
    ]


def test_what_others_have_or_decided_is_refused_in_both_languages(door, asked):
    """Each with a type of its own, so that a page can go on to the next."""
    asked(*PLAIN[:2])
    first = _next(door)[0]["notice"]["id"]

    taken = _post(door, "decide", notice=first, topic="0707", by="王").json()
    _post(door, "decide", notice=first, topic="0707")
    settled = _post(door, "decide", notice=first, topic="1102", by="王").json()

    assert (taken["status"], taken["type"]) == (409, "urn:zhuti:problem:taken")
    assert "他人正在审核" in taken["detail"]
    assert taken["detail_en"].startswith("Somebody else")
    assert (settled["status"], settled["type"]) == (409, "urn:zhuti:problem:settled")
    assert settled["detail"] == "这件公文已经审定：李 已作出决定。请取下一件。"


@pytest.mark.parametrize(
    ("what", "fields", "status", "field"),
    [
        ("decide", {"notice": "nowhere", "topic": "0707"}, 404, None),
        ("decide", {"topic": "0707"}, 422, "notice"),
        ("decide", {"notice": "n"}, 422, "topic"),
        ("decide", {"notice": "n", "topic": "9999"}, 422, "topic"),
        ("decide", {"notice": "n", "topic": "0707", "by": " "}, 422, "by"),
        ("decide", {"notice": "n", "topic": "0707", "only": "n"}, 422, "only"),
        ("decide", {"notice": "n", "topic": "0707", "remark": 5}, 422, "remark"),
        ("skip", {"notice": "n", "by": "x" * 201}, 422, "by"),
        ("flag", {"notice": "n", "called": "x" * 201}, 422, "called"),
        ("undo", {"decision": "7"}, 422, "decision"),
        ("undo", {"decision": True}, 422, "decision"),
        ("undo", {"decision": 7}, 404, None),
    ],
)
def test_an_answer_that_cannot_be_taken_names_the_field(door, what, fields, status, field):
    """Problem details, and nothing is kept."""
    answer = _post(door, what, **fields)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if field is not None:
        assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("what", ["decide", "skip", "flag", "undo"])
@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"{", 400), (b"[1]", 422)])
def test_an_answer_that_is_no_object_is_told(door, what, body, status):
    """Never an error of ours."""
    assert door.post(f"/api/v1/review/{what}", content=body).status_code == status


@pytest.mark.parametrize(
    "query", ["", "by=", "by=%20", f"by={'x' * 201}", "by=a&prefetch=-1", "by=a&prefetch=99"]
)
def test_who_asks_must_say_who_he_is(door, query):
    """Or two people without a name would be given the same question."""
    assert door.get(f"/api/v1/review/next?{query}").status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "next?by=a"),
        ("GET", "progress"),
        ("GET", "flags"),
        ("POST", "decide"),
        ("POST", "skip"),
        ("POST", "flag"),
        ("POST", "undo"),
    ],
)
def test_a_store_that_is_gone_is_told_everywhere(model, tmp_path, monkeypatch, method, path):
    """Come again, says the answer; and so it is without any corpus."""

    def gone(*_arguments, **_more):
        raise StoreUnavailableError("/secret/zhuti.db", "the disk is full", "Make room.")

    said = {"notice": "n", "by": "a", "topic": "0707"}
    with Corpus.open(f"sqlite:///{tmp_path / 'zhuti.db'}") as corpus:
        monkeypatch.setattr(corpus._database, "reading", gone)
        monkeypatch.setattr(corpus._database, "writing", gone)
        with TestClient(create_app(model, Settings(), corpus)) as door:
            answer = door.request(method, f"/api/v1/review/{path}", json=said)
    with TestClient(create_app(model, Settings())) as door:
        without = door.request(method, f"/api/v1/review/{path}", json=said)

    assert (answer.status_code, without.status_code) == (503, 503)
    assert "secret" not in answer.text


def test_the_review_works_on_postgresql(model, postgresql_store):
    """The same doors open onto either store, from the filling to the undo."""
    with (
        Corpus.open(postgresql_store) as corpus,
        TestClient(create_app(model, Settings(), corpus)) as door,
    ):
        for number in range(30):
            corpus.add(Notice(id=f"n{number}", title=f"{TITLES[number % 6]}{number}"), by="导入")
        assert fill(corpus, model).scored == 30

        question = _next(door)[0]["notice"]["id"]
        _post(door, "decide", notice=question, topic="0707")
        assert _post(door, "undo").json()["topic"] is None


def test_the_interface_is_documented(door):
    """Each route with its body, its answer and its errors."""
    paths = door.get("/openapi.json").json()["paths"]

    ours = {path.rpartition("/")[2]: entry for path, entry in paths.items() if "/review/" in path}
    for name in ("decide", "skip", "flag", "undo"):
        post = ours[name]["post"]
        assert post["requestBody"]["content"]["application/json"]["schema"]["properties"]["by"]
        assert {"404", "409", "422", "503"} <= set(post["responses"])
