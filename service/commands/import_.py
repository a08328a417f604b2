"""
``zhuti import``: files of notices into the corpus.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from service.building import open_corpus
from service.commands.database import DatabaseOption
from service.commands.progress import Meter
from service.commands.speaking import Few, say
from service.commands.who import login_name
from service.settings import read_settings

if TYPE_CHECKING:
    from corpus.importing import ImportReport

_REJECTS_OF_PIPES = Path("stdin.rejects.jsonl")


class TopicsAs(StrEnum):
    """Who can be taken to have said what a column ``topic`` says."""

    REVIEWER = "reviewer"
    MODEL = "model"


def import_(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE…", help="JSONL (.gz), CSV, xlsx or Parquet; - is stdin."),
    ],
    *,
    topics_as: Annotated[
        TopicsAs | None,
        typer.Option(
            "--topics-as", help="Keep the column topic as the tag of a reviewer or model."
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where rows go that cannot be used.  [FILE.rejects.jsonl]"
        ),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who imports them.  [your login name]")] = None,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """
    Store notices from files; what is stored already stays as it is.

    Columns are found by their heads, ours (title, body, index_number, …) or those of a page (标题,
    正文, 索引号, 主题分类, …), in any order. A row that cannot be used is written to the rejects
    file with the reason, and the others are stored. After an interruption, import the same files
    again.
    """
    from corpus.importing import import_files  # noqa: PLC0415 (the database takes time to load)
    from corpus.stored import Source  # noqa: PLC0415

    settings = read_settings(database=database)
    with _Inputs(files) as inputs, open_corpus(settings) as corpus, Meter("rows") as meter:
        report = import_files(
            corpus,
            inputs.paths,
            by=by or login_name(),
            rejects=rejects or (_REJECTS_OF_PIPES if inputs.piped else None),
            topics_as=None if topics_as is None else Source(topics_as.value),
            progress=meter,
            warn=Few(meter.say),
        )
    _tell(report)
    if as_json:
        typer.echo(json.dumps(_as_json(report), ensure_ascii=False))
    if not report.complete:
        raise typer.Exit(1)


class _Inputs:
    """
    The files to import; what comes through a pipe is kept until it was read twice.

    Args:
        names: The names as they were given; ``-`` is standard input.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self.paths: list[Path] = []
        self.piped = False

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="zhuti-")
        try:
            self.paths = [self._path(name, str(n)) for n, name in enumerate(self._names)]
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def _path(self, name: str, place: str) -> Path:
        """Return the file of a name."""
        path = Path(name)
        if name != "-" and (path.is_file() or path.is_dir() or not path.exists()):
            return path
        self.piped = True
        folder = Path(self._folder.name) / place
        folder.mkdir()
        kept = folder / ("standard input" if name == "-" else path.name)
        with kept.open("wb") as target:
            if name == "-":
                shutil.copyfileobj(sys.stdin.buffer, target)
            else:
                with path.open("rb") as source:
                    shutil.copyfileobj(source, target)
        return kept


def _tell(report: ImportReport) -> None:
    """Say what an import did."""
    if report.stopped is not None:
        stored = report.new + report.changed + report.unchanged
        say(f"The import stopped: {report.stopped}")
        say(f"{stored:,} rows are stored for good; import the same files again to go on.")
    say(
        f"{report.read:,} rows read: {report.new:,} new, {report.changed:,} changed,"
        f" {report.unchanged:,} unchanged, {report.rejected:,} rejected."
    )
    for path in report.rejects:
        say(f"The rejected rows are in {path}, each with its reason.")
    if report.dates_left_out:
        say(f"In {report.dates_left_out:,} rows a date named no day and was left out.")
    if report.tagged:
        say(f"{report.tagged:,} notices were tagged, as batch {report.batch}.")
    if report.topics_ignored:
        say(
            f"The column topic was ignored in {report.topics_ignored:,} rows;"
            " --topics-as reviewer or model keeps it."
        )


def _as_json(report: ImportReport) -> dict[str, Any]:
    """Return a report as JSON."""
    return {
        "read": report.read,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "rejected": report.rejected,
        "dates_left_out": report.dates_left_out,
        "topics_ignored": report.topics_ignored,
        "tagged": report.tagged,
        "batch": report.batch,
        "rejects": [str(path) for path in report.rejects],
        "damaged": list(report.damaged),
        "stopped": report.stopped,
    }
