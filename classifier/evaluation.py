"""
How good a model is on notices whose topics are known.

Each level is measured on its own: the first on every notice that names a topic, the second on
those whose second level is known. Notices of the catch-all (其他) are left out of both, since
nobody chose a theme for them; what they would be called is told apart. Near-duplicates are drawn
together when intervals are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.agreement import agreement
from classifier.answering import answer
from classifier.breakdown import by_topic, confusion, reliability, risk_coverage
from classifier.errors import TrainingError
from classifier.intervals import intervals
from classifier.metrics import figures
from classifier.others import inside_others

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from classifier.answering import LevelAnswers, ModelAnswers
    from classifier.model import TopicModel
    from classifier.rows import LabelledNotice
    from corpus.taxonomy import Taxonomy, Topic


def evaluate(
    model: TopicModel,
    rows: Sequence[LabelledNotice],
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """
    Return the figures of a model, spelled as in ``zhuti evaluate --json``.

    Raises:
        TrainingError: If every notice is 其他, so that there is nothing to measure.
    """
    refuse_others_only(rows, model.taxonomy)
    answers, groups = answer(model, rows, progress=progress)
    progress("Drawing intervals …")
    return {
        **figures_of(rows, answers, groups, model.taxonomy),
        "model": {"name": model.name, "digest": model.digest},
    }


def figures_of(
    rows: Sequence[LabelledNotice],
    answers: ModelAnswers,
    groups: NDArray[np.intp],
    taxonomy: Taxonomy,
) -> dict[str, Any]:
    """Return all figures of some answers: those of each level, and the tables beside them."""
    named = named_rows(rows, taxonomy)
    chosen = [rows[index] for index in named.tolist()]
    first = [taxonomy.parent(row.topic) or row.topic for row in chosen]
    of_roots = answers.roots.of(named)
    known = second_level_rows(rows, taxonomy)
    return {
        "n": len(rows),
        "n_other": len(rows) - len(named),
        "level_1": _level(of_roots, first, groups[named], taxonomy),
        "level_2": _level(
            answers.choices.of(known),
            [rows[index].topic for index in known.tolist()],
            groups[known],
            taxonomy,
        )
        if len(known)
        else None,
        "confusion": confusion(first, of_roots.best, taxonomy),
        "others": inside_others(rows, answers, taxonomy),
        "second_reader": agreement(chosen, answers.of(named)),
    }


def named_rows(rows: Sequence[LabelledNotice], taxonomy: Taxonomy) -> NDArray[np.intp]:
    """Return which rows name a topic: all but those of the catch-all."""
    named = [row.topic.code != taxonomy.catch_all for row in rows]
    return np.flatnonzero(np.array(named, dtype=bool))


def second_level_rows(rows: Sequence[LabelledNotice], taxonomy: Taxonomy) -> NDArray[np.intp]:
    """Return which rows say their second level; none where the list has only one."""
    return np.array(
        [
            index
            for index in named_rows(rows, taxonomy).tolist()
            if rows[index].topic.parent is not None
        ],
        dtype=np.intp,
    )


def refuse_others_only(rows: Sequence[LabelledNotice], taxonomy: Taxonomy) -> None:
    """Raise an error if every notice is 其他."""
    if not len(named_rows(rows, taxonomy)):
        msg = f"All {len(rows)} notices are 其他: there is nothing to measure."
        raise TrainingError(msg)


def _level(
    level: LevelAnswers, gold: Sequence[Topic], groups: NDArray[np.intp], taxonomy: Taxonomy
) -> dict[str, Any]:
    """Return the figures and tables of one level."""
    answers = level.against(gold, groups)
    confidence, right = answers.confidence, answers.right
    return {
        **figures(answers, level.accepted),
        "intervals": intervals(answers, level.accepted),
        "by_topic": by_topic(gold, level.best, taxonomy),
        "reliability": reliability(confidence, right),
        "risk_coverage": risk_coverage(confidence, right),
    }
