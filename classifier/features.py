"""
A notice as a row of numbers: its words, the characters of its title and first lines, its issuer.

Four parts stand side by side, each scaled to its own length and then to its own weight, so that
a short title is not drowned by a long body:

- *words*: what the segmenter cuts from title and body;
- *title*: single characters and neighbouring pairs of the title, which catch what a segmenter
  cuts wrongly and what was seen too rarely as a word;
- *opening*: the same of the title and the first lines of the body together;
- *issuer*: the same of the issuing body: who issues a notice says a little of its theme.

Each part has columns of its own, so what is seen in it never hides in another.

Training, serving and batches all come through here, so a notice can only be read one way.

Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval" (1988),
for sublinear term frequency and cosine scaling; the smoothed inverse document frequency is
scikit-learn's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass
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
# The first lines say what a notice is for; single paragraphs and messages are hardly longer.
HEAD_LIMIT = 400
# Several offices that issue together, and no more.
ISSUER_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Cut:
    """
    A notice cut into words.

    The pieces of a field, joined, are the text that was read of it: punctuation and blanks are
    pieces too, so a piece's place in the text is the length of all before it. *issuer* is the
    issuing body as it is, since it is read by its characters only.
    """

    title: tuple[str, ...]
    body: tuple[str, ...]
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of a notice counts, chosen by measurement (the README has the table)."""

    words: float = 0.8
    title: float = 0.8
    opening: float = 1.0
    issuer: float = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """
    The features of one notice that are not zero, part by part.

    *columns* (int32) and *values* (float32) have the same length; no column comes twice.

    Attributes:
        sizes: How many of them are of each part, in the order of :class:`Weights`.
    """

    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gram:
    """One or two neighbouring letters of a text and the places where each letter stands."""

    text: str
    places: tuple[int, ...]


def cut(notice: Notice, segmenter: Segmenter, *, body_limit: int | None) -> Cut:
    """Return the pieces of a title and of the first *body_limit* characters of a body."""
    title = (notice.title or "")[:TITLE_LIMIT]
    body = (notice.body or "")[:body_limit]
    return Cut(
        tuple(segmenter.segment(title)) if title else (),
        tuple(segmenter.segment(body)) if body else (),
        (notice.issuing_body or "")[:ISSUER_LIMIT],
    )


def head(body_pieces: Iterable[str]) -> str:
    """Return the first lines of a body, as much as is read by its characters."""
    length, pieces = 0, []
    for piece in body_pieces:
        pieces.append(piece)
        length += len(piece)
        if length >= HEAD_LIMIT:
            break
    return "".join(pieces)[:HEAD_LIMIT]


def grams(text: str) -> list[Gram]:
    """Return the characters and pairs of characters of a text; blanks between them are skipped."""
    letters: list[tuple[str, int]] = [
        (character, place) for place, character in enumerate(text) if not character.isspace()
    ]
    found = [Gram(character, (place,)) for character, place in letters if character.isalpha()]
    found.extend(
        Gram(first + second, (place, next_place))
        for (first, place), (second, next_place) in pairwise(letters)
        if first.isalpha() and second.isalpha()
    )
    return found


def gram_texts(text: str) -> list[str]:
    """Return the texts of :func:`grams` without their places, in the same order."""
    letters = "".join(text.split())
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

    def __init__(self, terms: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.terms = tuple(terms)
        self.idf = idf
        self._columns = {term: column for column, term in enumerate(self.terms)}

    def __len__(self) -> int:
        return len(self.terms)

    def column(self, term: str) -> int | None:
        """Return the column of a term within this space, or ``None`` if it has none."""
        return self._columns.get(term)

    def values(self, terms: Iterable[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the columns of the terms that are known, each once, and their TF-IDF values."""
        return self.values_of([terms])[0]

    def values_of(
        self, notices: Iterable[Iterable[str]]
    ) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """Return the same for some notices at once, which costs less than one by one."""
        columns: list[int] = []
        times: list[int] = []
        borders = [0]
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
            borders.append(len(columns))
        all_columns = np.array(columns, dtype=np.int32)
        starts = [start for start, end in pairwise(borders) if start < end]
        values = weigh(
            np.array(times, dtype=np.float32),
            self.idf[all_columns],
            np.array(starts, dtype=np.intp),
        )
        return [(all_columns[start:end], values[start:end]) for start, end in pairwise(borders)]


class Vectorizer:
    """
    Turns a cut notice into its row: a space for each part, one behind the other.

    Attributes:
        spaces: The terms of each part, in the order of :class:`Weights`.
        starts: The first column of each.
    """

    def __init__(self, spaces: Sequence[Space], weights: Weights) -> None:
        self.spaces = tuple(spaces)
        self.weights = weights
        sizes = [len(space) for space in self.spaces]
        self.starts = tuple(sum(sizes[:number]) for number in range(len(sizes)))

    def __len__(self) -> int:
        return sum(map(len, self.spaces))

    @property
    def words(self) -> Space:
        """The words of title and body; they stand first, so their columns are those of rows."""
        return self.spaces[0]

    def row(self, pieces: Cut) -> Row:
        """Return the features of a notice; an empty row where nothing in it is known."""
        return self.rows([pieces])[0]

    def rows(self, notices: Sequence[Cut]) -> list[Row]:
        """Return the features of some notices, which costs less than one by one."""
        if not notices:
            return []
        terms = zip(*map(parts, notices), strict=True)
        found = [
            [
                (columns + np.int32(start), values * np.float32(weight))
                for columns, values in space.values_of(of_part)
            ]
            for space, start, weight, of_part in zip(
                self.spaces, self.starts, astuple(self.weights), terms, strict=True
            )
        ]
        return [
            Row(
                np.concatenate([columns for columns, _ in of_notice]),
                np.concatenate([values for _, values in of_notice]),
                tuple(len(columns) for columns, _ in of_notice),
            )
            for of_notice in zip(*found, strict=True)
        ]


def parts(pieces: Cut) -> tuple[list[str], ...]:
    """Return the terms of each part of a notice, in the order of :class:`Weights`."""
    title = gram_texts("".join(pieces.title))
    return (
        [*pieces.title, *pieces.body],
        title,
        title + gram_texts(head(pieces.body)),
        gram_texts(pieces.issuer),
    )
