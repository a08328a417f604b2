"""
The tables of the corpus, as the newest migration leaves them.

A notice's key is the revision with which it first came, so keys are given before the row is
written, grow with time, and a page of rows begins behind the last key of the page before. The body
stands last: SQLite has to read through a long value to reach the columns behind it.

Bytes decide the order of identities in every database, whatever its language.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
VERSION_TABLE = "zhuti_version"

# SQLite numbers rows by itself only where the column is called INTEGER.
Number = BigInteger().with_variant(Integer(), "sqlite")
# The codes and ids of the tables are compared by their bytes.
Name = Text().with_variant(Text(collation="C"), "postgresql")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware of it on the way out as on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a moment as the database keeps it; SQLite knows no time zones."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a moment as we use it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


# One row. Whoever writes locks it first, so writers stand in a line, revisions are in the order
# in which they become visible, and a follower that has seen one has seen all before it.
REVISION = Table(
    "revision",
    METADATA,
    Column("one", Integer, CheckConstraint("one = 1", "one_row"), primary_key=True),
    Column("value", Number, nullable=False),
    Column("created_at", Moment, nullable=False),
)

NOTICES = Table(
    "notices",
    METADATA,
    Column("key", Number, primary_key=True, autoincrement=False),
    Column("id", Name, nullable=False, unique=True),
    Column("identity", Name, nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("revision", Number, nullable=False, unique=True),
    Column("topic", Text),
    Column("topic_source", String(16)),
    Column("stored_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # When what it says now arrived, and with which revision; a tag changes neither.
    Column("content_at", Moment, nullable=False),
    Column("content_revision", Number, nullable=False),
    # Index number and document number as they are compared.
    Column("index_key", Name, index=True),
    Column("number_key", Name, index=True),
    Column("url", Text),
    Column("title", Text),
    Column("issuing_body", Text),
    Column("index_number", Text),
    Column("document_number", Text),
    Column("document_type", Text),
    Column("written_on", Date),
    Column("published_on", Date),
    Column("effective_on", Date),
    Column("expires_on", Date),
    Column("validity", Text),
    Column("keywords", Text),
    Column("declared_topic", Text),
    Column("body", Text),
    Index("ix_notices_state_topic", "state", "topic"),
)

ATTACHMENTS = Table(
    "attachments",
    METADATA,
    Column("notice_key", Number, ForeignKey(NOTICES.c.key), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text),
    Column("digest", String(64)),
    Column("text", Text),
)

TAGS = Table(
    "tags",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("notice_key", Number, ForeignKey(NOTICES.c.key), nullable=False, index=True),
    Column("topic", Text),
    Column("source", String(16), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("model", Text),
    Column("probability", Double),
    Column("batch", Name, index=True),
    Column("retracts", Number, ForeignKey("tags.id")),
    CheckConstraint("topic IS NULL OR retracts IS NULL", "topic_or_retraction"),
)

VERSIONS = Table(
    "versions",
    METADATA,
    Column("notice_key", Number, ForeignKey(NOTICES.c.key), primary_key=True),
    Column("revision", Number, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("at", Moment, nullable=False),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("notice_key", Number, ForeignKey(NOTICES.c.key), index=True),
    Column("revision", Number, nullable=False),
    Column("detail", JSON, nullable=False),
)

# What gathering from sites has to remember. The notices themselves are the frontier: what is
# stored is not fetched again. Here stands what else a page's next visit needs.
CRAWL_PAGES = Table(
    "crawl_pages",
    METADATA,
    Column("url", Name, primary_key=True),
    Column("site", Name, nullable=False, index=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("failures", Integer, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("gone_at", Moment),
)

# *reached* is how far back a run came: "end", a date, or nothing where it was broken off.
CRAWL_RUNS = Table(
    "crawl_runs",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("site", Name, nullable=False, index=True),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("reached", String(10)),
    Column("counts", JSON, nullable=False),
    Column("fill", JSON, nullable=False),
)

CRAWL_HOSTS = Table(
    "crawl_hosts",
    METADATA,
    Column("host", Name, primary_key=True),
    Column("left_alone_until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
)

# A relabelling run: who planned it, with which model, over which notices, and how far it is.
BATCHES = Table(
    "batches",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("model_name", Text, nullable=False),
    Column("model_digest", String(64), nullable=False),
    Column("taxonomy_digest", String(64), nullable=False),
    Column("chosen", JSON, nullable=False),
    Column("precision", Double, nullable=False),
    Column("accept", Double, nullable=False),
    Column("replace_printed", Boolean, nullable=False),
    Column("replace_model", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("counts", JSON, nullable=False),
)

# The keys of a batch in ranges, each scored by one worker and kept in one transaction with its
# items: a range that was lost is scored again, one that is done is left alone.
BATCH_RANGES = Table(
    "batch_ranges",
    METADATA,
    Column("batch", Number, ForeignKey(BATCHES.c.id), primary_key=True),
    Column("first_key", Number, primary_key=True),
    Column("last_key", Number, nullable=False),
    Column("done", Boolean, nullable=False),
)

# What a batch says of a notice, and what it looked like then: digest, theme and whose it was.
BATCH_ITEMS = Table(
    "batch_items",
    METADATA,
    Column("batch", Number, ForeignKey(BATCHES.c.id), primary_key=True),
    Column("notice_key", Number, ForeignKey(NOTICES.c.key), primary_key=True, index=True),
    Column("digest", String(64), nullable=False),
    Column("old_topic", Text),
    Column("old_source", String(16)),
    Column("topic", Text),
    Column("probability", Double),
    Column("verdict", String(8), nullable=False),
    Column("level_1", Text),
    Column("level_1_probability", Double),
    Column("level_1_verdict", String(8)),
    Column("evidence", JSON, nullable=False),
    Column("alternatives", JSON, nullable=False),
    # Whether it is to be changed, to be reviewed or to be left, and why not changed.
    Column("action", String(8), nullable=False),
    Column("reason", String(16)),
    # What became of it: planned, applied, skipped, undone with the batch, or held back alone.
    Column("state", String(8), nullable=False),
    Column("skipped", String(16)),
    Column("tag", Number, ForeignKey(TAGS.c.id)),
)
