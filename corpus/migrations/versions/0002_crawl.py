"""What gathering from sites has to remember: pages, runs, and hosts that are left alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of the crawler."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    name = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "crawl_pages",
        sa.Column("url", name, nullable=False),
        sa.Column("site", name, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("gone_at", moment),
        sa.PrimaryKeyConstraint("url", name="pk_crawl_pages"),
    )
    op.create_index("ix_crawl_pages_site", "crawl_pages", ["site"])
    op.create_table(
        "crawl_runs",
        sa.Column("id", number, nullable=False),
        sa.Column("site", name, nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.Column("reached", sa.String(10)),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("fill", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_crawl_runs"),
    )
    op.create_index("ix_crawl_runs_site", "crawl_runs", ["site"])
    op.create_table(
        "crawl_hosts",
        sa.Column("host", name, nullable=False),
        sa.Column("left_alone_until", moment, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_crawl_hosts"),
    )
