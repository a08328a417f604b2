"""
How good a model is on notices whose topics are known.

Each level is measured on its own: the first on every notice that names a topic, the second on
those whose second level is known. Notices of the catch-all (其他) are left out of both, since
nobody chose a theme for them. Near-duplicates are drawn together when intervals are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.errors import TrainingError
from classifier.metrics import Answers, measure
from classifier.near_duplicates import group

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from classifier.model import TopicModel
    from classifier.rows import LabelledNotice
    from corpus.taxonomy import Topic

_STEP = 500


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
    taxonomy = model.taxonomy
    named = [row for row in rows if row.topic.code != taxonomy.catch_all]
    if not named:
        msg = f"All {len(rows)} notices are 其他: there is nothing to measure."
        raise TrainingError(msg)
    of_choices, of_roots, groups = _answers(model, named, progress)
    choices = model.choices
    roots = [_index(choices.roots, taxonomy.parent(row.topic) or row.topic) for row in named]
    first = Answers(of_roots, np.array(roots), groups)
    result: dict[str, Any] = {
        "n": len(rows),
        "n_other": len(rows) - len(named),
        "level_1": measure(first, model.root_thresholds),
        "level_2": None,
    }
    known = np.array([row.topic.parent is not None for row in named])
    if taxonomy.levels == 2 and known.any():  # noqa: PLR2004
        leaves = np.array([_index(choices.topics, row.topic) for row in named])
        second = Answers(of_choices[known], leaves[known], groups[known])
        result["level_2"] = measure(second, model.thresholds)
    return result


def _answers(
    model: TopicModel, rows: Sequence[LabelledNotice], progress: Callable[[str], None]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Return the probabilities of choices and first levels, and the near-duplicate groups."""
    of_choices, of_roots, cuts = [], [], []
    for number, row in enumerate(rows):
        if number % _STEP == 0:
            progress(f"Answered {number} of {len(rows)} notices …")
        pieces = model.cut(row.notice)
        one, above = model.probabilities(pieces)
        of_choices.append(one)
        of_roots.append(above)
        cuts.append(pieces)
    progress("Looking for near-duplicates …")
    return np.array(of_choices), np.array(of_roots), group(cuts)


def _index(topics: Sequence[Topic], topic: Topic) -> int:
    """Return the place of a topic, or one behind the last if it cannot be answered."""
    return topics.index(topic) if topic in topics else len(topics)
