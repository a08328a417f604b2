"""
The terms of many notices, counted once and weighed as often as needed.

Cross-validation weighs the same notices six times, each time with the terms and document
frequencies of other training notices; cutting and counting them again each time would cost more
than fitting. The weights come from the same function that serves single notices.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, hstack
from sklearn.feature_selection import chi2

from classifier.features import Space, Vectorizer, grams, inverse_document_frequency, weigh
from corpus.segmentation import is_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from classifier.features import Cut

# A term that stands in one notice alone says nothing of any other.
FEWEST_NOTICES = 2


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
        sizes = np.diff(kept.indptr)
        values = weigh(kept.data, idf[kept.indices], kept.indptr[:-1][sizes > 0])
        return csr_array((values, kept.indices, kept.indptr), shape=kept.shape)


@dataclass(frozen=True, slots=True)
class Counted:
    """Many notices, counted in both spaces."""

    words: Counts
    grams: Counts

    def select(
        self, notices: NDArray[np.intp], topics: NDArray[np.intp], *, most: int, gram_weight: float
    ) -> tuple[Vectorizer, csr_array]:
        """
        Choose the terms that tell topics apart, and return all notices weighed by them.

        Args:
            notices: The rows to learn from: document frequencies and choice come from these only.
            topics: The topic of each of these notices, of the same shape.
            most: How many terms to keep at most, the highest in chi-squared.
            gram_weight: How much the characters of the title count beside the words.

        Returns:
            The vectorizer and the features of *all* notices, of shape (n_all, n_features).
        """
        parts, spaces = [], []
        for counts, weight in ((self.words, 1.0), (self.grams, gram_weight)):
            frequencies = counts.frequencies(notices)
            parts.append(
                (counts, weight, frequencies, np.flatnonzero(frequencies >= FEWEST_NOTICES))
            )
        if sum(len(columns) for *_, columns in parts) > most:
            parts = _most_telling(parts, notices, topics, most)
        blocks = []
        for counts, weight, frequencies, columns in parts:
            idf = inverse_document_frequency(len(notices), frequencies[columns])
            blocks.append(counts.weighed(idf, columns) * np.float32(weight))
            spaces.append(Space([counts.terms[column] for column in columns], idf, weight=weight))
        return Vectorizer(*spaces), csr_array(hstack(blocks, format="csr"))


_Part = tuple[Counts, float, "NDArray[np.int64]", "NDArray[np.intp]"]


def _most_telling(
    parts: Sequence[_Part], notices: NDArray[np.intp], topics: NDArray[np.intp], most: int
) -> list[_Part]:
    """Keep the terms with the highest chi-squared over both spaces."""
    tells = []
    for counts, weight, frequencies, columns in parts:
        if not len(columns):
            tells.append(np.zeros(0))
            continue
        idf = inverse_document_frequency(len(notices), frequencies[columns])
        statistic, _ = chi2(counts.weighed(idf, columns)[notices] * np.float32(weight), topics)
        tells.append(np.nan_to_num(statistic))
    everything = np.concatenate(tells)
    kept = np.zeros(len(everything), dtype=bool)
    kept[np.argsort(-everything, kind="stable")[:most]] = True
    borders = np.cumsum([len(tell) for tell in tells])[:-1]
    return [
        (counts, weight, frequencies, columns[chosen])
        for (counts, weight, frequencies, columns), chosen in zip(
            parts, np.split(kept, borders), strict=True
        )
    ]


def count(notices: Sequence[Cut]) -> Counted:
    """Return the counts of all terms that stand in at least two of the notices."""
    return Counted(
        _counts(([*notice.title, *notice.body] for notice in notices), words=True),
        _counts(([gram.text for gram in grams(notice.title)] for notice in notices), words=False),
    )


def _counts(documents: Iterable[Iterable[str]], *, words: bool) -> Counts:
    """Count terms document by document, then leave out those that are no words or too rare."""
    numbers: dict[str, int] = {}
    columns: list[NDArray[np.intp]] = []
    times: list[NDArray[np.float32]] = []
    for document in documents:
        counter = Counter(document)
        ids = (numbers.setdefault(term, len(numbers)) for term in counter)
        columns.append(np.fromiter(ids, dtype=np.intp, count=len(counter)))
        times.append(np.fromiter(counter.values(), dtype=np.float32, count=len(counter)))
    indptr = np.concatenate([[0], np.cumsum([len(ids) for ids in columns])]).astype(np.intp)
    everything = csr_array(
        (np.concatenate(times), np.concatenate(columns), indptr),
        shape=(len(columns), len(numbers)),
    )
    frequencies = np.bincount(everything.indices, minlength=len(numbers))
    terms = sorted(
        term
        for term, number in numbers.items()
        if frequencies[number] >= FEWEST_NOTICES and (not words or is_word(term))
    )
    matrix = csr_array(everything[:, [numbers[term] for term in terms]])
    matrix.sort_indices()
    return Counts(tuple(terms), matrix)
