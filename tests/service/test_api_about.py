"""What the service says of itself: topics, model, health, documentation."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from classifier.crosswalk import Crosswalk
from service.app import create_app
from service.settings import Settings


def test_all_topics_are_listed(client, taxonomy):
    """The whole list comes, in order, with the level of each topic."""
    listed = client.get("/api/v1/topics").json()

    assert listed["name"] == "state_council"
    assert [topic["code"] for topic in listed["topics"]] == [t.code for t in taxonomy.topics]
    assert listed["topics"][0] == {
        "code": "01",
        "label": "国务院组织机构",
        "parent": None,
        "level": 1,
        "suggested": False,
        "notices": None,
    }


def test_topics_say_whether_they_can_be_suggested(client):
    """What the model never saw is listed and marked; the first level above a topic counts."""
    topics = {topic["code"]: topic for topic in client.get("/api/v1/topics").json()["topics"]}

    assert topics["0707"]["suggested"]
    assert topics["07"]["suggested"]
    assert topics["15"]["suggested"]
    assert not topics["1504"]["suggested"]
    assert not topics["22"]["suggested"]
    assert topics["0707"]["parent"] == "07"
    assert topics["0707"]["level"] == 2


def test_a_site_with_its_own_list_is_told_that_list(model, tmp_path):
    """With a crosswalk the site's topics are listed, not the model's."""
    path = tmp_path / "map.csv"
    path.write_text("from,to\n0707,交通出行-道路\n1102,上学\n", "utf-8")
    mapped = model.mapped(Crosswalk.read(path, model.taxonomy))

    with TestClient(create_app(mapped, Settings())) as site:
        listed = site.get("/api/v1/topics").json()

    assert listed["name"] == "map"
    assert {topic["code"] for topic in listed["topics"]} == {"交通出行", "交通出行-道路", "上学"}
    assert all(topic["suggested"] for topic in listed["topics"])


def test_the_model_shows_its_card(client, model):
    """Origin, figures and promises are there; the list of topics has an address of its own."""
    card = client.get("/api/v1/model").json()

    assert card["name"] == "small"
    assert card["digest"] == model.digest
    assert card["trained_on"]["unlabelled"] == 1
    assert set(card) >= {"cross_validation", "thresholds", "floor", "files"}
    assert "taxonomy" not in card


def test_the_process_says_that_it_lives(client):
    """The liveness address answers without asking anybody."""
    assert client.get("/healthz").json() == {"status": "ok"}


def test_the_service_says_which_model_is_ready(client, model):
    """The readiness address names the model that answers."""
    assert client.get("/readyz").json() == {
        "status": "ok",
        "model": {"name": "small", "digest": model.digest},
        "store": None,
        "index": None,
    }


@pytest.fixture(scope="module")
def openapi(client):
    """Return the description of the interface."""
    return client.get("/openapi.json").json()


def test_every_address_is_described(openapi):
    """All routes of the interface are there and no page is."""
    assert set(openapi["paths"]) == {
        "/api/v1/suggest",
        "/api/v1/suggest/batch",
        "/api/v1/precedents",
        "/api/v1/topics",
        "/api/v1/model",
        "/api/v1/search",
        "/api/v1/notices",
        "/api/v1/notices/{name}",
        "/api/v1/notices/{name}/topic",
        "/api/v1/changes",
        *(
            f"/api/v1/review/{what}"
            for what in ("next", "decide", "skip", "flag", "undo", "progress", "flags")
        ),
        "/healthz",
        "/readyz",
    }
    assert openapi["openapi"].startswith("3.1")


def test_every_operation_is_documented(openapi):
    """Each has an identifier of its own, a summary, a description and a good answer."""
    operations = [entry for path in openapi["paths"].values() for entry in path.values()]

    assert all(entry["summary"] and entry["description"] for entry in operations)
    assert all("200" in entry["responses"] for entry in operations)
    assert len({entry["operationId"] for entry in operations}) == len(operations)


def test_every_reference_leads_somewhere(openapi):
    """A schema that is referred to is there."""
    names = re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(openapi))

    assert names
    assert set(names) <= set(openapi["components"]["schemas"])
    assert str(openapi).count("'$ref'") == len(names)


@pytest.mark.parametrize("address", ["/api/v1/suggest", "/api/v1/suggest/batch"])
def test_the_examples_work(client, openapi, address):
    """What the documentation shows can be sent as it stands."""
    content = openapi["paths"][address]["post"]["requestBody"]["content"]["application/json"]

    assert client.post(address, json=content["example"]).status_code == 200


@pytest.mark.parametrize("address", ["/api/v1/suggest", "/api/v1/suggest/batch"])
@pytest.mark.parametrize("status", ["400", "413", "422"])
def test_errors_are_documented_as_problems(openapi, address, status):
    """The errors that may be answered are described with their own media type."""
    response = openapi["paths"][address]["post"]["responses"][status]

    assert "application/problem+json" in response["content"]


def test_schemas_are_whole_objects(openapi):
    """The schema of a request is a JSON schema with the fields of a notice."""
    content = openapi["paths"]["/api/v1/suggest"]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]

    assert schema["type"] == "object"
    assert {"title", "body", "issuing_body", "attachments"} <= set(schema["properties"])


@pytest.mark.parametrize("address", ["/docs", "/redoc"])
def test_the_documentation_loads_nothing_from_elsewhere(client, address):
    """Every address on the page leads to this service, and is there."""
    page = client.get(address)
    addresses = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)

    assert page.status_code == 200
    assert "http" not in page.text.replace("http-equiv", "")
    assert addresses
    assert all(client.get(found).status_code == 200 for found in addresses)
