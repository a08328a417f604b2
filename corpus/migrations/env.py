"""What Alembic runs: the steps that are missing, on the connection it was given."""

from __future__ import annotations

from alembic import context

from corpus.schema import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
