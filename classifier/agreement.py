"""
How far two readers agree, and the model with what both chose: the ceiling of any model's figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifier.metrics import rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from classifier.answering import ModelAnswers
    from classifier.rows import LabelledNotice
    from corpus.taxonomy import Topic


def agreement(rows: Sequence[LabelledNotice], answers: ModelAnswers) -> dict[str, Any] | None:
    """
    Return the shares of notices on which the readers agree, ``None`` if none was read twice.

    *model_on_agreed* says how often the model is right where they do (the same second level, or
    the same first where no second was chosen).
    """
    read = [
        (index, row.topic, row.second_reader)
        for index, row in enumerate(rows)
        if row.second_reader is not None
    ]
    if not read:
        return None

    def root(topic: Topic) -> str:
        return topic.parent or topic.code

    choices, roots = answers.choices.best, answers.roots.best
    below = [(one, other) for _, one, other in read if one.parent and other.parent]
    agreed = [(index, one) for index, one, other in read if one.code == other.code]
    deep = [(index, one) for index, one in agreed if one.parent]
    return {
        "n": len(read),
        "level_1": _share(root(one) == root(other) for _, one, other in read),
        "level_2": _share(one.code == other.code for one, other in below),
        "model_on_agreed": {
            "n": len(agreed),
            "level_1": _share(root(one) == roots[index].code for index, one in agreed),
            "level_2": _share(one.code == choices[index].code for index, one in deep),
        },
    }


def _share(holds: Iterable[bool]) -> float | None:
    """Return how often something holds, ``None`` if it was never asked."""
    answers = list(holds)
    return rounded(sum(answers) / len(answers)) if answers else None
