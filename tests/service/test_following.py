"""The index follows the corpus while the service runs, whoever changes it."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.request import Request, urlopen

from starlette.testclient import TestClient

from corpus.errors import StoreUnavailableError
from corpus.notice import Notice
from corpus.search import SearchIndex
from corpus.store import Corpus
from service.app import create_app
from service.following import Follower
from service.settings import Settings

_NOTICE = Notice(id="roads", title="农村公路养护", body="路面")


def _total(door: TestClient) -> int:
    return int(door.get("/api/v1/search").json()["total"])


def test_a_notice_is_found_soon_after_another_process_stored_it(door, corpus, eventually):
    """And it is gone soon after it was withdrawn."""
    with Corpus.open(corpus.url) as other:
        other.add(_NOTICE, by="test")
        eventually(lambda: _total(door) == 1)

        other.withdraw("roads", by="test", reason="test")
        assert door.get("/api/v1/search").json()["hits"] == []
        eventually(lambda: _total(door) == 0)

        other.restore("roads", by="test")
        eventually(lambda: _total(door) == 1)


def test_a_second_service_sees_what_the_first_one_writes(model, door, corpus, tmp_path, eventually):
    """One writes the index of a machine, the others look."""
    with (
        Corpus.open(corpus.url) as other,
        SearchIndex.open(tmp_path / "index") as second,
        TestClient(create_app(model, Settings(), other, second)) as reader,
    ):
        corpus.add(_NOTICE, by="test")
        eventually(lambda: _total(reader) == 1 and _total(door) == 1)


def test_readiness_tells_how_far_the_index_is(door, corpus, eventually):
    """Lag is told, and goes away."""
    change = corpus.add(_NOTICE, by="test")

    eventually(lambda: door.get("/readyz").json()["index"]["behind"] == 0)

    ready = door.get("/readyz").json()
    assert ready["store"] == {"revision": change.revision}
    assert ready["index"] == {"revision": change.revision, "behind": 0, "following": True}


def test_a_failure_is_said_once_and_the_service_recovers(
    corpus, index, monkeypatch, caplog, eventually
):
    """The log has one line for it, and one for its end."""
    failures: list[int] = []
    revision = corpus.revision

    def gone() -> int:
        failures.append(1)
        raise StoreUnavailableError("zhuti.db", "the server is gone", "Start it.")

    monkeypatch.setattr(corpus, "revision", gone)
    follower = Follower(corpus, index, pause=0.001)
    with caplog.at_level(logging.INFO, "zhuti.service"):
        follower.start()
        eventually(lambda: len(failures) >= 5)
        assert follower.reached.problem is not None
        monkeypatch.setattr(corpus, "revision", revision)
        corpus.add(_NOTICE, by="test")
        eventually(lambda: follower.reached.revision > 0)
        follower.stop()

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "the server is gone" in caplog.text


def test_a_long_way_is_left_when_the_service_ends(corpus, index):
    """The thread ends, and the next one goes on from what was kept."""
    list(corpus.add_all([Notice(id=str(n), title=f"通知{n}") for n in range(3)], by="test"))
    follower = Follower(corpus, index)
    follower._stopping.set()

    follower._look()

    assert follower.reached.revision == 0
    assert index.follow(corpus) == corpus.revision()


def test_every_worker_of_a_real_service_sees_a_withdrawal(serve, corpus, eventually):
    """Whichever process answers, and whoever withdrew the notice."""
    corpus.add(_NOTICE, by="test")
    server = serve("--database", corpus.url, "--workers", 2)

    def answers() -> set[int]:
        # Each connection may be taken by another worker.
        return {_search(server.url)["total"] for _ in range(20)}

    eventually(lambda: answers() == {1})
    corpus.withdraw("roads", by="test", reason="test")
    eventually(lambda: answers() == {0})


def test_replicas_on_one_database_see_what_each_other_does(serve, postgresql_url, eventually):
    """Each has an index of its own; a notice, a theme, a withdrawal reach both."""
    one, other = (serve("--database", postgresql_url) for _ in range(2))
    notice = {"id": "roads", "title": "农村公路养护", "body": "路面"}

    _send("POST", f"{one.url}/api/v1/notices", notice)
    eventually(lambda: _search(other.url)["total"] == _search(one.url)["total"] == 1)

    _send("PUT", f"{other.url}/api/v1/notices/roads/topic", {"topic": "0707", "by": "发布员"})
    topic = "?topic=0707"
    eventually(lambda: _search(one.url, topic)["total"] == _search(other.url, topic)["total"] == 1)

    with Corpus.open(postgresql_url) as corpus:
        corpus.withdraw("roads", by="test", reason="误发")
    eventually(lambda: _search(one.url)["total"] == _search(other.url)["total"] == 0)


def _search(url: str, query: str = "") -> dict[str, Any]:
    with urlopen(f"{url}/api/v1/search{query}") as answer:  # noqa: S310 (our own server)
        found: dict[str, Any] = json.load(answer)
    return found


def _send(method: str, url: str, content: dict[str, str]) -> None:
    data = json.dumps(content).encode()
    request = Request(url, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310 (our own server)
        answer.read()


def test_a_service_does_not_start_with_a_store_that_is_none(zhuti, model_folder, tmp_path):
    """It says why, and what to do."""
    (tmp_path / "other.db").write_bytes(b"no database at all, but long enough to be looked at" * 9)

    ran = zhuti(
        "serve", "--model", model_folder, "--port", 0, "--database",
        f"sqlite:///{tmp_path / 'other.db'}",
    )  # fmt: skip

    assert ran.code == 1
    assert "is not a corpus of zhuti" in ran.err
