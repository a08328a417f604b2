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

Training, serving and batches all come through here, so a notice can only be read one way. Letters
and pairs are numbers from the start and looked up all at once; a word costs one look-up in a
dictionary. That only letters make up a term, and which words may be one, is seen to when the
terms are chosen: whatever else stands in a text is simply not found.

Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval" (1988),
for sublinear term frequency and cosine scaling; the smoothed inverse document frequency is
scikit-learn's.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cached_property
from itertools import chain, pairwise, repeat
from typing import TYPE_CHECKING

import numpy as np

from corpus.folding import as_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus.notice import Notice
    from corpus.segmentation import Segmenter


# The longest real titles have some 200 characters; what is longer is a body in the wrong field.
TITLE_LIMIT = 1000
# The first lines say what a notice is for; single paragraphs and messages are hardly longer.
HEAD_LIMIT = 400
# Several offices that issue together, and no more.
ISSUER_LIMIT = 100
UNKNOWN = -1
# Stands between the texts whose letters are read together: no letter, and no blank either.
_BORDER = "\0"
# A pair is one number: its letters, of 21 bits each, and a bit that tells it from a single letter.
_BITS = 21
_LETTER = (1 << _BITS) - 1
_PAIR = 1 << 2 * _BITS
_LAST_BLANK = 0x3000
_IS_BLANK = np.array([chr(point).isspace() for point in range(_LAST_BLANK + 1)] + [False])


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
class Letters:
    """
    The letters of a notice that are read one by one: of its title, first lines and issuing body.

    Attributes:
        codes: The letter at each place, and below it the pair that begins there, of shape
            (2, n_letters). Blanks are left out.
        places: Where each stands in the three texts laid end to end, one character between them.
        borders: How many of them come before the first lines, and before the issuing body.
    """

    codes: NDArray[np.int64]
    places: NDArray[np.intp]
    borders: tuple[int, int]

    @property
    def of_parts(self) -> tuple[NDArray[np.int64], ...]:
        """The codes that make up the title, the opening and the issuer."""
        first_lines, issuer = self.borders
        return self.codes[:, :first_lines], self.codes[:, :issuer], self.codes[:, issuer:]


@dataclass(frozen=True, slots=True)
class Seen:
    """
    The column of each term of a notice, once for each time it stands there.

    What is not known has the column −1.

    Attributes:
        words: Of each piece of title and body, of shape (n_pieces,).
        title: Of each letter of the title and of the pair that begins there, of shape
            (2, n_letters); *opening* and *issuer* likewise.
        letters: The letters themselves.
    """

    words: NDArray[np.int32]
    title: NDArray[np.int32]
    opening: NDArray[np.int32]
    issuer: NDArray[np.int32]
    letters: Letters


@dataclass(frozen=True, slots=True)
class Row:
    """
    The features of one notice that are not zero, part by part.

    *columns* (int32) and *values* (float32) have the same length; the columns rise.

    Attributes:
        sizes: How many of them are of each part, in the order of :class:`Weights`.
        times: How often each stands in the notice.
        seen: Where.
    """

    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    sizes: tuple[int, ...]
    times: NDArray[np.float32]
    seen: Seen


def cut(notice: Notice, segmenter: Segmenter, *, body_limit: int | None) -> Cut:
    """Return the pieces of a title and of the first *body_limit* characters of a body."""
    title = (notice.title or "")[:TITLE_LIMIT]
    body = (notice.body or "")[:body_limit]
    return Cut(
        tuple(segmenter.segment(title)) if title else (),
        tuple(segmenter.segment(body)) if body else (),
        (notice.issuing_body or "")[:ISSUER_LIMIT],
    )


def head(body_pieces: Sequence[str]) -> str:
    """Return the first lines of a body, as much as is read by its letters."""
    # No piece is empty.
    return "".join(body_pieces[:HEAD_LIMIT])[:HEAD_LIMIT]


def read_letters(pieces: Cut) -> Letters:
    """Return the letters of a notice as numbers."""
    title, first_lines = "".join(pieces.title), head(pieces.body)
    points = as_points(f"{title}{_BORDER}{first_lines}{_BORDER}{pieces.issuer}")
    places = (~_IS_BLANK[np.minimum(points, _LAST_BLANK + 1)]).nonzero()[0]
    codes = np.empty((2, len(places)), dtype=np.int64)
    codes[0] = points[places]
    np.left_shift(codes[0], _BITS, out=codes[1])
    codes[1] |= _PAIR
    codes[1, :-1] |= codes[0, 1:]
    behind_title = len(title) + 1
    borders = places.searchsorted((behind_title, behind_title + len(first_lines) + 1))
    return Letters(codes, places, (int(borders[0]), int(borders[1])))


def gram(code: int) -> str:
    """Return the letter or the pair of a code."""
    last = chr(code & _LETTER)
    return chr(code >> _BITS & _LETTER) + last if code & _PAIR else last


def inverse_document_frequency(
    n_documents: int, frequencies: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return ``ln((1 + n) / (1 + df)) + 1`` for each term, as scikit-learn's smoothed idf."""
    idf: NDArray[np.float32] = (np.log((1 + n_documents) / (1 + frequencies)) + 1).astype(
        np.float32
    )
    return idf


def weigh(
    counts: NDArray[np.float32], idf: NDArray[np.float32], borders: NDArray[np.integer]
) -> NDArray[np.float32]:
    """
    Return the TF-IDF values of several notices laid end to end.

    Args:
        counts: How often each term stands in its notice, at least 1.
        idf: The inverse document frequency of each of these terms.
        borders: Where each notice begins in *counts*, and where the last one ends; no notice may
            be empty.

    Returns:
        ``(1 + ln counts) × idf``, each notice scaled to length one.
    """
    values: NDArray[np.float32] = (1 + np.log(counts)) * idf
    if len(borders) > 1:
        lengths = np.sqrt(np.add.reduceat(values * values, borders[:-1]))
        values /= lengths.repeat(borders[1:] - borders[:-1])
    return values


class Space:
    """Terms of one kind, each with its column and its inverse document frequency."""

    def __init__(self, terms: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.terms = tuple(terms)
        self.idf = idf

    def __len__(self) -> int:
        return len(self.terms)

    @cached_property
    def columns(self) -> dict[str, int]:
        """The column of each term within this space."""
        return {term: column for column, term in enumerate(self.terms)}

    def column(self, term: str) -> int | None:
        """Return the column of a term within this space, or ``None`` if it has none."""
        return self.columns.get(term)

    def codes(self) -> NDArray[np.int64]:
        """Return the code of each term of this space, where all are letters or pairs."""
        points = as_points("".join(self.terms)).astype(np.int64)
        lengths = np.fromiter(map(len, self.terms), dtype=np.intp, count=len(self.terms))
        ends = lengths.cumsum()
        codes: NDArray[np.int64] = points[ends - 1]
        pairs = lengths > 1
        codes[pairs] |= _PAIR | points[ends[pairs] - 2] << _BITS
        return codes


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
        self._ends = np.cumsum(sizes)
        self._idf = np.concatenate([space.idf for space in self.spaces])
        self._part_weights = np.array(astuple(weights), dtype=np.float32)
        self._codes, self._columns = self._grams()

    def __len__(self) -> int:
        return sum(map(len, self.spaces))

    @property
    def words(self) -> Space:
        """The words of title and body; they stand first, so their columns are those of rows."""
        return self.spaces[0]

    def row(self, pieces: Cut) -> Row:
        """Return the features of a notice; an empty row where nothing in it is known."""
        seen = self._see(pieces)
        everything = np.concatenate(
            [seen.words, seen.title.ravel(), seen.opening.ravel(), seen.issuer.ravel()]
        )
        # Columns come part by part, so once sorted they are parted as they should be.
        everything = everything[everything >= 0]
        everything.sort()
        is_first = np.empty(len(everything), dtype=bool)
        is_first[:1] = True
        np.not_equal(everything[1:], everything[:-1], out=is_first[1:])
        firsts = is_first.nonzero()[0]
        columns = everything[firsts]
        times = np.empty(len(firsts), dtype=np.float32)
        times[:-1] = firsts[1:] - firsts[:-1]
        times[-1:] = len(everything) - firsts[-1:]
        borders = [0, *columns.searchsorted(self._ends).tolist()]
        sizes = [end - start for start, end in pairwise(borders)]
        # A part in which nothing is known is left out.
        values = weigh(times, self._idf[columns], np.array(sorted(set(borders)), dtype=np.intp))
        values *= self._part_weights.repeat(sizes)
        return Row(columns, values, tuple(sizes), times, seen)

    def rows(self, notices: Sequence[Cut]) -> list[Row]:
        """Return the features of some notices."""
        return list(map(self.row, notices))

    def _see(self, pieces: Cut) -> Seen:
        """Return the column of every word and of every gram."""
        column, n_pieces = self.words.columns.get, len(pieces.title) + len(pieces.body)
        found = map(column, chain(pieces.title, pieces.body), repeat(UNKNOWN))
        words = np.fromiter(found, dtype=np.int32, count=n_pieces)
        letters = read_letters(pieces)
        numbers = self._codes.searchsorted(letters.codes)
        # What is not among them gets the last number, which has no columns.
        numbers[self._codes[numbers] != letters.codes] = len(self._codes) - 1
        first_lines, issuer = letters.borders
        title, opening, issued = self._columns
        return Seen(
            words,
            title[numbers[:, :first_lines]],
            opening[numbers[:, :issuer]],
            issued[numbers[:, issuer:]],
            letters,
        )

    def _grams(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """
        Return all grams, in order and one more that none is, and what column each has.

        The columns are those in each part that is read by its letters, of shape (3, n_grams).
        """
        spaces = self.spaces[1:]
        codes_of = [space.codes() for space in spaces]
        codes = np.unique(np.concatenate([*codes_of, [np.iinfo(np.int64).max]]))
        columns = np.full((len(spaces), len(codes)), UNKNOWN, dtype=np.int32)
        for number, (own, start) in enumerate(zip(codes_of, self.starts[1:], strict=True)):
            columns[number, codes.searchsorted(own)] = np.arange(start, start + len(own))
        return codes, columns
