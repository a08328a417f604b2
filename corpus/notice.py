"""
What a notice is: one published government document and what its page says of it.

The fields are those of the header of a government page (索引号, 发文字号, …); the names are
explained in the README. Everything but the text may be unknown, and then it is ``None``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a notice carries (附件): its printed name and, where known, its address."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """
    One published document.

    *declared_topic* is what the issuer printed, as printed; *document_number* keeps the
    brackets it came with. Dates are calendar days as printed, without a time zone.
    """

    id: str | None = None
    url: str | None = None
    title: str | None = None
    body: str | None = None
    issuing_body: str | None = None
    index_number: str | None = None
    document_number: str | None = None
    document_type: str | None = None
    written_on: date | None = None
    published_on: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None
    validity: str | None = None
    keywords: str | None = None
    declared_topic: str | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def dated_on(self) -> date | None:
        """The day by which a notice is sorted and filtered: of publication, else of writing."""
        return self.published_on or self.written_on


DATE_FIELDS = tuple(field.name for field in fields(Notice) if field.name.endswith("_on"))
