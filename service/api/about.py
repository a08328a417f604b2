"""
What the service knows and how it is: topics, model, health.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from corpus.errors import CorpusError
from corpus.found import Query
from service.api.schemas import TopicsSchema, problems
from service.api.storing import in_thread

router = APIRouter(tags=["about"])
health = APIRouter(tags=["health"])


@router.get("/topics", summary="The list of topics", response_model=TopicsSchema)
async def topics(request: Request) -> dict[str, Any]:
    """
    Return all topics of the model's list, or of the site's list where there is a map.

    *notices* counts those with the topic or one below it, as the index knows them; null where
    there is no corpus.
    """
    counts = await _counts(request)
    listed = topics_as_json(request.app.state.model)
    for topic in listed["topics"]:
        topic["notices"] = None if counts is None else counts.get(topic["code"], 0)
    return listed


async def _counts(request: Request) -> dict[str, int] | None:
    """Return how many notices have each topic, ``None`` if that cannot be told just now."""
    corpus, index = request.app.state.corpus, request.app.state.index
    if corpus is None or index is None:
        return None

    def counted() -> dict[str, int]:
        return dict(index.search(Query(limit=0), corpus).facets["topic"])

    try:
        return await in_thread(request, counted)
    except CorpusError:
        return None


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


@health.get("/readyz", summary="Whether requests can be answered", responses=problems(503))
async def readyz(request: Request) -> dict[str, Any]:
    """
    Return which model answers, how far the corpus is, and how far behind the index is.

    A corpus that cannot be read is answered 503; an index that is behind is only told.
    """
    loaded, corpus = request.app.state.model, request.app.state.corpus
    ready: dict[str, Any] = {
        "status": "ok",
        "model": {"name": loaded.name, "digest": loaded.digest},
        "store": None,
        "index": None,
    }
    if corpus is not None:
        newest = await in_thread(request, corpus.revision)
        ready["store"] = {"revision": newest}
        if (follower := request.app.state.follower) is not None:
            reached = follower.reached
            ready["index"] = {
                "revision": reached.revision,
                "behind": max(0, newest - reached.revision),
                "following": reached.problem is None,
            }
    return ready


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
