"""
``zhuti audit``: which stored themes are probably wrong, and what each 其他 really holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import UnusableFileError
from service.building import model_folder, open_corpus
from service.commands.database import DatabaseOption
from service.commands.extras import need_audit_libraries
from service.commands.speaking import end_progress, print_json, say, show_progress
from service.commands.suggest import ModelOption
from service.commands.train import TaxonomyOption
from service.settings import read_settings

if TYPE_CHECKING:
    from classifier.audit_decisions import Audit, Decision
    from classifier.audit_rows import ThemedNotices
    from corpus.taxonomy import Taxonomy
    from service.settings import Settings

_KINDS = (
    ("wrong", "Probably wrong"),
    ("other", "其他 that has a theme"),
    ("twins", "Nearly the same, with different themes"),
)
_PROBLEMS_SHOWN = 5
_SPELLINGS_SHOWN = 10


def audit(
    notices: Annotated[
        list[Path] | None,
        typer.Option(
            "--notices",
            metavar="FILE",
            help="Notices as JSONL (.gz), may be repeated; without it, those of the corpus.",
        ),
    ] = None,
    *,
    field: Annotated[str, typer.Option(help="The field of the files that holds the theme.")] = (
        "topic"
    ),
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A row for each doubtful notice: .csv, .xlsx, .jsonl."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A report in Chinese, to be printed.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many of each kind to print.")] = 10,
    most: Annotated[
        int, typer.Option(min=100, help="Of a larger corpus only so many are looked at.")
    ] = 50_000,
    jobs: Annotated[int, typer.Option(min=1, help="How many processes fit at the same time.")] = 2,
    taxonomy: TaxonomyOption = None,
    model: ModelOption = None,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """
    Find stored themes that are probably wrong, and look into each 其他.

    Each notice is judged by models that saw neither it nor any copy of it. Decisions that are
    surest and settle most come first; nothing is changed.
    """
    need_audit_libraries()
    from classifier.audit import audit as look  # noqa: PLC0415 (a second to load)
    from classifier.audit_tables import COLUMNS, audit_as_json, audit_as_rows  # noqa: PLC0415
    from classifier.examples import examples_for  # noqa: PLC0415
    from classifier.model import load  # noqa: PLC0415
    from corpus.row_writing import write_rows  # noqa: PLC0415
    from corpus.taxonomy_file import read_taxonomy  # noqa: PLC0415
    from service.audit_report import write_report  # noqa: PLC0415

    _check_names(out, html)
    settings = read_settings(model=model, database=database)
    if taxonomy is None:
        # In its own list, whatever the site shows its readers: that is what is stored.
        topic_model = load(model_folder(settings), engine=settings.segmenter)
        topics = topic_model.taxonomy
    else:
        topic_model, topics = None, read_taxonomy(taxonomy)
    themed = _read(notices or [], field, topics, settings, most)
    for problem in themed.problems[:_PROBLEMS_SHOWN]:
        say(problem)
    if themed.problems:
        say(f"{len(themed.problems)} rows could not be used.")
    found = look(
        themed,
        topics,
        model=topic_model,
        examples=examples_for(topics),
        jobs=jobs,
        progress=show_progress,
    )
    end_progress()
    for remark in found.remarks:
        say(remark)
    if out is not None:
        written = write_rows(out, COLUMNS, audit_as_rows(found))
        say(f"{written:,} rows written to {out}.")
    if html is not None:
        write_report(html, found)
        say(f"Report written to {html}.")
    if as_json:
        print_json(audit_as_json(found))
    else:
        _print(found, limit)


def _check_names(out: Path | None, html: Path | None) -> None:
    """Refuse names that cannot be written to before the long work, not after it."""
    from corpus.file_kinds import kind_to_write  # noqa: PLC0415

    if out is not None:
        try:
            kind_to_write(out)
        except UnusableFileError as error:
            raise typer.BadParameter(str(error)) from None
    for path in (out, html):
        if path is not None and not path.resolve().parent.is_dir():
            raise typer.BadParameter(f"There is no folder {path.resolve().parent} for {path}.")


def _read(
    notices: list[Path], field: str, topics: Taxonomy, settings: Settings, most: int
) -> ThemedNotices:
    """Return the notices to look at: of some files, else of the corpus."""
    from classifier.audit_rows import read_corpus, read_files  # noqa: PLC0415

    if notices:
        return read_files(notices, topics, name=field, progress=show_progress)
    with open_corpus(settings, taxonomy=topics) as corpus:
        counts = corpus.counts_by_topic()
        total = sum(count for code, count in counts.items() if code is not None)
        if total > most:
            say(f"{total:,} notices have a theme; {most:,} of them are looked at (--most).")
        share = min(1, most / max(total, 1))
        return read_corpus(corpus.iterate(), topics, share=share, progress=show_progress)


def _print(found: Audit, limit: int) -> None:
    """Print what was found for a person."""
    typer.echo(f"{found.notices:,} notices with a theme, {found.unthemed:,} without.")
    for kind, heading in _KINDS:
        decisions = found.decisions[kind]  # type: ignore[index]
        settled = sum(len(one.notices) for one in decisions)
        typer.echo(f"\n{heading}: {len(decisions):,} decisions for {settled:,} notices")
        for number, one in enumerate(decisions[:limit], start=1):
            _print_decision(number, one, found.taxonomy)
    if found.spellings:
        typer.echo(f"\nSpellings outside the list: {len(found.spellings):,}")
    for spelling in found.spellings[:_SPELLINGS_SHOWN]:
        near = "、".join(spelling.nearest) or "–"
        typer.echo(f"  {spelling.count:>6,}  {spelling.text}  →  {near}")
    for inside in found.inside:
        typer.echo(
            f"\nInside {found.taxonomy.print(inside.topic)}: {inside.notices:,} notices,"
            f" {len(inside.clusters)} clusters"
        )
        for cluster, samples in inside.clusters[:limit]:
            own = "  own topic?" if cluster.own_topic else ""
            near = f"{found.taxonomy.print(cluster.nearest)} {cluster.probability:.2f}"
            typer.echo(f"  {len(cluster.notices):>6,}  {' '.join(cluster.words)}  →  {near}{own}")
            typer.echo(f"          {samples[0]}")


def _print_decision(number: int, one: Decision, taxonomy: Taxonomy) -> None:
    """Print one question."""
    first = one.notices[0]
    more = f" (and {len(one.notices) - 1} more)" if len(one.notices) > 1 else ""
    typer.echo(f"{number:>4}  {first.row.notice.title or first.row.notice.id}{more}")
    typer.echo(
        f"      {first.given} {first.probability:.2f} → {taxonomy.print(one.proposed)}"
        f" {one.probability:.2f}   {' '.join(one.evidence)}"
    )
