"""
What 其他 holds: the themes that a model offers for notices for which nobody chose one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from classifier.breakdown import named_topic
from corpus.taxonomy import CATCH_ALL_LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.answering import ModelAnswers
    from classifier.rows import LabelledNotice
    from corpus.taxonomy import Taxonomy, Topic


def inside_others(
    rows: Sequence[LabelledNotice], answers: ModelAnswers, taxonomy: Taxonomy
) -> list[dict[str, Any]]:
    """
    Return, for each 其他 of either level, what its notices would be called, the commonest first.

    *offered* counts the notices for which a theme is suggested that is neither another 其他 nor
    hopeless, *accepted* the answers that the model is sure of, *accepted_level_1* those whose
    first level it is sure of.
    """
    held: dict[str, list[int]] = defaultdict(list)
    others: dict[str, Topic] = {}
    for index, row in enumerate(rows):
        other = row.other(taxonomy)
        if other is not None:
            held[other.code].append(index)
            others[other.code] = other
    best = answers.choices.best
    return [
        {
            **named_topic(others[code], taxonomy),
            "n": len(held[code]),
            "offered": sum(
                best[index].label not in CATCH_ALL_LABELS and not answers.choices.hopeless[index]
                for index in held[code]
            ),
            "accepted": int(answers.choices.accepted[held[code]].sum()),
            "accepted_level_1": int(answers.roots.accepted[held[code]].sum()),
            "suggested": _suggested(held[code], best, answers, taxonomy),
        }
        for code in sorted(held)
    ]


def _suggested(
    notices: Sequence[int], best: Sequence[Topic], answers: ModelAnswers, taxonomy: Taxonomy
) -> list[dict[str, Any]]:
    """Return how often each topic is suggested for some notices, and how often it is accepted."""
    times = Counter(best[index].code for index in notices)
    sure = Counter(best[index].code for index in notices if answers.choices.accepted[index])
    return [
        {**named_topic(taxonomy.topic(code), taxonomy), "n": n, "accepted": sure[code]}
        for code, n in sorted(times.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
