"""
Which theme an 其他 would move to, by a model that was trained elsewhere.

Notices of 其他 teach no model anything, so a model that has seen them knows nothing of them either;
and the shipped one has seen more themes than most archives hold. It also answers where an archive
says 其他 of everything, from which nothing could be learned.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from classifier.audit_decisions import (
    WORDS_SHOWN,
    Decision,
    Doubted,
    is_lazy,
    stored_label,
    urgency,
)
from classifier.audit_rows import is_second_level_other

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from classifier.audit_rows import ThemedNotice
    from classifier.model import TopicModel
    from classifier.suggestion import Suggestion

_STEP = 500


def named_by(
    model: TopicModel,
    rows: Sequence[ThemedNotice],
    groups: NDArray[np.intp],
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterable[Decision]:
    """
    Yield the 其他 that have a theme, near-duplicates with the same one as one decision.

    Args:
        model: Whose answers are taken.
        rows: All notices.
        groups: Their near-duplicate groups.
        progress: Called now and then with a line.
    """
    taxonomy = model.taxonomy
    found: dict[tuple[int, str, str], list[tuple[ThemedNotice, Suggestion]]] = defaultdict(list)
    lazy = [number for number, row in enumerate(rows) if is_lazy(row, taxonomy)]
    for done, number in enumerate(lazy):
        if done % _STEP == 0:
            progress(f"Asked of {done} of {len(lazy)} 其他 …")
        row = rows[number]
        answer = model.suggest(row.notice, limit=1)
        if not answer.suggestions or stays(row, answer.suggestions[0].topic.code, model):
            continue
        best = answer.suggestions[0]
        key = (int(groups[number]), stored_label(row, taxonomy), best.topic.code)
        found[key].append((row, best))
    for (_, label, _), members in found.items():
        members.sort(key=lambda one: -one[1].probability)
        best = members[0][1]
        probability = float(np.mean([one.probability for _, one in members]))
        words = dict.fromkeys(piece.word for piece in best.evidence if piece.weight > 0)
        yield Decision(
            "other",
            tuple(Doubted(row, label, 0.0) for row, _ in members),
            best.topic,
            probability,
            urgency(probability, len(members)),
            tuple(words)[:WORDS_SHOWN],
        )


def stays(row: ThemedNotice, proposed: str, model: TopicModel) -> bool:
    """Return whether a printed second-level 其他 is the truth: nothing would move."""
    return row.printed_other and is_second_level_other(model.taxonomy.topic(proposed))
