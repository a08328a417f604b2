"""
Builds the web application around a model, a corpus and its index.

They are given, not found: whoever starts the service loads them once. Nothing happens on
import, and nothing leaves the machine, not even for the documentation page.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from fastapi_offline import FastAPIOffline
from starlette.staticfiles import StaticFiles

from service import feeds, pages, problems, search_pages
from service.api import about, notices, precedents, review, search, suggest
from service.api.storing import MOST_AT_ONCE
from service.building import load_model, open_corpus, open_index
from service.following import Follower, following
from service.limits import BodyLimit
from service.root_path import RootPath
from service.security import SecurityHeaders
from service.settings import Settings, read_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from classifier.model import TopicModel
    from corpus.search import SearchIndex
    from corpus.store import Corpus

STATIC = Path(__file__).with_name("static")
# Long texts wait for each other rather than for everybody: cutting words holds the interpreter.
HEAVY_WORK = 1


def create_app(
    model: TopicModel,
    settings: Settings,
    corpus: Corpus | None = None,
    index: SearchIndex | None = None,
) -> FastAPI:
    """
    Return the application that answers with this model, and from this corpus.

    It closes the corpus and the index when it ends. Without them it only suggests topics.
    """
    app: FastAPI = FastAPIOffline(
        title="zhuti 主题",
        summary="Suggests the 主题分类 of a Chinese government notice, and says why.",
        version=metadata.version("zhuti"),
        static_url="/docs-static",
        lifespan=following,
    )
    app.state.model = model
    app.state.settings = settings
    app.state.corpus = corpus
    app.state.index = index
    app.state.follower = None if corpus is None or index is None else Follower(corpus, index)
    app.state.store_work = anyio.CapacityLimiter(MOST_AT_ONCE)
    app.state.heavy_work = anyio.CapacityLimiter(HEAVY_WORK)
    problems.install(app)
    app.add_middleware(BodyLimit, limit=settings.body_limit)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RootPath, root_path=settings.root_path)
    app.include_router(suggest.router, prefix="/api/v1")
    app.include_router(precedents.router, prefix="/api/v1")
    app.include_router(search.router, prefix="/api/v1")
    app.include_router(notices.router, prefix="/api/v1")
    app.include_router(review.router, prefix="/api/v1")
    app.include_router(about.router, prefix="/api/v1")
    app.include_router(about.health)
    app.include_router(pages.router)
    app.include_router(search_pages.router)
    app.include_router(feeds.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


def from_environment() -> FastAPI:
    """Return the application that the environment describes: what each worker process calls."""
    settings = read_settings()
    model = load_model(settings)
    corpus = open_corpus(settings, taxonomy=model.taxonomy)
    return create_app(model, settings, corpus, open_index(settings, corpus))
