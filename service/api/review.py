"""
The review: the next question for a person, and what he answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from corpus.review import MOST_AT_ONCE, Review
from corpus.review_records import Asked, Decision, Proposal, Tally, Why
from corpus.stored import Source
from corpus.taxonomy import Taxonomy
from service.api.answers import (
    json_bytes,
    json_response,
    label_of,
    stored_as_json,
    theme_as_json,
)
from service.api.reading import read_json
from service.api.review_schemas import (
    AnsweredSchema,
    DecideSchema,
    FlagSchema,
    FlagsSchema,
    ProgressSchema,
    QuestionsSchema,
    SkipSchema,
    UndoSchema,
)
from service.api.schemas import problems, request_body
from service.api.storing import corpus_of, in_thread
from service.problems import ProblemError
from service.topics import read_topic

router = APIRouter(prefix="/review", tags=["review"])

_LONGEST_NAME = 200
_LONGEST_REMARK = 2000
_MOST_NAMED = 10_000
_EXAMPLE = {"notice": "https://www.qingxi.gov.cn/xxgk/2024/56.html", "by": "李审核"}
_NO_STORE = {"Cache-Control": "no-store"}

Who = Annotated[
    str,
    Query(min_length=1, max_length=_LONGEST_NAME, pattern=r"\S", description="Who is asked."),
]
Prefetch = Annotated[
    int, Query(ge=0, lt=MOST_AT_ONCE, description="How many further questions to fetch ahead.")
]
Most = Annotated[int, Query(ge=1, le=1000, description="How many flags to return at most.")]


@router.get(
    "/next",
    summary="The next question for a person",
    response_model=QuestionsSchema,
    responses=problems(422, 503),
)
async def next_question(request: Request, by: Who, prefetch: Prefetch = 0) -> Response:
    """
    Return the question to be shown next, and *prefetch* more, and keep them from everybody else.

    Who asks again gets what he has before him already, in the same order, then new ones; each
    time they are his for another half hour. None at all: nothing waits for this person.
    """
    corpus = corpus_of(request)

    def asked() -> bytes:
        found = corpus.review().next(by.strip(), count=1 + prefetch)
        return json_bytes({"questions": [_asked_as_json(one, corpus.taxonomy) for one in found]})

    response = json_response(await in_thread(request, asked))
    response.headers.update(_NO_STORE)
    return response


@router.post(
    "/decide",
    summary="Say the theme",
    response_model=AnsweredSchema,
    responses=problems(400, 404, 409, 413, 422, 503),
    openapi_extra=request_body(DecideSchema, {**_EXAMPLE, "topic": "0707"}),
)
async def decide(request: Request) -> Response:
    """Tag the notice, and the near-duplicates that were shown with it, in a reviewer's name."""
    corpus = corpus_of(request)
    said = _Said(await read_json(request))
    name, by, only = said.text("notice", most=None), said.text("by"), said.names("only")
    remark = said.maybe("remark", _LONGEST_REMARK)
    topic = read_topic(corpus.taxonomy, said.text("topic")).code
    return await _answered(
        request,
        lambda review: review.decide(name, topic, by=by, remark=remark, only=only),
    )


@router.post(
    "/skip",
    summary="Leave a question to others",
    response_model=AnsweredSchema,
    responses=problems(400, 404, 409, 413, 422, 503),
    openapi_extra=request_body(SkipSchema, _EXAMPLE),
)
async def skip(request: Request) -> Response:
    """Let others have a question; this person is not asked it again today."""
    said = _Said(await read_json(request))
    name, by = said.text("notice", most=None), said.text("by")
    return await _answered(request, lambda review: review.skip(name, by=by))


@router.post(
    "/flag",
    summary="Say that no topic fits",
    response_model=AnsweredSchema,
    responses=problems(400, 404, 409, 413, 422, 503),
    openapi_extra=request_body(FlagSchema, {**_EXAMPLE, "called": "低空经济"}),
)
async def flag(request: Request) -> Response:
    """Settle a question without a tag, and say what the missing topic might be called."""
    said = _Said(await read_json(request))
    name, by, only = said.text("notice", most=None), said.text("by"), said.names("only")
    called, remark = said.maybe("called"), said.maybe("remark", _LONGEST_REMARK)
    return await _answered(
        request,
        lambda review: review.flag(name, by=by, called=called, remark=remark, only=only),
    )


@router.post(
    "/undo",
    summary="Take a decision back",
    response_model=AnsweredSchema,
    responses=problems(400, 404, 409, 413, 422, 503),
    openapi_extra=request_body(UndoSchema, {"by": "李审核"}),
)
async def undo(request: Request) -> Response:
    """Retract the tags of a decision and open its questions again; what was said since stays."""
    said = _Said(await read_json(request))
    by, number = said.text("by"), said.number("decision")
    return await _answered(request, lambda review: review.undo(by=by, decision=number))


@router.get(
    "/progress",
    summary="How far the review is",
    response_model=ProgressSchema,
    responses=problems(503),
)
async def progress(request: Request) -> Response:
    """Return what waits, who has what before him, and who did how much today."""
    corpus = corpus_of(request)
    return json_response(
        await in_thread(request, lambda: json_bytes(progress_as_json(corpus.review())))
    )


@router.get(
    "/flags",
    summary="Where no topic fits",
    response_model=FlagsSchema,
    responses=problems(422, 503),
)
async def flags(request: Request, limit: Most = 100) -> Response:
    """Return the newest answers that no topic fits, and how the missing ones might be called."""
    corpus = corpus_of(request)

    def flagged() -> bytes:
        review = corpus.review()
        return json_bytes(
            {
                "flags": [
                    decision_as_json(one, corpus.taxonomy) for one in review.flags(limit=limit)
                ],
                "missing": [
                    {"called": called, "count": count} for called, count in review.missing_topics()
                ],
            }
        )

    return json_response(await in_thread(request, flagged))


async def _answered(request: Request, answer: Callable[[Review], Decision]) -> Response:
    """Return what a person's answer did: the decision, and the notice as it is now."""
    corpus = corpus_of(request)

    def answered() -> bytes:
        decision = answer(corpus.review())
        stored = corpus.get(decision.notice, hidden=True)
        return json_bytes(
            {
                **stored_as_json(stored, corpus.taxonomy),
                "decision": decision_as_json(decision, corpus.taxonomy),
            }
        )

    return json_response(await in_thread(request, answered))


def _asked_as_json(asked: Asked, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return a question as the interface shows it; a blind one tells nothing of a model."""
    stored = asked.notice
    theme = theme_as_json(stored, taxonomy)
    if asked.blind and stored.topic_source is Source.MODEL:
        theme = dict.fromkeys(theme)
    return {
        "notice": stored_as_json(stored, taxonomy)["notice"],
        **theme,
        "why": Why.SAMPLE.value if asked.blind else asked.why.value,
        "batch": None if asked.blind else asked.batch,
        "blind": asked.blind,
        "proposal": _proposal_as_json(asked.proposal, taxonomy),
        "others": [
            {
                "id": other.id,
                "url": other.notice.url,
                "title": other.notice.title,
                "issuing_body": other.notice.issuing_body,
                "published_on": _day(other.notice.published_on),
            }
            for other in asked.others
        ],
        "until": None if asked.until is None else asked.until.isoformat(),
    }


def _day(day: Any) -> str | None:
    """Return a date as JSON."""
    return None if day is None else day.isoformat()


def _proposal_as_json(proposal: Proposal | None, taxonomy: Taxonomy) -> dict[str, Any] | None:
    """Return what a model proposes."""
    if proposal is None:
        return None

    def topic(code: str, probability: float) -> dict[str, Any]:
        return {"code": code, "label": label_of(taxonomy, code), "probability": probability}

    return {
        **topic(proposal.topic, proposal.probability),
        "alternatives": [topic(code, share) for code, share in proposal.alternatives],
        "evidence": list(proposal.evidence),
        "model": proposal.model,
    }


def decision_as_json(decision: Decision, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return a decision, without what was proposed: after an undo, it must still be blind."""
    return {
        "id": decision.id,
        "at": decision.at.isoformat(),
        "by": decision.by,
        "kind": decision.kind.value,
        "notice": {"id": decision.notice, "url": decision.url, "title": decision.title},
        "why": Why.SAMPLE.value if decision.blind else decision.why.value,
        "topic": decision.topic,
        "topic_label": label_of(taxonomy, decision.topic),
        "called": decision.called,
        "remark": decision.remark,
        "blind": decision.blind,
        "shown": decision.shown,
        "settled": decision.settled,
        "undone_at": _day(decision.undone_at),
        "undone_by": decision.undone_by,
    }


def progress_as_json(review: Review) -> dict[str, Any]:
    """Return how far the review is."""
    found = review.progress()

    def person(by: str, tally: Tally) -> dict[str, Any]:
        return {"by": by, **asdict(tally)}

    return {
        "waiting": {
            "questions": found.groups,
            "notices": found.waiting,
            "blind": found.blind,
            "by_why": dict(found.by_why),
        },
        "claimed": [{"by": by, "questions": count} for by, count in found.claimed.items()],
        "today": {
            "since": found.since.isoformat(),
            **asdict(found.today),
            "by_person": [person(by, tally) for by, tally in found.by_person.items()],
        },
        "ever": asdict(found.ever),
    }


class _Said:
    """
    What a request says, field by field.

    Raises:
        ProblemError: 422, naming the field that cannot be used.
    """

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise _wrong("body", "JSON 对象", "a JSON object")
        self._fields = value

    def text(self, name: str, *, most: int | None = _LONGEST_NAME) -> str:
        """Return a text that must be there."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not value.strip():
            raise _wrong(name, "非空文本", "text that is not empty")
        if most is not None and len(value) > most:
            raise _wrong(name, f"不超过 {most} 字的文本", f"text of at most {most} characters")
        return value.strip()

    def maybe(self, name: str, most: int = _LONGEST_NAME) -> str | None:
        """Return a text that may be missing."""
        value = self._fields.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        return self.text(name, most=most)

    def names(self, name: str) -> list[str] | None:
        """Return a list of texts that may be missing."""
        value = self._fields.get(name)
        if value is None:
            return None
        if (
            not isinstance(value, list)
            or len(value) > _MOST_NAMED
            or not all(isinstance(one, str) for one in value)
        ):
            raise _wrong(
                name, f"至多 {_MOST_NAMED} 个 id 的列表", f"a list of at most {_MOST_NAMED} ids"
            )
        return value

    def number(self, name: str) -> int | None:
        """Return a whole number that may be missing."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
            raise _wrong(name, "决定的编号", "the number of a decision")
        return value


def _wrong(field: str, expected: str, expected_en: str) -> ProblemError:
    """Return the problem of one field."""
    return ProblemError(
        422,
        f"{field} 应为{expected}。",
        f"{field} must be {expected_en}.",
        errors=[{"field": field, "detail": f"expected {expected_en}"}],
    )
