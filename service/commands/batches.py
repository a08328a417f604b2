"""
``zhuti batches``: the relabelling runs, and one of them as a list for the site's own system.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.errors import UnusableFileError
from service.building import open_corpus
from service.commands.database import DatabaseOption
from service.commands.index import JsonOption
from service.commands.relabel import BatchArgument
from service.commands.speaking import print_json, say
from service.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.batches import Batches
    from corpus.taxonomy import Taxonomy

batches_app = typer.Typer(
    help="List the relabelling runs; write one as a list.", invoke_without_command=True
)
_COLUMNS = (
    "url",
    "index_number",
    "id",
    "title",
    "old_topic",
    "old_topic_label",
    "topic",
    "topic_label",
    "probability",
    "state",
    "skipped",
)


@batches_app.callback()
def list_batches(
    context: typer.Context, *, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """List the relabelling runs, the newest first."""
    if context.invoked_subcommand is not None:
        return
    with open_corpus(read_settings(database=database)) as corpus:
        found = corpus.batches().all()
    if as_json:
        print_json([batch.as_json() for batch in found])
        return
    for batch in found:
        made, counts = batch.planning, batch.counts
        where = ", ".join(f"{name} {value}" for name, value in made.chosen.as_json().items())
        figures = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
        typer.echo(
            f"{batch.id:14}{batch.state:10}{batch.at:%Y-%m-%d %H:%M}  {made.by}"
            f"  {made.model_name} {made.model_digest[:12]}  {where or 'all notices'}"
        )
        typer.echo(f"{'':14}{figures}")


@batches_app.command()
def export(
    batch: BatchArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="xlsx, CSV, JSONL or Parquet by its name.")
    ],
    *,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Write the changes of a run: address, index number, old and new theme, one notice a row.

    The column state says what became of each: planned, applied, skipped or undone.
    """
    from corpus.file_kinds import kind_to_write  # noqa: PLC0415
    from corpus.row_writing import write_rows  # noqa: PLC0415

    try:
        kind_to_write(file)
    except UnusableFileError as error:
        raise typer.BadParameter(str(error)) from None
    with open_corpus(read_settings(database=database)) as corpus:
        batches = corpus.batches()
        found = batches.get(batch)
        count = write_rows(file, _COLUMNS, _rows(batches, found.id, corpus.taxonomy))
    if as_json:
        print_json({"batch": found.id, "notices": count, "file": str(file)})
    else:
        say(f"{count:,} changes of {found.id} written to {file}.")


def _rows(batches: Batches, batch: str, taxonomy: Taxonomy) -> Iterator[dict[str, Any]]:
    """Yield the changes of a batch as rows."""

    def label(code: str | None) -> str | None:
        return taxonomy.print(taxonomy.topic(code)) if code and code in taxonomy else code

    for entry in batches.entries(batch, actions=("change",)):
        judged = entry.judged
        yield {
            "url": entry.url,
            "index_number": entry.index_number,
            "id": entry.id,
            "title": entry.title,
            "old_topic": judged.old_topic,
            "old_topic_label": label(judged.old_topic),
            "topic": judged.topic,
            "topic_label": label(judged.topic),
            "probability": round(judged.probability or 0.0, 4),
            "state": entry.state,
            "skipped": entry.skipped,
        }
