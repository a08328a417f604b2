"""
``zhuti review fill``, ``export`` and ``import``: what people are asked, also in Excel.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from service.building import model_folder, open_corpus
from service.commands.database import DatabaseOption
from service.commands.extras import need_training_libraries
from service.commands.progress import Meter
from service.commands.speaking import print_json, say
from service.commands.suggest import ModelOption
from service.commands.who import ByOption, login_name
from service.settings import read_settings

review_app = typer.Typer(
    help="Ask people about the themes that are in doubt.", no_args_is_help=True
)
_PROBLEMS_SHOWN = 20

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


@review_app.command("fill")
def fill(
    *,
    limit: Annotated[
        int, typer.Option(min=1, help="How many questions wait at most when it is done.")
    ] = 500,
    model: ModelOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Ask about the notices from which most is learned, and about one in ten drawn at random.

    Notices with a reviewer's or publisher's choice are left out. Questions of an earlier filling
    make room, unless somebody has them before him.
    """
    need_training_libraries()
    from classifier.model import load  # noqa: PLC0415 (scikit-learn takes a second to load)
    from classifier.queueing import fill as fill_queue  # noqa: PLC0415

    settings = read_settings(model=model, database=database)
    # Proposals are tags to be, so they come from the model's own list, whatever a site shows.
    topic_model = load(model_folder(settings), engine=settings.segmenter)
    with (
        open_corpus(settings, taxonomy=topic_model.taxonomy) as corpus,
        Meter("notices") as meter,
    ):
        filled = fill_queue(corpus, topic_model, limit=limit, progress=meter)
    if as_json:
        print_json({**asdict(filled), "model": topic_model.digest})
        return
    say(
        f"{filled.scored:,} notices without a person's choice, {filled.doubtful:,} of them in"
        f" doubt; {filled.unreadable:,} hold no word the model knows."
    )
    say(
        f"{filled.groups:,} questions wait now for {filled.notices:,} notices, {filled.blind:,} of"
        f" them drawn at random and without a proposal; {filled.dropped:,} earlier ones made room."
    )


@review_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="The sheet to write.")],
    *,
    limit: Annotated[
        int | None, typer.Option(min=1, help="How many questions at most.  [all]")
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Write the open questions as an Excel sheet, to be decided there.

    Nobody is kept from deciding them elsewhere meanwhile: what was decided first holds.
    """
    from corpus.review_sheet import write_sheet  # noqa: PLC0415 (the database takes time to load)

    if file.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"{file} must end in .xlsx: the sheet is an Excel file.")
    with open_corpus(read_settings(database=database)) as corpus, Meter("rows") as meter:
        count = write_sheet(corpus, file, limit=limit, progress=meter)
    if as_json:
        print_json({"questions": count, "file": str(file)})
    else:
        say(f"{count:,} questions written to {file}.")


@review_app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.xlsx", help="A sheet that was filled in; also as CSV.")
    ],
    *,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Take the decisions of a sheet; the same sheet again changes nothing.

    A decision is a code or a label in any spelling. What was decided elsewhere since the sheet was
    written is never overwritten, and told row by row like what cannot be read.
    """
    from corpus.review_sheet import read_sheet  # noqa: PLC0415 (the database takes time to load)

    with open_corpus(read_settings(database=database)) as corpus, Meter("rows") as meter:
        report = read_sheet(corpus, file, by=by or login_name(), progress=meter)
    for problem in report.problems[:_PROBLEMS_SHOWN]:
        say(problem)
    if len(report.problems) > _PROBLEMS_SHOWN:
        say("… and more; --json lists them all.")
    say(
        f"{report.read:,} rows: {report.decided:,} decided, {report.flagged:,} flagged (together"
        f" {report.notices:,} notices), {report.unchanged:,} taken before, {report.empty:,} empty,"
        f" {len(report.problems):,} not taken."
    )
    if as_json:
        print_json(asdict(report))
    if report.problems:
        raise typer.Exit(1)
