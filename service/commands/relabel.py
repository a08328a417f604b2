"""
``zhuti relabel``: what a model would make of the archive; done, taken back, or of a file alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classifier.suggestion import Verdict
from corpus.errors import UnusableFileError
from corpus.file_kinds import kind_to_write
from service.building import load_model, model_folder, open_corpus
from service.commands.choosing import WhereOption, read_where
from service.commands.database import DatabaseOption
from service.commands.index import JsonOption
from service.commands.progress import Meter
from service.commands.speaking import Few, print_json, say
from service.commands.suggest import MapOption, ModelOption
from service.commands.who import ByOption, login_name
from service.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.batches import Batch
    from corpus.store import Corpus

relabel_app = typer.Typer(
    help="Relabel an archive: plan, look, apply, undo; or a file.", no_args_is_help=True
)

JobsOption = Annotated[int, typer.Option("--jobs", min=1, help="How many processes work.")]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="A Dask scheduler (tcp://…), whose workers work instead of --jobs."
    ),
]
BatchArgument = Annotated[str, typer.Argument(metavar="BATCH", help="Its id; see zhuti batches.")]
NoticeOption = Annotated[
    str | None, typer.Option(metavar="ID", help="Only this notice, by its id or address.")
]
_SKIPPED_SHOWN = 20
_FLIPS_SHOWN = 10
_REASONS = {
    "hidden": "it is withdrawn or purged",
    "decided": "somebody has chosen its theme",
    "theme changed": "its theme is another one than when the plan was made",
    "text changed": "its text changed since the plan was made",
}


@relabel_app.command()
def plan(
    *,
    where: WhereOption = None,
    model: ModelOption = None,
    precision: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Which share of the changes has to be right.  [the card's]"
        ),
    ] = None,
    replace_printed: Annotated[
        bool, typer.Option("--replace-printed", help="Replace themes that issuers printed, too.")
    ] = False,
    replace_model: Annotated[
        bool, typer.Option("--replace-model", help="Replace what earlier models said, too.")
    ] = False,
    jobs: JobsOption = 1,
    scheduler: SchedulerOption = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The summary as a page to print.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The summary as an Excel file.")
    ] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Say what a model would change in the corpus, and change nothing.

    Only themes that say nothing (其他, empty, unreadable) are to be replaced, by answers that the
    model is sure of; what issuers printed by name goes to review. The same command takes up a plan
    that was broken off.
    """
    from classifier import relabel  # noqa: PLC0415 (the database takes time to load)
    from classifier.workers import Workers  # noqa: PLC0415
    from service.relabel_report import write_html, write_xlsx  # noqa: PLC0415

    settings = read_settings(model=model, database=database)
    with open_corpus(settings) as corpus:
        chosen = read_where(where, corpus.taxonomy)
    with Meter("notices") as meter:
        batch = relabel.plan(
            _place(settings),
            chosen,
            by=by or login_name(),
            precision=precision,
            replace_printed=replace_printed,
            replace_model=replace_model,
            workers=Workers(jobs, scheduler),
            progress=meter,
        )
    with open_corpus(settings) as corpus:
        found = _summary(settings, corpus, batch)
    if html is not None:
        write_html(html, found)
    if xlsx is not None:
        write_xlsx(xlsx, found)
    _tell_plan(batch, found)
    if as_json:
        print_json(plan_as_json(batch))


@relabel_app.command()
def apply(
    batch: BatchArgument,
    *,
    notice: NoticeOption = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Give the notices of a plan their new themes.

    A notice with a person's choice is never touched, and one that changed since the plan is
    skipped and listed. After a kill, give the same command again; given twice it changes nothing.
    After an undo it gives the themes again.
    """
    from classifier import relabel  # noqa: PLC0415

    with open_corpus(read_settings(database=database)) as corpus, Meter("notices") as meter:
        done = relabel.apply(corpus, batch, by=by or login_name(), notice=notice, progress=meter)
    _tell_skipped(done.skipped)
    say(f"{done.written:,} notices of {done.batch.id} have their new theme.")
    if as_json:
        print_json(_done_as_json("applied", done))


@relabel_app.command()
def undo(
    batch: BatchArgument,
    *,
    notice: NoticeOption = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Take the themes of a plan back: what was shown before is shown again.

    What people decided since stays. 'zhuti relabel apply' undoes the undo.
    """
    from classifier import relabel  # noqa: PLC0415

    with open_corpus(read_settings(database=database)) as corpus, Meter("notices") as meter:
        done = relabel.undo(corpus, batch, by=by or login_name(), notice=notice, progress=meter)
    say(f"{done.written:,} notices of {done.batch.id} show again what they showed before.")
    if as_json:
        print_json(_done_as_json("undone", done))


@relabel_app.command()
def file(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="JSONL (.gz), CSV, xlsx or Parquet.")
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The new file; its name tells the kind.")
    ],
    *,
    map_: MapOption = None,
    model: ModelOption = None,
    jobs: JobsOption = 1,
    scheduler: SchedulerOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Write a file of notices again with the theme of each beside it; no corpus is needed.

    Every column is kept, in its order; behind them come topic, topic_label, probability, verdict
    and alternatives. OUT appears when it is whole. Rows that cannot be read are written to
    OUT.rejects.jsonl with the reason.
    """
    from classifier.file_parts import Reading  # noqa: PLC0415 (joblib takes time to load)
    from classifier.relabel_file import relabel_file  # noqa: PLC0415
    from classifier.workers import Workers  # noqa: PLC0415

    try:
        kind_to_write(out)
    except UnusableFileError as error:
        raise typer.BadParameter(str(error)) from None
    if source.resolve() == out.resolve():
        msg = f"{out} is the file that is read. Name another one for the result."
        raise typer.BadParameter(msg)
    settings = read_settings(model=model, map=map_)
    with Meter("rows") as meter:
        report = relabel_file(
            source,
            out,
            Reading(
                str(model_folder(settings).resolve()),
                settings.segmenter,
                None if settings.map is None else str(settings.map.resolve()),
            ),
            workers=Workers(jobs, scheduler),
            progress=meter,
            warn=Few(meter.say),
        )
    for name, kept in report.renamed.items():
        say(f"The input's own column {name} is kept as {kept}.")
    counts = {verdict.value: report.verdicts.get(verdict.value, 0) for verdict in Verdict}
    told = ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items())
    say(f"{report.rows:,} rows written to {out}: {told}.")
    if report.rejects is not None:
        say(f"{report.rejected:,} rows are in {report.rejects}, each with its reason.")
    if as_json:
        print_json({"rows": report.rows, **counts, "rejected": report.rejected, "file": str(out)})
    if report.rejected:
        raise typer.Exit(1)


def _place(settings: Settings) -> Any:
    """Return where workers find corpus and model."""
    from classifier.relabel import Place  # noqa: PLC0415

    folder = str(model_folder(settings).resolve())
    return Place(settings.database or None, folder, settings.segmenter)


def plan_as_json(batch: Batch) -> dict[str, Any]:
    """Return what a plan comes to, as JSON."""
    counts = batch.counts
    return {
        "batch": batch.id,
        "notices": counts["notices"],
        "changes": counts["changes"],
        "from_other": counts["from_other"],
        "from_none": counts["from_none"],
        "to_review": counts["to_review"],
        "model": {"name": batch.planning.model_name, "digest": batch.planning.model_digest},
    }


def _done_as_json(verb: str, done: Any) -> dict[str, Any]:
    """Return what applying or undoing came to, as JSON."""
    return {
        "batch": done.batch.id,
        "state": done.batch.state,
        verb: done.written,
        "skipped": [{"id": name, "reason": reason} for name, reason in done.skipped],
    }


def _summary(settings: Settings, corpus: Corpus, batch: Batch) -> dict[str, Any]:
    """Return the summary of a plan."""
    from service.relabel_report import summary  # noqa: PLC0415

    figures = corpus.batches().figures(batch.id)
    return summary(batch, figures, corpus.taxonomy, load_model(settings))


def _tell_plan(batch: Batch, found: dict[str, Any]) -> None:
    """Say what a plan comes to."""
    counts = batch.counts
    say(
        f"{batch.id}: {counts['notices']:,} notices, {counts['changes']:,} would change"
        f" ({counts['from_other']:,} from 其他, {counts['from_none']:,} without a theme),"
        f" {counts['to_review']:,} to review."
    )
    for old, new, count in found["flips"][:_FLIPS_SHOWN]:
        say(f"  {count:>9,}  {old} → {new}")
    if len(found["flips"]) > _FLIPS_SHOWN:
        say("             … and more: --html or --xlsx shows them.")
    steps = ", ".join(f"{step:g}: {count:,}" for step, count in found["steps"])
    say(f"Changes by the probability from which an answer is accepted: {steps}.")
    say(f"Nothing is changed yet: 'zhuti relabel apply {batch.id}' does it.")


def _tell_skipped(skipped: Sequence[tuple[str, str]]) -> None:
    """List the notices that were left alone."""
    for name, reason in skipped[:_SKIPPED_SHOWN]:
        say(f"  skipped {name}: {_REASONS[reason]}.")
    if len(skipped) > _SKIPPED_SHOWN:
        say(f"  … and {len(skipped) - _SKIPPED_SHOWN:,} more: 'zhuti batches export' lists them.")
