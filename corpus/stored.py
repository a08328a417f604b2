"""
What the corpus holds: notices as they are stored, and what was said and done about them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from corpus.notice import Notice


class Source(StrEnum):
    """Who said which topic a notice has."""

    ISSUER = "issuer"
    PUBLISHER = "publisher"
    MODEL = "model"
    REVIEWER = "reviewer"


class State(StrEnum):
    """Whether a notice is shown, taken back for now, or erased for good."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"
    PURGED = "purged"


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """
    A notice and what the corpus knows of it.

    *id* is the name by which it is asked for and never changes; *identity* is what makes two
    arrivals the same document. *revision* is that of its newest change. *topic* is the code of
    its current theme, ``None`` if it has none. A purged notice has lost all its texts.
    """

    key: int
    id: str
    identity: str
    notice: Notice
    digest: str
    state: State
    revision: int
    topic: str | None
    topic_source: Source | None
    stored_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Tag:
    """
    A topic that somebody gave a notice, kept for ever.

    A tag with *retracts* takes back the tag of that id, which may be a retraction itself; its
    *topic* is ``None``. *probability* and *model* are those of a model's tag, *batch* names the
    relabelling run it came with.
    """

    id: int
    topic: str | None
    source: Source
    by: str
    at: datetime
    model: str | None = None
    probability: float | None = None
    batch: str | None = None
    retracts: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the tag as exports and the interface show it."""
        return {**asdict(self), "source": self.source.value, "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit trail: who did what to which notice, and when (UTC)."""

    id: int
    at: datetime
    by: str
    action: str
    notice_id: str | None
    revision: int
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier state of a notice: its digest, when it arrived (UTC), and its revision."""

    digest: str
    at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Change:
    """What the arrival of a notice did to the corpus; *revision* is the notice's own now."""

    what: Literal["new", "changed", "unchanged"]
    id: str
    revision: int
