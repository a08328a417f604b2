"""
Between which bounds figures lie, when the notices might have been others.

Whole groups of near-duplicates are drawn again, with replacement, and every figure is computed
anew from what was drawn: a notice drawn twice weighs two. So each figure is written here once
more, as a function of weights; with all weights one it is the figure itself (a test holds it).

A calibration error leans upwards in such draws, since bins with copies in them are further off:
its upper bound errs on the careful side, and the lower one is never above the figure itself.

Source: Field and Welsh, "Bootstrapping clustered data" (2007).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.metrics import BINS, PRECISIONS, RESAMPLES, among_top, bins_of, rounded
from classifier.thresholds import FEWEST_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from classifier.metrics import Answers

LEVEL = 0.95


class WeightedFigures:
    """The figures of some answers, for any weights of the notices."""

    def __init__(self, answers: Answers, accepted: NDArray[np.bool_]) -> None:
        self._right = answers.right
        self._confidence = answers.confidence
        self._bins = bins_of(self._confidence)
        self._accepted = accepted
        self._among_three = among_top(answers, 3)
        n = len(self._right)
        _, classes = np.unique(
            np.concatenate([answers.gold, answers.answered]), return_inverse=True
        )
        self._gold, self._answered = classes[:n], classes[n:]
        self._order = np.argsort(-self._confidence, kind="stable")
        ranked = self._confidence[self._order]
        # A threshold takes all answers of the same probability or none of them.
        self._last_of_equals = np.append(ranked[1:] != ranked[:-1], True)

    def of(self, weights: NDArray[np.floating]) -> dict[str, float]:
        """Return each figure by its name; not a number where nothing was accepted."""
        total = weights.sum()
        accepted = weights @ self._accepted
        return {
            "top_3": float(weights @ self._among_three / total),
            "macro_f1": self._macro_f1(weights),
            "ece": self._calibration_error(weights),
            **self._coverages(weights),
            "accept.share": float(accepted / total),
            "accept.precision": float(weights @ (self._accepted & self._right) / accepted)
            if accepted
            else np.nan,
        }

    def _macro_f1(self, weights: NDArray[np.floating]) -> float:
        """Return the mean of the topics' F1; topics that were not drawn do not count."""
        n_classes = int(max(self._gold.max(), self._answered.max())) + 1
        hits = np.bincount(self._gold, weights * self._right, n_classes)
        named = np.bincount(self._gold, weights, n_classes)
        named += np.bincount(self._answered, weights, n_classes)
        return float((2 * hits[named > 0] / named[named > 0]).mean())

    def _calibration_error(self, weights: NDArray[np.floating]) -> float:
        """Return how far the probabilities are from the truth."""
        off = np.bincount(self._bins, weights * (self._confidence - self._right), BINS)
        return float(np.abs(off).sum() / weights.sum())

    def _coverages(self, weights: NDArray[np.floating]) -> dict[str, float]:
        """Return the share that can be answered with each precision."""
        ranked = weights[self._order]
        taken = np.cumsum(ranked)
        precision = np.cumsum(ranked * self._right[self._order]) / np.maximum(taken, 1)
        allowed = self._last_of_equals & (taken >= FEWEST_ANSWERS)
        found = {}
        for promised in PRECISIONS:
            kept = np.flatnonzero(allowed & (precision >= promised))
            found[f"coverage.{promised}"] = float(taken[kept[-1]] / taken[-1]) if len(kept) else 0.0
        return found


def intervals(answers: Answers, accepted: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the bounds of the figures of one level, spelled as in ``zhuti evaluate --json``."""
    figures = WeightedFigures(answers, accepted)
    itself = figures.of(np.ones(len(answers.gold)))
    drawn = [figures.of(weights) for weights in drawn_weights(answers.groups)]
    bounds = {name: enclosing_bounds(itself[name], [one[name] for one in drawn]) for name in itself}
    return {
        "top_3": bounds["top_3"],
        "macro_f1": bounds["macro_f1"],
        "ece": bounds["ece"],
        "coverage": {str(promised): bounds[f"coverage.{promised}"] for promised in PRECISIONS},
        "accept": {"share": bounds["accept.share"], "precision": bounds["accept.precision"]},
    }


def drawn_weights(groups: NDArray[np.intp]) -> Iterator[NDArray[np.float64]]:
    """Yield how often each notice is drawn, as often as figures are computed anew."""
    _, members = np.unique(groups, return_inverse=True)
    n_groups = int(members.max()) + 1
    random = np.random.default_rng(0)
    for _ in range(RESAMPLES):
        times = np.bincount(random.integers(n_groups, size=n_groups), minlength=n_groups)
        yield times[members].astype(np.float64)


def enclosing_bounds(figure: float, drawn: Sequence[float]) -> dict[str, float] | None:
    """
    Return the bounds of a figure by what it was in each draw; they always enclose it.

    ``None`` where the figure is not a number. Draws in which it was none are left out.
    """
    if np.isnan(figure):
        return None
    low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {"low": rounded(min(low, figure)), "high": rounded(max(high, figure))}
