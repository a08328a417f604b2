"""
The tables of the review: what people are asked, what they answered, which tags that wrote.

A question is a notice whose theme a person should say; it has one row however often it is asked.
A claim stands in the row of its question, so that a look at one table tells what is free.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from corpus.schema import METADATA, NOTICES, TAGS, Moment, Name, Number

# *group_key* is the key of one notice of the group of near-duplicates, *priority* what was asked
# for, *place* where that puts the question in its line: see corpus.review_draw.
QUESTIONS = Table(
    "review_questions",
    METADATA,
    Column("notice_key", Number, ForeignKey(NOTICES.c.key), primary_key=True, autoincrement=False),
    Column("why", String(16), nullable=False),
    Column("batch", Name),
    Column("group_key", Number, nullable=False, index=True),
    Column("priority", Double, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("drawn", Boolean, nullable=False),
    Column("place", Double, nullable=False),
    Column("proposal", JSON(none_as_null=True)),
    Column("pushed_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    # The decision that settled it.
    Column("decision", Number, index=True),
    Column("claimed_by", Name, index=True),
    Column("claimed_at", Moment),
    Column("claimed_until", Moment, index=True),
    Index("ix_review_questions_line", "state", "blind", "place", "notice_key"),
)

# *shown* says whether whoever decided saw the proposal; *model* is the digest of who made it.
DECISIONS = Table(
    "review_decisions",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("by", Name, nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("notice_key", Number, ForeignKey(NOTICES.c.key), nullable=False, index=True),
    Column("group_key", Number, nullable=False, index=True),
    Column("why", String(16), nullable=False),
    Column("topic", Text),
    Column("called", Text),
    Column("remark", Text),
    Column("blind", Boolean, nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("proposal", JSON(none_as_null=True)),
    Column("model", String(64)),
    Column("settled", Integer, nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", Text),
)

# Which notices a decision settled, and by which tags: an undo takes back exactly these.
SETTLED = Table(
    "review_settled",
    METADATA,
    Column("decision", Number, ForeignKey(DECISIONS.c.id), primary_key=True),
    Column("notice_key", Number, ForeignKey(NOTICES.c.key), primary_key=True, index=True),
    Column("tag", Number, ForeignKey(TAGS.c.id)),
)
