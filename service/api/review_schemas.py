"""
The shapes of the review's requests and answers, for the documentation only.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from service.api.schemas import NoticeSchema, StoredSchema, ThemeSchema


class _Schema(BaseModel):
    model_config = ConfigDict(extra="ignore", protected_namespaces=())


class ProposedTopicSchema(_Schema):
    """A topic and how probable the model thinks it is."""

    code: str
    label: str = Field(description="As a page prints it.")
    probability: float


class ProposalSchema(ProposedTopicSchema):
    """What the model proposes, what else it thought of, and the words that speak for it."""

    alternatives: list[ProposedTopicSchema]
    evidence: list[str]
    model: str = Field(description="The digest of the model.")


class OtherSchema(_Schema):
    """A near-duplicate that the answer settles as well."""

    id: str
    url: str | None
    title: str | None
    issuing_body: str | None
    published_on: date | None


class QuestionSchema(ThemeSchema):
    """
    A notice whose theme a person should say.

    A blind one comes without a proposal, without the theme that a model gave it, and does not say
    why it is asked.
    """

    notice: NoticeSchema
    why: Literal["doubt", "sample", "audit", "batch"]
    batch: str | None
    blind: bool
    proposal: ProposalSchema | None
    others: list[OtherSchema]
    until: datetime | None = Field(description="When somebody else may be asked.")


class QuestionsSchema(_Schema):
    """The questions that a person has before him, the one to be shown first."""

    questions: list[QuestionSchema]


class DecideSchema(_Schema):
    """The theme of a notice and of its near-duplicates."""

    notice: str = Field(description="The id of the notice that was shown.")
    topic: str = Field(description="Code or printed label.")
    by: str = Field(description="The name of whoever decides.")
    remark: str | None = None
    only: list[str] | None = Field(
        None, description="Which of the notices that were shown are meant; all if not given."
    )


class SkipSchema(_Schema):
    """A question that is left to others."""

    notice: str
    by: str


class FlagSchema(_Schema):
    """No topic fits."""

    notice: str
    by: str
    called: str | None = Field(None, description="What the missing topic might be called.")
    remark: str | None = None
    only: list[str] | None = None


class UndoSchema(_Schema):
    """A decision to take back."""

    by: str
    decision: int | None = Field(None, description="Its number; the newest of *by* if not given.")


class DecidedNoticeSchema(_Schema):
    """The notice that a decision was made on."""

    id: str
    url: str | None
    title: str | None


class DecisionSchema(_Schema):
    """What a person did with a question."""

    id: int
    at: datetime
    by: str
    kind: Literal["topic", "skip", "flag"]
    notice: DecidedNoticeSchema
    why: Literal["doubt", "sample", "audit", "batch"]
    topic: str | None
    topic_label: str | None
    called: str | None
    remark: str | None
    blind: bool
    shown: bool = Field(description="Whether the proposal was seen.")
    settled: int = Field(description="How many notices it settled.")
    undone_at: datetime | None
    undone_by: str | None


class AnsweredSchema(StoredSchema):
    """The decision, and the notice as it is now."""

    decision: DecisionSchema


class TallySchema(_Schema):
    """How much was done: questions of each kind, and notices settled."""

    decided: int
    notices: int
    skipped: int
    flagged: int
    blind: int


class PersonSchema(TallySchema):
    """How much a person did."""

    by: str


class ClaimedSchema(_Schema):
    """How many questions a person has before him."""

    by: str
    questions: int


class WaitingSchema(_Schema):
    """What waits: *questions* settle *notices*; *blind* of them come without a proposal."""

    questions: int
    notices: int
    blind: int
    by_why: dict[str, int]


class TodaySchema(TallySchema):
    """What was done since the day began in Beijing, and by whom."""

    since: datetime
    by_person: list[PersonSchema]


class ProgressSchema(_Schema):
    """How far the review is; what was taken back does not count."""

    waiting: WaitingSchema
    claimed: list[ClaimedSchema]
    today: TodaySchema
    ever: TallySchema


class MissingTopicSchema(_Schema):
    """A name that people would give to a missing topic, and how often."""

    called: str
    count: int


class FlagsSchema(_Schema):
    """The newest answers that no topic fits, and the names of what is missing."""

    flags: list[DecisionSchema]
    missing: list[MissingTopicSchema]
