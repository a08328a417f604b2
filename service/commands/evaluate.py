"""
``zhuti evaluate``: how good a model is on notices whose topics are known.
"""

from __future__ import annotations

from typing import Annotated

import typer

from service.building import load_model
from service.commands.extras import need_training_libraries
from service.commands.speaking import end_progress, print_json, say, show_progress
from service.commands.suggest import ModelOption
from service.commands.train import NoticesOption, in_figures, report_unused
from service.settings import read_settings


def evaluate(
    notices: NoticesOption,
    *,
    field: Annotated[str, typer.Option(help="The field that holds the topic.")] = "topic",
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """
    Measure a model on notices whose topics are known, level by level.

    Notices of 其他 are counted and left out of both levels; level two counts only notices whose
    second level is known. Do not measure on what the model was trained on.
    """
    need_training_libraries()
    from classifier.evaluation import evaluate as measure  # noqa: PLC0415 (a second to load)
    from classifier.rows import read_labelled  # noqa: PLC0415

    topic_model = load_model(read_settings(model=model))
    labelled = read_labelled(notices, topic_model.taxonomy, field=field)
    report_unused(labelled, field)
    figures = measure(topic_model, labelled.rows, progress=show_progress)
    end_progress()
    if as_json:
        print_json(figures)
        return
    typer.echo(f"{figures['n']} notices, {figures['n_other']} of them 其他 and left out")
    for level in ("level_2", "level_1"):
        if figures[level] is not None:
            typer.echo(f"{level}: {in_figures(figures[level])}")
            _compare_with_floor(
                figures[level]["accuracy"]["high"], topic_model.card["floor"][level], level
            )


def _compare_with_floor(high: float, floor: float | None, level: str) -> None:
    """Say so where these notices are answered worse than the model's card promises."""
    if floor is not None and high < floor:
        say(
            f"{level} is below the floor of the model's card ({floor:.3f}):"
            " these notices are unlike those it was trained on."
        )
