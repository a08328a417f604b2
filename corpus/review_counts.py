"""
How far the review is: what waits, who has what before him, who did how much.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import distinct, func, select

from corpus.review_queue import is_waiting
from corpus.review_records import BEIJING, Kind, Progress, Tally
from corpus.review_schema import DECISIONS, QUESTIONS
from corpus.tagging import now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def start_of_today(moment: datetime | None = None) -> datetime:
    """Return when the day began by Beijing's clock, in UTC."""
    here = (moment or now()).astimezone(BEIJING)
    return here.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def progress(connection: Connection) -> Progress:
    """Return how far the review is; decisions that were taken back do not count."""
    table, since = QUESTIONS.c, start_of_today()
    of_each = connection.execute(
        select(table.why, func.count()).where(is_waiting()).group_by(table.why)
    )
    by_why: dict[str, int] = dict(of_each.all())
    lines = connection.execute(
        select(table.blind, func.count(distinct(table.group_key)))
        .where(is_waiting())
        .group_by(table.blind)
    ).all()
    claims = set(
        connection.execute(
            select(table.claimed_by, table.group_key).where(
                table.claimed_until > now(), is_waiting()
            )
        ).all()
    )
    claimed = Counter(by for by, _ in claims)
    today = _tallies(connection, since)
    ever = _tallies(connection, None)
    return Progress(
        waiting=sum(by_why.values()),
        groups=sum(count for _, count in lines),
        blind=sum(count for blind, count in lines if blind),
        by_why=by_why,
        claimed={by: claimed[by] for by in sorted(claimed)},
        since=since,
        today=_total(today.values()),
        by_person=today,
        ever=_total(ever.values()),
    )


def _tallies(connection: Connection, since: datetime | None) -> dict[str, Tally]:
    """Return how much each person did from a moment on."""
    table = DECISIONS.c
    query = (
        select(table.by, table.kind, table.blind, func.count(), func.sum(table.settled))
        .where(table.undone_at.is_(None))
        .group_by(table.by, table.kind, table.blind)
    )
    if since is not None:
        query = query.where(table.at >= since)
    counts: dict[str, Counter[str]] = {}
    for by, kind, blind, questions, notices in connection.execute(query):
        person = counts.setdefault(by, Counter())
        person[kind] += questions
        person["notices"] += int(notices or 0)
        if blind and kind == Kind.TOPIC.value:
            person["blind"] += questions
    return {by: _tally(counts[by]) for by in sorted(counts)}


def _tally(counts: Counter[str]) -> Tally:
    """Return the counts of a person."""
    return Tally(
        decided=counts[Kind.TOPIC.value],
        notices=counts["notices"],
        skipped=counts[Kind.SKIP.value],
        flagged=counts[Kind.FLAG.value],
        blind=counts["blind"],
    )


def _total(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of what several people did."""
    every = list(tallies)
    return Tally(*(sum(getattr(one, name) for one in every) for name in Tally.__dataclass_fields__))
