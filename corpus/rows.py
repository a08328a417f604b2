"""
One row of a file of notices: what it holds, or why it cannot be used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus.exchange import notice_from_json
from corpus.notice import DATE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from corpus.notice import Notice

# A year, or a year and a month: true, but no day of a calendar.
_WITHOUT_DAY = re.compile(r"\s*(?:19|20)\d{2}\s*(?:年|[-./年]\s*(?:0?[1-9]|1[0-2])\s*月?)?\s*")


@dataclass(frozen=True, slots=True)
class Row:
    """
    A row that could be read.

    *number* counts as a spreadsheet does, the heads included; in JSON lines it is the line.
    *fields* are those of a notice by our names, as JSON; *original* is the row as it stood there.
    """

    number: int
    where: str
    fields: Mapping[str, Any]
    original: Mapping[str, Any]

    @property
    def dates_without_day(self) -> tuple[str, ...]:
        """The date fields that name a year or a month only."""
        return tuple(
            name
            for name in DATE_FIELDS
            if isinstance(self.fields.get(name), str) and _WITHOUT_DAY.fullmatch(self.fields[name])
        )

    def notice(self) -> Notice:
        """
        Return the notice of the row; a date without its day is unknown rather than made up.

        Raises:
            InvalidNoticeError: If a field does not hold what it should.
        """
        fields = {**self.fields, **dict.fromkeys(self.dates_without_day)}
        return notice_from_json(fields, where=self.where)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read: why, and what stood there, as far as that can be told."""

    number: int
    where: str
    reason: str
    original: Mapping[str, Any]
