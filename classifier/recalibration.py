"""
What a promise costs, and where its threshold belongs on a site's own notices.

A card's promise holds on notices like those it was measured on. A site that has decided some
notices without seeing a proposal can measure it on its own: the same model, the same
probabilities, and thresholds from what people said.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.errors import TrainingError
from classifier.thresholds import FEWEST_ANSWERS, Curve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.model import TopicModel
    from corpus.notice import Notice
    from corpus.taxonomy import Topic

# With fewer decisions the 95 % interval of a precision of 0.95 is wider than ten points.
FEWEST_DECISIONS = 50


@dataclass(frozen=True, slots=True)
class Promise:
    """
    What is accepted at one level so that a share of it is right.

    *threshold* is ``None`` where the promise cannot be kept; *share* is that of the notices whose
    best answer is accepted, and *precision* how much of it was right where it was measured.
    """

    threshold: float | None
    share: float
    precision: float | None
    accepted: int
    low: float | None
    high: float | None

    def as_json(self) -> dict[str, float | None]:
        """Return the promise as ``zhuti model threshold --json`` prints it."""
        return asdict(self)


def promises_at(
    curves: dict[str, Any], precision: float, measured: dict[str, int]
) -> dict[str, Promise | None]:
    """
    Return what both levels accept for a precision.

    Args:
        curves: Of a card or of reviews, by level.
        precision: The share of the accepted that must be right.
        measured: How many notices each curve was measured on, by level.
    """
    found: dict[str, Promise | None] = {}
    for level in ("level_1", "level_2"):
        entry = curves[level]
        if entry is None:
            found[level] = None
            continue
        thresholds, share, right = Curve.from_json(entry).promise(precision)
        if right is None:
            found[level] = Promise(None, share, None, 0, None, None)
            continue
        accepted = round(share * measured[level])
        found[level] = Promise(
            thresholds.accept, share, right, accepted, *_interval(right, accepted)
        )
    return found


def _interval(share: float, n: int) -> tuple[float, float]:
    """
    Return the bounds between which the true share lies with probability 0.95.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
    """
    z = 1.96
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return round(max(0.0, centre - reach), 4), round(min(1.0, centre + reach), 4)


def curves_of(
    model: TopicModel, decided: Sequence[tuple[Notice, Topic]]
) -> tuple[dict[str, Any], dict[str, int]]:
    """
    Return the curves of a model on decided notices, and how many each was measured on.

    Notices decided as 其他 are left out: no topic was right, and none was named.

    Raises:
        TrainingError: If there are too few decisions to say anything.
    """
    taxonomy = model.taxonomy
    named = [(notice, topic) for notice, topic in decided if topic.code != taxonomy.catch_all]
    if len(named) < max(FEWEST_DECISIONS, FEWEST_ANSWERS):
        msg = (
            f"{len(named)} notices were decided blindly and given a theme; {FEWEST_DECISIONS} are"
            " needed before they say anything. Decide more in the review."
        )
        raise TrainingError(msg)
    levels: dict[str, tuple[list[float], list[bool]]] = {"level_1": ([], []), "level_2": ([], [])}
    choices = model.choices
    for notice, topic in named:
        of_choices, of_roots = model.probabilities(model.cut(notice))
        root = taxonomy.parent(topic) or topic
        best = int(of_roots.argmax())
        levels["level_1"][0].append(float(of_roots[best]))
        levels["level_1"][1].append(choices.roots[best].code == root.code)
        if topic.parent is not None:
            best = int(of_choices.argmax())
            levels["level_2"][0].append(float(of_choices[best]))
            levels["level_2"][1].append(choices.topics[best].code == topic.code)
    return {
        level: Curve.of(np.array(probabilities), np.array(right)).as_json()
        if len(right) >= FEWEST_ANSWERS
        else None
        for level, (probabilities, right) in levels.items()
    }, {level: len(right) for level, (_, right) in levels.items()}
