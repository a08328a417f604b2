"""
``zhuti model compare``: whether a new model is better than the old one, and what it changes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.extras import need_training_libraries
from service.commands.outputs import in_a_folder
from service.commands.speaking import end_progress, print_json, say, show_progress
from service.commands.train import NoticesOption, report_unused
from service.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHANGES_SHOWN = 10


def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A model folder.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The one to compare with it.")],
    notices: NoticesOption,
    *,
    field: Annotated[str, typer.Option(help="The field that holds the topic.")] = "topic",
    changes: Annotated[
        Path | None,
        typer.Option(
            "--changes",
            metavar="FILE",
            help="Write every changed answer, as JSONL.",
            callback=in_a_folder,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """
    Compare two models on the same notices, with a paired test, and list what changed.

    Both must answer in the same list of topics. Neither may have been trained on these notices.
    """
    need_training_libraries()
    from classifier.comparison import (  # noqa: PLC0415 (a second to load)
        compare as compare_models,
    )
    from classifier.comparison import refuse_different_lists  # noqa: PLC0415
    from classifier.model import load  # noqa: PLC0415
    from classifier.rows import read_labelled  # noqa: PLC0415

    engine = read_settings().segmenter
    before, after = load(old, engine=engine), load(new, engine=engine)
    # Before the notices are read: their topics may be unknown to one of two different lists.
    refuse_different_lists(before, after)
    labelled = read_labelled(notices, after.taxonomy, field=field)
    report_unused(labelled, field)
    found = compare_models(before, after, labelled.rows, progress=show_progress)
    end_progress()
    if as_json:
        print_json(found)
    else:
        _tell(found)
    if changes is not None:
        with changes.open("w", encoding="utf-8") as file:
            file.writelines(
                json.dumps(change, ensure_ascii=False) + "\n" for change in found["changes"]
            )
        say(f"{len(found['changes'])} changed answers written to {changes}.")


def _tell(found: Mapping[str, Any]) -> None:
    """Print a comparison in words."""
    typer.echo(f"old: {_named(found['old'])}")
    typer.echo(f"new: {_named(found['new'])}")
    typer.echo(f"{found['n']} notices, {found['n_other']} of them 其他 and left out")
    for level in ("level_2", "level_1"):
        if found[level] is not None:
            typer.echo(f"{level}: {_in_figures(found[level])}")
    changes = found["changes"]
    typer.echo(f"{len(changes)} answers changed")
    for change in changes[:_CHANGES_SHOWN]:
        title = change["title"] or change["id"] or "(no title)"
        typer.echo(
            f"  {title[:40]}: {_answer(change['old'])} → {_answer(change['new'])};"
            f" gold {change['gold']['label']}"
        )
    if len(changes) > _CHANGES_SHOWN:
        typer.echo(f"  … and {len(changes) - _CHANGES_SHOWN} more; --changes FILE writes them all")


def _named(model: Mapping[str, str]) -> str:
    """Return a model's name and digest, as ``model show`` prints them."""
    return f"{model['name']}, digest {model['digest']}"


def _answer(answer: Mapping[str, Any]) -> str:
    """Return an answer with its probability."""
    return f"{answer['label']} {answer['probability']:.2f}"


def _in_figures(level: Mapping[str, Any]) -> str:
    """Return the comparison of one level as a line."""
    old, new, difference = level["old"], level["new"], level["difference"]
    return (
        f"accuracy {old['value']:.3f} ({old['low']:.3f}–{old['high']:.3f})"
        f" → {new['value']:.3f} ({new['low']:.3f}–{new['high']:.3f}),"
        f" difference {difference['value']:+.3f} ({difference['low']:+.3f} to"
        f" {difference['high']:+.3f}), p = {level['p_value']:.3g} (McNemar, exact);"
        f" only old right {level['only_old_right']}, only new right {level['only_new_right']};"
        f" {level['n']} notices"
    )
