"""
What the model answers: ranked topics with their probability, verdict and evidence.

An answer is gone when the request ends: nothing here is stored, and the text of the notice is
in it only so that a caller can highlight the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from corpus.exchange import notice_as_json

if TYPE_CHECKING:
    from corpus.notice import Notice
    from corpus.taxonomy import Topic

Field = Literal["title", "body", "issuing_body"]


class Verdict(StrEnum):
    """What the thresholds of the model's card say of a probability."""

    ACCEPT = "accept"
    REVIEW = "review"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    A word and how far it moved a topic's score.

    *weight* is in units of the decision score, negative where the word speaks against the
    topic. *spans* are all the places where the word stands in *field*, as half-open ranges of
    code points, in order; the weight is that of all of them together.
    """

    word: str
    field: Field
    weight: float
    spans: tuple[tuple[int, int], ...]

    def as_json(self) -> dict[str, Any]:
        """Return the evidence as JSON; *start* and *end* are the first place it stands."""
        start, end = self.spans[0]
        return {
            "word": self.word,
            "field": self.field,
            "start": start,
            "end": end,
            "weight": round(self.weight, 4),
            "spans": [list(span) for span in self.spans],
        }


@dataclass(frozen=True, slots=True)
class Suggestion:
    """
    A topic, how probable it is, and which words say so.

    *from_issuer* is how far the name of the issuing body moved the score, which no word of title
    or body shows; 0 where it is not known.
    """

    topic: Topic
    parent: Topic | None
    probability: float
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    from_issuer: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the suggestion as JSON."""
        parent = self.parent
        return {
            "code": self.topic.code,
            "label": self.topic.label,
            "parent": None if parent is None else {"code": parent.code, "label": parent.label},
            "probability": round(self.probability, 4),
            "verdict": self.verdict.value,
            "evidence": [piece.as_json() for piece in self.evidence],
            "from_issuing_body": round(self.from_issuer, 4),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """
    All that the model has to say of one notice.

    *level_1* is the best first-level topic (its probability sums those of its children);
    ``None``, like an empty *suggestions*, where there was nothing to read. *reason* says in
    words why the verdict is not ``accept``. *warnings* name what should not be in the text.
    *pending* are the second-level topics to choose from (待选) where the first level is sure and
    the second is not, the most probable first.
    """

    notice: Notice
    verdict: Verdict
    reason: str | None
    level_1: Suggestion | None
    suggestions: tuple[Suggestion, ...]
    warnings: tuple[str, ...]
    model_name: str
    model_digest: str
    pending: tuple[Topic, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the answer as ``zhuti suggest --json`` and the HTTP door print it."""
        top = self.level_1
        return {
            "notice": notice_as_json(self.notice),
            "verdict": self.verdict.value,
            "reason": self.reason,
            "level_1": None
            if top is None
            else {
                "code": top.topic.code,
                "label": top.topic.label,
                "probability": round(top.probability, 4),
                "verdict": top.verdict.value,
            },
            "suggestions": [suggestion.as_json() for suggestion in self.suggestions],
            "pending": [{"code": topic.code, "label": topic.label} for topic in self.pending],
            "warnings": list(self.warnings),
            "model": {"name": self.model_name, "digest": self.model_digest},
        }
