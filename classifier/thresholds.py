"""
Which probability deserves which verdict.

The thresholds come from answers to notices that the model had not seen. *accept* is the lowest
probability from which on a promised share of the answers was right; *abstain* the one under
which an answer was more often wrong than a person would put up with as a suggestion.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    so_far = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # A threshold takes all answers of the same probability or none of them.
    last_of_equals = np.append(ranked[1:] != ranked[:-1], True)
    kept = (so_far >= precision) & last_of_equals
    kept[: FEWEST_ANSWERS - 1] = False
    return float(ranked[np.flatnonzero(kept)[-1]]) if kept.any() else None


def choose_thresholds(
    probabilities: NDArray[np.float64],
    right: NDArray[np.bool_],
    precision: float = PROMISED_PRECISION,
) -> Thresholds:
    """
    Return the thresholds that held-out answers justify.

    If the promise cannot be kept at all, nothing is ever accepted.
    """
    accept = threshold_for(probabilities, right, precision)
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
