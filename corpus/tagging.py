"""
Tags and other changes as they are written, in a transaction that somebody else holds.

Each takes a revision of its own and leaves a line in the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, or_, select, update

from corpus import themes
from corpus.arrivals import keep_current
from corpus.database import take_revisions
from corpus.identity import canonical_url
from corpus.records import COLUMNS, tags_of
from corpus.schema import EVENTS, NOTICES, TAGS
from corpus.stored import Change, State
from corpus.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Row

    from corpus.stored import Tag

_SAID = ("topic", "model", "probability", "batch", "retracts")


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said of the notice of a name: its topic, and how sure a model is of it."""

    name: str
    topic: str
    probability: float | None = None


def now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


def change(
    connection: Connection,
    row: Row[Any],
    action: str,
    *,
    by: str,
    detail: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
) -> Change:
    """Change the row of a notice: with the next revision, and a line in the audit trail."""
    at = now()
    (revision,) = _note(connection, [(row, by, at, dict(detail))], action)
    if values:
        connection.execute(update(NOTICES).where(NOTICES.c.key == row.key).values(**values))
    return Change("changed", row.id, revision)


def append(
    connection: Connection, rows: Sequence[Row[Any]], tags: Sequence[Tag], action: str
) -> list[Tag]:
    """Append a tag to each of some notices, write into the rows what holds now, return the tags."""
    if not rows:
        return []
    written = [
        {
            "notice_key": row.key,
            "source": tag.source.value,
            "by": tag.by,
            "at": tag.at,
            **{name: getattr(tag, name) for name in _SAID},
        }
        for row, tag in zip(rows, tags, strict=True)
    ]
    numbers = connection.execute(
        insert(TAGS).returning(TAGS.c.id, sort_by_parameter_order=True), written
    ).scalars()
    numbered = [replace(tag, id=number) for number, tag in zip(numbers, tags, strict=True)]
    notes = [(row, tag.by, tag.at, _detail(tag)) for row, tag in zip(rows, numbered, strict=True)]
    _note(connection, notes, action)
    keep_current(connection, list({row.key: None for row in rows}))
    return numbered


def append_news(connection: Connection, tags: Sequence[tuple[str, Tag]]) -> list[Tag | None]:
    """
    Append tags to the live notices of some names; say nothing that the same source says already.

    Returns:
        For each the tag as it is kept, or ``None`` where there was nothing to say or no notice.
    """
    rows = live_rows(connection, [name for name, _ in tags])
    kept = tags_of(connection, {row.key for row in rows.values()})
    news: list[tuple[int, Row[Any], Tag]] = []
    for place, (name, tag) in enumerate(tags):
        row = rows.get(name)
        if row is None:
            continue
        last = themes.newest(kept[row.key], tag.source)
        if last is None or last.topic != tag.topic:
            news.append((place, row, tag))
            # Numbers come later; whatever is said next in this chunk is said after it.
            later = max((one.id for one in kept[row.key]), default=0) + 1
            kept[row.key].append(replace(tag, id=later))
    answer: list[Tag | None] = [None] * len(tags)
    appended = append(connection, [row for _, row, _ in news], [tag for *_, tag in news], "tagged")
    for (place, *_), tag in zip(news, appended, strict=True):
        answer[place] = tag
    return answer


def live_rows(connection: Connection, names: Iterable[str]) -> dict[str, Row[Any]]:
    """Return the live notices of some names: by their id, else by their identity or address."""
    asked = {name: clean(name) for name in names}
    addresses = {name: canonical_url(text) or text for name, text in asked.items()}
    wanted = list({*asked.values(), *addresses.values()})
    by_id: dict[str, Row[Any]] = {}
    by_identity: dict[str, Row[Any]] = {}
    for row in connection.execute(
        select(*COLUMNS).where(or_(NOTICES.c.id.in_(wanted), NOTICES.c.identity.in_(wanted)))
    ):
        by_id[row.id] = by_identity[row.identity] = row
    found = {
        name: by_id.get(text) or by_identity.get(text) or by_identity.get(addresses[name])
        for name, text in asked.items()
    }
    return {name: row for name, row in found.items() if row and row.state == State.LIVE}


def _note(
    connection: Connection,
    notes: Sequence[tuple[Row[Any], str, datetime, dict[str, Any]]],
    action: str,
) -> list[int]:
    """Give each of some notices a new revision and a line in the audit trail."""
    revisions = list(zip(count(take_revisions(connection, len(notes))), notes, strict=False))
    connection.execute(
        update(NOTICES)
        .where(NOTICES.c.key == bindparam("this"))
        .values(revision=bindparam("next"), changed_at=bindparam("then")),
        [
            {"this": row.key, "next": revision, "then": at}
            for revision, (row, _, at, _) in revisions
        ],
    )
    connection.execute(
        insert(EVENTS),
        [
            {
                "at": at,
                "by": clean(by),
                "action": action,
                "notice_key": row.key,
                "revision": revision,
                "detail": detail,
            }
            for revision, (row, by, at, detail) in revisions
        ],
    )
    return [revision for revision, _ in revisions]


def _detail(tag: Tag) -> dict[str, Any]:
    """Return what the audit trail says of a tag."""
    said = {name: value for name in _SAID if (value := getattr(tag, name)) is not None}
    return {**said, "source": tag.source.value, "tag": tag.id}
