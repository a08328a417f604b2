"""
The notices of the corpus: publishing them, choosing their themes, following what changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import anyio
from fastapi import APIRouter, Query, Request, Response

from corpus.identity import cleaned
from corpus.stored import Source
from service.api.answers import (
    change_as_json,
    json_bytes,
    json_response,
    stored_as_json,
    tag_as_json,
)
from service.api.reading import read_json, read_notice
from service.api.schemas import (
    SAMPLE,
    ChangesSchema,
    ChoiceSchema,
    ChosenSchema,
    NoticeSchema,
    PublishedSchema,
    StoredWithHistorySchema,
    problems,
    request_body,
)
from service.api.storing import corpus_of, in_thread
from service.problems import ProblemError
from service.topics import read_topic

if TYPE_CHECKING:
    from corpus.store import Corpus
    from corpus.stored import Tag

router = APIRouter(tags=["notices"])

_NOBODY = "api"
_LONGEST_NAME = 200
_CHOICE = {"topic": "0707", "source": "reviewer", "by": "李审核"}
_CHOOSERS = (Source.PUBLISHER.value, Source.REVIEWER.value)

By = Annotated[str, Query(max_length=_LONGEST_NAME, description="Who does it, for the history.")]
Since = Annotated[int, Query(ge=0, le=2**63 - 1, description="The last revision you know.")]
Most = Annotated[int, Query(ge=1, le=1000, description="How many changes to return at most.")]


@router.post(
    "/notices",
    summary="Publish a notice",
    response_model=PublishedSchema,
    responses=problems(400, 413, 422, 503),
    openapi_extra=request_body(NoticeSchema, SAMPLE),
)
async def publish(request: Request, by: By = _NOBODY) -> Response:
    """
    Store a notice, and return it with the topics that the model suggests.

    A known document takes over what the arrival knows. The declared theme is kept as it is; what
    is suggested is not applied.
    """
    corpus, model = corpus_of(request), request.app.state.model
    notice = read_notice(await read_json(request))
    text = cleaned(notice)
    if not (text.title or "").strip() and not (text.body or "").strip():
        raise ProblemError(
            422,
            "公文没有标题，也没有正文。请至少提供其中之一。",
            "The notice has neither a title nor a body. Give one of them at least.",
            errors=[{"field": name, "detail": "missing"} for name in ("title", "body")],
        )

    # Cutting words holds the interpreter, so long texts wait for each other here as well.
    suggestion = await anyio.to_thread.run_sync(
        model.suggest, notice, limiter=request.app.state.heavy_work
    )

    def published() -> bytes:
        # A pasted page is kept as what was read of it.
        change = corpus.add(suggestion.notice, by=by)
        stored = corpus.get(change.id, hidden=True)
        return json_bytes(
            {
                **stored_as_json(stored, corpus.taxonomy),
                "change": {"what": change.what, "id": change.id, "revision": change.revision},
                "suggestion": suggestion.as_json(),
            }
        )

    return json_response(await in_thread(request, published))


@router.get(
    "/notices/{name:path}",
    summary="One notice with its theme and its history",
    response_model=StoredWithHistorySchema,
    responses=problems(404, 503),
)
async def show(request: Request, name: str) -> Response:
    """Return a notice by its id or its address, as it is stored now."""
    corpus = corpus_of(request)

    def shown() -> bytes:
        stored = corpus.get(name)
        return json_bytes(
            {
                **stored_as_json(stored, corpus.taxonomy),
                "history": [tag_as_json(tag, corpus.taxonomy) for tag in corpus.tags(stored.id)],
                "copies": [
                    {"id": copy.id, "url": copy.notice.url, "title": copy.notice.title}
                    for copy in corpus.copies(stored.id)
                ],
            }
        )

    return json_response(await in_thread(request, shown))


@router.put(
    "/notices/{name:path}/topic",
    summary="Choose the theme of a notice",
    response_model=ChosenSchema,
    responses=problems(400, 404, 413, 422, 503),
    openapi_extra=request_body(ChoiceSchema, _CHOICE),
)
async def choose(request: Request, name: str) -> Response:
    """Append the choice of a publisher or reviewer, and return the notice with its theme now."""
    corpus = corpus_of(request)
    choice = _read_choice(await read_json(request))
    topic = read_topic(corpus.taxonomy, choice["topic"]).code
    source = Source(choice["source"])

    def chosen() -> bytes:
        tag = corpus.tag(name, topic, source=source, by=choice["by"])
        return _with_tag(corpus, name, tag)

    return json_response(await in_thread(request, chosen))


@router.delete(
    "/notices/{name:path}/topic",
    summary="Undo the newest choice",
    response_model=ChosenSchema,
    responses=problems(404, 409, 422, 503),
)
async def undo(request: Request, name: str, by: By = _NOBODY) -> Response:
    """Take back the last choice of a person, or the last undo of one: asked twice, it is redone."""
    corpus = corpus_of(request)

    def undone() -> bytes:
        return _with_tag(corpus, name, corpus.undo(name, by=by))

    return json_response(await in_thread(request, undone))


@router.get(
    "/changes",
    summary="What changed since a revision",
    response_model=ChangesSchema,
    responses=problems(422, 503),
)
async def changes(request: Request, since: Since = 0, limit: Most = 1000) -> Response:
    """
    Return the notices that changed, in the order of their newest change, with their themes.

    Withdrawn and purged ones are among them. Whoever asks again with the revision of the answer
    misses nothing; an answer without changes is up to date.
    """
    corpus = corpus_of(request)

    def changed() -> bytes:
        found = corpus.changes(since, limit=limit)
        return json_bytes(
            {
                "revision": found[-1].revision if found else since,
                "changes": [change_as_json(stored, corpus.taxonomy) for stored in found],
            }
        )

    return json_response(await in_thread(request, changed))


def _with_tag(corpus: Corpus, name: str, tag: Tag) -> bytes:
    """Return a notice as it is after something was said of it."""
    stored = corpus.get(name, hidden=True)
    said = tag_as_json(tag, corpus.taxonomy)
    return json_bytes({**stored_as_json(stored, corpus.taxonomy), "tag": said})


def _read_choice(value: Any) -> dict[str, str]:
    """
    Return who chose what.

    Raises:
        ProblemError: 422, naming the field.
    """
    if not isinstance(value, dict):
        raise _wrong("body", '{"topic", "source", "by"} 对象', "an object with topic, source, by")
    choice = {"source": Source.PUBLISHER.value, "by": _NOBODY, **value}
    for name in ("topic", "by"):
        text = choice.get(name)
        if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST_NAME:
            raise _wrong(
                name, f"不超过 {_LONGEST_NAME} 字的文本", f"text of 1–{_LONGEST_NAME} characters"
            )
    if choice["source"] not in _CHOOSERS:
        raise _wrong("source", "publisher 或 reviewer", "publisher or reviewer")
    return {name: choice[name] for name in ("topic", "source", "by")}


def _wrong(field: str, expected: str, expected_en: str) -> ProblemError:
    """Return the problem of one field."""
    return ProblemError(
        422,
        f"{field} 应为{expected}。",
        f"{field} must be {expected_en}.",
        errors=[{"field": field, "detail": f"expected {expected_en}"}],
    )
