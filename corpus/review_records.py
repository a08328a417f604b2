"""
What the review speaks of: proposals, questions, what a person is asked, what was decided.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from corpus.stored import StoredNotice

# All of China keeps one time: the day of a review, and the hours that its people read.
BEIJING = timezone(timedelta(hours=8))


class Why(StrEnum):
    """Why a person is asked: the model doubts, chance chose, the audit or a batch wants it."""

    DOUBT = "doubt"
    SAMPLE = "sample"
    AUDIT = "audit"
    BATCH = "batch"


class Kind(StrEnum):
    """What a person did with a question."""

    TOPIC = "topic"
    SKIP = "skip"
    FLAG = "flag"


class Standing(StrEnum):
    """Where a question stands."""

    OPEN = "open"
    DECIDED = "decided"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    What a model proposes: a topic's code, how probable it is, what else, and which words say so.

    *model* is the model's digest.
    """

    topic: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]
    evidence: tuple[str, ...]
    model: str

    def as_json(self) -> dict[str, Any]:
        """Return the proposal as the tables keep it."""
        return {
            "topic": self.topic,
            "probability": round(self.probability, 4),
            "alternatives": [[code, round(share, 4)] for code, share in self.alternatives],
            "evidence": list(self.evidence),
            "model": self.model,
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any] | None) -> Proposal | None:
        """Return the proposal that the tables keep, ``None`` if there is none."""
        if entry is None:
            return None
        return cls(
            entry["topic"],
            entry["probability"],
            tuple((code, share) for code, share in entry["alternatives"]),
            tuple(entry["evidence"]),
            entry["model"],
        )


@dataclass(frozen=True, slots=True)
class Question:
    """
    A notice whose theme a person should say.

    Args:
        key: The notice's key.
        why: Why it is asked.
        proposal: What a model proposes, ``None`` if no model could say anything.
        priority: The greater, the sooner it is asked.
        group: The key of one notice of its group of near-duplicates; its own if not given.
        batch: The run that it comes from.
    """

    key: int
    why: Why
    proposal: Proposal | None = None
    priority: float = 0.0
    group: int | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A question as one person is asked it.

    *others* are the near-duplicates that the answer settles as well. *proposal* is ``None`` where
    the question is blind. *until* is when somebody else may be asked, ``None`` where nobody has
    claimed it.
    """

    notice: StoredNotice
    why: Why
    batch: str | None
    blind: bool
    proposal: Proposal | None
    others: tuple[StoredNotice, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What a person did with a question.

    *topic* is a code. *called* is the name of the theme that is missing, *shown* whether the
    proposal was seen, *model* the digest of the model that made it, *settled* how many notices
    it settled.
    """

    id: int
    at: datetime
    by: str
    kind: Kind
    notice: str
    title: str | None
    url: str | None
    why: Why
    topic: str | None
    called: str | None
    remark: str | None
    blind: bool
    shown: bool
    proposal: Proposal | None
    model: str | None
    settled: int
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How much was done, by one person or all: questions of each kind, and notices settled."""

    decided: int = 0
    notices: int = 0
    skipped: int = 0
    flagged: int = 0
    blind: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How far the review is.

    *waiting* counts the notices, *groups* the questions that settle them, *blind* those of them
    without a proposal; *claimed* the questions that each person has before them.
    """

    waiting: int
    groups: int
    blind: int
    by_why: Mapping[str, int]
    claimed: Mapping[str, int]
    since: datetime
    today: Tally
    by_person: Mapping[str, Tally] = field(default_factory=dict)
    ever: Tally = field(default_factory=Tally)
