"""
Probabilities from scores.

A linear model's scores have an order but no unit. Two steps make of them probabilities that can
be taken at their word: a softmax with a temperature, then a logistic curve for the best topic's
share, with the rest of the share left to the others in proportion. Three numbers in all, fitted
on notices that the model had not seen, so that even a topic seen five times cannot spoil them.
A temperature alone leaves the middle too sure: it was 0.062 off where both are 0.008 off.

A text without a title looks foreign to a model that learned from notices: a single paragraph says
less of a document's theme than its words make it seem. A fourth number lowers the odds there, by
how much such texts were answered less well than their probabilities said.

Sources: Guo et al., "On Calibration of Modern Neural Networks" (2017), for the temperature;
Platt, "Probabilistic Outputs for Support Vector Machines" (1999), for the curve.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

# The logit of a certain answer is infinite; nothing we say is more certain than this.
_NEARLY_ONE = 1 - 1e-6
_NEARLY_NOTHING = 1e-300


@dataclass(frozen=True, slots=True)
class Calibration:
    """
    How scores become probabilities.

    Attributes:
        temperature: Of the softmax; a high one makes topics more alike.
        slope: Of the curve on the logit of the best topic's share.
        intercept: Of the same curve; 1 and 0 leave the share as it is.
        untitled: Added to the logit where a text has no title; never above 0.
    """

    temperature: float
    slope: float = 1.0
    intercept: float = 0.0
    untitled: float = 0.0

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Calibration:
        """Return the calibration that a model's card carries."""
        return cls(**{name: float(value) for name, value in entry.items()})

    def as_json(self) -> dict[str, float]:
        """Return the calibration as a model's card carries it."""
        return asdict(self)

    def probabilities(
        self, scores: NDArray[np.floating], untitled: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """
        Return the probabilities of scores, each row summing to one in the order of its scores.

        Args:
            scores: Of shape (n_notices, n_columns).
            untitled: Whether a notice has no title, of shape (n_notices,).
        """
        # Shares that underflow to nothing, or to the same, still get their part in order.
        shares = np.maximum(softmax(scores, self.temperature), _NEARLY_NOTHING)
        rows = np.arange(len(shares))
        best = scores.argmax(axis=1)
        share = shares[rows, best]
        odds = self.slope * logit(share) + self.intercept + self.untitled * untitled
        wanted = 1 / (1 + np.exp(-odds))
        others = shares.copy()
        others[rows, best] = 0
        rest = others.sum(axis=1)
        # The best topic stays the best: never less than the second, once the rest is scaled.
        second = others.max(axis=1) / rest
        wanted = np.maximum(wanted, second / (1 + second))
        others *= ((1 - wanted) / rest)[:, None]
        others[rows, best] = wanted
        return others


def softmax(scores: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Return shares that sum to one, in the order of the scores, row by row."""
    shifted = (scores - scores.max(axis=-1, keepdims=True)).astype(np.float64) / temperature
    exponentials = np.exp(shifted)
    shares: NDArray[np.float64] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return shares


def logit(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the logarithm of the odds, kept finite."""
    kept = np.minimum(np.maximum(share, 1 - _NEARLY_ONE), _NEARLY_ONE)
    odds: NDArray[np.float64] = np.log(kept / (1 - kept))
    return odds
