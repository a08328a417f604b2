"""
How good answers are, in numbers that cannot be read two ways.

Accuracy with an interval, macro-F1, calibration error beside the one that a perfectly calibrated
model would show on as many answers, and how many answers a promised precision covers.

Sources: expected calibration error: Naeini et al., "Obtaining Well Calibrated Probabilities Using
Bayesian Binning" (2015); cluster bootstrap: Field and Welsh, "Bootstrapping clustered data" (2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import f1_score

from classifier.suggestion import Verdict
from classifier.thresholds import coverage_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from classifier.thresholds import Thresholds

RESAMPLES = 1000
SIMULATIONS = 200
BINS = 10
PRECISIONS = (0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True)
class Answers:
    """
    What a model said of some notices at one level, and what was right.

    Attributes:
        probabilities: Of each topic, of shape (n_notices, n_topics).
        gold: The index of the right topic, of shape (n_notices,). An index of ``n_topics`` or
            more is a topic that the model cannot answer.
        groups: The near-duplicate group of each notice, of the same shape.
    """

    probabilities: NDArray[np.float64]
    gold: NDArray[np.intp]
    groups: NDArray[np.intp]

    @property
    def answered(self) -> NDArray[np.intp]:
        """The most probable topic of each notice."""
        best: NDArray[np.intp] = self.probabilities.argmax(axis=1)
        return best

    @property
    def confidence(self) -> NDArray[np.float64]:
        """The probability of the most probable topic of each notice."""
        highest: NDArray[np.float64] = self.probabilities.max(axis=1)
        return highest

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the most probable topic was the right one."""
        return np.equal(self.answered, self.gold)


def measure(answers: Answers, thresholds: Thresholds) -> dict[str, Any]:
    """Return the figures of one level, spelled as in ``zhuti evaluate --json``."""
    return figures(answers, accepted_by(thresholds, answers.confidence))


def accepted_by(thresholds: Thresholds, confidence: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which answers of these probabilities are accepted."""
    return np.array(
        [thresholds.verdict(value) is Verdict.ACCEPT for value in confidence.tolist()], dtype=bool
    )


def figures(answers: Answers, accepted: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the figures of one level, where it is known which answers were accepted."""
    confidence, right = answers.confidence, answers.right
    low, high = accuracy_interval(right, answers.groups)
    return {
        "n": len(right),
        "accuracy": {"value": rounded(right.mean()), "low": rounded(low), "high": rounded(high)},
        "top_3": rounded(top_accuracy(answers, 3)),
        "macro_f1": rounded(
            f1_score(answers.gold, answers.answered, average="macro", zero_division=0)
        ),
        "ece": rounded(calibration_error(confidence, right)),
        "ece_of_a_perfect_model": rounded(perfect_calibration_error(confidence)),
        "coverage": {
            str(precision): rounded(coverage_at(confidence, right, precision))
            for precision in PRECISIONS
        },
        "accept": {
            "share": rounded(accepted.mean()),
            "precision": rounded(right[accepted].mean()) if accepted.any() else None,
        },
    }


def top_accuracy(answers: Answers, n: int) -> float:
    """Return the share of notices whose right topic is among the *n* most probable."""
    return float(among_top(answers, n).mean())


def among_top(answers: Answers, n: int) -> NDArray[np.bool_]:
    """Return whether the right topic of each notice is among the *n* most probable."""
    best = np.argsort(-answers.probabilities, axis=1, kind="stable")[:, :n]
    found: NDArray[np.bool_] = (best == answers.gold[:, None]).any(axis=1)
    return found


def accuracy_interval(
    right: NDArray[np.bool_], groups: NDArray[np.intp], *, level: float = 0.95
) -> tuple[float, float]:
    """
    Return the bounds between which the accuracy lies with probability *level*.

    Whole groups of near-duplicates are drawn again, since their answers stand and fall together.
    """
    _, members = np.unique(groups, return_inverse=True)
    sizes = np.bincount(members)
    hits = np.bincount(members, weights=right)
    random = np.random.default_rng(0)
    accuracies = []
    for _ in range(RESAMPLES):
        drawn = random.integers(len(sizes), size=len(sizes))
        accuracies.append(hits[drawn].sum() / sizes[drawn].sum())
    low, high = np.quantile(accuracies, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """
    Return how far the probabilities are from the truth, 0 (best) to 1.

    Ten bins of equal width; in each, the difference between the mean probability and the share of
    right answers, weighted by the bin's size.
    """
    differences = np.bincount(bins_of(confidence), weights=confidence - right, minlength=BINS)
    return float(np.abs(differences).sum() / len(confidence))


def bins_of(confidence: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return which of the bins each probability falls into."""
    return np.minimum((confidence * BINS).astype(np.intp), BINS - 1)


def perfect_calibration_error(confidence: NDArray[np.float64]) -> float:
    """Return the mean error that perfectly calibrated answers of these probabilities would show."""
    random = np.random.default_rng(0)
    return float(
        np.mean(
            [
                calibration_error(confidence, random.random(len(confidence)) < confidence)
                for _ in range(SIMULATIONS)
            ]
        )
    )


def rounded(value: float | np.floating) -> float:
    """Return a figure with as many digits as anybody reads."""
    return round(float(value), 4)
