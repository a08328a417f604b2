"""
Suggesting topics: one notice, or up to 256.

A notice of ordinary length is answered at once, inside the event loop: handing it to a thread
would cost more than answering it. Long texts and batches go to one thread, so that they can
neither hold up the others nor pile up on each other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from fastapi import APIRouter, Query, Request, Response

from service.api.precedents import precedents_of
from service.api.reading import read_json, read_notice
from service.api.schemas import (
    SAMPLE,
    AnswerSchema,
    BatchAnswerSchema,
    BatchSchema,
    NoticeSchema,
    problems,
    request_body,
)
from service.problems import ProblemError

if TYPE_CHECKING:
    from corpus.notice import Notice

MOST_NOTICES = 256

router = APIRouter(tags=["suggest"])

Limit = Annotated[int, Query(ge=1, le=20, description="How many topics to return at most.")]
Raw = Annotated[bool, Query(description="Show the terms of title characters as they are.")]


Precedents = Annotated[
    bool, Query(description="Add earlier notices of the corpus like it, where there is a corpus.")
]


@router.post(
    "/suggest",
    summary="Suggest topics for one notice",
    response_model=AnswerSchema,
    responses=problems(400, 413, 422, 503),
    openapi_extra=request_body(NoticeSchema, SAMPLE),
)
async def suggest(
    request: Request, limit: Limit = 5, *, raw: Raw = False, precedents: Precedents = False
) -> Response:
    """
    Return ranked topics with their probability and the words that speak for each.

    Any part of a notice will do; a whole pasted page may be sent as `body`. Nothing is stored.
    """
    notice = read_notice(await read_json(request))
    model = request.app.state.model
    known: dict[str, Any] = {}
    if precedents and request.app.state.corpus is not None:
        known["precedents"] = await precedents_of(request, notice)

    def answer() -> bytes:
        return _bytes({**model.suggest(notice, limit=limit, raw=raw).as_json(), **known})

    if _length(notice) <= request.app.state.settings.inline_limit:
        return _json(answer())
    return _json(await anyio.to_thread.run_sync(answer, limiter=request.app.state.heavy_work))


@router.post(
    "/suggest/batch",
    summary="Suggest topics for up to 256 notices",
    response_model=BatchAnswerSchema,
    responses=problems(400, 413, 422),
    openapi_extra=request_body(BatchSchema, {"notices": [SAMPLE]}),
)
async def suggest_batch(request: Request, limit: Limit = 5, *, raw: Raw = False) -> Response:
    """Return the answer to each notice, in order; a list of notices alone will do as well."""
    notices = _batch(await read_json(request))
    model = request.app.state.model

    def answers() -> bytes:
        found = model.suggest_all(notices, limit=limit, raw=raw)
        return _bytes({"answers": [answer.as_json() for answer in found]})

    return _json(await anyio.to_thread.run_sync(answers, limiter=request.app.state.heavy_work))


def _batch(value: object) -> list[Notice]:
    """Return the notices of a batch, or a problem that names the first bad one."""
    entries = value.get("notices") if isinstance(value, dict) else value
    if not isinstance(entries, list):
        raise ProblemError(
            422,
            'notices 应为公文列表，例如 {"notices": [{"title": "…"}]}。',
            'notices must be a list of notices, for example {"notices": [{"title": "…"}]}.',
            errors=[{"field": "notices", "detail": "expected a list"}],
        )
    if len(entries) > MOST_NOTICES:
        raise ProblemError(
            422,
            f"notices 有 {len(entries)} 件，一次最多 {MOST_NOTICES} 件。请分批提交。",
            f"notices has {len(entries)} entries; {MOST_NOTICES} at most. Send several batches.",
            errors=[{"field": "notices", "detail": f"at most {MOST_NOTICES}"}],
        )
    return [read_notice(entry, where=f"notices[{n}]") for n, entry in enumerate(entries)]


def _length(notice: Notice) -> int:
    """Return how much text there is to read."""
    return len(notice.title or "") + len(notice.body or "")


def _bytes(answer: dict[str, Any]) -> bytes:
    """Return JSON as it goes over the wire."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _json(content: bytes) -> Response:
    """Return ready JSON as an answer."""
    return Response(content, media_type="application/json")
