"""
The review: notices whose theme a person should say, and what people said.

Questions come from whoever has doubts: the model (``zhuti review fill``), the audit, a batch of a
relabelling. One answer settles a whole group of near-duplicates. Two people never have the same
question before them: a claim is taken in a transaction that only one writer has at a time, and
runs out if its owner goes home. One question in ten is shown without the model's proposal
(:mod:`corpus.review_draw`). Answers become a reviewer's tags, in the same transaction.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text, update

from corpus import themes
from corpus.records import COLUMNS, stored_notices, tags_of
from corpus.review_counts import progress
from corpus.review_deciding import Answer, answer, decisions, undo
from corpus.review_draw import blind_is_due, is_reserved
from corpus.review_queue import LEASE, claim, drop_older, is_waiting, push, take_up_the_draw
from corpus.review_records import Asked, Decision, Kind, Progress, Proposal, Standing, Why
from corpus.review_schema import DECISIONS, QUESTIONS, SETTLED
from corpus.schema import NOTICES
from corpus.stored import Source, State
from corpus.tagging import live_rows
from corpus.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, Row

    from corpus.database import Database
    from corpus.review_records import Question
    from corpus.stored import StoredNotice
    from corpus.taxonomy import Taxonomy

MOST_AT_ONCE = 20
_CHUNK = 500
_PAGE = 200
# From so many new questions on, the database should know how many there are.
_MANY = 1000


class Review:
    """What people are asked about the themes of a corpus, and what they answered."""

    def __init__(self, database: Database, taxonomy: Taxonomy) -> None:
        self._database = database
        self._taxonomy = taxonomy

    # Questions come in.

    def push(self, questions: Iterable[Question], *, again: bool = False) -> int:
        """
        Put questions into the line, or bring open ones up to date; return how many.

        Questions that somebody has before him are left as they are, and so are those that are
        settled, unless *again*.
        """
        waiting = iter(questions)
        count = 0
        while some := list(islice(waiting, _CHUNK)):
            with self._database.writing() as connection:
                count += push(connection, some, again=again)
        if count >= _MANY and not self._database.is_sqlite:
            # Until PostgreSQL has counted them by itself, each question costs half a second.
            with self._database.alone() as connection:
                connection.execute(text("ANALYZE review_questions"))
        return count

    def take_up_the_draw(self, reached: float) -> None:
        """Note that all notices that drew up to *reached* are asked: see corpus.review_draw."""
        with self._database.writing() as connection:
            take_up_the_draw(connection, reached)

    def drop_older(self, moment: datetime) -> int:
        """Remove untouched questions of earlier fillings; return how many."""
        with self._database.writing() as connection:
            return drop_older(connection, moment)

    # Questions go out.

    def next(self, by: str, *, count: int = 1, lease: timedelta = LEASE) -> list[Asked]:
        """
        Return up to *count* questions for a person, and keep them from everybody else.

        Those he has before him already come first, so nothing is lost when he asks again.

        Args:
            by: Who asks.
            count: How many, the first to be shown and those to be fetched ahead.
            lease: How long they are his.
        """
        wanted = max(1, min(count, MOST_AT_ONCE))
        with self._database.writing() as connection:
            groups = claim(connection, clean(by), wanted, lease=lease)
            return _asked(connection, list(groups.values()))

    def open(self) -> Iterator[Asked]:
        """Yield the questions that wait, in the order in which they would be asked."""
        lines = (self._line(blind=False), self._line(blind=True))
        gone = [0, 0]
        while True:
            due = blind_is_due(gone[1], gone[0])
            for line in (due, not due):
                asked = next(lines[line], None)
                if asked is not None:
                    gone[line] += 1
                    yield asked
                    break
            else:
                return

    def _line(self, *, blind: bool) -> Iterator[Asked]:
        """Yield the questions of one line, read in pages."""
        table = QUESTIONS.c
        with self._database.reading() as connection:
            order = connection.scalars(
                select(table.group_key)
                .where(table.state == Standing.OPEN.value, table.blind == blind, is_waiting())
                .order_by(table.place.desc(), table.notice_key.desc())
            )
            groups = list(dict.fromkeys(order))
        for start in range(0, len(groups), _PAGE):
            some = groups[start : start + _PAGE]
            with self._database.reading() as connection:
                rows = connection.execute(
                    select(QUESTIONS)
                    .where(table.group_key.in_(some), is_waiting())
                    .order_by(table.place.desc(), table.notice_key)
                ).all()
                found: dict[int, list[Row[Any]]] = {group: [] for group in some}
                for row in rows:
                    found[row.group_key].append(row)
                page = _asked(connection, [group for group in found.values() if group])
            yield from page

    # People answer.

    def decide(
        self,
        name: str,
        topic: str,
        *,
        by: str,
        remark: str | None = None,
        only: Sequence[str] | None = None,
        whoever: bool = False,
    ) -> Decision:
        """
        Say the theme of a notice and of its near-duplicates, and return the decision once safe.

        Args:
            name: The id, identity or address of the notice that was shown.
            topic: A code of the taxonomy.
            by: Who decides.
            remark: What he says besides.
            only: Which notices of the group are meant, by id; all that were shown if not given.
            whoever: Decide it whoever has it before him, and beyond its group as well.

        Raises:
            UnknownTopicError: If the taxonomy has no such topic.
            UnknownQuestionError: If nobody asks about that notice.
            QuestionTakenError: If somebody else has it before him.
            QuestionSettledError: If it is settled otherwise.
        """
        code = self._taxonomy.topic(topic).code
        return self._answer(
            Answer(name, clean(by), Kind.TOPIC, code, None, _text(remark), only, whoever)
        )

    def skip(self, name: str, *, by: str) -> Decision:
        """Leave a question to others; for the errors see :meth:`decide`."""
        return self._answer(Answer(name, clean(by), Kind.SKIP))

    def flag(
        self,
        name: str,
        *,
        by: str,
        called: str | None = None,
        remark: str | None = None,
        only: Sequence[str] | None = None,
        whoever: bool = False,
    ) -> Decision:
        """
        Say that no topic fits, and what the missing one might be called.

        No tag is written. For the errors see :meth:`decide`.
        """
        return self._answer(
            Answer(name, clean(by), Kind.FLAG, None, _text(called), _text(remark), only, whoever)
        )

    def _answer(self, said: Answer) -> Decision:
        """Keep an answer in one transaction."""
        with self._database.writing() as connection:
            number = answer(connection, said)
            return decisions(connection, DECISIONS.c.id == number)[0]

    def undo(self, *, by: str, decision: int | None = None) -> Decision:
        """
        Take a decision back, the newest of this person if none is named.

        Its tags are retracted, its questions open again; what was said since stays.

        Raises:
            UnknownDecisionError: If there is no such decision, or it was taken back already.
        """
        with self._database.writing() as connection:
            number = undo(connection, decision, clean(by))
            return decisions(connection, DECISIONS.c.id == number)[0]

    # What came of it.

    def progress(self) -> Progress:
        """Return how far the review is."""
        with self._database.reading() as connection:
            return progress(connection)

    def decisions(self, name: str | None = None, *, limit: int = 100) -> list[Decision]:
        """Return the newest decisions that settled a notice, or of all; undone ones among them."""
        with self._database.reading() as connection:
            if name is None:
                return decisions(connection, limit=limit)
            row = live_rows(connection, [name]).get(name)
            key = -1 if row is None else row.key
            settled = select(SETTLED.c.decision).where(SETTLED.c.notice_key == key)
            skipped = (DECISIONS.c.notice_key == key) & (DECISIONS.c.kind == Kind.SKIP.value)
            return decisions(connection, DECISIONS.c.id.in_(settled) | skipped, limit=limit)

    def flags(self, *, limit: int = 100) -> list[Decision]:
        """Return the newest answers that no topic fits."""
        with self._database.reading() as connection:
            return decisions(
                connection,
                DECISIONS.c.kind == Kind.FLAG.value,
                DECISIONS.c.undone_at.is_(None),
                limit=limit,
            )

    def missing_topics(self) -> list[tuple[str, int]]:
        """Return the names that people would give to missing topics, the most frequent first."""
        count = func.count().label("count")
        query = (
            select(DECISIONS.c.called, count)
            .where(
                DECISIONS.c.kind == Kind.FLAG.value,
                DECISIONS.c.undone_at.is_(None),
                DECISIONS.c.called.is_not(None),
            )
            .group_by(DECISIONS.c.called)
            .order_by(count.desc(), DECISIONS.c.called)
        )
        with self._database.reading() as connection:
            return [(called, many) for called, many in connection.execute(query)]

    def standing(self, name: str) -> Standing | None:
        """Return where the question about a notice stands, ``None`` if there is none."""
        with self._database.reading() as connection:
            row = live_rows(connection, [name]).get(name)
            if row is None:
                return None
            state = connection.execute(
                select(QUESTIONS.c.state).where(QUESTIONS.c.notice_key == row.key)
            ).scalar()
        return None if state is None else Standing(state)

    def blind_sample(self) -> Iterator[tuple[StoredNotice, Decision]]:
        """
        Yield the notices of the random sample with the decision, oldest first.

        Only what was drawn, decided without its proposal, and is still what the reviewers say.
        """
        table = DECISIONS.c
        drawn = select(QUESTIONS.c.notice_key).where(QUESTIONS.c.drawn)
        after = 0
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(
                    select(table.id, table.notice_key, SETTLED.c.tag)
                    .join(
                        SETTLED,
                        (SETTLED.c.decision == table.id)
                        & (SETTLED.c.notice_key == table.notice_key),
                    )
                    .where(
                        table.id > after,
                        table.kind == Kind.TOPIC.value,
                        table.blind,
                        table.undone_at.is_(None),
                        table.notice_key.in_(drawn),
                    )
                    .order_by(table.id)
                    .limit(_PAGE)
                ).all()
                page = _still_said(connection, rows)
            yield from page
            if len(rows) < _PAGE:
                return
            after = rows[-1].id

    def blind_keys(self) -> set[int]:
        """Return the keys of all notices that blind decisions settled, near-duplicates included."""
        query = (
            select(SETTLED.c.notice_key)
            .join(DECISIONS, DECISIONS.c.id == SETTLED.c.decision)
            .where(DECISIONS.c.blind, DECISIONS.c.undone_at.is_(None))
        )
        with self._database.reading() as connection:
            return set(connection.scalars(query))


def forget(connection: Connection, key: int) -> None:
    """Remove the words of a notice from what was proposed for it."""
    for table in (QUESTIONS, DECISIONS):
        connection.execute(update(table).where(table.c.notice_key == key).values(proposal=None))


def _asked(connection: Connection, groups: Sequence[Sequence[Row[Any]]]) -> list[Asked]:
    """Return questions with their notices; the first row of each group is the one to be shown."""
    keys = [row.notice_key for group in groups for row in group]
    rows = [
        found
        for start in range(0, len(keys), _CHUNK)
        for found in connection.execute(
            select(*COLUMNS).where(NOTICES.c.key.in_(keys[start : start + _CHUNK]))
        )
    ]
    notices = {stored.key: stored for stored in stored_notices(connection, rows)}
    found = []
    for shown, *others in groups:
        proposal = None if shown.blind else Proposal.from_json(shown.proposal)
        found.append(
            Asked(
                notice=notices[shown.notice_key],
                why=Why(shown.why),
                batch=shown.batch,
                blind=shown.blind,
                proposal=proposal,
                others=tuple(notices[row.notice_key] for row in others),
                until=shown.claimed_until,
            )
        )
    return found


def _still_said(
    connection: Connection, rows: Sequence[Row[Any, Any, Any]]
) -> list[tuple[StoredNotice, Decision]]:
    """Return those decisions whose tag is still the newest of the reviewers, of live notices."""
    keys = [row.notice_key for row in rows]
    tags = tags_of(connection, keys)
    standing = []
    for row in rows:
        last = themes.newest(tags[row.notice_key], Source.REVIEWER)
        if last is not None and last.id == row.tag:
            standing.append(row)
    found = connection.execute(
        select(*COLUMNS).where(
            NOTICES.c.key.in_([row.notice_key for row in standing]),
            NOTICES.c.state == State.LIVE.value,
        )
    ).all()
    notices = {stored.key: stored for stored in stored_notices(connection, found)}
    made = decisions(connection, DECISIONS.c.id.in_([row.id for row in standing]))
    by_number = {decision.id: decision for decision in made}
    return [
        (notices[row.notice_key], by_number[row.id])
        for row in standing
        if row.notice_key in notices and is_reserved(notices[row.notice_key].id)
    ]


def _text(value: str | None) -> str | None:
    """Return what somebody wrote, ``None`` if it is nothing."""
    return None if value is None else clean(value) or None
