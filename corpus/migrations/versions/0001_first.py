"""Notices, what was said of them, and what was done to them."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    moment = sa.DateTime(timezone=True)
    counter = op.create_table(
        "revision",
        sa.Column("one", sa.Integer, nullable=False),
        sa.Column("value", number, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_revision"),
        sa.CheckConstraint("one = 1", name=op.f("ck_revision_one_row")),
    )
    op.bulk_insert(counter, [{"one": 1, "value": 0, "created_at": datetime.now(UTC)}])
    op.create_table(
        "notices",
        sa.Column("key", number, autoincrement=False, nullable=False),
        sa.Column("id", name, nullable=False),
        sa.Column("identity", name, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", number, nullable=False),
        sa.Column("topic", sa.Text),
        sa.Column("topic_source", sa.String(16)),
        sa.Column("stored_at", moment, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("content_at", moment, nullable=False),
        sa.Column("content_revision", number, nullable=False),
        sa.Column("index_key", name),
        sa.Column("number_key", name),
        sa.Column("url", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("issuing_body", sa.Text),
        sa.Column("index_number", sa.Text),
        sa.Column("document_number", sa.Text),
        sa.Column("document_type", sa.Text),
        sa.Column("written_on", sa.Date),
        sa.Column("published_on", sa.Date),
        sa.Column("effective_on", sa.Date),
        sa.Column("expires_on", sa.Date),
        sa.Column("validity", sa.Text),
        sa.Column("keywords", sa.Text),
        sa.Column("declared_topic", sa.Text),
        sa.Column("body", sa.Text),
        sa.PrimaryKeyConstraint("key", name="pk_notices"),
        sa.UniqueConstraint("id", name="uq_notices_id"),
        sa.UniqueConstraint("identity", name="uq_notices_identity"),
        sa.UniqueConstraint("revision", name="uq_notices_revision"),
    )
    op.create_index("ix_notices_index_key", "notices", ["index_key"])
    op.create_index("ix_notices_number_key", "notices", ["number_key"])
    op.create_index("ix_notices_state_topic", "notices", ["state", "topic"])
    op.create_table(
        "attachments",
        sa.Column("notice_key", number, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("digest", sa.String(64)),
        sa.Column("text", sa.Text),
        sa.PrimaryKeyConstraint("notice_key", "position", name="pk_attachments"),
        sa.ForeignKeyConstraint(["notice_key"], ["notices.key"], name="fk_attachments_notice_key"),
    )
    op.create_table(
        "tags",
        sa.Column("id", number, nullable=False),
        sa.Column("notice_key", number, nullable=False),
        sa.Column("topic", sa.Text),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("probability", sa.Double),
        sa.Column("batch", name),
        sa.Column("retracts", number),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
        sa.ForeignKeyConstraint(["notice_key"], ["notices.key"], name="fk_tags_notice_key"),
        sa.ForeignKeyConstraint(["retracts"], ["tags.id"], name="fk_tags_retracts"),
        sa.CheckConstraint(
            "topic IS NULL OR retracts IS NULL", name=op.f("ck_tags_topic_or_retraction")
        ),
    )
    op.create_index("ix_tags_notice_key", "tags", ["notice_key"])
    op.create_index("ix_tags_batch", "tags", ["batch"])
    op.create_table(
        "versions",
        sa.Column("notice_key", number, nullable=False),
        sa.Column("revision", number, autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("notice_key", "revision", name="pk_versions"),
        sa.ForeignKeyConstraint(["notice_key"], ["notices.key"], name="fk_versions_notice_key"),
    )
    op.create_table(
        "events",
        sa.Column("id", number, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("notice_key", number),
        sa.Column("revision", number, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.ForeignKeyConstraint(["notice_key"], ["notices.key"], name="fk_events_notice_key"),
    )
    op.create_index("ix_events_notice_key", "events", ["notice_key"])
