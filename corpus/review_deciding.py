"""
What a person does with a question: decide, skip, flag, undo; in a transaction somebody else holds.

A decision writes the tags and settles the questions in one transaction, and remembers which, so
that an undo takes back exactly these and leaves alone whatever was said since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from corpus import themes
from corpus.errors import (
    QuestionSettledError,
    QuestionTakenError,
    UnknownDecisionError,
    UnknownQuestionError,
)
from corpus.records import COLUMNS, tags_of
from corpus.review_draw import is_reserved
from corpus.review_queue import LEASE, draw_groups, free, is_waiting
from corpus.review_records import Decision, Kind, Proposal, Standing, Why
from corpus.review_schema import DECISIONS, QUESTIONS, SETTLED
from corpus.schema import NOTICES
from corpus.stored import Source, State, Tag
from corpus.tagging import append, live_rows, now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Row

_NOT_YET = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What a person says of a question.

    *only* names the notices of the group that it is said of, ``None`` all that were shown.
    With *whoever* it does not matter who has the question before him, and *only* may reach beyond
    its group: a sheet was filled in elsewhere, and the groups may have changed since.
    """

    name: str
    by: str
    kind: Kind
    topic: str | None = None
    called: str | None = None
    remark: str | None = None
    only: Sequence[str] | None = None
    whoever: bool = False


def answer(connection: Connection, said: Answer) -> int:
    """
    Keep what a person says of a question, and return the number of the decision.

    The same said twice by the same person is one decision.

    Raises:
        UnknownQuestionError: If nobody asks about that notice.
        QuestionTakenError: If somebody else has it before him.
        QuestionSettledError: If it is settled otherwise.
    """
    row = _question(connection, said.name)
    if row.state != Standing.OPEN.value:
        return _said_before(connection, row, said)
    if not connection.execute(
        select(QUESTIONS.c.notice_key).where(QUESTIONS.c.notice_key == row.notice_key, is_waiting())
    ).first():
        raise QuestionSettledError(row.id, None, None)
    if not said.whoever and _is_taken(row, said.by):
        raise QuestionTakenError(row.id, row.claimed_until)
    if said.kind is Kind.SKIP:
        _let_go(connection, row, said.by)
        return _note(connection, row, said, settled=0)
    return _settle(connection, row, said)


def _settle(connection: Connection, row: Row[Any], said: Answer) -> int:
    """Settle a question and those of its near-duplicates."""
    keys = _meant(connection, row, said)
    number = _note(connection, row, said, settled=len(keys))
    tags: dict[int, int] = {}
    if said.kind is Kind.TOPIC:
        rows = connection.execute(select(*COLUMNS).where(NOTICES.c.key.in_(keys))).all()
        tag = Tag(_NOT_YET, said.topic, Source.REVIEWER, said.by, now())
        kept = append(connection, rows, [tag] * len(rows), "tagged")
        tags = {one.key: tag.id for one, tag in zip(rows, kept, strict=True)}
    connection.execute(
        insert(SETTLED),
        [{"decision": number, "notice_key": key, "tag": tags.get(key)} for key in keys],
    )
    state = Standing.DECIDED if said.kind is Kind.TOPIC else Standing.FLAGGED
    connection.execute(
        update(QUESTIONS)
        .where(QUESTIONS.c.notice_key.in_(keys))
        .values(state=state.value, decision=number, **free())
    )
    for group in _groups(connection, QUESTIONS.c.decision == number):
        _leave_the_rest(connection, group, said.by)
    return number


def _groups(connection: Connection, *conditions: ColumnElement[bool]) -> list[int]:
    """Return the groups of some questions."""
    found = connection.scalars(select(QUESTIONS.c.group_key).where(*conditions).distinct())
    return sorted(found)


def _leave_the_rest(connection: Connection, group: int, by: str) -> None:
    """Make a group of their own of what an answer left open."""
    left = list(
        connection.scalars(
            select(QUESTIONS.c.notice_key)
            .where(QUESTIONS.c.group_key == group, QUESTIONS.c.state == Standing.OPEN.value)
            .order_by(QUESTIONS.c.notice_key)
        )
    )
    if not left:
        return
    mine = (QUESTIONS.c.notice_key.in_(left), QUESTIONS.c.claimed_by == by)
    connection.execute(update(QUESTIONS).where(*mine).values(**free()))
    connection.execute(
        update(QUESTIONS).where(QUESTIONS.c.notice_key.in_(left)).values(group_key=left[0])
    )
    draw_groups(connection, [left[0]])


def _meant(connection: Connection, row: Row[Any], said: Answer) -> list[int]:
    """Return the keys of the waiting notices that an answer is said of, its own first."""
    table = QUESTIONS.c
    if said.only is not None:
        named = {one.key for one in live_rows(connection, said.only).values()}
        query = select(QUESTIONS).where(table.notice_key.in_(named), is_waiting())
        others = [
            one.notice_key
            for one in connection.execute(query)
            if said.whoever or (one.group_key == row.group_key and not _is_taken(one, said.by))
        ]
    elif row.claimed_by == said.by:
        # What came into the group later was not shown.
        query = select(table.notice_key).where(
            table.group_key == row.group_key, table.claimed_by == said.by, is_waiting()
        )
        others = list(connection.scalars(query))
    else:
        others = []
    return [row.notice_key, *(key for key in sorted(others) if key != row.notice_key)]


def undo(connection: Connection, number: int | None, by: str) -> int:
    """
    Take a decision back, the newest of a person if none is named, and return its number.

    Its questions are open again, and before him if they were his.

    Raises:
        UnknownDecisionError: If there is no such decision, or it was taken back already.
    """
    query = select(DECISIONS)
    if number is None:
        mine = (DECISIONS.c.by == by, DECISIONS.c.undone_at.is_(None))
        row = connection.execute(query.where(*mine).order_by(DECISIONS.c.id.desc())).first()
    else:
        row = connection.execute(query.where(DECISIONS.c.id == number)).first()
    if row is None:
        raise UnknownDecisionError(number)
    if row.undone_at is not None:
        raise UnknownDecisionError(row.id, row.undone_by)
    settled = connection.execute(select(SETTLED).where(SETTLED.c.decision == row.id)).all()
    tags = {one.notice_key: one.tag for one in settled if one.tag is not None}
    unanswered = _take_back(connection, tags, by)
    at = now()
    claimed = (
        {"claimed_by": by, "claimed_at": row.at, "claimed_until": at + LEASE}
        if row.by == by
        else free()
    )
    if row.kind == Kind.SKIP.value:
        reopened: tuple[ColumnElement[bool], ...] = (
            QUESTIONS.c.group_key == row.group_key,
            QUESTIONS.c.state == Standing.OPEN.value,
            QUESTIONS.c.claimed_by.is_(None),
        )
    else:
        reopened = (QUESTIONS.c.decision == row.id,)
    groups = _groups(connection, *reopened)
    connection.execute(
        update(QUESTIONS)
        .where(*reopened)
        .values(state=Standing.OPEN.value, decision=None, **claimed)
    )
    # Or the tag that was taken back would count as an answer.
    connection.execute(
        update(QUESTIONS).where(QUESTIONS.c.notice_key.in_(unanswered)).values(pushed_at=at)
    )
    draw_groups(connection, groups)
    connection.execute(
        update(DECISIONS).where(DECISIONS.c.id == row.id).values(undone_at=at, undone_by=by)
    )
    return int(row.id)


def _take_back(connection: Connection, tags: dict[int, int], by: str) -> list[int]:
    """
    Retract some tags that still hold, each of the notice with that key.

    Returns:
        The keys of the notices for which no person has chosen anything since.
    """
    kept = tags_of(connection, tags)
    standing = [
        key
        for key, number in tags.items()
        if any(tag.id == number for tag in themes.effective(kept[key]))
    ]
    rows = connection.execute(
        select(*COLUMNS).where(NOTICES.c.key.in_(standing), NOTICES.c.state != State.PURGED.value)
    ).all()
    at = now()
    retractions = [
        Tag(_NOT_YET, None, Source.REVIEWER, by, at, retracts=tags[row.key]) for row in rows
    ]
    append(connection, rows, retractions, "retracted")
    return [key for key, number in tags.items() if not _said_since(kept[key], number)]


def _said_since(tags: Sequence[Tag], number: int) -> bool:
    """Return whether a person chose a topic after a tag, and still does."""
    return any(
        tag.id > number and tag.topic is not None and tag.source in themes.CHOOSERS
        for tag in themes.effective(tags)
    )


def decisions(connection: Connection, *conditions: Any, limit: int | None = None) -> list[Decision]:
    """Return some decisions, the newest first."""
    rows = connection.execute(
        select(DECISIONS, NOTICES.c.id.label("notice"), NOTICES.c.title, NOTICES.c.url)
        .join(NOTICES, NOTICES.c.key == DECISIONS.c.notice_key)
        .where(*conditions)
        .order_by(DECISIONS.c.id.desc())
        .limit(limit)
    )
    return [
        Decision(
            id=row.id,
            at=row.at,
            by=row.by,
            kind=Kind(row.kind),
            notice=row.notice,
            title=row.title,
            url=row.url,
            why=Why(row.why),
            topic=row.topic,
            called=row.called,
            remark=row.remark,
            blind=row.blind,
            shown=row.shown,
            proposal=Proposal.from_json(row.proposal),
            model=row.model,
            settled=row.settled,
            undone_at=row.undone_at,
            undone_by=row.undone_by,
        )
        for row in rows
    ]


def _question(connection: Connection, name: str) -> Row[Any]:
    """Return the question about a notice, beside its id."""
    found = live_rows(connection, [name]).get(name)
    if found is not None:
        row = connection.execute(
            select(QUESTIONS, NOTICES.c.id)
            .join(NOTICES, NOTICES.c.key == QUESTIONS.c.notice_key)
            .where(QUESTIONS.c.notice_key == found.key)
        ).first()
        if row is not None:
            return row
    raise UnknownQuestionError(name)


def _said_before(connection: Connection, row: Row[Any], said: Answer) -> int:
    """Return the decision that settled a question, if the same person says the same again."""
    (before,) = decisions(connection, DECISIONS.c.id == row.decision)
    same = (before.by, before.kind, before.topic, before.called)
    if same == (said.by, said.kind, said.topic, said.called):
        return before.id
    raise QuestionSettledError(row.id, before.by, before.at)


def _is_taken(row: Row[Any], by: str) -> bool:
    """Return whether somebody else has a question before him."""
    return row.claimed_by not in {None, by} and row.claimed_until > now()


def _let_go(connection: Connection, row: Row[Any], by: str) -> None:
    """Let others have a question."""
    connection.execute(
        update(QUESTIONS)
        .where(QUESTIONS.c.group_key == row.group_key, QUESTIONS.c.claimed_by == by)
        .values(**free())
    )


def _note(connection: Connection, row: Row[Any], said: Answer, *, settled: int) -> int:
    """Write a decision down."""
    # A near-duplicate of a reserved notice is shown blind as well, but was not drawn itself.
    blind = row.blind and is_reserved(row.id)
    number: int = connection.execute(
        insert(DECISIONS)
        .values(
            at=now(),
            by=said.by,
            kind=said.kind.value,
            notice_key=row.notice_key,
            group_key=row.group_key,
            why=row.why,
            topic=said.topic,
            called=said.called,
            remark=said.remark,
            blind=blind,
            shown=not row.blind and row.proposal is not None,
            proposal=row.proposal,
            model=None if row.proposal is None else row.proposal["model"],
            settled=settled,
        )
        .returning(DECISIONS.c.id)
    ).scalar_one()
    return number
