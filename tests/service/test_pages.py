"""The page on which a notice is pasted: whole, readable by machines, nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings


@pytest.fixture(scope="module")
def page(client):
    """Return the page as HTML."""
    return client.get("/").text


def test_the_page_is_chinese(page):
    """Browsers and screen readers are told the language."""
    assert '<html lang="zh-CN">' in page


def test_everything_comes_from_this_service(client, page):
    """Each address on the page is local and there."""
    addresses = re.findall(r'(?:src|href)="(/[^"]*)"', page)

    assert "http:" not in page
    assert "https:" not in page
    assert len(addresses) >= 4
    assert all(client.get(address).status_code == 200 for address in addresses)


@pytest.mark.parametrize("name", ["zhuti.css", "suggest.js", "icon.svg"])
def test_files_name_no_other_machine(client, name):
    """Style, script and icon load nothing either; the name of the SVG language is no address."""
    text = client.get(f"/static/{name}").text.replace("http://www.w3.org/2000/svg", "")

    assert "://" not in text
    assert "@import" not in text


def test_nothing_is_inline(page):
    """The policy of the page forbids inline scripts, handlers and styles."""
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert "<style" not in page
    assert not re.search(r"\s(?:style|on\w+)=", page)


def test_every_field_has_a_label(page):
    """Screen readers can say what each field is for."""
    fields = re.findall(r'<(?:input|textarea)[^>]*\bid="(\w+)"', page)

    assert fields == ["title", "text"]
    assert all(f'<label for="{field}">' in page for field in fields)


def test_news_is_announced(page):
    """What appears later is in a live region."""
    assert 'id="status" role="status" aria-live="polite"' in page


def test_the_model_is_named(page, model):
    """People can say which model answered them."""
    assert model.digest[:8] in page


@pytest.mark.parametrize("prefix", ["", "/zhuti"])
def test_a_proxy_may_cut_the_prefix_off_or_not(model, prefix):
    """Either way the page, its files, the interface and the documentation are found."""
    with TestClient(create_app(model, Settings(root_path="/zhuti"))) as behind:
        page = behind.get(f"{prefix}/").text
        shown = re.findall(r'(?:src|href|data-api)="(/[^"]*)"', page)
        local = [prefix + address.removeprefix("/zhuti") for address in shown]
        statuses = {address: behind.get(address).status_code for address in local}

        assert all(address.startswith("/zhuti/") for address in shown)
        assert statuses.pop(f"{prefix}/api/v1/suggest") == 405
        assert set(statuses.values()) == {200}
        assert "/zhuti/openapi.json" in behind.get(f"{prefix}/docs").text
        assert behind.get(f"{prefix}/openapi.json").json()["servers"] == [{"url": "/zhuti"}]


def test_the_root_path_is_not_mistaken_for_its_namesake(model):
    """An address that only begins like the prefix is below it, not it."""
    with TestClient(create_app(model, Settings(root_path="/health"))) as behind:
        assert behind.get("/healthz").json() == {"status": "ok"}
