"""
Which topics get a column of the model, and what becomes of the rest.

A topic with hardly any notices cannot be learned. Its notices are not thrown away: they train a
column of the topic above it, so that the first level can still be suggested, and they count for
the first level like all others. Notices of the catch-all (其他) are unlabelled: nobody chose.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.errors import TrainingError
from classifier.fitting import UNKNOWN, Targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.rows import LabelledNotice
    from corpus.taxonomy import Taxonomy, Topic

FEWEST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Columns:
    """
    The topics of a model's columns and what was left without one.

    Attributes:
        codes: The topic of each column, in the taxonomy's order.
        folded: Topics with too few notices, and how many: they train the topic above them.
        unseen: Topics without a single notice: they cannot be suggested at all.
    """

    taxonomy: Taxonomy
    codes: tuple[str, ...]
    folded: dict[str, int]
    unseen: tuple[str, ...]

    def targets(self, rows: Sequence[LabelledNotice]) -> Targets:
        """Return what each notice should answer, as indices into columns and first levels."""
        roots = list(dict.fromkeys(map(self._root, self.codes)))
        column_of = {code: column for column, code in enumerate(self.codes)}
        number_of = {code: number for number, code in enumerate(roots)}

        column_of_topic = {
            topic.code: column_of.get(self._code_for(topic), UNKNOWN)
            for topic in self.taxonomy.topics
        }

        def column(topic: Topic | None) -> int:
            return UNKNOWN if topic is None else column_of_topic[topic.code]

        def root(topic: Topic | None) -> int:
            return UNKNOWN if topic is None else number_of.get(self._root(topic.code), UNKNOWN)

        topics = [column(row.topic) for row in rows]
        first = [root(row.topic) for row in rows]
        return Targets(
            np.array(topics, dtype=np.intp),
            _differing([column(row.alternative) for row in rows], topics),
            np.array(first, dtype=np.intp),
            _differing([root(row.alternative) for row in rows], first),
            np.array([number_of[self._root(code)] for code in self.codes], dtype=np.intp),
        )

    def _code_for(self, topic: Topic) -> str:
        """Return the column that a notice of this topic trains, or the empty string for none."""
        if topic.code in self.folded and topic.parent is not None:
            return topic.parent
        return "" if self._is_partial(topic) else topic.code

    def _is_partial(self, topic: Topic) -> bool:
        """Return whether a notice of this topic only says that it is one of several columns."""
        children = {child.code for child in self.taxonomy.children(topic.code)}
        return any(code in children for code in self.codes)

    def _root(self, code: str) -> str:
        """Return the first-level code above a code, or the code itself."""
        return self.taxonomy.topic(code).parent or code


def choose_columns(rows: Sequence[LabelledNotice], taxonomy: Taxonomy) -> Columns:
    """
    Return the columns that a model of these notices can have.

    Raises:
        TrainingError: If fewer than two topics have notices.
    """
    counts = Counter(row.topic.code for row in rows)
    counts.pop(taxonomy.catch_all or "", None)
    wanted: set[str] = set()
    folded: dict[str, int] = {}
    for topic in taxonomy.topics:
        seen = counts[topic.code]
        if not seen:
            continue
        if topic.parent is None:
            continue
        if seen >= FEWEST_ROWS:
            wanted.add(topic.code)
        else:
            folded[topic.code] = seen
            wanted.add(topic.parent)
    # A first level is a column of its own where nothing below it has one.
    with_children = {taxonomy.topic(code).parent for code in wanted}
    wanted |= {
        topic.code
        for topic in taxonomy.roots
        if counts[topic.code] and topic.code not in with_children
    }
    if len(wanted) < 2:  # noqa: PLR2004
        found = ", ".join(sorted(counts)) or "none"
        msg = f"A model needs notices of at least two topics; found: {found}."
        raise TrainingError(msg)
    unseen = tuple(
        topic.code
        for topic in taxonomy.topics
        if topic.parent is not None or not taxonomy.children(topic.code)
        if not counts[topic.code] and topic.code != taxonomy.catch_all
    )
    codes = tuple(topic.code for topic in taxonomy.topics if topic.code in wanted)
    return Columns(taxonomy, codes, folded, unseen)


def _differing(
    alternatives: list[int], topics: list[int]
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the alternatives, unknown where they say the same as the topic itself."""
    return np.array(
        [
            UNKNOWN if alternative == topic else alternative
            for alternative, topic in zip(alternatives, topics, strict=True)
        ],
        dtype=np.intp,
    )
