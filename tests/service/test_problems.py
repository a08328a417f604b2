"""Errors are problem details: in both languages, with the right status, and without the text."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings

KEYS = ["type", "title", "title_en", "status", "detail", "detail_en", "instance"]


class FailingModel:
    """A model that breaks on every notice, as a bug of ours would make it."""

    def suggest(self, notice, **_options):
        """Fail."""
        raise KeyError(len(notice.title))


@pytest.fixture
def failing(model):
    """Return the door of a service whose model fails."""
    broken = FailingModel()
    broken.__dict__.update(name=model.name, digest=model.digest)
    return TestClient(create_app(broken, Settings()), raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("method", "address", "content", "status"),
    [
        ("GET", "/nothing", b"", 404),
        ("GET", "/static/nothing.css", b"", 404),
        ("GET", "/static/%00", b"", 404),
        ("GET", "/static/..%2fapp.py", b"", 404),
        ("GET", "/" + "a" * 5000, b"", 404),
        ("GET", "/api/v1/suggest", b"", 405),
        ("DELETE", "/api/v1/topics", b"", 405),
        ("POST", "/api/v1/suggest", b"{", 400),
        ("POST", "/api/v1/suggest", b"[]", 422),
        ("POST", "/api/v1/suggest?limit=0", b"{}", 422),
    ],
)
def test_every_error_is_a_problem(client, method, address, content, status):
    """Whatever is wrong, the answer has the same shape and its own status in it."""
    response = client.request(method, address, content=content)

    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert [key for key in problem if key != "errors"] == KEYS
    assert problem["type"].startswith("urn:zhuti:problem:")
    assert all(problem[key] for key in KEYS)


def test_a_problem_is_said_in_both_languages(client):
    """Chinese for the staff, English for the engineer."""
    problem = client.get("/nothing").json()

    assert problem["title"] == "没有这个地址"
    assert problem["title_en"] == "There is nothing at this address"
    assert problem["detail"] == "没有 /nothing。接口说明见 /docs。"
    assert problem["detail_en"] == "There is no /nothing. See /docs."


def test_a_method_that_is_not_taken_names_those_that_are(client):
    """HTTP wants the header Allow."""
    assert client.get("/api/v1/suggest").headers["allow"] == "POST"


def test_a_failure_inside_tells_nobody_the_text(failing):
    """The answer is a problem that says what to do, and repeats nothing of the notice."""
    response = failing.post("/api/v1/suggest", json={"title": "桫椤公路"})

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"].startswith("服务内部出错")
    assert "桫椤" not in response.text
    assert "KeyError" not in response.text


def test_a_failure_inside_is_logged_without_the_text(failing, caplog):
    """The log says where it failed, not on what."""
    failing.post("/api/v1/suggest", json={"title": "桫椤公路"})

    assert "POST /api/v1/suggest failed" in caplog.text
    assert "KeyError" in caplog.text
    assert "桫椤" not in caplog.text


def test_a_failure_inside_does_not_end_the_service(failing):
    """The next request is answered."""
    failing.post("/api/v1/suggest", json={"title": "公路"})

    assert failing.get("/healthz").status_code == 200


def test_half_a_surrogate_pair_in_a_problem_can_be_sent(client):
    """What was found is repeated only as far as UTF-8 can carry it."""
    response = client.post("/api/v1/suggest", content=json.dumps({"written_on": "\ud800"}))

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "written_on"
