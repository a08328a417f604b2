"""
``zhuti evaluate``: how good a model, or the way of making it, is on notices of known topics.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.taxonomy_file import read_taxonomy, state_council
from service.commands.extras import need_training_libraries
from service.commands.outputs import in_a_folder
from service.commands.speaking import end_progress, print_json, say, show_progress
from service.commands.suggest import ModelOption
from service.commands.train import NoticesOption, TaxonomyOption, in_figures, report_unused
from service.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifier.rows import LabelledNotices
    from classifier.splits import Split
    from corpus.taxonomy import Taxonomy


def evaluate(
    notices: NoticesOption,
    *,
    field: Annotated[str, typer.Option(help="The field that holds the topic.")] = "topic",
    level_one_field: Annotated[
        str | None,
        typer.Option(help="A field to use where --field is empty, trusted at level one only."),
    ] = None,
    model: ModelOption = None,
    folds: Annotated[
        int | None,
        typer.Option("--cross-validate", metavar="K", min=2, help="Train anew for K folds."),
    ] = None,
    leave_out_source: Annotated[
        bool, typer.Option("--leave-out-source", help="Train anew without one source at a time.")
    ] = False,
    latest: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE", min=0.01, max=0.9, help="Train without the latest of each source."
        ),
    ] = None,
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="Train on growing shares of one fold as well.")
    ] = False,
    taxonomy: TaxonomyOption = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many processes fit at the same time.")] = 2,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="Write a page (HTML) with tables and plots.",
            callback=in_a_folder,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """
    Measure a model on notices whose topics are known, level by level.

    Notices of 其他 are counted and left out of both levels; level two counts only notices whose
    second level is known. Do not measure a model on what it was trained on: with --cross-validate,
    --leave-out-source or --latest the recipe is trained anew without the notices it is asked for,
    near-duplicates included.
    """
    splits = [folds is not None, leave_out_source, latest is not None]
    _check_usage(
        anew=sum(splits),
        model=model is not None,
        taxonomy=taxonomy is not None,
        curve_without_folds=learning_curve and folds is None,
    )
    need_training_libraries()
    from classifier.rows import read_labelled  # noqa: PLC0415 (a second to load)

    if not any(splits):
        from classifier.evaluation import evaluate as measure  # noqa: PLC0415
        from classifier.model import load  # noqa: PLC0415

        settings = read_settings(model=model)
        # In its own list, whatever a site calls its topics: that is what the notices name.
        topic_model = load(settings.model, engine=settings.segmenter)
        labelled = read_labelled(
            notices, topic_model.taxonomy, field=field, level_one_field=level_one_field
        )
        report_unused(labelled, field)
        figures = measure(topic_model, labelled.rows, progress=show_progress)
        floor = topic_model.card["floor"]
    else:
        topics = state_council() if taxonomy is None else read_taxonomy(taxonomy)
        labelled = read_labelled(notices, topics, field=field, level_one_field=level_one_field)
        report_unused(labelled, field)
        figures = _measure_recipe(
            labelled, topics, folds, latest, learning_curve=learning_curve, jobs=jobs
        )
        floor = {}
    end_progress()
    if as_json:
        print_json(figures)
    else:
        _tell(figures, floor)
    if report is not None:
        from service.evaluation_page import evaluation_page  # noqa: PLC0415

        names = [path.name for path in notices]
        report.write_text(evaluation_page(figures, sources=names, field=field), "utf-8")
        say(f"Report written to {report}.")


def _check_usage(*, anew: int, model: bool, taxonomy: bool, curve_without_folds: bool) -> None:
    """Refuse options that contradict each other."""
    if anew > 1:
        msg = "Give one of --cross-validate, --leave-out-source and --latest."
    elif anew and model:
        msg = "--model measures a model that is there; the others train anew. Give one of them."
    elif not anew and taxonomy:
        msg = "--taxonomy is for training anew; a model brings its own list."
    elif curve_without_folds:
        msg = "--learning-curve needs --cross-validate."
    else:
        return
    raise typer.BadParameter(msg)


def _measure_recipe(
    labelled: LabelledNotices,
    topics: Taxonomy,
    folds: int | None,
    latest: float | None,
    *,
    learning_curve: bool,
    jobs: int,
) -> dict[str, Any]:
    """Train anew for each part of the split that was asked for, and measure."""
    from classifier import splits  # noqa: PLC0415 (a second to load)
    from classifier.examples import examples_for  # noqa: PLC0415
    from classifier.held_out import HeldOutEvaluation  # noqa: PLC0415

    rows, made_up = labelled.rows, examples_for(topics)
    together = splits.groups_of([*rows, *made_up], progress=show_progress)
    groups = together[: len(rows)]
    split: Split
    if folds is not None:
        split = splits.grouped_folds(groups, folds)
    elif latest is not None:
        sources, days = [row.source for row in rows], [row.day for row in rows]
        split = splits.latest(sources, days, groups, latest)
    else:
        split = splits.by_source([row.source for row in rows], groups)
    recipe = HeldOutEvaluation(
        rows,
        topics,
        groups,
        examples=tuple(zip(made_up, together[len(rows) :].tolist(), strict=True)),
        jobs=jobs,
        progress=show_progress,
    )
    return recipe.measure(split, learning_curve=learning_curve)


def _tell(figures: Mapping[str, Any], floor: Mapping[str, float | None]) -> None:
    """Print the figures in words."""
    typer.echo(f"{figures['n']} notices, {figures['n_other']} of them 其他 and left out")
    for level in ("level_2", "level_1"):
        if figures[level] is not None:
            typer.echo(f"{level}: {in_figures(figures[level])}")
            _compare_with_floor(figures[level]["accuracy"]["high"], floor.get(level), level)
    readers = figures["second_reader"]
    if readers is not None:
        typer.echo(
            f"two readers of {readers['n']} of them agree: level_2 {_share(readers['level_2'])},"
            f" level_1 {_share(readers['level_1'])}"
        )
    for part in figures.get("parts", []):
        typer.echo(f"{part['name']}: {part['n']} notices, {_accuracies(part)}")
    for point in figures.get("learning_curve", {}).get("points", []):
        typer.echo(f"fold 1 after {point['n']} notices: {_accuracies(point)}")


def _accuracies(part: Mapping[str, Any]) -> str:
    """Return the accuracy of a part at both levels."""
    return ", ".join(
        f"{level} {_share(part[level] and part[level]['value'])}"
        for level in ("level_2", "level_1")
    )


def _share(value: float | None) -> str:
    """Return a share as printed."""
    return "–" if value is None else f"{value:.3f}"


def _compare_with_floor(high: float, floor: float | None, level: str) -> None:
    """Say so where these notices are answered worse than the model's card promises."""
    if floor is not None and high < floor:
        say(
            f"{level} is below the floor of the model's card ({floor:.3f}):"
            " these notices are unlike those it was trained on."
        )
