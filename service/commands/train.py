"""
``zhuti train``: labelled notices in, a model folder out.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.taxonomy_file import read_taxonomy, state_council
from service.commands.extras import need_training_libraries
from service.commands.speaking import end_progress, say, show_progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifier.rows import LabelledNotices
    from corpus.taxonomy import Taxonomy

NoticesOption = Annotated[
    list[Path],
    typer.Option("--notices", metavar="FILE", help="Notices as JSONL (.gz); may be repeated."),
]
TaxonomyOption = Annotated[
    Path | None,
    typer.Option("--taxonomy", metavar="FILE", help="Your own list of topics, CSV or TOML."),
]
_PROBLEMS_SHOWN = 5


def train(
    notices: NoticesOption,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the model goes.")],
    *,
    field: Annotated[str, typer.Option(help="The field that holds the topic.")] = "topic",
    level_one_field: Annotated[
        str | None,
        typer.Option(help="A field to use where --field is empty, trusted at level one only."),
    ] = None,
    taxonomy: TaxonomyOption = None,
    name: Annotated[str | None, typer.Option(help="What the model is called.")] = None,
    examples: Annotated[
        bool,
        typer.Option(
            help="Teach the shipped list's themes by made-up notices as well (never measured)."
        ),
    ] = True,
    jobs: Annotated[int, typer.Option(min=1, help="How many processes fit at the same time.")] = 2,
) -> None:
    """
    Train a model on notices whose topics are known.

    A topic is a code or a printed label of the taxonomy (the State Council's, unless you give
    your own). Notices of 其他 count as unlabelled. The same notices give the same bytes.
    """
    need_training_libraries()
    from classifier.examples import examples_for  # noqa: PLC0415
    from classifier.rows import read_labelled  # noqa: PLC0415 (scikit-learn takes a second to load)
    from classifier.training import train as fit  # noqa: PLC0415

    topics = state_council() if taxonomy is None else read_taxonomy(taxonomy)
    show_progress(f"Reading {', '.join(path.name for path in notices)} …")
    labelled = read_labelled(notices, topics, field=field, level_one_field=level_one_field)
    report_unused(labelled, field)
    trained = fit(
        labelled.rows,
        topics,
        name=name or out.name,
        examples=examples_for(topics) if examples else (),
        progress=show_progress,
        jobs=jobs,
    )
    card = trained.save(out)
    end_progress()
    for line in summary(card, topics):
        say(line)
    say(f"Saved as {out}.")


def report_unused(labelled: LabelledNotices, field: str) -> None:
    """Say which rows could not be used, and how many name no topic."""
    for problem in labelled.problems[:_PROBLEMS_SHOWN]:
        say(problem)
    if labelled.problems:
        say(f"{len(labelled.problems)} rows could not be used.")
    if labelled.unlabelled:
        say(f"{labelled.unlabelled} rows have no {field} and were left out.")


def summary(card: Mapping[str, Any], topics: Taxonomy) -> list[str]:
    """Return what a card says of a model, in a few lines."""
    origin = card["trained_on"]
    apart = (
        f"{origin['unlabelled']} of 其他 left out,"
        f" {origin['level_one_only']} known at level one only,"
        f" {origin['examples']} made-up examples beside them"
    )
    lines = [f"Trained on {origin['notices']} notices ({apart}); {len(card['columns'])} topics."]
    for level in ("level_2", "level_1"):
        figures = card["cross_validation"][level]
        if figures is not None:
            lines.append(f"{level}, cross-validated: {in_figures(figures)}")
    if origin["too_few"]:
        listed = ", ".join(
            f"{topics.print(topics.topic(c))} ({n})" for c, n in origin["too_few"].items()
        )
        lines.append(f"Too few notices, suggested at level one only: {listed}.")
    if origin["unseen"]:
        listed = ", ".join(topics.print(topics.topic(code)) for code in origin["unseen"])
        lines.append(f"No notices at all, only the level above can be suggested: {listed}.")
    return lines


def in_figures(figures: Mapping[str, Any]) -> str:
    """Return the figures of one level as a line."""
    accuracy, accept = figures["accuracy"], figures["accept"]
    precision = "–" if accept["precision"] is None else f"{accept['precision']:.3f}"
    return (
        f"accuracy {accuracy['value']:.3f} ({accuracy['low']:.3f}–{accuracy['high']:.3f}),"
        f" top 3 {figures['top_3']:.3f}, macro-F1 {figures['macro_f1']:.3f},"
        f" ECE {figures['ece']:.3f} (a perfect model {figures['ece_of_a_perfect_model']:.3f}),"
        f" accepted {accept['share']:.3f} with precision {precision}; {figures['n']} notices"
    )
