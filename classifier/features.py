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

Training, serving and batches all come through here, so a notice can only be read one way. Letters,
pairs and words are numbers from the start and looked up all at once; only words of more than
three letters cost a look-up in a dictionary each. That only letters make up a term, and which
words may be one, is seen to when the terms are chosen: whatever else stands in a text is simply
not found.

Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval" (1988),
for sublinear term frequency and cosine scaling; the smoothed inverse document frequency is
scikit-learn's.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cached_property
from itertools import pairwise
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
# A word of up to three letters is one number, of 21 bits for each letter from the left; no two are
# the same, since no letter is 0.
_BITS = 21
_LETTER = (1 << _BITS) - 1
_LONGEST = 3
_NO_CODE = np.iinfo(np.int64).max
# Stands behind every piece while they are turned into numbers, and is no part of any.
_END = "\0"
# Stands between texts whose letters are read together: no letter, and no blank either.
_BORDER = 1
_LAST_BLANK = 0x3000
# The end of a piece is passed over like a blank.
_IS_BLANK = np.array([True, *(chr(point).isspace() for point in range(1, _LAST_BLANK + 2))])
# Spreads codes over a table: the golden ratio in 64 bits (Knuth, volume 3, section 6.4).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


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
        places: Where each stands in the points of the notice.
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
class Numbers:
    """
    A notice as numbers.

    Attributes:
        points: The letters of all pieces of title and body, with a 0 behind each piece.
        ends: Where in them each piece ends.
        starts: Where each piece begins in the text itself, and where the last one ends.
    """

    points: NDArray[np.int64]
    ends: NDArray[np.intp]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, pieces: Sequence[str]) -> Numbers:
        """Return some pieces as numbers."""
        # One search for the ends costs less than asking each piece for its length.
        text = f"{_END.join(pieces)}{_END}" if pieces else ""
        points = as_points(text).astype(np.int64)
        ends = (points == 0).nonzero()[0]
        starts = np.zeros(len(pieces) + 1, dtype=np.intp)
        np.subtract(ends, np.arange(len(pieces)), out=starts[1:])
        return cls(points, ends, starts)

    def codes(self) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """Return the code of each piece, and which are too long to have one."""
        begins = self.starts[:-1] + np.arange(len(self.ends))
        # What would lie behind the last end is read as that end.
        last = len(self.points) - 1
        second = self.points[begins + 1]
        third = self.points[np.minimum(begins + 2, last)]
        third *= second != 0
        codes = self.points[begins] << 2 * _BITS
        codes |= second << _BITS
        codes |= third
        return codes, (self.ends - begins > _LONGEST).nonzero()[0]

    @classmethod
    def code(cls, word: str) -> int | None:
        """Return the code of a word, or ``None`` if it is too long to have one."""
        if len(word) > _LONGEST:
            return None
        first, second, third = (*map(ord, word), 0, 0)[:_LONGEST]
        return first << 2 * _BITS | second << _BITS | third

    def letters(self, n_title: int, issuer: str) -> Letters:
        """Return the letters of the title's pieces, of the first lines and of an issuing body."""
        behind_title = int(self.ends[n_title - 1]) + 1 if n_title else 0
        last = int(self.starts[n_title]) + HEAD_LIMIT
        # Each piece before the last one that is read has its end among the points.
        stop = last + int(self.starts[1:].searchsorted(last))
        border = [_BORDER]
        points = np.concatenate([self.points[:stop], border, as_points(issuer), border])
        if n_title:
            points[behind_title - 1] = _BORDER
        places = (~_IS_BLANK[np.minimum(points, _LAST_BLANK + 1)]).nonzero()[0]
        codes = np.empty((2, len(places)), dtype=np.int64)
        codes[0] = points[places]
        codes[0] <<= 2 * _BITS
        codes[1] = codes[0]
        codes[1, :-1] |= codes[0, 1:] >> _BITS
        borders = places.searchsorted((behind_title, min(stop, len(self.points)) + 1))
        return Letters(codes, places, (int(borders[0]), int(borders[1])))


@dataclass(frozen=True, slots=True)
class Seen:
    """
    The column of each term of a notice, once for each time it stands there.

    What is not known has the column −1.

    Attributes:
        words: Of each piece of title and body, of shape (n_pieces,); *codes* are what they were
            looked up by, 0 for those that are too long.
        title: Of each letter of the title and of the pair that begins there, of shape
            (2, n_letters); *opening* and *issuer* likewise.
        numbers: The notice as it was looked up, and *letters* those that were read one by one.
    """

    words: NDArray[np.int32]
    codes: NDArray[np.int64]
    title: NDArray[np.int32]
    opening: NDArray[np.int32]
    issuer: NDArray[np.int32]
    numbers: Numbers
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

    @property
    def untitled(self) -> bool:
        """Whether nothing is known of a title, as of a single paragraph."""
        return self.sizes[1] == 0


def cut(notice: Notice, segmenter: Segmenter, *, body_limit: int | None) -> Cut:
    """Return the pieces of a title and of the first *body_limit* characters of a body."""
    title = _text(notice.title)[:TITLE_LIMIT]
    body = _text(notice.body)[:body_limit]
    return Cut(
        tuple(segmenter.segment(title)) if title else (),
        tuple(segmenter.segment(body)) if body else (),
        _text(notice.issuing_body)[:ISSUER_LIMIT],
    )


def _text(text: str | None) -> str:
    """Return a text without the one character that a piece may not hold."""
    return (text or "").replace(_END, "\ufffd")


def head(body_pieces: Sequence[str]) -> str:
    """Return the first lines of a body, as much as is read by its letters."""
    # No piece is empty.
    return "".join(body_pieces[:HEAD_LIMIT])[:HEAD_LIMIT]


def gram(code: int) -> str:
    """Return the letter or the pair of a code."""
    first, second = code >> 2 * _BITS, code >> _BITS & _LETTER
    return chr(first) + chr(second) if second else chr(first)


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

    def codes(self) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """Return the code of each term, and the columns of those that are too long for one."""
        return Numbers.of(self.terms).codes()


class _Index:
    """
    The codes of the terms of some spaces, and their columns.

    A hash table whose buckets lie end to end. Nearly all of them hold one code or none, so looking
    up costs a few steps for all codes together: a third of a binary search for each.

    Attributes:
        columns: Of each code in each space, −1 where it has none, of shape (n_spaces, n_codes).
    """

    def __init__(self, spaces: Sequence[Space], starts: Sequence[int]) -> None:
        found = []
        for space, start in zip(spaces, starts, strict=True):
            codes, long = space.codes()
            columns = np.arange(start, start + len(codes), dtype=np.int32)
            found.append((np.delete(codes, long), np.delete(columns, long)))
        everything = np.unique(np.concatenate([codes for codes, _ in found]))
        # Four buckets for each code, and 64 bits in all.
        self._shift = np.uint64(64 - (4 * len(everything) + 1).bit_length())
        buckets = self._buckets(everything)
        order = buckets.argsort(kind="stable")
        sizes = np.bincount(buckets, minlength=1 << 64 - int(self._shift))
        self._most = int(sizes.max())
        self._codes = np.append(everything[order], [_NO_CODE] * (self._most + 1))
        # Small, so that it stays near the processor between two notices.
        self._firsts = (sizes.cumsum() - sizes).astype(np.min_scalar_type(len(self._codes)))
        self.columns = np.full((len(found), len(self._codes)), UNKNOWN, dtype=np.int32)
        for of_space, (codes, columns) in zip(self.columns, found, strict=True):
            of_space[self.find(codes)] = columns

    def find(self, codes: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the place of each code; what is none gets the last, which has no columns."""
        places: NDArray[np.intp] = self._firsts[self._buckets(codes)].astype(np.intp)
        found = self._codes[places] == codes
        for step in range(1, self._most):
            is_here = self._codes[places + step] == codes
            places += step * is_here
            found |= is_here
        places[~found] = len(self._codes) - 1
        return places

    def _buckets(self, codes: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the bucket of each code."""
        return (codes.view(np.uint64) * _SPREAD >> self._shift).view(np.intp)


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
        self._index = _Index(self.spaces, self.starts)

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
        everything = (*pieces.title, *pieces.body)
        numbers = Numbers.of(everything)
        letters = numbers.letters(len(pieces.title), pieces.issuer)
        codes, long = numbers.codes()
        places = self._index.find(np.concatenate([codes, letters.codes.ravel()]))
        of_words, title, opening, issued = self._index.columns
        words = of_words[places[: len(codes)]]
        if len(long):
            column = self.words.columns.get
            codes[long] = 0
            words[long] = [column(everything[piece], UNKNOWN) for piece in long.tolist()]
        places = places[len(codes) :].reshape(letters.codes.shape)
        first_lines, issuer = letters.borders
        return Seen(
            words,
            codes,
            title[places[:, :first_lines]],
            opening[places[:, :issuer]],
            issued[places[:, issuer:]],
            numbers,
            letters,
        )
