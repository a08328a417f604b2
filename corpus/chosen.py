"""
Which notices a relabelling takes up: by theme, issuing body, year, kind, and whose the theme is.

The same filters as a search has, asked of the store itself: a relabelling must not miss what an
index has not read yet.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import extract, func, or_

from corpus.schema import NOTICES
from corpus.stored import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

    from corpus.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Chosen:
    """
    A filter: of several values of one kind one must fit, and every kind must.

    *topics* hold for those below them too. *years* are the first and the last, each ``None`` if
    open. *unlabelled* takes only notices whose theme is 其他, empty or unreadable.
    """

    topics: tuple[str, ...] = ()
    issuing_bodies: tuple[str, ...] = ()
    years: tuple[int | None, int | None] | None = None
    document_types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    unlabelled: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the filter as a batch keeps it; what does not filter is left out."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        """Return the filter that a batch keeps."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in entry.items()
        }
        return cls(**values)

    def conditions(self, taxonomy: Taxonomy) -> list[ColumnElement[bool]]:
        """Return what must hold of the row of a notice."""
        table = NOTICES.c
        found = [table.state == State.LIVE.value]
        if self.topics:
            below = [child.code for code in self.topics for child in taxonomy.children(code)]
            found.append(table.topic.in_([*self.topics, *below]))
        if self.issuing_bodies:
            found.append(table.issuing_body.in_(self.issuing_bodies))
        if self.document_types:
            found.append(table.document_type.in_(self.document_types))
        if self.sources:
            found.append(table.topic_source.in_(self.sources))
        if self.years is not None:
            first, last = self.years
            if first is not None:
                found.append(year_of_notice() >= first)
            if last is not None:
                found.append(year_of_notice() <= last)
        if self.unlabelled:
            found.append(or_(table.topic.is_(None), table.topic == taxonomy.catch_all))
        return found


def year_of_notice() -> ColumnElement[int]:
    """Return the year by which a notice is sorted: of publication, else of writing."""
    return extract("year", func.coalesce(NOTICES.c.published_on, NOTICES.c.written_on))
