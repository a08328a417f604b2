"""A body over the limit is refused, announced or not, and never held."""

from __future__ import annotations

import socket

import anyio
import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.limits import BodyLimit
from service.settings import Settings

ADDRESS = "/api/v1/suggest"
LIMIT = 1000


@pytest.fixture(scope="module")
def small_door(model):
    """Return a door that takes 1,000 bytes at most."""
    with TestClient(create_app(model, Settings(body_limit=LIMIT))) as opened:
        yield opened


def _notice(size):
    """Return a request body of exactly *size* bytes."""
    return b'{"title": "' + b"x" * (size - 13) + b'"}'


def _in_pieces(content):
    """Yield a body piece by piece, so that its length cannot be announced."""
    for start in range(0, len(content), 100):
        yield content[start : start + 100]


@pytest.mark.parametrize("send", [bytes, _in_pieces])
def test_a_body_of_the_limit_is_taken(small_door, send):
    """The limit itself is allowed."""
    assert small_door.post(ADDRESS, content=send(_notice(LIMIT))).status_code == 200


@pytest.mark.parametrize("send", [bytes, _in_pieces])
def test_one_byte_more_is_refused(small_door, send):
    """Whether its length is announced or not."""
    response = small_door.post(ADDRESS, content=send(_notice(LIMIT + 1)))

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert "1000 字节" in response.json()["detail"]
    assert "1000 bytes" in response.json()["detail_en"]


def test_two_megabytes_are_the_default():
    """The setting that the interface promises."""
    assert Settings().body_limit == 2_000_000


@pytest.mark.parametrize("announced", ["9" * 30, "-5", "many", "", "1_000"])
def test_a_length_that_is_none_is_not_believed(small_door, announced):
    """What is announced wrongly is counted instead."""
    response = small_door.post(
        ADDRESS, content=_notice(LIMIT + 1), headers={"Content-Length": announced}
    )

    assert response.status_code == 413


class Sender:
    """Somebody who sends a body without end, and counts how much of it was asked for."""

    def __init__(self):
        self.asked = 0
        self.answer = []

    async def receive(self):
        self.asked += 1
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    async def send(self, message):
        self.answer.append(message)


async def _swallow(_scope, receive, _send):
    """Read a body to its end, as an application does."""
    while (await receive()).get("more_body"):
        pass


def test_no_more_than_the_limit_is_ever_read():
    """A body without end is refused as soon as it is over."""
    sender = Sender()
    scope = {"type": "http", "method": "POST", "path": ADDRESS, "headers": []}

    anyio.run(BodyLimit(_swallow, LIMIT), scope, sender.receive, sender.send)

    assert sender.answer[0]["status"] == 413
    assert sender.asked == 11


def test_an_announced_body_is_not_read_at_all():
    """It is refused before its first byte."""
    sender = Sender()
    headers = [(b"content-length", b"1001")]
    scope = {"type": "http", "method": "POST", "path": ADDRESS, "headers": headers}

    anyio.run(BodyLimit(_swallow, LIMIT), scope, sender.receive, sender.send)

    assert sender.answer[0]["status"] == 413
    assert sender.asked == 0


@pytest.mark.parametrize("header", ["Content-Length: 50000000", "Transfer-Encoding: chunked"])
def test_the_refusal_arrives_over_a_real_connection(server, header):
    """The client is answered in words even while it is still sending."""
    piece = b"x" * 60_000
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(f"POST {ADDRESS} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n".encode())
        for _ in range(40):
            framed = b"%x\r\n%s\r\n" % (len(piece), piece) if "chunked" in header else piece
            try:
                line.sendall(framed)
            except OSError:
                break
        answer = line.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in answer
