"""
``zhuti export``: the corpus into a file.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import UnusableFileError
from service.building import open_corpus
from service.commands.database import DatabaseOption
from service.commands.progress import Meter
from service.commands.speaking import say
from service.settings import read_settings


def export(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="JSONL (.gz), CSV, xlsx or Parquet by its name; - is stdout."
        ),
    ],
    *,
    history: Annotated[
        bool, typer.Option("--history", help="Add all tags and events of each notice.")
    ] = False,
    topic: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Only this topic and those below it; may be repeated."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only notices published on this day or later."),
    ] = None,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """
    Write all notices of the corpus to a file, with their current topics.

    Two exports of the same state are the same bytes. A file of that name is replaced once the new
    one is whole.
    """
    from corpus.exporting import export_file  # noqa: PLC0415 (the database takes time to load)
    from corpus.file_kinds import kind_to_write  # noqa: PLC0415

    to_stdout = file == "-"
    if to_stdout and as_json:
        raise typer.BadParameter("--json prints a summary on stdout, where the notices go.")
    if not to_stdout:
        try:
            kind_to_write(Path(file))
        except UnusableFileError as error:
            raise typer.BadParameter(str(error)) from None
    with open_corpus(read_settings(database=database)) as corpus, Meter("notices") as meter:
        count = export_file(
            corpus,
            sys.stdout.buffer if to_stdout else Path(file),
            history=history,
            topics=topic or (),
            since=None if since is None else since.date(),
            progress=meter,
        )
    sys.stdout.flush()
    if as_json:
        typer.echo(json.dumps({"notices": count, "file": file}, ensure_ascii=False))
    else:
        say(f"{count:,} notices written to {'standard output' if to_stdout else file}.")
