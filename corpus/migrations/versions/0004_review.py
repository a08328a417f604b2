"""What people are asked about themes, and what they decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of the review."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "review_questions",
        sa.Column("notice_key", number, autoincrement=False, nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("batch", name),
        sa.Column("group_key", number, nullable=False),
        sa.Column("priority", sa.Double, nullable=False),
        sa.Column("blind", sa.Boolean, nullable=False),
        sa.Column("drawn", sa.Boolean, nullable=False),
        sa.Column("place", sa.Double, nullable=False),
        sa.Column("proposal", sa.JSON),
        sa.Column("pushed_at", moment, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decision", number),
        sa.Column("claimed_by", name),
        sa.Column("claimed_at", moment),
        sa.Column("claimed_until", moment),
        sa.PrimaryKeyConstraint("notice_key", name="pk_review_questions"),
        sa.ForeignKeyConstraint(
            ["notice_key"], ["notices.key"], name="fk_review_questions_notice_key"
        ),
    )
    op.create_index(
        "ix_review_questions_line",
        "review_questions",
        ["state", "blind", "place", "notice_key"],
    )
    op.create_index("ix_review_questions_group_key", "review_questions", ["group_key"])
    op.create_index("ix_review_questions_decision", "review_questions", ["decision"])
    op.create_index("ix_review_questions_claimed_by", "review_questions", ["claimed_by"])
    op.create_index("ix_review_questions_claimed_until", "review_questions", ["claimed_until"])
    op.create_table(
        "review_decisions",
        sa.Column("id", number, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", name, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("notice_key", number, nullable=False),
        sa.Column("group_key", number, nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("topic", sa.Text),
        sa.Column("called", sa.Text),
        sa.Column("remark", sa.Text),
        sa.Column("blind", sa.Boolean, nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("proposal", sa.JSON),
        sa.Column("model", sa.String(64)),
        sa.Column("settled", sa.Integer, nullable=False),
        sa.Column("undone_at", moment),
        sa.Column("undone_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_review_decisions"),
        sa.ForeignKeyConstraint(
            ["notice_key"], ["notices.key"], name="fk_review_decisions_notice_key"
        ),
    )
    op.create_index("ix_review_decisions_notice_key", "review_decisions", ["notice_key"])
    op.create_index("ix_review_decisions_group_key", "review_decisions", ["group_key"])
    op.create_index("ix_review_decisions_by", "review_decisions", ["by"])
    op.create_index("ix_review_decisions_at", "review_decisions", ["at"])
    op.create_table(
        "review_settled",
        sa.Column("decision", number, nullable=False),
        sa.Column("notice_key", number, nullable=False),
        sa.Column("tag", number),
        sa.PrimaryKeyConstraint("decision", "notice_key", name="pk_review_settled"),
        sa.ForeignKeyConstraint(
            ["decision"], ["review_decisions.id"], name="fk_review_settled_decision"
        ),
        sa.ForeignKeyConstraint(
            ["notice_key"], ["notices.key"], name="fk_review_settled_notice_key"
        ),
        sa.ForeignKeyConstraint(["tag"], ["tags.id"], name="fk_review_settled_tag"),
    )
    op.create_index("ix_review_settled_notice_key", "review_settled", ["notice_key"])
