"""
``zhuti model threshold``: what a stricter promise costs, and thresholds from a site's decisions.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classifier.errors import TrainingError
from service.building import load_model, model_folder, open_corpus
from service.commands.database import DatabaseOption
from service.commands.speaking import print_json, say
from service.commands.suggest import ModelOption
from service.settings import read_settings

if TYPE_CHECKING:
    from classifier.recalibration import Promise
    from service.settings import Settings

_LEVELS = (("level_2", "second level"), ("level_1", "first level"))


def threshold(
    *,
    precision: Annotated[
        float,
        typer.Option(min=0.5, max=0.999, help="Which share of accepted answers must be right."),
    ] = 0.95,
    from_reviews: Annotated[
        bool,
        typer.Option(
            "--from-reviews", help="Measure on what reviewers decided without seeing a proposal."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write the model with these thresholds there."),
    ] = None,
    model: ModelOption = None,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """
    Show from which probability on a share of the answers is right, and how many that leaves.

    The promise holds on notices like those it was measured on: the card's held-out notices, or
    with --from-reviews those that this site's reviewers decided blindly.
    """
    from classifier.recalibration import promises_at  # noqa: PLC0415

    settings = read_settings(model=model, database=database)
    loaded = load_model(settings.model_copy(update={"precision": None, "map": None}))
    curves, measured_on = loaded.card["promises"], "the card's held-out notices"
    if from_reviews:
        curves, n_decided = _from_reviews(settings)
        measured_on = f"{n_decided} blindly reviewed notices"
    found = promises_at(curves, precision)
    if out is not None:
        _write(settings, out, curves, found, precision=precision, measured_on=measured_on)
    if as_json:
        print_json(
            {
                "precision": precision,
                "measured_on": measured_on,
                **{
                    level: None if promise is None else promise.as_json()
                    for level, promise in found.items()
                },
            }
        )
        return
    typer.echo(f"{precision:.1%} right, measured on {measured_on}:")
    for level, name in _LEVELS:
        typer.echo(f"  {name}: {_in_words(found[level])}")


def _in_words(promise: Promise | None) -> str:
    """Return what one level accepts, in words."""
    if promise is None:
        return "nothing is known of it"
    if promise.threshold is None:
        return "cannot be promised; nothing would be accepted"
    return f"accept from {promise.threshold:.3f} on, {promise.share:.1%} of all notices"


def _from_reviews(settings: Settings) -> tuple[dict[str, Any], int]:
    """Return the model's curves on what reviewers decided blindly."""
    from classifier.model import load  # noqa: PLC0415
    from classifier.recalibration import curves_of  # noqa: PLC0415
    from corpus.review_sample import blind_decisions  # noqa: PLC0415

    loaded = load(model_folder(settings), engine=settings.segmenter)
    with open_corpus(settings) as corpus:
        decided = [(one.notice, one.topic) for one in blind_decisions(corpus)]
    return curves_of(loaded, decided)


def _write(
    settings: Settings,
    out: Path,
    curves: dict[str, Any],
    found: dict[str, Promise | None],
    *,
    precision: float,
    measured_on: str,
) -> None:
    """Write the model again with other thresholds on its card, and say where it is."""
    from classifier import artefact  # noqa: PLC0415
    from classifier.thresholds import Thresholds, choose_from  # noqa: PLC0415

    card, terms, arrays = artefact.read(model_folder(settings))
    thresholds: dict[str, Any] = dict(card["thresholds"])
    for level, promise in found.items():
        if promise is None:
            if thresholds[level] is not None and curves is not card["promises"]:
                msg = f"Too few decisions tell anything of {level}; nothing was written."
                raise TrainingError(msg)
            continue
        chosen: Thresholds = choose_from(promise.threshold)
        thresholds[level] = chosen.as_json()
    changed = {
        **{key: value for key, value in card.items() if key not in {"digest", "files", "format"}},
        "thresholds": thresholds,
        "promises": curves,
        "promised_precision": precision,
        "promise_measured_on": measured_on,
    }
    written = artefact.write(out, changed, terms=terms, arrays=arrays)
    say(f"Saved as {out}, digest {written['digest'][:12]}.")
