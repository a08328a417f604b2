"""
Whether one model is better than another: both on the same notices, and tested in pairs.

Two intervals that overlap say little, since both models meet the same hard notices. What counts is
the notices on which only one is right: their number is tested exactly, and the difference of the
accuracies gets an interval by drawing whole groups of near-duplicates again.

Sources: McNemar, "Note on the sampling error of the difference between correlated proportions"
(1947); Dietterich, "Approximate Statistical Tests for Comparing Supervised Classification Learning
Algorithms" (1998).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import binomtest

from classifier.answering import answer
from classifier.breakdown import named_topic
from classifier.errors import DifferentListsError
from classifier.evaluation import named_rows, refuse_others_only, second_level_rows
from classifier.intervals import LEVEL, drawn_weights
from classifier.metrics import accuracy_interval, rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from classifier.answering import LevelAnswers, ModelAnswers
    from classifier.model import TopicModel
    from classifier.rows import LabelledNotice
    from corpus.taxonomy import Taxonomy, Topic


def compare(
    old: TopicModel,
    new: TopicModel,
    rows: Sequence[LabelledNotice],
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """
    Return the figures of two models beside each other, and every notice they answer differently.

    Raises:
        DifferentListsError: If the models do not answer in the same topics.
        TrainingError: If every notice is 其他, so that there is nothing to measure.
    """
    refuse_different_lists(old, new)
    taxonomy = new.taxonomy
    refuse_others_only(rows, taxonomy)
    before, groups = answer(old, rows, progress=lambda line: progress(f"{old.name}: {line}"))
    after, _ = answer(new, rows, progress=lambda line: progress(f"{new.name}: {line}"))
    named, deep = named_rows(rows, taxonomy), second_level_rows(rows, taxonomy)
    topics = [row.topic for row in rows]
    roots = [taxonomy.parent(topic) or topic for topic in topics]
    return {
        "n": len(rows),
        "n_other": len(rows) - len(named),
        "old": {"name": old.name, "digest": old.digest},
        "new": {"name": new.name, "digest": new.digest},
        "level_1": _level(named, roots, before.roots, after.roots, groups),
        "level_2": _level(deep, topics, before.choices, after.choices, groups)
        if len(deep)
        else None,
        "changes": _changes(rows, before, after, taxonomy),
    }


def refuse_different_lists(old: TopicModel, new: TopicModel) -> None:
    """Raise an error unless two models answer in the same topics."""
    one, other = (_arranged(model.taxonomy) for model in (old, new))
    if one != other:
        raise DifferentListsError(
            old.taxonomy.name, new.taxonomy.name, sorted(one - other), sorted(other - one)
        )


def paired_figures(
    old: NDArray[np.bool_], new: NDArray[np.bool_], groups: NDArray[np.intp]
) -> dict[str, Any]:
    """
    Return two models' accuracies, their difference with its interval, and the exact test.

    Args:
        old: Whether the old model's answer to each notice was right, of shape (n_notices,).
        new: The same of the new model.
        groups: The near-duplicate group of each notice.

    Returns:
        *p_value* is how probable it is that the notices which only one of them answers rightly
        fall at least as unevenly if neither is better; copies count one by one in it.
    """
    gains = new.astype(float) - old
    drawn = [weights @ gains / weights.sum() for weights in drawn_weights(groups)]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    only_old, only_new = int((old & ~new).sum()), int((new & ~old).sum())
    return {
        "n": len(old),
        "old": _accuracy(old, groups),
        "new": _accuracy(new, groups),
        "difference": {
            "value": rounded(gains.mean()),
            "low": rounded(low),
            "high": rounded(high),
        },
        "only_old_right": only_old,
        "only_new_right": only_new,
        "p_value": mcnemar(only_old, only_new),
    }


def mcnemar(only_one: int, only_other: int) -> float:
    """Return the exact two-sided probability of a split at least as uneven; 1 of nothing."""
    differing = only_one + only_other
    if not differing:
        return 1.0
    # Significant digits: a small probability must not look like none.
    return float(f"{binomtest(only_one, differing, 0.5).pvalue:.3g}")


def _arranged(taxonomy: Taxonomy) -> set[str]:
    """Return the codes of a list as ``parent/code``, and which of them is its catch-all."""
    codes = {
        f"{topic.parent}/{topic.code}" if topic.parent else topic.code for topic in taxonomy.topics
    }
    return codes if taxonomy.catch_all is None else {*codes, f"{taxonomy.catch_all} as catch-all"}


def _level(
    notices: NDArray[np.intp],
    gold: Sequence[Topic],
    old: LevelAnswers,
    new: LevelAnswers,
    groups: NDArray[np.intp],
) -> dict[str, Any]:
    """Return the paired figures of one level, of those notices that know it."""
    wanted = [gold[index] for index in notices.tolist()]
    before, after = (
        level.of(notices).against(wanted, groups[notices]).right for level in (old, new)
    )
    return paired_figures(before, after, groups[notices])


def _accuracy(right: NDArray[np.bool_], groups: NDArray[np.intp]) -> dict[str, float]:
    """Return an accuracy with its interval."""
    low, high = accuracy_interval(right, groups)
    return {"value": rounded(right.mean()), "low": rounded(low), "high": rounded(high)}


def _changes(
    rows: Sequence[LabelledNotice], old: ModelAnswers, new: ModelAnswers, taxonomy: Taxonomy
) -> list[dict[str, Any]]:
    """
    Return the notices whose most probable topic is another now, in the order of the rows.

    *right* names the models whose answer is the gold topic (or lies below it, where gold is of the
    first level): ``old``, ``new``, ``both`` or ``neither``; ``None`` where gold is 其他.
    """
    before, after = old.choices.best, new.choices.best
    certainty = zip(old.choices.confidence.tolist(), new.choices.confidence.tolist(), strict=True)
    return [
        {
            "id": row.notice.id,
            "title": row.notice.title,
            "gold": named_topic(row.topic, taxonomy),
            "old": {**named_topic(one, taxonomy), "probability": rounded(sure_of_one)},
            "new": {**named_topic(other, taxonomy), "probability": rounded(sure_of_other)},
            "right": _who(row.topic, one, other, taxonomy),
        }
        for row, one, other, (sure_of_one, sure_of_other) in zip(
            rows, before, after, certainty, strict=True
        )
        if one.code != other.code
    ]


def _who(gold: Topic, old: Topic, new: Topic, taxonomy: Taxonomy) -> str | None:
    """Return which of two answers are right."""
    if gold.code == taxonomy.catch_all:
        return None
    right = [gold.code in {answered.code, answered.parent} for answered in (old, new)]
    return {
        (True, True): "both",
        (True, False): "old",
        (False, True): "new",
        (False, False): "neither",
    }[right[0], right[1]]
