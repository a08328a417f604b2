"""
The terms of many notices, counted once and weighed as often as needed.

Cross-validation weighs the same notices six times, each time with the terms and document
frequencies of other training notices; cutting and counting them again each time would cost more
than fitting. The weights come from the same function that serves single notices.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from scipy.sparse import csr_array, hstack

from classifier.features import (
    Numbers,
    Space,
    Vectorizer,
    Weights,
    gram,
    inverse_document_frequency,
    weigh,
)
from corpus.segmentation import is_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from classifier.features import Cut

# A term that stands in one notice alone says nothing of any other.
FEWEST_NOTICES = 2

# A word is itself, a gram is its code.
T = TypeVar("T", str, int)


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each term (column) stands in each notice (row); terms in alphabetical order."""

    terms: tuple[str, ...]
    matrix: csr_array

    def frequencies(self, notices: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return in how many of these notices each term stands."""
        return np.bincount(self.matrix[notices].indices, minlength=len(self.terms))

    def weighed(self, idf: NDArray[np.float32], columns: NDArray[np.intp]) -> csr_array:
        """Return the TF-IDF rows of all notices over some of the columns."""
        kept = csr_array(self.matrix[:, columns])
        # A notice without any of the terms is left out.
        values = weigh(kept.data, idf[kept.indices], np.unique(kept.indptr))
        return csr_array((values, kept.indices, kept.indptr), shape=kept.shape)


@dataclass(frozen=True, slots=True)
class Counted:
    """
    Many notices, counted part by part.

    Attributes:
        parts: The counts of each part, in the order of :class:`classifier.features.Weights`.
    """

    parts: tuple[Counts, ...]

    @property
    def words(self) -> Counts:
        """The words of title and body."""
        return self.parts[0]

    @property
    def title(self) -> Counts:
        """The characters and pairs of the title."""
        return self.parts[1]

    def first(self, n_notices: int) -> Counted:
        """Return the counts of the first notices only."""
        return Counted(
            tuple(Counts(part.terms, csr_array(part.matrix[:n_notices])) for part in self.parts)
        )

    def select(
        self,
        notices: NDArray[np.intp],
        *,
        weights: Weights,
        kept: NDArray[np.bool_] | None = None,
    ) -> tuple[Vectorizer, csr_array]:
        """
        Return the terms of some notices, and all notices weighed by them.

        Args:
            notices: The rows to learn from: terms and document frequencies come from these only.
            weights: How much each part counts.
            kept: Which of these terms to keep, of shape (n_features,); all if not given.

        Returns:
            The vectorizer and the features of *all* notices, of shape (n_all, n_features).
        """
        blocks = [
            _Block.of(counts, weight, notices)
            for counts, weight in zip(self.parts, astuple(weights), strict=True)
        ]
        if kept is not None:
            borders = np.cumsum([len(block.columns) for block in blocks])[:-1]
            chosen = np.split(kept, borders)
            blocks = [block.kept(some) for block, some in zip(blocks, chosen, strict=True)]
        return (
            Vectorizer([block.space() for block in blocks], weights),
            csr_array(hstack([block.weighed() for block in blocks], format="csr")),
        )


@dataclass(frozen=True, slots=True)
class _Block:
    """
    The columns that one part of a notice gets.

    Attributes:
        counts: The counts of the part, and *weight* how much it counts.
        columns: The term of each column, by index, and *idf* its inverse document frequency.
    """

    counts: Counts
    weight: float
    columns: NDArray[np.intp]
    idf: NDArray[np.float32]

    @classmethod
    def of(cls, counts: Counts, weight: float, notices: NDArray[np.intp]) -> _Block:
        """Return the block of all terms that are frequent enough in some notices."""
        frequencies = counts.frequencies(notices)
        columns = np.flatnonzero(frequencies >= FEWEST_NOTICES)
        idf = inverse_document_frequency(len(notices), frequencies[columns])
        return cls(counts, weight, columns, idf)

    def space(self) -> Space:
        """Return the terms of the block with their frequencies."""
        return Space([self.counts.terms[column] for column in self.columns], self.idf)

    def weighed(self) -> csr_array:
        """Return the TF-IDF rows of all notices."""
        return self.counts.weighed(self.idf, self.columns) * np.float32(self.weight)

    def kept(self, chosen: NDArray[np.bool_]) -> _Block:
        """Return the block with some of its columns."""
        return _Block(self.counts, self.weight, self.columns[chosen], self.idf[chosen])


def count(notices: Sequence[Cut]) -> Counted:
    """Return the counts of all terms that stand in at least two of the notices."""
    words: _Counter[str] = _Counter()
    of_letters: list[_Counter[int]] = [_Counter() for _ in astuple(Weights())[1:]]
    for notice in notices:
        pieces = (*notice.title, *notice.body)
        words.add(pieces)
        letters = Numbers.of(pieces).letters(len(notice.title), notice.issuer)
        for counter, codes in zip(of_letters, letters.of_parts, strict=True):
            counter.add(codes.ravel().tolist())
    return Counted(
        (words.counts(str, is_word), *(counter.counts(gram, str.isalpha) for counter in of_letters))
    )


class _Counter(Generic[T]):
    """Counts the terms of one part, document by document."""

    def __init__(self) -> None:
        self._numbers: dict[T, int] = {}
        self._columns: list[NDArray[np.intp]] = []
        self._times: list[NDArray[np.float32]] = []

    def add(self, terms: Iterable[T]) -> None:
        """Count the terms of one document."""
        counter = Counter(terms)
        numbers = self._numbers
        ids = (numbers.setdefault(term, len(numbers)) for term in counter)
        self._columns.append(np.fromiter(ids, dtype=np.intp, count=len(counter)))
        self._times.append(np.fromiter(counter.values(), dtype=np.float32, count=len(counter)))

    def counts(self, text: Callable[[T], str], wanted: Callable[[str], bool]) -> Counts:
        """Return all counts, without the terms that are too rare or whose text is not wanted."""
        indptr = np.concatenate([[0], np.cumsum([len(ids) for ids in self._columns])])
        everything = csr_array(
            (
                np.concatenate(self._times),
                np.concatenate(self._columns),
                indptr.astype(np.intp),
            ),
            shape=(len(self._columns), len(self._numbers)),
        )
        frequencies = np.bincount(everything.indices, minlength=len(self._numbers))
        common = {
            text(term): number
            for term, number in self._numbers.items()
            if frequencies[number] >= FEWEST_NOTICES
        }
        terms = sorted(filter(wanted, common))
        matrix = csr_array(everything[:, [common[term] for term in terms]])
        matrix.sort_indices()
        return Counts(tuple(terms), matrix)
