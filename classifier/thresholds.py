"""
Which probability deserves which verdict.

The thresholds come from answers to notices that the model had not seen. *accept* is the lowest
probability from which on a promised share of the answers was right; *abstain* the one under
which an answer was more often wrong than a person would put up with as a suggestion.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.suggestion import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

PROMISED_PRECISION = 0.95
# No promise can be tested on fewer answers than this.
FEWEST_ANSWERS = 20
# Calibrated probabilities say themselves where a suggestion is wrong four times in five: below
# this a person loses more time with it than without.
HOPELESS = 0.2
# How many thresholds a card lists: enough that a promise costs half a point of share at most.
POINTS = 200
# Above every probability.
NEVER = 2.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities from which on an answer is accepted, and under which none is given."""

    accept: float
    abstain: float

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Thresholds:
        """Return the thresholds as a model's card has them."""
        return cls(float(entry["accept"]), float(entry["abstain"]))

    def as_json(self) -> dict[str, float]:
        """Return the thresholds as a model's card has them."""
        return {"accept": self.accept, "abstain": self.abstain}

    def verdict(self, probability: float) -> Verdict:
        """Return what these thresholds say of a probability."""
        if probability >= self.accept:
            return Verdict.ACCEPT
        return Verdict.ABSTAIN if probability < self.abstain else Verdict.REVIEW


@dataclass(frozen=True, slots=True)
class Curve:
    """
    What each threshold would have accepted, and how much of it was right.

    Attributes:
        probabilities: The thresholds, falling, of shape (n_points,).
        shares: The share of notices whose best answer reaches each.
        precisions: The share of these answers that was right.
    """

    probabilities: tuple[float, ...]
    shares: tuple[float, ...]
    precisions: tuple[float, ...]

    @classmethod
    def of(cls, probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> Curve:
        """Return the curve of the best answers to some notices, at most :data:`POINTS` long."""
        ranked, so_far, usable = _so_far(probabilities, right)
        places = np.flatnonzero(usable)
        if len(places) > POINTS:
            places = places[np.linspace(0, len(places) - 1, POINTS).round().astype(np.intp)]
        return cls(
            tuple(ranked[places].tolist()),
            tuple(((places + 1) / len(ranked)).round(4).tolist()),
            tuple(so_far[places].round(4).tolist()),
        )

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Curve:
        """Return the curve that a model's card carries."""
        return cls(
            tuple(entry["probabilities"]), tuple(entry["shares"]), tuple(entry["precisions"])
        )

    def as_json(self) -> dict[str, Any]:
        """Return the curve as a model's card carries it."""
        return {name: list(values) for name, values in asdict(self).items()}

    def promise(self, precision: float) -> tuple[Thresholds, float, float | None]:
        """
        Return the thresholds that keep a promise, the share they accept, and how much was right.

        If the promise cannot be kept at all, nothing is ever accepted.
        """
        kept = [place for place, found in enumerate(self.precisions) if found >= precision]
        if not kept:
            return choose_from(None), 0.0, None
        last = kept[-1]
        return choose_from(self.probabilities[last]), self.shares[last], self.precisions[last]


def threshold_for(
    probabilities: NDArray[np.float64], right: NDArray[np.bool_], precision: float
) -> float | None:
    """
    Return the lowest probability from which on *precision* of the answers are right.

    Args:
        probabilities: Of the best answer to each notice, of shape (n_notices,).
        right: Whether that answer was right, of the same shape.
        precision: The share that is promised, 0 to 1.

    Returns:
        ``None`` if no threshold with enough answers above it keeps the promise.
    """
    ranked, so_far, usable = _so_far(probabilities, right)
    kept = usable & (so_far >= precision)
    return float(ranked[np.flatnonzero(kept)[-1]]) if kept.any() else None


def _so_far(
    probabilities: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the probabilities, falling; how much was right so far; where a threshold may lie."""
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    so_far = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # A threshold takes all answers of the same probability or none of them.
    usable = np.append(ranked[1:] != ranked[:-1], True)
    usable[: FEWEST_ANSWERS - 1] = False
    return ranked, so_far, usable


def choose_thresholds(
    probabilities: NDArray[np.float64],
    right: NDArray[np.bool_],
    precision: float = PROMISED_PRECISION,
) -> Thresholds:
    """
    Return the thresholds that held-out answers justify.

    If the promise cannot be kept at all, nothing is ever accepted.
    """
    return choose_from(threshold_for(probabilities, right, precision))


def choose_from(accept: float | None) -> Thresholds:
    """Return the thresholds that accept from some probability on, or never."""
    return Thresholds(
        NEVER if accept is None else accept,
        min(HOPELESS, HOPELESS if accept is None else accept),
    )


def coverage_at(
    probabilities: NDArray[np.float64], right: NDArray[np.bool_], precision: float
) -> float:
    """Return the share of notices that can be answered with *precision*; 0 if none can."""
    threshold = threshold_for(probabilities, right, precision)
    return 0.0 if threshold is None else float((probabilities >= threshold).mean())
