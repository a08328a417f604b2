"""
Searching the corpus.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.api.answers import json_bytes, json_response
from service.api.schemas import ResultSchema, problems
from service.api.searching import parameters, read_query
from service.api.storing import corpus_of, in_thread, index_of

router = APIRouter(tags=["search"])


@router.get(
    "/search",
    summary="Search the notices",
    response_model=ResultSchema,
    responses=problems(422, 503),
    openapi_extra=parameters(),
)
async def search(request: Request) -> Response:
    """Return a page of hits with their highlights, and how many there are of each kind."""
    corpus, index = corpus_of(request), index_of(request)
    query = read_query(request)

    def found() -> bytes:
        return json_bytes(index.search(query, corpus).as_json())

    return json_response(await in_thread(request, found))
