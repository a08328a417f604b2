"""
Files of notices into the corpus.

Files are read twice: first to see that they are what they should be, how many rows there are and
which documents come more than once; then to store them, chunk by chunk. Whatever stops an import,
the chunks before it are safe, and importing the same files again goes on from there: what is
stored already changes nothing.
"""

from __future__ import annotations

from collections import Counter, deque
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from corpus.errors import (
    CorpusError,
    DamagedFileError,
    InvalidNoticeError,
    UnknownNoticeError,
    UnusableFileError,
)
from corpus.exchange import notice_from_json
from corpus.identity import canonical_url, identity
from corpus.notice import Notice
from corpus.rejects import Rejects
from corpus.repeats import Names, Repeats, in_rounds, is_said_already
from corpus.row_files import read_rows
from corpus.rows import BadRow, Row
from corpus.stored import Source
from corpus.tagging import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from corpus.store import Corpus
    from corpus.stored import Change

    Progress = Callable[[str, int, int | None], None]

_PROGRESS_EVERY = 100
_TAGS_AT_ONCE = 500
_LONGEST_TOPIC = 200
_COUNTED = (
    "read", "new", "changed", "unchanged", "rejected", "dates_left_out", "topics_ignored", "tagged",
)  # fmt: skip


class _RejectedError(ValueError):
    """A row that cannot be used; its text says why."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """
    What an import did.

    *read* = *new* + *changed* + *unchanged* + *rejected*, unless it was *stopped* (why). Files
    that broke off are in *damaged*, in words. *topics_ignored* rows had a topic of which nothing
    was kept; *tagged* notices got one, all under the name *batch*. In *dates_left_out* rows a
    date named no day.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    dates_left_out: int = 0
    topics_ignored: int = 0
    tagged: int = 0
    batch: str | None = None
    rejects: tuple[Path, ...] = ()
    damaged: tuple[str, ...] = ()
    stopped: str | None = None

    @property
    def complete(self) -> bool:
        """Whether every row of every file was used."""
        return not (self.rejected or self.damaged or self.stopped)


def import_files(
    corpus: Corpus,
    paths: Sequence[Path],
    *,
    by: str,
    rejects: Path | None = None,
    topics_as: Source | None = None,
    progress: Progress = lambda *_: None,
    warn: Callable[[str], None] = lambda _: None,
) -> ImportReport:
    """
    Store the notices of some files, and return what that did.

    Args:
        corpus: Where they go.
        paths: JSONL (.gz), CSV, xlsx or Parquet files.
        by: Who imports them.
        rejects: Where rows go that cannot be used; for each file ``FILE.rejects.jsonl`` beside
            it if not given. Made only if there are such rows.
        topics_as: Who is taken to have said what the column ``topic`` says; if not given, it is
            counted and left alone.
        progress: Called with the step, how many rows are done, and of how many if that is known.
        warn: Called with each row that is rejected and why.

    Raises:
        UnusableFileError: If a file holds no table of notices, or *rejects* is one of the files;
            then nothing was stored.
        OSError: If a file cannot be read; then nothing was stored.
    """
    if rejects is not None and rejects.resolve() in {path.resolve() for path in paths}:
        raise UnusableFileError(
            str(rejects), "rejected rows would replace a file that is imported."
        )
    run = _Import(corpus, by=by, topics_as=topics_as, progress=progress, warn=warn)
    try:
        rows, repeated = run.survey(paths)
    except KeyboardInterrupt:
        return run.report("it was interrupted")
    try:
        with Repeats(repeated) as repeats, ExitStack() as stack:
            shared = None if rejects is None else stack.enter_context(Rejects(rejects))
            targets = [shared or stack.enter_context(Rejects(_beside(path))) for path in paths]
            arrivals = run.arrivals(zip(paths, targets, strict=True), repeats, rows)
            for change in corpus.add_all(arrivals, by=by):
                run.settle(change)
            run.tag()
    except KeyboardInterrupt:
        return run.report("it was interrupted")
    except (CorpusError, OSError) as error:
        return run.report(str(error))
    return run.report()


def _beside(path: Path) -> Path:
    """Return where the rejected rows of a file go."""
    return path.with_name(f"{path.name}.rejects.jsonl")


class _Import:
    """One import: what it counts, and what it does with a row."""

    def __init__(
        self,
        corpus: Corpus,
        *,
        by: str,
        topics_as: Source | None,
        progress: Progress,
        warn: Callable[[str], None],
    ) -> None:
        self._corpus = corpus
        self._by = by
        self._topics_as = topics_as
        self._progress = progress
        self._warn = warn
        self._counts: Counter[str] = Counter()
        self._damaged: list[str] = []
        self._rejects: dict[Path, None] = {}
        self._unwritable = False
        # What the rows say of topics whose notices are on their way into the corpus.
        self._said: deque[dict[str, Any]] = deque()
        # And those whose notices are there, to be written together.
        self._tags: list[Said] = []
        self._batch = f"import-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"

    def report(self, stopped: str | None = None) -> ImportReport:
        """Return what was done so far."""
        return ImportReport(
            **{name: self._counts[name] for name in _COUNTED},
            batch=self._batch if self._counts["tagged"] else None,
            rejects=tuple(self._rejects),
            damaged=tuple(self._damaged),
            stopped=stopped,
        )

    def survey(self, paths: Iterable[Path]) -> tuple[int, frozenset[int]]:
        """Return how many rows some files have, and which documents come more than once."""
        names = Names()
        count = 0
        for path in paths:
            before = count
            try:
                for row in read_rows(path):
                    count += 1
                    if count % _PROGRESS_EVERY == 0:
                        self._progress("Looking through", count, None)
                    if isinstance(row, Row):
                        with suppress(InvalidNoticeError):
                            names.meet(_named(row))
            except DamagedFileError:
                if count == before:
                    raise
        return count, names.repeated()

    def arrivals(
        self, files: Iterable[tuple[Path, Rejects]], repeats: Repeats, rows: int
    ) -> Iterator[Notice]:
        """Yield the notices of some files, to be stored in this order."""
        for path, rejects in files:
            for row in self._rows(path):
                self._counts["read"] += 1
                if self._counts["read"] % _PROGRESS_EVERY == 0:
                    self._progress("Importing", self._counts["read"], rows)
                try:
                    notice, said = self._read(row)
                except (InvalidNoticeError, _RejectedError) as error:
                    self._reject(row, str(error), path, rejects)
                    continue
                if not repeats.hold(notice, said):
                    self._said.append(said)
                    yield notice
        waiting = [places for places in repeats.documents() if self._is_news(repeats, places)]
        for place in in_rounds(waiting):
            notice, said = repeats.row(place)
            self._said.append(said)
            yield notice

    def _is_news(self, repeats: Repeats, places: Sequence[int]) -> bool:
        """Return whether rows of one document say what is not known, or else count them."""
        group = [repeats.row(place) for place in places]
        notices = [notice for notice, _ in group]
        if not is_said_already(self._corpus, notices):
            return True
        self._counts["unchanged"] += len(group)
        self._tag(identity(notices[0]), group[-1][1])
        return False

    def settle(self, change: Change) -> None:
        """Count what the arrival of a notice did, and give it the topic that its row says."""
        self._counts[change.what] += 1
        self._tag(change.id, self._said.popleft())

    def _rows(self, path: Path) -> Iterator[Row | BadRow]:
        """Yield the rows of a file as far as it goes."""
        try:
            yield from read_rows(path, warn=self._warn)
        except DamagedFileError as error:
            # Swallowed here, so that the rows before the break are stored.
            self._damaged.append(f"{error} What stands before that was read.")
            self._warn(self._damaged[-1])

    def _read(self, row: Row | BadRow) -> tuple[Notice, dict[str, Any]]:
        """Return the notice of a row, and what it says of its topic if that is asked for."""
        if isinstance(row, BadRow):
            raise _RejectedError(row.reason)
        notice = row.notice()
        if notice == Notice():
            raise _RejectedError(f"{row.where}: it holds no field of a notice.")
        if notice.title is None and notice.body is None and not self._is_known(notice):
            raise _RejectedError(f"{row.where}: it has neither a title nor a body.")
        said = self._said_of_topic(row)
        if row.dates_without_day:
            self._counts["dates_left_out"] += 1
        return notice, said

    def _said_of_topic(self, row: Row) -> dict[str, Any]:
        """Return which topic a row gives its notice, if that is asked for."""
        printed = row.fields.get("topic")
        if not printed:
            return {}
        # What the issuer printed is in the notice itself; nobody else has said it.
        if self._topics_as is None or row.fields.get("topic_source") == Source.ISSUER:
            self._counts["topics_ignored"] += 1
            return {}
        topic = self._topic(printed)
        if topic is None:
            raise _RejectedError(f"{row.where}: the taxonomy has no topic {str(printed)[:80]!r}.")
        return {"topic": topic, "probability": _share(row.fields.get("probability"))}

    def _is_known(self, notice: Notice) -> bool:
        """Return whether a row without text tells more of a notice that is stored."""
        if notice.id is None and notice.url is None:
            return False
        try:
            self._corpus.get(identity(notice), hidden=True)
        except UnknownNoticeError:
            return False
        return True

    def _topic(self, printed: object) -> str | None:
        """Return the code of a topic; a spreadsheet may have dropped the zero before it."""
        text = str(printed)
        if len(text) > _LONGEST_TOPIC:
            return None
        if text.isdecimal() and len(text) % 2 and f"0{text}" in self._corpus.taxonomy:
            return f"0{text}"
        topic = self._corpus.taxonomy.read(text)
        return None if topic is None else topic.code

    def _tag(self, name: str, said: Mapping[str, Any]) -> None:
        """Note that a notice gets a topic."""
        if not said:
            return
        sure = said["probability"] if self._topics_as is Source.MODEL else None
        self._tags.append(Said(name, said["topic"], sure))
        if len(self._tags) >= _TAGS_AT_ONCE:
            self.tag()

    def tag(self) -> None:
        """Give the notices their topics, unless the same source says so already."""
        if self._topics_as is None:
            return
        said, self._tags = self._tags, []
        given = self._corpus.tag_all(said, source=self._topics_as, by=self._by, batch=self._batch)
        self._counts["tagged"] += sum(tag is not None for tag in given)

    def _reject(self, row: Row | BadRow, reason: str, path: Path, rejects: Rejects) -> None:
        """Count a row that cannot be used, say why, and write it down."""
        self._counts["rejected"] += 1
        self._warn(reason)
        if self._unwritable:
            return
        try:
            rejects.add(str(path), row.number, reason, row.original)
            self._rejects[rejects.path] = None
        except OSError as error:
            self._unwritable = True
            self._warn(f"{rejects.path}: {error.strerror}. Rejected rows are not written down.")


def _named(row: Row) -> Notice:
    """Return as much of a row's notice as its name needs."""
    notice = notice_from_json({name: row.fields.get(name) for name in ("id", "url")})
    if notice.id is not None or canonical_url(notice.url) is not None:
        return notice
    return row.notice()


def _share(value: object) -> float | None:
    """Return a probability, ``None`` for what is none."""
    try:
        share = float(str(value))
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None
