"""
The corpus into a file: its current state, in an order that is always the same.

Nothing that depends on when or in which database a notice arrived is written, so two exports of
the same state are the same bytes, and comparing two exports shows what changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.exchange import FIELDS, notice_as_json
from corpus.row_writing import write_json_lines, write_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import date
    from typing import BinaryIO

    from corpus.store import Corpus
    from corpus.stored import Event, StoredNotice

    Progress = Callable[[str, int, int | None], None]

_NAMES = (*FIELDS, "topic", "topic_source")
_HISTORY = ("tags", "events")
_PROGRESS_EVERY = 100
_EVENTS_AT_A_TIME = 1000


def export_file(
    corpus: Corpus,
    out: Path | BinaryIO,
    *,
    history: bool = False,
    topics: Collection[str] = (),
    since: date | None = None,
    progress: Progress = lambda *_: None,
) -> int:
    """
    Write the live notices of a corpus to a file, and return how many.

    Args:
        corpus: Where they are.
        out: A file, whose name tells the kind; or something open, which gets JSON lines.
        history: Add all tags and events of each notice.
        topics: Only notices of these topics, or of topics below them; all if empty.
        since: Only notices published on this day or later; those without a date of publication
            by the date they were written on.
        progress: Called with the step, how many notices are done, and of how many.

    Raises:
        UnusableFileError: If the name tells no kind, or that kind cannot hold the notices.
        UnknownTopicError: If the taxonomy has no such topic.
        MissingLibraryError: If it is Parquet and pyarrow is not installed.
        OSError: If the file cannot be written; what stood there before is still there.
    """
    names = (*_NAMES, *_HISTORY) if history else _NAMES
    wanted = _with_children(corpus, topics)
    notices = (
        stored
        for stored in _counted(corpus, progress)
        if (not wanted or stored.topic in wanted) and (since is None or _is_since(stored, since))
    )
    rows = (_row(corpus, stored, history=history) for stored in notices)
    if isinstance(out, Path):
        return write_rows(out, names, rows)
    return write_json_lines(out, names, rows)


def _with_children(corpus: Corpus, topics: Collection[str]) -> frozenset[str]:
    """Return the codes of some topics and of those below them."""
    taxonomy = corpus.taxonomy
    codes = [taxonomy.topic(code).code for code in topics]
    below = [child.code for code in codes for child in taxonomy.children(code)]
    return frozenset((*codes, *below))


def _counted(corpus: Corpus, progress: Progress) -> Iterator[StoredNotice]:
    """Yield the live notices in their order, and tell how far we are."""
    total = sum(corpus.counts_by_topic().values())
    for count, stored in enumerate(corpus.export_order(), start=1):
        if count % _PROGRESS_EVERY == 0:
            progress("Exporting", count, max(count, total))
        yield stored


def _is_since(stored: StoredNotice, day: date) -> bool:
    """Return whether a notice is of a day or later."""
    dated = stored.notice.dated_on
    return dated is not None and dated >= day


def _row(corpus: Corpus, stored: StoredNotice, *, history: bool) -> dict[str, Any]:
    """Return what is exported of a notice."""
    row = notice_as_json(stored.notice)
    row["topic"] = stored.topic
    row["topic_source"] = None if stored.topic_source is None else stored.topic_source.value
    if history:
        row["tags"] = [tag.as_json() for tag in corpus.tags(stored.id)]
        row["events"] = [_event(event) for event in _events(corpus, stored.id)]
    return row


def _events(corpus: Corpus, name: str) -> Iterator[Event]:
    """Yield the audit trail of a notice."""
    after = 0
    while True:
        events: Sequence[Event] = corpus.events(name, after=after, limit=_EVENTS_AT_A_TIME)
        yield from events
        if len(events) < _EVENTS_AT_A_TIME:
            return
        after = events[-1].id


def _event(event: Event) -> dict[str, Any]:
    """Return an event as JSON."""
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "by": event.by,
        "action": event.action,
        "revision": event.revision,
        "detail": json.loads(json.dumps(dict(event.detail), sort_keys=True)),
    }
