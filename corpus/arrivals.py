"""
What the arrival of notices does to the tables.

Many are taken at once: one question finds which of them are known, and a few statements write
what is new or changed. What a new arrival knows replaces what was there; what it does not know
never erases.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from corpus import themes
from corpus.database import take_revisions
from corpus.identity import (
    OWN_WORDS,
    cleaned,
    content_digest,
    identity,
    made_id,
    public_id,
)
from corpus.notice import Notice
from corpus.records import COLUMNS, stored_notices, tags_of, values_of
from corpus.schema import ATTACHMENTS, EVENTS, NOTICES, TAGS, VERSIONS
from corpus.stored import Change, Source, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from corpus.stored import StoredNotice

_FIELDS = tuple(field.name for field in fields(Notice))
_DIGITS = (20, 40, 64)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A notice at the door; *names* are the identities under which it may be known."""

    notice: Notice
    names: tuple[str, ...]
    ids: tuple[str, ...]
    digest: str

    @classmethod
    def of(cls, notice: Notice) -> Arrival:
        """Return a notice, cleaned, with all that tells whether it is known."""
        notice = cleaned(notice)
        name = identity(notice)
        made = made_id(name)
        # A document without address and id leaves an export with the id we made for it.
        names = (name, made) if name.startswith(OWN_WORDS) else (name,)
        return cls(notice, names, (public_id(notice), made), content_digest(notice))


@dataclass(frozen=True, slots=True)
class _Update:
    """A notice that says something else than before."""

    before: StoredNotice
    after: Notice
    row: dict[str, Any]


class Arrivals:
    """
    Writes arriving notices on one connection, in one transaction.

    Args:
        connection: A connection that nobody else writes beside.
        by: Who brings them.
        at: When.
        topic_of: Tells the code of the topic that a printed theme means.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        by: str,
        at: datetime,
        topic_of: Callable[[str | None], str | None],
    ) -> None:
        self._connection = connection
        self._by = by
        self._at = at
        self._topic_of = topic_of

    def take(self, arrivals: Iterable[Arrival]) -> list[Change]:
        """Return what each arrival did, in order; one document may arrive more than once."""
        return [change for run in _runs(arrivals) for change in self._take_run(run)]

    def _take_run(self, run: Sequence[Arrival]) -> list[Change]:
        """Take arrivals that have nothing to do with each other."""
        known = self._known(run)
        updates = self._updates(run, known)
        moved = [n for n, row in enumerate(known) if row is None or n in updates]
        if not moved:
            return [_unchanged(row) for row in known if row is not None]
        first = take_revisions(self._connection, len(moved))
        revisions = dict(zip(moved, range(first, first + len(moved)), strict=True))
        changes = []
        fresh: list[dict[str, Any]] = []
        taken = self._taken
        for n, (arrival, row) in enumerate(zip(run, known, strict=True)):
            if row is None:
                name = next(name for name in _possible_ids(arrival) if name not in taken)
                taken.add(name)
                fresh.append(self._new_row(arrival, name, revisions[n]))
                changes.append(Change("new", name, revisions[n]))
            elif n in updates:
                changes.append(Change("changed", row.id, revisions[n]))
            else:
                changes.append(_unchanged(row))
        self._write_new(fresh, [a for a, row in zip(run, known, strict=True) if row is None])
        self._write_updates({revisions[n]: entry for n, entry in updates.items()})
        return changes

    def _known(self, run: Sequence[Arrival]) -> list[Row[Any] | None]:
        """Return, for each arrival, the row of the notice it is; ``None`` if it is new."""
        table = NOTICES.c
        rows = self._connection.execute(
            select(
                table.key, table.id, table.identity, table.digest, table.state, table.revision
            ).where(
                or_(
                    table.identity.in_({name for arrival in run for name in arrival.names}),
                    table.id.in_({name for arrival in run for name in arrival.ids}),
                )
            )
        ).all()
        by_identity = {row.identity: row for row in rows}
        by_id = {row.id: row for row in rows}
        self._taken = set(by_id)
        return [_match(arrival, by_identity, by_id) for arrival in run]

    def _updates(
        self, run: Sequence[Arrival], known: Sequence[Row[Any] | None]
    ) -> dict[int, _Update]:
        """Return which arrivals say something new of a known notice, by their number."""
        other = {
            n: row
            for n, (arrival, row) in enumerate(zip(run, known, strict=True))
            if row is not None and row.digest != arrival.digest and row.state != State.PURGED
        }
        if not other:
            return {}
        rows = self._connection.execute(
            select(*COLUMNS).where(NOTICES.c.key.in_([row.key for row in other.values()]))
        ).all()
        stored = {notice.key: notice for notice in stored_notices(self._connection, rows)}
        found = {}
        for n, row in other.items():
            before = stored[row.key]
            after = _merged(before.notice, run[n].notice)
            values = values_of(after)
            if values["digest"] != before.digest:
                found[n] = _Update(before, after, values)
        return found

    def _new_row(self, arrival: Arrival, name: str, revision: int) -> dict[str, Any]:
        """Return the row of a new notice."""
        topic = self._topic_of(arrival.notice.declared_topic)
        return {
            **values_of(arrival.notice, digest=arrival.digest),
            "key": revision,
            "id": name,
            "identity": arrival.names[0],
            "state": State.LIVE.value,
            "revision": revision,
            "topic": topic,
            "topic_source": None if topic is None else Source.ISSUER.value,
            "stored_at": self._at,
            "changed_at": self._at,
            "content_at": self._at,
            "content_revision": revision,
        }

    def _write_new(self, rows: list[dict[str, Any]], arrivals: Sequence[Arrival]) -> None:
        """Write new notices with their attachments, their printed themes and their events."""
        if not rows:
            return
        self._connection.execute(insert(NOTICES), rows)
        self._attach(
            {row["key"]: arrival.notice for row, arrival in zip(rows, arrivals, strict=True)}
        )
        self._tag(
            [self._printed(row["key"], row["topic"]) for row in rows if row["topic"] is not None]
        )
        self._log([self._event("added", row["key"], row["revision"], {}) for row in rows])

    def _write_updates(self, updates: dict[int, _Update]) -> None:
        """Write what changed, by revision; what it said before leaves its digest behind."""
        if not updates:
            return
        table = NOTICES.c
        keys = [entry.before.key for entry in updates.values()]
        self._connection.execute(
            insert(VERSIONS).from_select(
                ["notice_key", "revision", "digest", "at"],
                select(table.key, table.content_revision, table.digest, table.content_at).where(
                    table.key.in_(keys)
                ),
            )
        )
        rows = [
            {
                **entry.row,
                "revision": revision,
                "changed_at": self._at,
                "content_at": self._at,
                "content_revision": revision,
                "this": entry.before.key,
            }
            for revision, entry in updates.items()
        ]
        self._connection.execute(update(NOTICES).where(table.key == bindparam("this")), rows)
        self._attach_again(
            {
                entry.before.key: entry.after
                for entry in updates.values()
                if entry.after.attachments != entry.before.notice.attachments
            }
        )
        self._print_again(
            {
                entry.before.key: self._topic_of(entry.after.declared_topic)
                for entry in updates.values()
                if entry.after.declared_topic != entry.before.notice.declared_topic
            }
        )
        self._log(
            [
                self._event("changed", entry.before.key, revision, {"fields": _differences(entry)})
                for revision, entry in updates.items()
            ]
        )

    def _attach(
        self,
        notices: dict[int, Notice],
        texts: dict[tuple[int, str, str | None], tuple[str | None, str | None]] | None = None,
    ) -> None:
        """Write the attachments of notices; *texts* are the digests and texts known of them."""
        known = texts or {}
        rows = []
        for key, notice in notices.items():
            for position, file in enumerate(notice.attachments):
                digest, text = known.get((key, file.name, file.url), (None, None))
                rows.append(
                    {
                        "notice_key": key,
                        "position": position,
                        "name": file.name,
                        "url": file.url,
                        "digest": digest,
                        "text": text,
                    }
                )
        if rows:
            self._connection.execute(insert(ATTACHMENTS), rows)

    def _attach_again(self, notices: dict[int, Notice]) -> None:
        """Write another list of attachments; a file that stays keeps what was read in it."""
        if not notices:
            return
        table = ATTACHMENTS.c
        here = table.notice_key.in_(list(notices))
        texts = {
            (row.notice_key, row.name, row.url): (row.digest, row.text)
            for row in self._connection.execute(select(ATTACHMENTS).where(here))
        }
        self._connection.execute(delete(ATTACHMENTS).where(here))
        self._attach(notices, texts)

    def _print_again(self, printed: dict[int, str | None]) -> None:
        """Tag notices whose issuer prints another theme than before, and see what holds now."""
        if not printed:
            return
        tags = tags_of(self._connection, printed)
        said = {key: themes.newest(tags[key], Source.ISSUER) for key in printed}
        rows = []
        for key, topic in printed.items():
            before = said[key]
            if topic == (before and before.topic):
                continue
            retracts = before.id if topic is None and before is not None else None
            rows.append(self._printed(key, topic, retracts=retracts))
        self._tag(rows)
        keep_current(self._connection, [row["notice_key"] for row in rows])

    def _printed(
        self, key: int, topic: str | None, *, retracts: int | None = None
    ) -> dict[str, Any]:
        """Return the tag of a printed theme, or of its absence where there was one before."""
        return {
            "notice_key": key,
            "topic": topic,
            "source": Source.ISSUER.value,
            "by": self._by,
            "at": self._at,
            "retracts": retracts,
        }

    def _tag(self, rows: list[dict[str, Any]]) -> None:
        """Append tags."""
        if rows:
            self._connection.execute(insert(TAGS), rows)

    def _event(
        self, action: str, key: int, revision: int, detail: dict[str, Any]
    ) -> dict[str, Any]:
        """Return a line of the audit trail."""
        return {
            "at": self._at,
            "by": self._by,
            "action": action,
            "notice_key": key,
            "revision": revision,
            "detail": detail,
        }

    def _log(self, rows: list[dict[str, Any]]) -> None:
        """Append to the audit trail."""
        self._connection.execute(insert(EVENTS), rows)


def keep_current(connection: Connection, keys: Sequence[int]) -> None:
    """Write the current theme of some notices into their rows, after tags were appended."""
    if not keys:
        return
    rows = []
    for key, tags in tags_of(connection, keys).items():
        tag = themes.current(tags)
        rows.append(
            {
                "this": key,
                "topic": None if tag is None else tag.topic,
                "topic_source": None if tag is None else tag.source.value,
            }
        )
    connection.execute(update(NOTICES).where(NOTICES.c.key == bindparam("this")), rows)


def _runs(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Yield the arrivals in runs in which no name comes twice."""
    run: list[Arrival] = []
    seen: set[str] = set()
    for arrival in arrivals:
        names = {*arrival.names, *arrival.ids}
        if not seen.isdisjoint(names):
            yield run
            run, seen = [], set()
        run.append(arrival)
        seen |= names
    if run:
        yield run


def _match(arrival: Arrival, by_identity: dict[str, Any], by_id: dict[str, Any]) -> Any:
    """Return the row of the notice that an arrival is, ``None`` if it is new."""
    for name in arrival.names:
        if name in by_identity:
            return by_identity[name]
    if arrival.notice.id != arrival.names[0]:
        return None
    # An id that we made ourselves comes back from an export: it names that very notice.
    row: Row[Any] | None = by_id.get(arrival.notice.id)
    return row if row is not None and row.id == made_id(row.identity) else None


def _possible_ids(arrival: Arrival) -> Iterator[str]:
    """Yield the ids a new notice may have: its own, unless another document has it already."""
    yield arrival.ids[0]
    for digits in _DIGITS:
        yield made_id(arrival.names[0], digits=digits)


def _merged(before: Notice, arrival: Notice) -> Notice:
    """Return what is known of a notice after another arrival of it."""
    known = {
        name: value
        for name in _FIELDS
        if name != "id" and (value := getattr(arrival, name)) not in {None, ()}
    }
    return replace(before, **known)


def _differences(entry: _Update) -> list[str]:
    """Return the fields in which a notice changed."""
    return [
        name for name in _FIELDS if getattr(entry.before.notice, name) != getattr(entry.after, name)
    ]


def _unchanged(row: Row[Any]) -> Change:
    """Return that an arrival brought nothing new."""
    return Change("unchanged", row.id, row.revision)
