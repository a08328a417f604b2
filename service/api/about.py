"""
What the service knows and how it is: topics, model, health.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from service.api.schemas import TopicsSchema

router = APIRouter(tags=["about"])
health = APIRouter(tags=["health"])


@router.get("/topics", summary="The list of topics", response_model=TopicsSchema)
async def topics(request: Request) -> dict[str, Any]:
    """Return all topics of the model's list, or of the site's list where there is a map."""
    return topics_as_json(request.app.state.model)


@router.get("/model", summary="The model's card")
async def model(request: Request) -> dict[str, Any]:
    """Return from what the model was made, how good it is and what it promises."""
    card = dict(request.app.state.model.card)
    # The list of topics has an address of its own.
    card.pop("taxonomy", None)
    return card


@health.get("/healthz", summary="Whether the process lives")
async def healthz() -> dict[str, str]:
    """Return at once, whatever else is going on."""
    return {"status": "ok"}


@health.get("/readyz", summary="Whether requests can be answered")
async def readyz(request: Request) -> dict[str, Any]:
    """Return which model answers; the service listens only once it is loaded."""
    loaded = request.app.state.model
    return {"status": "ok", "model": {"name": loaded.name, "digest": loaded.digest}}


def topics_as_json(model: Any) -> dict[str, Any]:
    """Return the topics that a model's answers may name, and those it only knows of."""
    choices = model.choices
    suggested = {topic.code for topic in (*choices.topics, *choices.roots)}
    own = {topic.code for topic in model.taxonomy.topics}
    if suggested <= own:
        name, listed = model.taxonomy.name, model.taxonomy.topics
    else:
        name, listed = "map", tuple(dict.fromkeys((*choices.roots, *choices.topics)))
    return {
        "name": name,
        "topics": [
            {
                "code": topic.code,
                "label": topic.label,
                "parent": topic.parent,
                "level": 1 if topic.parent is None else 2,
                "suggested": topic.code in suggested,
            }
            for topic in listed
        ],
    }
