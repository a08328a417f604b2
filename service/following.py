"""
Keeps the search index up with the corpus, in every process that answers.

A thread looks for changes twice a second. The first process of a machine writes the index, the
others see what it has committed, so a change is found everywhere within two seconds.
"""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

import anyio

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from corpus.search import SearchIndex
    from corpus.store import Corpus

logger = logging.getLogger("zhuti.service")

SECONDS_BETWEEN_LOOKS = 0.5


class _StoppedError(Exception):
    """The process ends while the index has a long way to go; the next one goes on."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the index is; *problem* says in words why it does not follow at the moment."""

    revision: int = 0
    problem: str | None = None


class Follower:
    """
    Follows a corpus with its index until it is stopped.

    Attributes:
        reached: How far it is: to be read from any thread, at any time.
    """

    def __init__(
        self, corpus: Corpus, index: SearchIndex, *, pause: float = SECONDS_BETWEEN_LOOKS
    ) -> None:
        self.reached = Reached()
        self._corpus = corpus
        self._index = index
        self._pause = pause
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="following", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Return once it has stopped; what is not committed comes again the next time."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        """Look again and again."""
        while not self._stopping.is_set():
            self._look()
            self._stopping.wait(self._pause)

    def _look(self) -> None:
        """Catch up; what fails is tried again at the next look, and said once."""
        try:
            revision = self._index.follow(self._corpus, progress=self._note)
        except _StoppedError:
            return
        except Exception as error:  # whatever it is, the service goes on
            problem = str(error) or type(error).__name__
            if problem != self.reached.problem:
                expected = isinstance(error, CorpusError)
                logger.warning(
                    "The search index does not follow: %s",
                    problem,
                    exc_info=None if expected else error,
                )
            self.reached = Reached(self.reached.revision, problem)
            return
        if self.reached.problem is not None:
            logger.info("The search index follows again.")
        self.reached = Reached(revision)

    def _note(self, revision: int, _newest: int) -> None:
        """Note how far a long way is done, and leave it if the process ends."""
        if self._stopping.is_set():
            raise _StoppedError
        self.reached = Reached(revision, self.reached.problem)


@asynccontextmanager
async def following(app: FastAPI) -> AsyncIterator[None]:
    """Follow for as long as an application runs, then let go of its index and its corpus."""
    corpus, index, follower = app.state.corpus, app.state.index, app.state.follower
    if follower is not None:
        follower.start()
    try:
        yield
    finally:
        if follower is not None:
            await anyio.to_thread.run_sync(follower.stop)
        for opened in (index, corpus):
            if opened is not None:
                await anyio.to_thread.run_sync(opened.close)
