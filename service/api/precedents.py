"""
Earlier notices like one.

They are asked for on their own, behind the suggestions: comparing sixteen texts takes some ten
times as long as suggesting topics, and nobody's first answer should wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
from fastapi import APIRouter, Request, Response

from service.api.answers import json_bytes, json_response
from service.api.reading import read_json, read_notice
from service.api.schemas import SAMPLE, NoticeSchema, PrecedentsSchema, problems, request_body
from service.api.storing import corpus_of, index_of

if TYPE_CHECKING:
    from corpus.notice import Notice

router = APIRouter(tags=["suggest"])


@router.post(
    "/precedents",
    summary="Find earlier notices like one",
    response_model=PrecedentsSchema,
    responses=problems(400, 413, 422, 503),
    openapi_extra=request_body(NoticeSchema, SAMPLE),
)
async def precedents(request: Request) -> Response:
    """
    Return the three notices of the corpus most like this one, with their themes.

    It takes what `suggest` takes. A notice is no precedent of itself, and nothing is stored.
    """
    corpus_of(request)
    notice = read_notice(await read_json(request))
    return json_response(json_bytes({"precedents": await precedents_of(request, notice)}))


async def precedents_of(request: Request, notice: Notice) -> list[dict[str, Any]]:
    """
    Return the precedents of a notice as JSON.

    Raises:
        ProblemError: 503 if the service has no corpus or no index.
        SearchIndexError: If the index cannot be used just now; answered 503 as well.
    """
    # Only who asks for precedents waits until their code is loaded.
    from classifier.precedents import find_precedents  # noqa: PLC0415

    corpus, index = corpus_of(request), index_of(request)
    model = request.app.state.model

    def found() -> list[dict[str, Any]]:
        precedents = find_precedents(notice, model, index, corpus)
        return [one.as_json(corpus.taxonomy) for one in precedents]

    # Cutting sixteen texts holds the interpreter: one such question at a time, like long texts.
    return await anyio.to_thread.run_sync(found, limiter=request.app.state.heavy_work)
