"""
``zhuti model threshold``: what a stricter promise costs, and thresholds from a site's decisions.
"""

from __future__ import annotations

from dataclasses import replace
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

_HELD_OUT = "the card's held-out notices"
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
    card = loaded.card
    curves, measured_on = card["promises"], card.get("promise_measured_on", _HELD_OUT)
    measured = card.get("promise_measured_n") or {
        level: figures["n"] if figures else 0
        for level, figures in card["cross_validation"].items()
        if level.startswith("level_")
    }
    if from_reviews:
        curves, measured = _from_reviews(settings)
        measured_on = f"{measured['level_1']} blindly reviewed notices"
    found = promises_at(curves, precision, measured)
    if not from_reviews and precision == card["promised_precision"]:
        # The card has the very threshold of its own promise; the curve has one near it.
        found = {
            level: promise
            and replace(promise, threshold=_own(card["thresholds"][level], promise.threshold))
            for level, promise in found.items()
        }
    if out is not None:
        changes = {
            "promises": curves,
            "promised_precision": precision,
            "promise_measured_on": measured_on,
            "promise_measured_n": measured,
        }
        _write(settings, out, found, changes)
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


def _own(thresholds: dict[str, float], otherwise: float | None) -> float | None:
    """Return the threshold of the card's own promise, where it accepts anything."""
    return thresholds["accept"] if thresholds["accept"] <= 1 else otherwise


def _in_words(promise: Promise | None) -> str:
    """Return what one level accepts, in words."""
    if promise is None:
        return "nothing is known of it"
    if promise.threshold is None:
        return "cannot be promised; nothing would be accepted"
    return (
        f"accept from {promise.threshold:.3f} on, {promise.share:.1%} of all notices; of"
        f" {promise.accepted} accepted {promise.precision:.1%} were right"
        f" (95 % interval {promise.low:.1%} to {promise.high:.1%})"
    )


def _from_reviews(settings: Settings) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the model's curves on what reviewers decided blindly, and on how many."""
    from classifier.model import load  # noqa: PLC0415
    from classifier.recalibration import curves_of  # noqa: PLC0415
    from corpus.review_sample import blind_decisions  # noqa: PLC0415

    loaded = load(model_folder(settings), engine=settings.segmenter)
    with open_corpus(settings) as corpus:
        decided = [(one.notice, one.topic) for one in blind_decisions(corpus)]
    return curves_of(loaded, decided)


def _write(
    settings: Settings, out: Path, found: dict[str, Promise | None], changes: dict[str, Any]
) -> None:
    """Write the model again with other thresholds on its card, and say where it is."""
    from classifier import artefact  # noqa: PLC0415
    from classifier.thresholds import choose_from  # noqa: PLC0415

    card, terms, arrays = artefact.read(model_folder(settings))
    thresholds: dict[str, Any] = dict(card["thresholds"])
    figures: dict[str, Any] = dict(card["cross_validation"])
    for level, promise in found.items():
        if promise is None:
            if thresholds[level] is not None:
                msg = f"Too few decisions tell anything of {level}; nothing was written."
                raise TrainingError(msg)
            continue
        thresholds[level] = choose_from(promise.threshold).as_json()
        if changes["promise_measured_on"] == _HELD_OUT:
            accept = {"share": promise.share, "precision": promise.precision}
            figures[level] = {**figures[level], "accept": accept}
    kept = {key: value for key, value in card.items() if key not in {"digest", "files", "format"}}
    written = artefact.write(
        out,
        {**kept, "thresholds": thresholds, "cross_validation": figures, **changes},
        terms=terms,
        arrays=arrays,
    )
    say(f"Saved as {out}, digest {written['digest'][:12]}.")
