"""
What an answer may choose from: the model's own topics, or those of a site.

The columns of a model are topics of its taxonomy. A site may use another list; a crosswalk then
says which of the site's topics each column counts for, and columns without a counterpart are
never shown. Either way a choice's probability is the sum over its columns, and a first-level
topic's the sum over the choices below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from classifier.crosswalk import Crosswalk
    from corpus.taxonomy import Taxonomy, Topic


@dataclass(frozen=True, slots=True)
class Choices:
    """
    The topics an answer may name.

    Attributes:
        topics: The choices, with *parents* beside them (``None`` for a first-level topic).
        roots: The first-level topics above them; *root_of* gives each choice's, by index.
        columns: The model columns that count, and *choice_of* the choice each counts for.
    """

    topics: tuple[Topic, ...]
    parents: tuple[Topic | None, ...]
    roots: tuple[Topic, ...]
    root_of: NDArray[np.intp]
    columns: NDArray[np.intp]
    choice_of: NDArray[np.intp]

    def probabilities(self, of_columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each choice, of shape (n_choices,)."""
        weights = of_columns[self.columns]
        return np.bincount(self.choice_of, weights, len(self.topics)).astype(np.float64)

    def root_probabilities(self, of_choices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each first-level topic, of shape (n_roots,)."""
        return np.bincount(self.root_of, of_choices, len(self.roots)).astype(np.float64)

    def strongest_column(self, choice: int, of_columns: NDArray[np.float64]) -> int:
        """Return the most probable of a choice's columns: the one whose evidence is shown."""
        columns = self.columns[self.choice_of == choice]
        return int(columns[of_columns[columns].argmax()])


def own_choices(taxonomy: Taxonomy, codes: Sequence[str]) -> Choices:
    """Return the model's own topics as choices, one for each column."""
    topics = tuple(taxonomy.topic(code) for code in codes)
    columns = np.arange(len(topics))
    return _choices(topics, tuple(map(taxonomy.parent, topics)), columns, columns)


def site_choices(crosswalk: Crosswalk, codes: Sequence[str]) -> Choices:
    """Return a site's topics as choices; columns without a counterpart count for nothing."""
    targets = [crosswalk.to(code) for code in codes]
    kept = [(column, target) for column, target in enumerate(targets) if target is not None]
    known = list(dict.fromkeys(target for _, target in kept))
    return _choices(
        tuple(target.topic for target in known),
        tuple(target.parent for target in known),
        np.array([column for column, _ in kept], dtype=np.intp),
        np.array([known.index(target) for _, target in kept], dtype=np.intp),
    )


def _choices(
    topics: tuple[Topic, ...],
    parents: tuple[Topic | None, ...],
    columns: NDArray[np.intp],
    choice_of: NDArray[np.intp],
) -> Choices:
    """Find the first-level topics above the choices."""
    above = [parent or topic for topic, parent in zip(topics, parents, strict=True)]
    roots = list(dict.fromkeys(above))
    root_of = np.array([roots.index(root) for root in above], dtype=np.intp)
    return Choices(topics, parents, tuple(roots), root_of, columns, choice_of)
