"""Relabelling runs: what each proposes for which notice, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables of the batches."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "batches",
        sa.Column("id", number, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("model_name", sa.Text, nullable=False),
        sa.Column("model_digest", sa.String(64), nullable=False),
        sa.Column("taxonomy_digest", sa.String(64), nullable=False),
        sa.Column("chosen", sa.JSON, nullable=False),
        sa.Column("precision", sa.Double, nullable=False),
        sa.Column("accept", sa.Double, nullable=False),
        sa.Column("replace_printed", sa.Boolean, nullable=False),
        sa.Column("replace_model", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_table(
        "batch_ranges",
        sa.Column("batch", number, nullable=False),
        sa.Column("first_key", number, nullable=False),
        sa.Column("last_key", number, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("batch", "first_key", name="pk_batch_ranges"),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name="fk_batch_ranges_batch"),
    )
    op.create_table(
        "batch_items",
        sa.Column("batch", number, nullable=False),
        sa.Column("notice_key", number, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("old_topic", sa.Text),
        sa.Column("old_source", sa.String(16)),
        sa.Column("topic", sa.Text),
        sa.Column("probability", sa.Double),
        sa.Column("verdict", sa.String(8), nullable=False),
        sa.Column("level_1", sa.Text),
        sa.Column("level_1_probability", sa.Double),
        sa.Column("level_1_verdict", sa.String(8)),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("alternatives", sa.JSON, nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(16)),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("skipped", sa.String(16)),
        sa.Column("tag", number),
        sa.PrimaryKeyConstraint("batch", "notice_key", name="pk_batch_items"),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name="fk_batch_items_batch"),
        sa.ForeignKeyConstraint(["notice_key"], ["notices.key"], name="fk_batch_items_notice_key"),
        sa.ForeignKeyConstraint(["tag"], ["tags.id"], name="fk_batch_items_tag"),
    )
    op.create_index("ix_batch_items_notice_key", "batch_items", ["notice_key"])
