"""
The search index: words and filters to notices, with counts, in milliseconds.

It is a cache that follows the store by revision. It may be deleted at any time, it says how far
behind it is, and it shows no text of its own: what was found is fetched from the store, so a
notice that was withdrawn is not shown even before the index knows.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from threading import Lock, RLock
from time import monotonic
from typing import TYPE_CHECKING, Protocol, Self

import tantivy

from corpus.errors import IndexUnavailableError, UnusableIndexError
from corpus.everyday import everyday_words
from corpus.found import (
    FACETS,
    FacetCount,
    Highlights,
    Hit,
    IndexStatus,
    Query,
    Result,
    Sort,
    Validity,
)
from corpus.highlight import Highlighter
from corpus.index_documents import document_of, this_day, this_one
from corpus.index_folder import IndexFolder
from corpus.index_queries import Asked, count, ended_on, like
from corpus.query import read_query
from corpus.stored import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path
    from types import TracebackType

    from corpus.everyday import EverydayWords
    from corpus.index_documents import IndexState
    from corpus.index_folder import View
    from corpus.query import Typed
    from corpus.stored import StoredNotice
    from corpus.taxonomy import Taxonomy

__all__ = [
    "FACETS",
    "FacetCount",
    "Followed",
    "Highlights",
    "Hit",
    "IndexStatus",
    "Query",
    "Result",
    "SearchIndex",
    "Sort",
    "Validity",
]

_PAGE = 1000
# Between two commits of a long way: each makes a part of the index, which costs to merge; but what
# is not committed is done again by whoever comes after a stop.
_COMMIT_EVERY = 200_000
_SECONDS_WITHOUT_COMMIT = 20.0
# Notices that are written anew between two looks for changes: less than a second's work.
_SWEEP = 2000
_LONGEST_PAGE = 1000
_LOOKAHEAD = 50
_COUNTS_KEPT = 500
_HELPERS = 4


class Followed(Protocol):
    """What the index follows: a corpus."""

    @property
    def taxonomy(self) -> Taxonomy:
        """The list that topics are taken from."""

    def revision(self) -> int:
        """Return the newest revision."""

    def changes(self, since: int, *, limit: int = ...) -> list[StoredNotice]:
        """Return the notices changed after a revision, in the order of their newest change."""

    def iterate(self, *, after_key: int = ..., batch: int = ...) -> Iterator[StoredNotice]:
        """Yield the live notices by key."""

    def get_many(self, keys: Sequence[int]) -> list[StoredNotice]:
        """Return the live notices among some keys, in any order."""


class SearchIndex:
    """
    The index of a corpus in a folder of its own.

    It may be used by several threads, and the folder by several processes: each calls
    :meth:`follow` now and then. A process that forks opens its own.
    """

    def __init__(self, folder: IndexFolder, everyday: EverydayWords) -> None:
        self._folder = folder
        self._everyday = everyday
        self._following = RLock()
        self._counting = Lock()
        self._helpers = ThreadPoolExecutor(_HELPERS, thread_name_prefix="search")
        self._counts: dict[str, tuple[int, Mapping[str, tuple[FacetCount, ...]]]] = {}
        self._counted: View | None = None

    @classmethod
    def open(
        cls, folder: Path, *, store: str = "", everyday: EverydayWords | None = None
    ) -> SearchIndex:
        """
        Return the index of a folder; one that is damaged, or not there, is made by following.

        Args:
            folder: Where it is kept.
            store: What tells the corpus from any other; an index made for another is made anew.
            everyday: Everyday words and official ones; those that are shipped if not given.
        """
        words = everyday_words() if everyday is None else everyday
        index = cls(IndexFolder(folder, store), words)
        index._folder.refresh()
        return index

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let another process write; what follows later opens the folder again."""
        with self._following:
            self._folder.close()

    # Following the store.

    def follow(
        self, corpus: Followed, *, progress: Callable[[int, int], None] | None = None
    ) -> int:
        """
        Catch up with the store, and return the revision that is reached.

        One process of a machine writes, the first that asks; for the others this is only a look
        at what it has committed. Where the index is damaged, or was made for another corpus or by
        another version, it is made anew.

        Args:
            corpus: What to follow.
            progress: Called now and then with the revision reached and the newest one.

        Raises:
            IndexUnavailableError: If the folder cannot be written; try again later.
            UnusableIndexError: If the index turns out to be damaged; the next call makes it anew.
            StoreError: If the store cannot be read.
        """
        with self._following:
            if not self._folder.hold():
                self._folder.refresh()
                return 0 if self._folder.view is None else self._folder.view.state.revision
            target = corpus.revision()
            with self._all_or_nothing():
                view = self._usable(target)
                if self._folder.wished:
                    self._folder.forget_wish()
                    view = self._commit(replace(view.state, sweep=0))
                view = self._catch_up(corpus, view, target, progress)
                if view.state.sweep is not None:
                    view = self._sweep(corpus, view)
            return view.state.revision

    def rebuild(
        self, corpus: Followed, *, progress: Callable[[int, int], None] | None = None
    ) -> bool:
        """
        Write the whole index anew; what is there answers until that is done.

        Returns:
            Whether it is done. Where another process writes the index, that one is asked to, and
            does so beside its other work.

        Raises:
            IndexUnavailableError: If the folder cannot be written.
            UnusableIndexError: If that fails for another reason; follow makes the index anew.
            StoreError: If the store cannot be read.
        """
        with self._following:
            if not self._folder.hold():
                self._folder.wish()
                return False
            self._folder.forget_wish()
            target = corpus.revision()
            anew = self._folder.view is None
            with self._all_or_nothing():
                view = self._usable(target)
                if not anew:
                    view = self._commit(replace(view.state, sweep=0))
                view = self._catch_up(corpus, view, target, progress if anew else None)
                while view.state.sweep is not None:
                    view = self._sweep(corpus, view)
                    view = self._catch_up(corpus, view, corpus.revision(), None)
                    if progress is not None:
                        progress(min(view.state.sweep or target, target), target)
            return True

    def status(self, corpus: Followed) -> IndexStatus:
        """Return how far the index has come."""
        with self._following:
            self._folder.refresh()
            view = self._folder.view
            newest = corpus.revision()
            reached = 0 if view is None else view.state.revision
            return IndexStatus(
                revision=reached,
                store_revision=newest,
                behind=max(0, newest - reached),
                # One document is the index's own.
                notices=0 if view is None else view.searcher.num_docs - 1,
                writer=self._folder.holds,
                rebuilding=view is not None and view.state.sweep is not None,
                problem=self._folder.problem,
            )

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Forget what was taken over and not kept, should anything fail: it will come again."""
        try:
            yield
        except BaseException:
            self._folder.let_go()
            raise

    def _usable(self, target: int) -> View:
        """Return an index that can follow: what is there, or else a new one."""
        view = self._folder.view
        # A store that is behind its index has been replaced by an older one.
        if view is None or view.state.revision > target:
            with self._folder.in_words():
                return self._folder.make_anew()
        return view

    def _catch_up(
        self,
        corpus: Followed,
        view: View,
        target: int,
        progress: Callable[[int, int], None] | None,
    ) -> View:
        """Take over all changes up to a revision, and those that come meanwhile."""
        state, pending = view.state, 0
        due = monotonic() + _SECONDS_WITHOUT_COMMIT
        while changes := corpus.changes(state.revision, limit=_PAGE):
            purged = self._take(corpus, changes, view, state, target)
            sweep = 0 if purged else state.sweep
            state = replace(state, revision=changes[-1].revision, sweep=sweep)
            pending += len(changes)
            if pending >= _COMMIT_EVERY or monotonic() >= due:
                view, pending = self._commit(state), 0
                due = monotonic() + _SECONDS_WITHOUT_COMMIT
            if progress is not None:
                progress(state.revision, max(target, state.revision))
        # Not every revision leaves a trace in a notice.
        state = replace(state, revision=max(state.revision, target))
        return view if state == view.state else self._commit(state)

    def _take(
        self,
        corpus: Followed,
        changes: Sequence[StoredNotice],
        view: View,
        state: IndexState,
        target: int,
    ) -> bool:
        """
        Take over some changes, and return whether words of a purged notice are left in the files.

        They stay there until the part of the index that holds them is written anew.
        """
        documents = [_document(stored, corpus, state) for stored in changes]
        purged = False
        with self._folder.in_words():
            writer = self._folder.writer
            for stored, document in zip(changes, documents, strict=True):
                # A key is the revision with which a notice first came.
                if stored.key <= state.revision:
                    writer.delete_documents_by_query(this_one(stored.key))
                if document is not None:
                    writer.add_document(document)
                elif stored.state is State.PURGED:
                    # Only what was committed, or has changed since we began, can be there.
                    committed = view.searcher.doc_freq("key", stored.key) > 0
                    purged |= committed or stored.revision > target
        return purged

    def _sweep(self, corpus: Followed, view: View) -> View:
        """Write some more notices anew; a part of the index that has none left is deleted."""
        after = view.state.sweep or 0
        page = list(islice(corpus.iterate(after_key=after, batch=_SWEEP), _SWEEP))
        documents = [document_of(stored, corpus.taxonomy, view.state.made_on) for stored in page]
        with self._folder.in_words():
            writer = self._folder.writer
            for stored, document in zip(page, documents, strict=True):
                writer.delete_documents_by_query(this_one(stored.key))
                writer.add_document(document)
        return self._commit(replace(view.state, sweep=page[-1].key if page else None))

    def _commit(self, state: IndexState) -> View:
        """Keep what was taken over."""
        with self._folder.in_words():
            return self._folder.commit(state)

    # Searching.

    def search(self, query: Query, corpus: Followed, *, today: date | None = None) -> Result:
        """
        Return what a reader asks for; any words have an answer.

        Args:
            query: What is asked.
            corpus: Where the notices are shown from.
            today: The day on which a notice is in force or expired; by default this one.

        Raises:
            UnusableIndexError: If the index is damaged or not ours, until its writer has made it
                again.
            StoreError: If the store cannot be read.
        """
        view = self._folder.view
        if view is None:
            if self._folder.problem is not None:
                raise UnusableIndexError(self._folder.name, self._folder.problem)
            return Result(facets=dict.fromkeys(FACETS, ()))
        day = today or this_day()
        typed = read_query(query.words, self._everyday)
        try:
            with self._folder.in_words(reading=True):
                ended = ended_on(view.searcher, day, view.state.made_on)
                asked = Asked(typed, query, view.searcher, view.years, ended)
                # The engine lets other threads run, so the hits are looked for meanwhile.
                found = self._helpers.submit(_find, view.searcher, asked, query)
                total, facets = self._count(view, asked, query, day)
                keys = found.result()
        except UnusableIndexError:
            # The process that writes may not have met the damage.
            with suppress(IndexUnavailableError):
                self._folder.wish()
            raise
        return Result(total, _hits(corpus, keys, typed), facets, typed.widened)

    def like(
        self, words: Mapping[str, float], corpus: Followed, *, limit: int = 20
    ) -> list[StoredNotice]:
        """
        Return the live notices in which most of some words stand, best first.

        Args:
            words: As :func:`corpus.segmentation.search_words` cuts folded text, and how much each
                of them counts.
            corpus: Where the notices are kept.
            limit: How many to return at most.

        Raises:
            UnusableIndexError: If the index is damaged or not ours, until its writer has made it
                again.
            StoreError: If the store cannot be read.
        """
        view = self._folder.view
        if view is None and self._folder.problem is not None:
            raise UnusableIndexError(self._folder.name, self._folder.problem)
        reach = 0 if view is None else min(limit, view.searcher.num_docs)
        if view is None or not words or reach <= 0:
            return []
        with self._folder.in_words(reading=True):
            keys = _best(view.searcher, like(words), 0, reach)
        # Withdrawn ones are left out by the store, even before the index knows.
        stored = {notice.key: notice for notice in corpus.get_many(keys)}
        return [stored[key] for key in keys if key in stored]

    def _count(
        self, view: View, asked: Asked, query: Query, day: date
    ) -> tuple[int, Mapping[str, tuple[FacetCount, ...]]]:
        """Return how many notices there are, and of which kinds; the next page asks again."""
        question = repr((replace(query, sort="relevance", offset=0, limit=0), day))
        with self._counting:
            if self._counted is not view or len(self._counts) >= _COUNTS_KEPT:
                self._counts, self._counted = {}, view
            known = self._counts.get(question)
        if known is not None:
            return known
        answer = count(view.searcher, asked, helpers=self._helpers)
        with self._counting:
            if self._counted is view:
                self._counts[question] = answer
        return answer


def _document(stored: StoredNotice, corpus: Followed, state: IndexState) -> tantivy.Document | None:
    """Return a notice as the index holds it; ``None`` if it is not to be found."""
    if stored.state is not State.LIVE:
        return None
    return document_of(stored, corpus.taxonomy, state.made_on)


def _find(searcher: tantivy.Searcher, asked: Asked, query: Query) -> list[int]:
    """Return the keys of a page of hits."""
    offset = max(0, query.offset)
    limit = min(query.limit, _LONGEST_PAGE, searcher.num_docs - offset)
    if limit <= 0:
        return []
    if asked.ranked and query.sort == "relevance":
        return _best(searcher, asked.query(), offset, limit)
    oldest = query.sort == "oldest"
    hits = searcher.search(
        asked.query(),
        limit,
        count=False,
        offset=offset,
        order_by_field="oldest" if oldest else "newest",
        order=tantivy.Order.Asc if oldest else tantivy.Order.Desc,
    ).hits
    return _numbers(searcher, "key", hits)


def _best(searcher: tantivy.Searcher, query: tantivy.Query, offset: int, limit: int) -> list[int]:
    """
    Return the keys of a page of the best hits; of equal ones the newest is first.

    The engine puts equal ones in the order in which they lie in its files, which changes. So we
    look on until the last one on the page is better than the last one seen.
    """
    end = offset + limit
    reach = end + _LOOKAHEAD
    while True:
        hits = searcher.search(query, reach, count=False).hits
        if len(hits) < reach or hits[-1][0] < hits[end - 1][0]:
            break
        reach *= 4
    newest = _numbers(searcher, "newest", hits)
    order = sorted(range(len(hits)), key=lambda place: (-hits[place][0], -newest[place]))
    return _numbers(searcher, "key", [hits[place] for place in order[offset:end]])


def _numbers(
    searcher: tantivy.Searcher, name: str, hits: Sequence[tuple[object, tantivy.DocAddress]]
) -> list[int]:
    """Return a number of each hit."""
    values = searcher.fast_field_values(name, [address for _, address in hits])
    return [int(value) for value in values if value is not None]


def _hits(corpus: Followed, keys: Sequence[int], typed: Typed) -> tuple[Hit, ...]:
    """Return the notices of some keys as hits; what was withdrawn meanwhile is left out."""
    if not keys:
        return ()
    stored = {notice.key: notice for notice in corpus.get_many(keys)}
    highlighter = Highlighter(typed)
    return tuple(_hit(stored[key], highlighter) for key in keys if key in stored)


def _hit(stored: StoredNotice, highlighter: Highlighter) -> Hit:
    """Return a notice as a hit."""
    notice = stored.notice
    return Hit(
        id=stored.id,
        notice=replace(notice, body=None),
        topic=stored.topic,
        topic_source=stored.topic_source,
        highlights=highlighter.highlight(notice.title or "", notice.body or ""),
    )
