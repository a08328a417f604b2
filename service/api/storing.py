"""
How requests reach the corpus and its index: in threads, and never more than a few at once.

A question takes a millisecond or a hundred, depending on the disk and on who else writes, and
nothing here knows beforehand. So none of them is asked inside the event loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

from service.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from corpus.search import SearchIndex
    from corpus.store import Corpus

# Fewer than the connections that the corpus may open.
MOST_AT_ONCE = 8

Found = TypeVar("Found")


def corpus_of(request: Request) -> Corpus:
    """
    Return the corpus of the service.

    Raises:
        ProblemError: 503 if it was started without one.
    """
    corpus: Corpus | None = request.app.state.corpus
    if corpus is None:
        raise ProblemError(
            503,
            "本服务未连接公文库，只提供主题建议。",
            "This service has no corpus; it only suggests topics.",
        )
    return corpus


def index_of(request: Request) -> SearchIndex:
    """
    Return the search index of the service.

    Raises:
        ProblemError: 503 if it was started without one.
    """
    index: SearchIndex | None = request.app.state.index
    if index is None:
        raise ProblemError(
            503,
            "本服务没有检索索引，无法检索。",
            "This service has no search index.",
        )
    return index


async def in_thread(request: Request, work: Callable[[], Found]) -> Found:
    """Return what a piece of work finds in the corpus or its index, done in a thread."""
    return await anyio.to_thread.run_sync(work, limiter=request.app.state.store_work)
