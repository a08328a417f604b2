"""
How doubtful each stored theme is, by what models say that saw neither the notice nor a copy of it.

The order is that of self-confidence: the probability that the held-out model gives the stored
theme. With 5 % of 9,808 real themes changed at random, the first 5 % of this order held 0.865 of
them; of the entropy-weighted form 0.863, of the ridge's score 0.840, of its margin to the best
other theme 0.774, of the margin of probabilities 0.649 (``scripts/bench audit``). Adjusted for each
theme's own average it held 0.23, on another draw where the first held 0.89.

A theme whose best rival is the one that a reader noted beside it is a near miss rather than an
error, so a little is added to its quality.

Source: Northcutt, Jiang and Chuang, "Confident Learning" (2021); Kuan and Mueller, "Model-Agnostic
Label Quality Scoring" (2022); both as cleanlab has them.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.fitting import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from classifier.training import HeldOut

NEAR_MISS = 0.05
# How cleanlab's remark on a theme of hardly any notices goes on.
_TOO_FEW = "it has too few examples"
_LEAST = 1e-6
# What cleanlab calls a theme, and the options that it points to and nobody can give here.
_CLASS = re.compile(r"class: (\d+)")
_HINT = re.compile(r" \(see [^()]*\)")


@dataclass(frozen=True, slots=True)
class Doubts:
    """
    What speaks against the stored themes, notice by notice.

    Attributes:
        quality: How likely the stored theme is right, 0 to 1, in the order of *HeldOut.rows*; a low
            one is a bad sign. Of a notice whose first level alone is known: that of its first
            level. Of 其他: 1, since it says nothing that could be wrong.
        given: The probability of the stored theme.
        rivals: The column of the most probable other theme.
        near: Whether a reader noted that theme beside the stored one.
        confident: Whether confident learning calls the stored theme an error.
        remarks: What cleanlab had to say meanwhile.
    """

    quality: NDArray[np.float64]
    given: NDArray[np.float64]
    rivals: NDArray[np.intp]
    near: NDArray[np.bool_]
    confident: NDArray[np.bool_]
    remarks: tuple[str, ...]

    def surprise(self, notices: NDArray[np.intp]) -> float:
        """Return how surprising the stored themes of some notices are, on average."""
        return float(-np.log(np.maximum(self.quality[notices], _LEAST)).mean())


def doubt(held: HeldOut) -> Doubts:
    """Return how doubtful the stored theme of each notice is."""
    from cleanlab.filter import find_label_issues  # noqa: PLC0415 (an extra, slow to load)
    from cleanlab.rank import get_label_quality_scores  # noqa: PLC0415

    n = len(held.rows)
    gold, probabilities = held.gold, held.probabilities
    targets = held.columns.targets(held.rows)
    known = np.flatnonzero(gold != UNKNOWN)
    rooted = np.flatnonzero((gold == UNKNOWN) & (targets.roots != UNKNOWN))
    quality, confident = np.ones(n), np.zeros(n, dtype=bool)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        quality[known] = get_label_quality_scores(
            gold[known], probabilities[known], method="self_confidence"
        )
        # Confident learning compares stored themes with each other: of one alone it says nothing.
        if len(np.unique(gold[known])) > 1:
            confident[known] = find_label_issues(
                gold[known], probabilities[known], filter_by="both", n_jobs=1
            )
    others = probabilities.copy()
    others[known, gold[known]] = -1
    # Of a first level all columns below it are the stored theme.
    below = targets.root_of[None, :] == targets.roots[rooted, None]
    quality[rooted] = np.where(below, probabilities[rooted], 0).sum(axis=1)
    others[rooted] = np.where(below, -1, others[rooted])
    given = quality.copy()
    given[(gold == UNKNOWN) & (targets.roots == UNKNOWN)] = 0
    rivals = others.argmax(axis=1)
    near = (targets.alternatives == rivals) & (rivals != UNKNOWN)
    return Doubts(
        np.minimum(quality + NEAR_MISS * near, 1),
        given,
        rivals,
        near,
        confident,
        _remarks([str(one.message) for one in caught], held),
    )


def _remarks(messages: Sequence[str], held: HeldOut) -> tuple[str, ...]:
    """Return what cleanlab remarked, each once; topics of too few notices in one line."""
    few = {message for message in messages if _TOO_FEW in message}
    rest = [message for message in messages if message not in few]
    found = tuple(dict.fromkeys(_in_words(message, held) for message in rest))
    if not few:
        return found
    remark = (
        f"{len(few)} of {len(held.columns.codes)} themes have too few notices for confident"
        " learning to find all their errors; the ranking does not depend on it."
    )
    return (remark, *found)


def _in_words(remark: str, held: HeldOut) -> str:
    """Return a remark of cleanlab with topics in the place of their numbers."""

    def label(found: re.Match[str]) -> str:
        taxonomy, codes = held.columns.taxonomy, held.columns.codes
        number = int(found[1])
        return taxonomy.print(taxonomy.topic(codes[number])) if number < len(codes) else found[0]

    return "cleanlab: " + _CLASS.sub(label, _HINT.sub("", " ".join(remark.split())))
