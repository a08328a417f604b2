"""
A notice as a row of numbers: the words of title and body, the characters of the title.

Two spaces stand side by side, each with its own inverse document frequencies and each scaled
to its own length, so that a short title is not drowned by a long body:

- *words*: what the segmenter cuts from title and body;
- *grams*: single characters and neighbouring pairs of the title, which catch what a segmenter
  cuts wrongly and what was seen too rarely as a word.

Training, serving and batches all come through here, so a notice can only be read one way.

Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval" (1988),
for sublinear term frequency and cosine scaling; the smoothed inverse document frequency is
scikit-learn's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from corpus.notice import Notice
    from corpus.segmentation import Segmenter


# The longest real titles have some 200 characters; what is longer is a body in the wrong field.
TITLE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Cut:
    """
    A notice cut into words.

    The pieces of a field, joined, are the text that was read of it: punctuation and blanks are
    pieces too, so a piece's place in the text is the length of all before it.
    """

    title: tuple[str, ...]
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """
    The features of one notice that are not zero.

    *columns* (int32) and *values* (float32) have the same length; no column comes twice.
    """

    columns: NDArray[np.int32]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Gram:
    """One or two neighbouring letters of a title and the places where each letter stands."""

    text: str
    places: tuple[int, ...]


def cut(notice: Notice, segmenter: Segmenter, *, body_limit: int | None) -> Cut:
    """Return the pieces of a title and of the first *body_limit* characters of a body."""
    title = (notice.title or "")[:TITLE_LIMIT]
    body = (notice.body or "")[:body_limit]
    return Cut(
        tuple(segmenter.segment(title)) if title else (),
        tuple(segmenter.segment(body)) if body else (),
    )


def grams(title_pieces: Sequence[str]) -> list[Gram]:
    """Return the characters and pairs of characters of a title; blanks between them are skipped."""
    letters: list[tuple[str, int]] = [
        (character, place)
        for place, character in enumerate("".join(title_pieces))
        if not character.isspace()
    ]
    found = [Gram(character, (place,)) for character, place in letters if character.isalpha()]
    found.extend(
        Gram(first + second, (place, next_place))
        for (first, place), (second, next_place) in pairwise(letters)
        if first.isalpha() and second.isalpha()
    )
    return found


def gram_texts(title_pieces: Sequence[str]) -> list[str]:
    """Return the texts of :func:`grams` without their places, in the same order."""
    letters = "".join("".join(title_pieces).split())
    pairs = [first + second for first, second in pairwise(letters)]
    if letters.isalpha():
        return [*letters, *pairs]
    found = [letter for letter in letters if letter.isalpha()]
    found.extend(pair for pair in pairs if pair.isalpha())
    return found


def inverse_document_frequency(
    n_documents: int, frequencies: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return ``ln((1 + n) / (1 + df)) + 1`` for each term, as scikit-learn's smoothed idf."""
    idf: NDArray[np.float32] = (np.log((1 + n_documents) / (1 + frequencies)) + 1).astype(
        np.float32
    )
    return idf


def weigh(
    counts: NDArray[np.float32], idf: NDArray[np.float32], starts: NDArray[np.integer]
) -> NDArray[np.float32]:
    """
    Return the TF-IDF values of several notices laid end to end.

    Args:
        counts: How often each term stands in its notice, at least 1.
        idf: The inverse document frequency of each of these terms.
        starts: Where each notice begins in *counts*; no notice may be empty.

    Returns:
        ``(1 + ln counts) × idf``, each notice scaled to length one.
    """
    values: NDArray[np.float32] = ((1 + np.log(counts)) * idf).astype(np.float32)
    if len(starts):
        lengths = np.sqrt(np.add.reduceat(values * values, starts))
        values /= np.repeat(lengths, np.diff(np.append(starts, len(values))))
    return values


class Space:
    """Terms of one kind, each with its column and its inverse document frequency."""

    def __init__(self, terms: Sequence[str], idf: NDArray[np.float32], *, weight: float) -> None:
        self.terms = tuple(terms)
        self.idf = idf
        self.weight = weight
        self._columns = {term: column for column, term in enumerate(self.terms)}

    def __len__(self) -> int:
        return len(self.terms)

    def column(self, term: str) -> int | None:
        """Return the column of a term within this space, or ``None`` if it has none."""
        return self._columns.get(term)

    def row(self, terms: Iterable[str]) -> Row:
        """Return the row of a notice that holds these terms, scaled to this space's weight."""
        return self.rows([terms])[0]

    def rows(self, notices: Iterable[Iterable[str]]) -> list[Row]:
        """Return the rows of some notices, each scaled to this space's weight."""
        columns: list[int] = []
        times: list[int] = []
        ends: list[int] = []
        for terms in notices:
            # Few terms are different ones, and the table of all terms is too large for a cache.
            counts = Counter(terms)
            found = list(map(self._columns.get, counts))
            times += [
                count
                for column, count in zip(found, counts.values(), strict=True)
                if column is not None
            ]
            columns += [column for column in found if column is not None]
            ends.append(len(columns))
        all_columns = np.array(columns, dtype=np.int32)
        borders = [0, *ends]
        starts = [start for start, end in pairwise(borders) if start < end]
        values = weigh(
            np.array(times, dtype=np.float32),
            self.idf[all_columns],
            np.array(starts, dtype=np.intp),
        ) * np.float32(self.weight)
        return [Row(all_columns[start:end], values[start:end]) for start, end in pairwise(borders)]


class Vectorizer:
    """Turns a cut notice into its row: the word space first, the gram space behind it."""

    def __init__(self, words: Space, title_grams: Space) -> None:
        self.words = words
        self.grams = title_grams

    def __len__(self) -> int:
        return len(self.words) + len(self.grams)

    def row(self, pieces: Cut) -> Row:
        """Return the features of a notice; an empty row where nothing in it is known."""
        return self.rows([pieces])[0]

    def rows(self, notices: Sequence[Cut]) -> list[Row]:
        """Return the features of some notices, which costs less than one by one."""
        words = self.words.rows((*pieces.title, *pieces.body) for pieces in notices)
        titles = self.grams.rows(gram_texts(pieces.title) for pieces in notices)
        behind = np.int32(len(self.words))
        return [
            Row(
                np.concatenate([word.columns, gram.columns + behind]),
                np.concatenate([word.values, gram.values]),
            )
            for word, gram in zip(words, titles, strict=True)
        ]
