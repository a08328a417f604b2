"""
The line of questions: putting them in, and handing them out so that no two people get the same.

All of it happens in a transaction that somebody else holds and that only one writer has at a time,
so what is free when it is looked at is free when it is claimed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, exists, func, insert, not_, or_, select, update

from corpus.review_draw import WINDOW, blind_is_due, is_reserved, place
from corpus.review_records import Kind, Standing, Why
from corpus.review_schema import DECISIONS, QUESTIONS
from corpus.schema import NOTICES, TAGS
from corpus.stored import Source, State
from corpus.tagging import now

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

    from corpus.review_records import Question

# How long a person may think about what is before him; every further question renews it.
LEASE = timedelta(minutes=30)
# What a person skipped is for others; he is asked again the next day.
SKIPPED_FOR = timedelta(hours=12)
_FILLED = (Why.DOUBT.value, Why.SAMPLE.value)
# PostgreSQL takes 65,535 values in one statement, SQLite 32,766.
_MOST_KEYS = 10_000


def is_waiting() -> ColumnElement[bool]:
    """
    Return the condition that a question is open and still needs an answer.

    It does not once its notice is hidden, or a person has chosen its theme elsewhere.
    """
    chosen_since = exists().where(
        TAGS.c.notice_key == QUESTIONS.c.notice_key,
        TAGS.c.source.in_((Source.REVIEWER.value, Source.PUBLISHER.value)),
        TAGS.c.at > QUESTIONS.c.pushed_at,
    )
    # Said this way no database takes it for the best way in: nearly all notices are live, and
    # nearly all questions open.
    state = select(NOTICES.c.state).where(NOTICES.c.key == QUESTIONS.c.notice_key)
    live = state.scalar_subquery() == State.LIVE.value
    settled = (Standing.DECIDED.value, Standing.FLAGGED.value)
    return and_(QUESTIONS.c.state.not_in(settled), live, not_(chosen_since))


def push(connection: Connection, questions: Sequence[Question], *, again: bool = False) -> int:
    """
    Put questions into the line, or bring open ones up to date; return how many.

    What somebody has before him is left alone, and so is what is settled, unless *again*.

    Args:
        connection: Where; no more questions at once than a statement takes values.
        questions: What is to be asked, each notice once.
        again: Ask anew what is settled.
    """
    at = now()
    wanted = {question.key: question for question in questions}
    there = connection.execute(select(QUESTIONS).where(QUESTIONS.c.notice_key.in_(list(wanted))))
    known = {row.notice_key: row for row in there}
    live = set(
        connection.scalars(
            select(NOTICES.c.key).where(
                NOTICES.c.key.in_(list(wanted)), NOTICES.c.state == State.LIVE.value
            )
        )
    )
    touched: set[int] = set()
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for key, question in wanted.items():
        row = known.get(key)
        if key not in live or (row is not None and not _may_change(row, at, again=again)):
            continue
        group = key if question.group is None else question.group
        proposal = None if question.proposal is None else question.proposal.as_json()
        values: dict[str, Any] = {
            "why": question.why.value,
            "batch": question.batch,
            "group_key": group,
            "priority": question.priority,
            "proposal": proposal,
            "pushed_at": at,
            "state": Standing.OPEN.value,
            "decision": None,
            **free(),
        }
        touched.add(group)
        if row is None:
            fresh.append(
                {"notice_key": key, "blind": False, "drawn": False, "place": 0.0, **values}
            )
        else:
            touched.add(row.group_key)
            changed.append({"this": key, **values})
    if fresh:
        connection.execute(insert(QUESTIONS), fresh)
    if changed:
        connection.execute(
            update(QUESTIONS).where(QUESTIONS.c.notice_key == bindparam("this")), changed
        )
    draw_groups(connection, touched)
    return len(fresh) + len(changed)


def free() -> dict[str, Any]:
    """Return the columns of a question that nobody has claimed."""
    return dict.fromkeys(("claimed_by", "claimed_at", "claimed_until"))


def _may_change(row: Row[Any], at: datetime, *, again: bool) -> bool:
    """Return whether a question that is there may be asked anew."""
    if row.state != Standing.OPEN.value:
        return again
    return row.claimed_until is None or row.claimed_until <= at


def draw_groups(connection: Connection, groups: Iterable[int]) -> None:
    """Say of the open questions of some groups whether they are blind, and where they stand."""
    found: dict[int, list[Any]] = {}
    query = select(
        QUESTIONS.c.notice_key,
        QUESTIONS.c.group_key,
        QUESTIONS.c.priority,
        QUESTIONS.c.blind,
        QUESTIONS.c.place,
        NOTICES.c.id,
    ).join(NOTICES, NOTICES.c.key == QUESTIONS.c.notice_key)
    keys = sorted(groups)
    for start in range(0, len(keys), _MOST_KEYS):
        here = QUESTIONS.c.group_key.in_(keys[start : start + _MOST_KEYS])
        is_open = QUESTIONS.c.state == Standing.OPEN.value
        for row in connection.execute(query.where(here, is_open)):
            found.setdefault(row.group_key, []).append(row)
    moved = []
    for rows in found.values():
        blind = any(is_reserved(row.id) for row in rows)
        for row in rows:
            at = place(row.id, row.priority, blind=blind)
            if (row.blind, row.place) != (blind, at):
                moved.append({"this": row.notice_key, "blind": blind, "place": at})
    if moved:
        connection.execute(
            update(QUESTIONS).where(QUESTIONS.c.notice_key == bindparam("this")), moved
        )


def take_up_the_draw(connection: Connection, reached: float) -> None:
    """
    Note that all notices which drew up to *reached* are in the line, or were answered.

    Their blind answers are the random sample; what came in otherwise and drew more is not, yet.
    """
    connection.execute(
        update(QUESTIONS)
        .where(QUESTIONS.c.blind, QUESTIONS.c.place >= 1 - reached)
        .values(drawn=True)
    )


def drop_older(connection: Connection, moment: datetime) -> int:
    """Remove what an earlier filling asked and nobody has touched; return how many."""
    table = QUESTIONS.c
    done = connection.execute(
        delete(QUESTIONS).where(
            table.state == Standing.OPEN.value,
            table.why.in_(_FILLED),
            table.pushed_at < moment,
            or_(table.claimed_until.is_(None), table.claimed_until <= now()),
        )
    )
    return int(done.rowcount)


def claim(
    connection: Connection, who: str, wanted: int, *, lease: timedelta = LEASE
) -> dict[int, list[Row[Any]]]:
    """
    Return the questions that a person has before him, by group, at most *wanted* groups.

    What he holds already comes first, in the order in which he got it, and is his for another
    *lease*; then as many free groups as are missing. In each group the one to be shown is first.
    """
    at = now()
    held = _held(connection, who, at)
    while len(held) < wanted:
        group = _next_group(connection, who, at)
        if group is None:
            break
        connection.execute(
            update(QUESTIONS)
            .where(QUESTIONS.c.group_key == group, QUESTIONS.c.state == Standing.OPEN.value)
            .values(claimed_by=who, claimed_at=now(), claimed_until=at + lease)
        )
        held.append(group)
    held = held[:wanted]
    mine = (QUESTIONS.c.group_key.in_(held), QUESTIONS.c.claimed_by == who)
    connection.execute(update(QUESTIONS).where(*mine).values(claimed_until=at + lease))
    rows = connection.execute(
        select(QUESTIONS)
        .where(*mine, is_waiting())
        .order_by(QUESTIONS.c.place.desc(), QUESTIONS.c.notice_key)
    )
    found: dict[int, list[Row[Any]]] = {group: [] for group in held}
    for row in rows:
        found[row.group_key].append(row)
    return found


def _claimed_by(who: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a person has a question before him: only open ones are claimed."""
    return QUESTIONS.c.claimed_by == who, QUESTIONS.c.claimed_until > at


def _held(connection: Connection, who: str, at: datetime) -> list[int]:
    """Return the groups that a person has before him, the first he got first."""
    return list(
        connection.scalars(
            select(QUESTIONS.c.group_key)
            .where(*_claimed_by(who, at), is_waiting())
            .group_by(QUESTIONS.c.group_key)
            .order_by(func.min(QUESTIONS.c.claimed_at), QUESTIONS.c.group_key)
        )
    )


def _next_group(connection: Connection, who: str, at: datetime) -> int | None:
    """Return the next free group for a person, ``None`` if there is none."""
    blind = blind_is_due(*_handed_out(connection, at))
    first = _head(connection, who, at, blind=blind)
    return _head(connection, who, at, blind=not blind) if first is None else first


def _head(connection: Connection, who: str, at: datetime, *, blind: bool) -> int | None:
    """Return the group at the head of one of the two lines that a person may be asked."""
    table, same = QUESTIONS.c, QUESTIONS.alias()
    taken = exists().where(
        same.c.group_key == table.group_key,
        same.c.claimed_until > at,
    )
    skipped = exists().where(
        DECISIONS.c.group_key == table.group_key,
        DECISIONS.c.by == who,
        DECISIONS.c.kind == Kind.SKIP.value,
        DECISIONS.c.undone_at.is_(None),
        DECISIONS.c.at > at - SKIPPED_FOR,
    )
    group: int | None = connection.execute(
        select(table.group_key)
        .where(
            table.state == Standing.OPEN.value,
            table.blind == blind,
            is_waiting(),
            not_(taken),
            not_(skipped),
        )
        .order_by(table.place.desc(), table.notice_key.desc())
        .limit(1)
    ).scalar()
    return group


def _handed_out(connection: Connection, at: datetime) -> tuple[int, int]:
    """Return how many blind and how many other questions were answered lately or are being."""
    recent = connection.scalars(
        select(DECISIONS.c.blind)
        .where(DECISIONS.c.kind != Kind.SKIP.value, DECISIONS.c.undone_at.is_(None))
        .order_by(DECISIONS.c.id.desc())
        .limit(WINDOW)
    ).all()
    # Told apart here: asked for distinct ones, SQLite reads all questions in their order.
    claimed: dict[int, bool] = dict(
        connection.execute(
            select(QUESTIONS.c.group_key, QUESTIONS.c.blind).where(QUESTIONS.c.claimed_until > at)
        ).all()
    )
    kinds = [*recent, *claimed.values()]
    return sum(kinds), len(kinds) - sum(kinds)
