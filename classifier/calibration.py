"""
Fits how scores become probabilities, on notices that the model had not seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from classifier.probability import Calibration, logit, softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TEMPERATURES = (0.01, 5.0)
# With fewer answers, or all of them right, there is no curve to fit.
_FEWEST_WRONG = 5
# Fewer texts without a title say nothing of others.
_FEWEST_UNTITLED = 50
_LOWEST_SHIFT = -4.0


def fit_calibration(scores: NDArray[np.floating], gold: NDArray[np.intp]) -> Calibration:
    """
    Return the calibration that makes held-out scores most likely.

    Args:
        scores: Of shape (n_notices, n_columns), from a model that had not seen the notices.
        gold: The column of each notice's topic, of shape (n_notices,).
    """
    rows = np.arange(len(gold))

    def surprise(temperature: float) -> float:
        shares = softmax(scores, temperature)[rows, gold]
        return float(-np.log(np.maximum(shares, 1e-12)).mean())

    found = minimize_scalar(surprise, bounds=_TEMPERATURES, method="bounded")
    temperature = float(found.x)
    shares = softmax(scores, temperature)
    right = shares.argmax(axis=1) == gold
    if min(right.sum(), (~right).sum()) < _FEWEST_WRONG:
        return Calibration(temperature)
    curve = LogisticRegression(C=1e6).fit(logit(shares.max(axis=1))[:, None], right)
    slope, intercept = float(curve.coef_[0, 0]), float(curve.intercept_[0])
    # A falling curve would turn the order of certainty round: better none than that.
    return Calibration(temperature, slope, intercept) if slope > 0 else Calibration(temperature)


def fit_untitled(
    calibration: Calibration,
    scores: NDArray[np.floating],
    roots: NDArray[np.intp],
    root_of: NDArray[np.intp],
) -> Calibration:
    """
    Return the calibration that is as sure of texts without a title as it was right.

    Whether the first level was right is what counts: of such texts hardly more is ever known.

    Args:
        calibration: What notices with a title gave.
        scores: Of held-out texts without a title, of shape (n_texts, n_columns).
        roots: The right first level of each, by index.
        root_of: The first level above each column.
    """
    if len(roots) < _FEWEST_UNTITLED:
        return calibration
    without = np.ones(len(roots), dtype=bool)

    def surplus(shift: float) -> tuple[float, float]:
        shifted = replace(calibration, untitled=shift).probabilities(scores, without)
        of_roots = np.zeros((len(roots), int(root_of.max()) + 1))
        np.add.at(of_roots.T, root_of, shifted.T)
        return float(of_roots.max(axis=1).mean()), float((of_roots.argmax(axis=1) == roots).mean())

    def off(shift: float) -> float:
        sure, right = surplus(shift)
        return (sure - right) ** 2

    found = minimize_scalar(off, bounds=(_LOWEST_SHIFT, 0), method="bounded")
    sure, right = surplus(0)
    return calibration if sure <= right else replace(calibration, untitled=float(found.x))
