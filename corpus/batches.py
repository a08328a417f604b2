"""
Relabelling runs as the corpus keeps them: planned range by range, applied and undone in chunks.

A plan changes no notice. Each of its ranges is kept in one transaction together with the mark
that it is done, so it can be scored by anybody, any number of times, and counts once. Applying
and undoing are transactions of some hundred notices each, in which the tag and the note that it
is written stand or fall together: whatever is killed goes on where it was.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, insert, select, update

from corpus.batch_figures import BatchFigures
from corpus.chosen import Chosen
from corpus.errors import UnfitBatchError, UnknownBatchError
from corpus.schema import BATCH_ITEMS, BATCH_RANGES, BATCHES, NOTICES
from corpus.tagging import now
from corpus.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from corpus.database import Database
    from corpus.taxonomy import Taxonomy

KIND = "relabel"
# How many keys a range spans: some seconds of work for one process.
RANGE = 500
# Bodies are long; so many are held at once.
_PAGE = 50
_PREFIX = "relabel-"


@dataclass(frozen=True, slots=True)
class Planning:
    """
    What a plan is made by: it tells one plan from another.

    *accept* is the probability from which on the model's answers keep *precision*.
    """

    by: str
    model_name: str
    model_digest: str
    chosen: Chosen
    precision: float
    accept: float
    replace_printed: bool = False
    replace_model: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """
    A relabelling run.

    *state* is ``planning``, ``planned``, ``applying``, ``applied``, ``undoing`` or ``undone``;
    *counts* what is in it and what became of that, once it is planned.
    """

    id: str
    at: datetime
    changed_at: datetime
    planning: Planning
    taxonomy_digest: str
    state: str
    counts: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return the batch as lists of batches show it."""
        made = self.planning
        return {
            "batch": self.id,
            "kind": KIND,
            "by": made.by,
            "at": self.at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
            "model": {"name": made.model_name, "digest": made.model_digest},
            "where": made.chosen.as_json(),
            "precision": made.precision,
            "replace_printed": made.replace_printed,
            "replace_model": made.replace_model,
            "state": self.state,
            "counts": dict(self.counts),
        }


@dataclass(frozen=True, slots=True)
class ToJudge:
    """What a plan reads of a notice."""

    key: int
    digest: str
    topic: str | None
    source: str | None
    title: str | None
    body: str | None
    issuing_body: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What a plan says of a notice.

    *action* is ``change``, ``review`` or ``keep``; *reason* says why it is not changed.
    """

    notice_key: int
    digest: str
    old_topic: str | None
    old_source: str | None
    topic: str | None
    probability: float | None
    verdict: str
    level_1: str | None
    level_1_probability: float | None
    level_1_verdict: str | None
    evidence: tuple[str, ...]
    alternatives: tuple[tuple[str, float], ...]
    action: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A notice of a batch with what was said of it and what became of that."""

    judged: Judged
    id: str
    url: str | None
    index_number: str | None
    title: str | None
    issuing_body: str | None
    state: str
    skipped: str | None


class Batches:
    """The relabelling runs of a corpus."""

    def __init__(self, database: Database, taxonomy: Taxonomy) -> None:
        self._database = database
        self._taxonomy = taxonomy

    # Looking.

    def all(self) -> list[Batch]:
        """Return all batches, the newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(BATCHES).order_by(BATCHES.c.id.desc()))
            return [_batch(row) for row in rows]

    def get(self, name: str) -> Batch:
        """
        Return a batch by its id; the bare number will do.

        Raises:
            UnknownBatchError: If there is none.
        """
        with self._database.reading() as connection:
            return _batch(batch_row(connection, name))

    def figures(self, name: str) -> BatchFigures:
        """Return what a plan comes to, counted."""
        return BatchFigures(self._database, number_of(name))

    def entries(self, name: str, *, actions: Sequence[str] = ()) -> Iterator[Entry]:
        """Yield the notices of a batch in the order of their arrival, of some actions or all."""
        number = number_of(name)
        after = 0
        while page := self._page(number, after, actions):
            yield from page
            after = page[-1].judged.notice_key

    def _page(self, number: int, after: int, actions: Sequence[str]) -> list[Entry]:
        """Return the next notices of a batch."""
        table = BATCH_ITEMS.c
        query = _entries().where(table.batch == number, table.notice_key > after)
        if actions:
            query = query.where(table.action.in_(actions))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(table.notice_key).limit(RANGE)).all()
        return [_entry(row) for row in rows]

    # Planning.

    def begin(self, planning: Planning) -> Batch:
        """
        Return a new batch with its ranges, or the same plan where one was broken off.

        Ranges span equal stretches of keys; a stretch without notices is left out.
        """
        values = {**asdict(planning), "by": clean(planning.by), "kind": KIND}
        values["chosen"] = planning.chosen.as_json()
        values["taxonomy_digest"] = self._taxonomy.digest
        with self._database.writing() as connection:
            unfinished = connection.execute(
                select(BATCHES).where(BATCHES.c.state == "planning").order_by(BATCHES.c.id)
            ).all()
            for row in unfinished:
                if all(getattr(row, name) == value for name, value in values.items()):
                    return _batch(row)
            moment = now()
            row = connection.execute(
                insert(BATCHES)
                .values(**values, at=moment, changed_at=moment, state="planning", counts={})
                .returning(BATCHES)
            ).one()
            last = 0
            while (first := _next_key(connection, last)) is not None:
                last = first + RANGE - 1
                connection.execute(
                    insert(BATCH_RANGES).values(
                        batch=row.id, first_key=first, last_key=last, done=False
                    )
                )
            return _batch(row)

    def waiting(self, name: str) -> list[tuple[int, int]]:
        """Return the ranges of a batch that are not done, in their order: first and last key."""
        table = BATCH_RANGES.c
        query = (
            select(table.first_key, table.last_key)
            .where(table.batch == number_of(name), table.done.is_(False))
            .order_by(table.first_key)
        )
        with self._database.reading() as connection:
            return [(first, last) for first, last in connection.execute(query)]

    def total(self, chosen: Chosen) -> int:
        """Return how many notices a filter takes."""
        query = select(func.count()).select_from(NOTICES)
        with self._database.reading() as connection:
            total: int = connection.execute(
                query.where(*chosen.conditions(self._taxonomy))
            ).scalar_one()
        return total

    def planned(self, name: str) -> int:
        """Return of how many notices a batch has said something."""
        query = select(func.count()).where(BATCH_ITEMS.c.batch == number_of(name))
        with self._database.reading() as connection:
            total: int = connection.execute(query).scalar_one()
        return total

    def to_judge(self, chosen: Chosen, first: int, last: int) -> Iterator[list[ToJudge]]:
        """Yield the notices of a range that a filter takes, some at a time."""
        table = NOTICES.c
        query = select(
            table.key,
            table.digest,
            table.topic,
            table.topic_source,
            table.title,
            table.body,
            table.issuing_body,
        ).where(*chosen.conditions(self._taxonomy), table.key <= last)
        after = first - 1
        while True:
            page = query.where(table.key > after).order_by(table.key).limit(_PAGE)
            with self._database.reading() as connection:
                found = [ToJudge(*row) for row in connection.execute(page)]
            if found:
                yield found
            if len(found) < _PAGE:
                return
            after = found[-1].key

    def keep(self, name: str, first: int, judged: Sequence[Judged]) -> int:
        """
        Keep what is said of a range, and return of how many notices that is.

        A range that somebody has kept already is left as it is, and counts for nothing.
        """
        number = number_of(name)
        here = and_(BATCH_RANGES.c.batch == number, BATCH_RANGES.c.first_key == first)
        with self._database.alone() as connection:
            done = connection.execute(select(BATCH_RANGES.c.done).where(here).with_for_update())
            if done.scalar_one():
                return 0
            if judged:
                connection.execute(
                    insert(BATCH_ITEMS),
                    [{**asdict(one), "batch": number, "state": "planned"} for one in judged],
                )
            connection.execute(update(BATCH_RANGES).where(here).values(done=True))
        return len(judged)

    # Applying and undoing.

    def left(self, name: str, states: Sequence[str]) -> int:
        """Return how many changes of a batch are in one of some states."""
        table = BATCH_ITEMS.c
        query = select(func.count()).where(
            table.batch == number_of(name), table.action == "change", table.state.in_(states)
        )
        with self._database.reading() as connection:
            count: int = connection.execute(query).scalar_one()
        return count

    def move(self, name: str, state: str) -> Batch:
        """Bring a batch into another state, and count what is in it now."""
        with self._database.writing() as connection:
            row = batch_row(connection, name)
            counts = _counts(connection, row.id, self._taxonomy.catch_all)
            connection.execute(
                update(BATCHES)
                .where(BATCHES.c.id == row.id)
                .values(state=state, counts=counts, changed_at=now())
            )
            return _batch(batch_row(connection, name))

    def check(self, name: str) -> Batch:
        """
        Return a batch that can be applied or undone.

        Raises:
            UnknownBatchError: If there is none.
            UnfitBatchError: If its plan was broken off, or made by another list of topics.
        """
        batch = self.get(name)
        if batch.state == "planning":
            raise UnfitBatchError(
                batch.id, "its plan was broken off", "Give the same 'zhuti relabel plan' again"
            )
        if batch.taxonomy_digest != self._taxonomy.digest:
            raise UnfitBatchError(
                batch.id,
                "it was planned by another list of topics than this model has",
                "Name the model it was planned with (ZHUTI_MODEL), or plan anew",
            )
        return batch


def number_of(name: str) -> int:
    """
    Return the number of a batch.

    Raises:
        UnknownBatchError: If no batch can be called so.
    """
    digits = name.strip().removeprefix(_PREFIX)
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):  # noqa: PLR2004
        raise UnknownBatchError(name)
    return int(digits)


def name_of(number: int) -> str:
    """Return the id of a batch, as its tags carry it."""
    return f"{_PREFIX}{number}"


def batch_row(connection: Connection, name: str) -> Row[Any]:
    """
    Return the row of a batch.

    Raises:
        UnknownBatchError: If there is none.
    """
    row = connection.execute(select(BATCHES).where(BATCHES.c.id == number_of(name))).first()
    if row is None:
        raise UnknownBatchError(name)
    return row


def _batch(row: Row[Any]) -> Batch:
    """Return the batch of a row."""
    planning = Planning(
        by=row.by,
        model_name=row.model_name,
        model_digest=row.model_digest,
        chosen=Chosen.from_json(row.chosen),
        precision=row.precision,
        accept=row.accept,
        replace_printed=row.replace_printed,
        replace_model=row.replace_model,
    )
    return Batch(
        id=name_of(row.id),
        at=row.at,
        changed_at=row.changed_at,
        planning=planning,
        taxonomy_digest=row.taxonomy_digest,
        state=row.state,
        counts=row.counts,
    )


_JUDGED = tuple(BATCH_ITEMS.c[name] for name in Judged.__slots__)
_ABOUT = ("id", "url", "index_number", "title", "issuing_body")


def _entries() -> Any:
    """Return the query for notices of a batch."""
    return select(
        *_JUDGED,
        *(NOTICES.c[name] for name in _ABOUT),
        BATCH_ITEMS.c.state,
        BATCH_ITEMS.c.skipped,
    ).join(NOTICES, NOTICES.c.key == BATCH_ITEMS.c.notice_key)


def _entry(row: Row[Any]) -> Entry:
    """Return the entry of a row."""
    said = dict(zip(Judged.__slots__, row, strict=False))
    said["evidence"] = tuple(said["evidence"])
    said["alternatives"] = tuple((code, share) for code, share in said["alternatives"])
    return Entry(Judged(**said), *row[len(_JUDGED) :])


def _next_key(connection: Connection, after: int) -> int | None:
    """Return the key of the next notice behind another."""
    key: int | None = connection.execute(
        select(func.min(NOTICES.c.key)).where(NOTICES.c.key > after)
    ).scalar()
    return key


def _counts(connection: Connection, number: int, catch_all: str | None) -> dict[str, int]:
    """Return what is in a batch: by action, and of the changes by what became of them."""
    table = BATCH_ITEMS.c
    change = table.action == "change"

    def those(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    row = connection.execute(
        select(
            func.count().label("notices"),
            those(change).label("changes"),
            those(change & (table.old_topic == catch_all)).label("from_other"),
            those(change & table.old_topic.is_(None)).label("from_none"),
            those(table.action == "review").label("to_review"),
            those(table.action == "keep").label("kept"),
            those(table.state == "applied").label("applied"),
            those(table.state == "skipped").label("skipped"),
            those(table.state.in_(("undone", "held"))).label("undone"),
        ).where(table.batch == number)
    ).one()
    return {name: int(value) for name, value in row._mapping.items()}  # noqa: SLF001
