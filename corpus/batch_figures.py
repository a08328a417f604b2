"""
What a plan comes to, counted by the database: flips, issuing bodies, years, promises, samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from corpus.chosen import year_of_notice
from corpus.schema import BATCH_ITEMS, NOTICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from corpus.database import Database

_CHANGE = BATCH_ITEMS.c.action == "change"


@dataclass(frozen=True, slots=True)
class Flip:
    """How many notices go from one theme to another; ``None`` is no theme."""

    old: str | None
    new: str
    count: int


@dataclass(frozen=True, slots=True)
class Share:
    """Of the notices of an issuing body or a year, how many change and how many go to review."""

    name: str | None
    notices: int
    changes: int
    to_review: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One notice of a plan, to be looked at."""

    id: str
    url: str | None
    title: str | None
    old: str | None
    new: str | None
    probability: float | None
    words: tuple[str, ...]


class BatchFigures:
    """The figures of one batch."""

    def __init__(self, database: Database, number: int) -> None:
        self._database = database
        self._here = BATCH_ITEMS.c.batch == number

    def flips(self) -> list[Flip]:
        """Return between which themes notices change, the most frequent first."""
        table = BATCH_ITEMS.c
        count = func.count()
        query = (
            select(table.old_topic, table.topic, count)
            .where(self._here, _CHANGE)
            .group_by(table.old_topic, table.topic)
            .order_by(count.desc(), table.old_topic, table.topic)
        )
        return [Flip(*row) for row in self._rows(query)]

    def by_issuing_body(self, *, limit: int) -> list[Share]:
        """Return the issuing bodies with the most changes."""
        return self._shares(NOTICES.c.issuing_body, limit=limit)

    def by_year(self) -> list[Share]:
        """Return the years, the newest first."""
        found = self._shares(year_of_notice(), limit=None)
        shares = [
            Share(
                None if one.name is None else str(int(one.name)),
                one.notices,
                one.changes,
                one.to_review,
            )
            for one in found
        ]
        return sorted(shares, key=lambda share: share.name or "", reverse=True)

    def at_thresholds(self, thresholds: Sequence[float]) -> list[int]:
        """
        Return how many notices would change if an answer were accepted from a probability on.

        Only notices whose theme may be replaced are counted, so it is what another promise does.
        """
        table = BATCH_ITEMS.c
        free = _CHANGE | table.reason.in_(("doubtful", "hopeless"))
        sums = [
            func.coalesce(func.sum(case((table.probability >= threshold, 1), else_=0)), 0)
            for threshold in thresholds
        ]
        (row,) = self._rows(select(*sums).where(self._here, free))
        return [int(value) for value in row]

    def samples(self, old: str | None, new: str, *, limit: int) -> list[Sample]:
        """Return some notices that go from one theme to another; chance chooses, always alike."""
        table = BATCH_ITEMS.c
        return self._samples(
            _CHANGE, table.old_topic.is_not_distinct_from(old), table.topic == new, limit=limit
        )

    def samples_to_review(self, *, limit: int) -> list[Sample]:
        """Return some notices that a person has to look at."""
        return self._samples(BATCH_ITEMS.c.action == "review", limit=limit)

    def _samples(self, *conditions: ColumnElement[bool], limit: int) -> list[Sample]:
        """Return some notices; their digests, which are as good as chance, say which."""
        table, notice = BATCH_ITEMS.c, NOTICES.c
        query = (
            select(
                notice.id,
                notice.url,
                notice.title,
                table.old_topic,
                table.topic,
                table.probability,
                table.evidence,
            )
            .join(NOTICES, notice.key == table.notice_key)
            .where(self._here, *conditions)
            .order_by(table.digest, table.notice_key)
            .limit(limit)
        )
        return [
            Sample(name, url, title, old, new, probability, tuple(words))
            for name, url, title, old, new, probability, words in self._rows(query)
        ]

    def _shares(self, column: ColumnElement[Any], *, limit: int | None) -> list[Share]:
        """Return the values of a column of the notices, those with the most changes first."""
        table = BATCH_ITEMS.c
        changes = func.sum(case((_CHANGE, 1), else_=0))
        review = func.sum(case((table.action == "review", 1), else_=0))
        query = (
            select(column, func.count(), changes, review)
            .join(NOTICES, NOTICES.c.key == table.notice_key)
            .where(self._here)
            .group_by(column)
            .order_by(changes.desc(), func.count().desc(), column)
            .limit(limit)
        )
        return [
            Share(name, int(notices), int(changed), int(reviewed))
            for name, notices, changed, reviewed in self._rows(query)
        ]

    def _rows(self, query: Any) -> list[Any]:
        """Return the rows of a query."""
        with self._database.reading() as connection:
            return list(connection.execute(query))
