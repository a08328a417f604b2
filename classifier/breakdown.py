"""
Where a model is right and wrong: by topic, by probability, by what it was taken for.

All tables are plain JSON, spelled as in ``zhuti evaluate --json``; the pictures of the report are
drawn from the same ones.

Source: risk–coverage curve: El-Yaniv and Wiener, "On the Foundations of Noise-free Selective
Classification" (2010).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.metrics import BINS, bins_of, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus.taxonomy import Taxonomy, Topic

# Enough for a curve that looks smooth, few enough to read as a table.
CURVE_POINTS = 50


def by_topic(
    gold: Sequence[Topic], answered: Sequence[Topic], taxonomy: Taxonomy
) -> list[dict[str, Any]]:
    """
    Return how well each topic is found, for all that were right or answered at least once.

    *precision* is ``None`` where a topic was never answered, *recall* where it was never right.
    """
    right = Counter(
        one.code for one, other in zip(gold, answered, strict=True) if one.code == other.code
    )
    wanted = Counter(topic.code for topic in gold)
    named = Counter(topic.code for topic in answered)
    return [
        {
            **named_topic(topic, taxonomy),
            "n": wanted[topic.code],
            "answered": named[topic.code],
            "precision": _share(right[topic.code], named[topic.code]),
            "recall": _share(right[topic.code], wanted[topic.code]),
            "f1": rounded(2 * right[topic.code] / (wanted[topic.code] + named[topic.code])),
        }
        for topic in taxonomy.topics
        if wanted[topic.code] or named[topic.code]
    ]


def confusion(
    gold: Sequence[Topic], answered: Sequence[Topic], taxonomy: Taxonomy
) -> dict[str, Any]:
    """Return for what the notices of each topic were taken; ``counts[gold][answered]``."""
    seen = {topic.code for topic in (*gold, *answered)}
    topics = [topic for topic in taxonomy.topics if topic.code in seen]
    place = {topic.code: index for index, topic in enumerate(topics)}
    counts = np.zeros((len(topics), len(topics)), dtype=int)
    for one, other in zip(gold, answered, strict=True):
        counts[place[one.code], place[other.code]] += 1
    return {
        "topics": [{"code": topic.code, "label": topic.label} for topic in topics],
        "counts": counts.tolist(),
    }


def reliability(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> list[dict[str, float | int | None]]:
    """Return, for ten bins of equal width, the mean probability beside the share of right ones."""
    bins = bins_of(confidence)
    table: list[dict[str, float | int | None]] = []
    for number in range(BINS):
        inside = bins == number
        n = int(inside.sum())
        table.append(
            {
                "low": number / BINS,
                "high": (number + 1) / BINS,
                "n": n,
                "probability": rounded(confidence[inside].mean()) if n else None,
                "accuracy": rounded(right[inside].mean()) if n else None,
            }
        )
    return table


def risk_coverage(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> list[dict[str, float]]:
    """
    Return which share of the answers is wrong when only the surest are given.

    Answers of the same probability are given together. Some fifty points, the surest first.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    wanted = np.linspace(0, len(ranked) - 1, CURVE_POINTS)
    chosen = np.unique(ends[np.minimum(np.searchsorted(ends, wanted), len(ends) - 1)])
    wrong = np.cumsum(~right[order])
    return [
        {
            "coverage": rounded((end + 1) / len(ranked)),
            "risk": rounded(wrong[end] / (end + 1)),
            "probability": rounded(ranked[end]),
        }
        for end in chosen.tolist()
    ]


def named_topic(topic: Topic, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return a topic with its code and its label as a page prints it."""
    return {"code": topic.code, "label": taxonomy.print(topic)}


def _share(part: int, whole: int) -> float | None:
    """Return a share, or ``None`` of nothing."""
    return rounded(part / whole) if whole else None
