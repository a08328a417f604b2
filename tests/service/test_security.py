"""Every answer tells the browser to load nothing from elsewhere."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings

ADDRESSES = ["/", "/static/zhuti.css", "/api/v1/topics", "/healthz", "/nothing", "/openapi.json"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_policy(client, address):
    """Pages, files, answers and errors alike."""
    headers = client.get(address).headers

    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("address", ADDRESSES)
def test_inline_scripts_are_not_allowed(client, address):
    """Nothing that a text smuggles into a page would run."""
    assert "unsafe-inline" not in client.get(address).headers["content-security-policy"]


def test_a_refused_body_carries_the_policy_too(model):
    """Also where the answer comes before the application."""
    with TestClient(create_app(model, Settings(body_limit=1000))) as door:
        response = door.post("/api/v1/suggest", content=b"x" * 2000)

    assert response.status_code == 413
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("address", ["/docs", "/redoc"])
def test_the_documentation_may_start_itself(client, address):
    """Its page starts by an inline script; everything else still comes from here."""
    policy = client.get(address).headers["content-security-policy"]

    assert "script-src 'self' 'unsafe-inline'" in policy
    assert "default-src 'self'" in policy
