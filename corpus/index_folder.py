"""
The folder of a search index: who may write it, what it holds, and how it is made anew.

Of the processes of a machine one writes: the one that holds the lock on ``writer.lock``, which the
system takes back when that process ends, however it ends. The others read what was committed.
What the index says of itself (for which corpus it was made, up to which revision) is a document in
it, so it is always true of the rest.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.errors import IndexUnavailableError, UnusableIndexError
from corpus.index_documents import (
    FORMAT,
    STATE,
    IndexState,
    open_index,
    read_state,
    state_document,
    this_day,
)
from corpus.index_queries import read_years

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import tantivy

# For a bulk of notices; a few changes take next to none of it. The more it holds the fewer parts
# the index has, and each part costs every search a little.
_HEAP = 400_000_000
_LEAST_ROOM = 20_000_000
_MOST_FAILURES = 3
_Stamp = tuple[int, int, int]
# What the system says, and what helps.
_REFUSALS = (
    (
        ("No space left", "Disk quota", "File too large"),
        "the disk is full",
        "Make room on that disk; the index catches up by itself.",
    ),
    (
        ("Permission denied", "Read-only file system", "not permitted"),
        "the folder may not be written",
        "Give the user of this process the right to write it, or name another one.",
    ),
    (
        ("Too many open files",),
        "this process may not open any more files",
        "Raise the limit (ulimit -n).",
    ),
)


@dataclass(frozen=True, slots=True)
class View:
    """What was last committed: to search in, and how far it reaches; *stamp* tells it apart."""

    searcher: tantivy.Searcher
    state: IndexState
    years: tuple[str, ...]
    stamp: _Stamp


class IndexFolder:
    """
    The index of one corpus in a folder.

    Attributes:
        view: What can be searched; ``None`` where there is nothing yet, or nothing usable.
        problem: Why what is there cannot be used; ``None`` if it can, or if there is nothing.
    """

    def __init__(self, folder: Path, store: str) -> None:
        self.view: View | None = None
        self.problem: str | None = None
        self._folder = folder
        self._store = store
        self._path = folder / "tantivy"
        self._wish = folder / "rebuild"
        self._lock: int | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._stamp: _Stamp | None = None
        self._failures = 0

    @property
    def name(self) -> str:
        """The folder, for messages."""
        return str(self._folder)

    @property
    def holds(self) -> bool:
        """Whether this process is the one that writes."""
        return self._lock is not None

    @property
    def wished(self) -> bool:
        """Whether somebody asked the process that writes to make the index anew."""
        return self._wish.exists()

    def wish(self) -> None:
        """Ask the process that writes to make the index anew."""
        with self.in_words():
            self._wish.touch()

    def forget_wish(self) -> None:
        """Note that the wish is being fulfilled."""
        self._wish.unlink(missing_ok=True)

    def refresh(self) -> None:
        """Look at what was committed last, if that is not seen already."""
        stamp = self._read_stamp()
        if stamp != self._stamp:
            self._load(stamp)

    def hold(self) -> bool:
        """
        Return whether this process may write; once it may, it may until it is closed.

        Raises:
            IndexUnavailableError: If the folder cannot be written.
        """
        path = self._folder / "writer.lock"
        if self._lock is not None:
            if _is_there(self._lock, path):
                self.refresh()
                return True
            # Somebody deleted the folder, and may hold the lock of a new one.
            self.let_go()
            os.close(self._lock)
            self._lock = None
        with self.in_words():
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                return False
            except BaseException:
                os.close(lock)
                raise
        self._lock = lock
        # Whoever held it before may have written since.
        self.refresh()
        return True

    @property
    def writer(self) -> tantivy.IndexWriter:
        """What documents are added with and deleted; they count from the next commit on."""
        if self._writer is None:
            self._writer = open_index(self._path).writer(_HEAP, 1)
        return self._writer

    def commit(self, state: IndexState) -> View:
        """Keep what was added and deleted together with the state that it makes, and return it."""
        writer = self.writer
        writer.delete_documents_by_term("kind", STATE)
        writer.add_document(state_document(state))
        writer.commit()
        self._failures = 0
        self._load(self._read_stamp())
        return self._seen()

    def make_anew(self) -> View:
        """Replace whatever is there by an empty index; until that is done the old one stays."""
        self.let_go()
        fresh = self._folder / "tantivy.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        writer = open_index(fresh, new=True).writer(_HEAP, 1)
        writer.add_document(state_document(IndexState(self._store, made_on=this_day().toordinal())))
        writer.commit()
        writer.wait_merging_threads()
        if self._path.exists():
            shutil.rmtree(self._path)
        fresh.rename(self._path)
        self._load(self._read_stamp())
        return self._seen()

    def let_go(self) -> None:
        """Forget what was not committed."""
        self._writer = None

    def close(self) -> None:
        """Let what is being merged come to its end, and let another process write."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with self.in_words():
                writer.wait_merging_threads()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @contextmanager
    def in_words(self, *, reading: bool = False) -> Iterator[None]:
        """
        Turn what the engine and the system refuse into errors that say what to do.

        An index that cannot be read is damaged. One that cannot be written may be whole, and is
        taken for damaged only when nothing else explains it, time and again.

        Raises:
            IndexUnavailableError: If the disk is full, the folder not to be written, and so on.
            UnusableIndexError: If the index itself is the problem.
        """
        try:
            yield
        except (UnusableIndexError, IndexUnavailableError):
            raise
        except BaseException as error:
            if not _is_of_the_engine(error):
                raise
            if not reading:
                self.let_go()
                raise self._refusal(error) from error
            if any(sign in str(error) for signs, *_ in _REFUSALS for sign in signs):
                raise self._refusal(error) from error
            raise self._damage(error) from error

    def _refusal(self, error: BaseException) -> IndexUnavailableError | UnusableIndexError:
        """Return why something could not be written."""
        found = str(error)
        for signs, reason, remedy in _REFUSALS:
            if any(sign in found for sign in signs):
                return IndexUnavailableError(self.name, reason, remedy)
        if not self._has_room():
            # The engine only says that one of its threads has ended.
            _, reason, remedy = _REFUSALS[0]
            return IndexUnavailableError(self.name, reason, remedy)
        if isinstance(error, OSError):
            remedy = "See that the folder is there and may be read and written."
            return IndexUnavailableError(self.name, found, remedy)
        self._failures += 1
        if self._failures < _MOST_FAILURES:
            return IndexUnavailableError(self.name, found, "It is tried again with the next look.")
        return self._damage(error)

    def _damage(self, error: BaseException) -> UnusableIndexError:
        """Note that the index is damaged."""
        self.problem = f"it is damaged ({error})"
        self.view = None
        return UnusableIndexError(self.name, self.problem)

    def _has_room(self) -> bool:
        """Return whether the disk has room for the files of a commit."""
        try:
            return shutil.disk_usage(self._folder).free > _LEAST_ROOM
        except OSError:
            return True

    def _load(self, stamp: _Stamp | None) -> None:
        """Open what is there; until then, whoever searches sees what was there before."""
        self._stamp = stamp
        view, problem = self._open(stamp)
        # Whoever finds no view asks for the problem.
        self.problem = problem
        self.view = view

    def _open(self, stamp: _Stamp | None) -> tuple[View | None, str | None]:
        """Return what can be searched, or why what is there cannot."""
        if stamp is None:
            return None, "it is damaged (meta.json is missing)" if self._path.exists() else None
        try:
            searcher = open_index(self._path).searcher()
            state = read_state(searcher)
            years = read_years(searcher)
        except BaseException as error:
            if not _is_of_the_engine(error):
                raise
            return None, f"it is damaged ({error})"
        if state is None:
            return None, "it is damaged (it does not say what it was made for)"
        if state.format != FORMAT:
            return None, f"it was made by another version ({state.format}; this one: {FORMAT})"
        if state.store != self._store:
            return None, "it was made for another corpus"
        return View(searcher, state, years, stamp), None

    def _seen(self) -> View:
        """Return what has just been committed."""
        if self.view is None:
            raise UnusableIndexError(self.name, self.problem or "it is gone")
        return self.view

    def _read_stamp(self) -> _Stamp | None:
        """Return what tells one commit from the next."""
        try:
            found = (self._path / "meta.json").stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size


def _is_there(file: int, path: Path) -> bool:
    """Return whether an open file is still the one at a path."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _is_of_the_engine(error: BaseException) -> bool:
    """
    Return whether an error comes from the index, its files or what stands in them.

    A panic of the engine, which is how it meets bytes that cannot be, is no Exception.
    """
    kinds = (OSError, ValueError, RuntimeError, TypeError, json.JSONDecodeError)
    return isinstance(error, kinds) or type(error).__name__ == "PanicException"
