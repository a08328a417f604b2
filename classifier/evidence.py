"""
Why a topic was suggested.

A linear model is its own explanation: a topic's score is the sum, over the features of the
notice, of how much the feature is there times how much the topic cares, plus a constant. The
terms of that sum are the evidence. Nothing is left out and nothing is estimated: all evidence of
a topic and its constant add up to its score.

Features are not yet words: a word may stand in the title and in the body, and single characters
and pairs mean nothing to a reader (nobody wants to read 务总). So each feature's term is shared
out, in equal parts, over the places where it stands, and each place belongs to one word of the
text; a pair's part goes half to each of its letters. The issuing body is one place as a whole.

Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 14.4.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from itertools import chain, compress, count
from typing import TYPE_CHECKING

import numpy as np

from classifier.features import UNKNOWN, Cut, Numbers, Row, Vectorizer
from classifier.suggestion import Evidence, Field
from corpus.segmentation import is_word

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

Span = tuple[int, int]
Place = tuple[str, Field]

# How many words a person takes in at a glance, for and against.
MOST_FOR = 8
MOST_AGAINST = 3

# So many places are sorted at once; of more, those that can be shown are picked out first.
_FEW = 60

_carries_theme = lru_cache(maxsize=20_000)(is_word)


class EvidenceFinder:
    """
    Shares the features of one notice out over its words, once for all topics that are explained.

    Places are numbered: first the known words in the title, in the order of the row, then the
    same words in the body, then all other words whose letters were read. What a known word and
    the letters of the first lines add up to is found without a look at the words themselves;
    where a word stands is looked up last, and only for those that are shown: a long notice has
    thousands of words and an answer a few dozen.
    """

    def __init__(self, pieces: Cut, row: Row, vectorizer: Vectorizer, *, raw: bool = False) -> None:
        self._pieces = pieces
        self._row = row
        self._terms = vectorizer.words.terms
        self._known = vectorizer.words.columns
        self._raw = raw
        self._n_words = row.sizes[0]
        self._others: dict[Place, int] = {}
        self._hidden: list[int] = []
        self._gram_spans: dict[Place, list[Span]] = defaultdict(list)
        self._share_words()
        self._share_letters()
        self._n_places = 2 * self._n_words + len(self._others)

    def all(self, coefficients: NDArray[np.float32]) -> list[Evidence]:
        """
        Return every word that moved the score of a topic, strongest first.

        Args:
            coefficients: What the topic gives each feature of the row, of shape (n_row,).
        """
        moved = self._moved(coefficients[None])[0]
        shares = np.bincount(self._share_places, minlength=self._n_places).astype(np.float64)
        shares[: 2 * self._n_words] += np.concatenate(self._word_parts)
        found = self._find(np.flatnonzero(shares).tolist())
        evidence = [
            Evidence(word, field, float(moved[place]), spans)
            for place, (word, field, spans) in found.items()
        ]
        n_issuer = self._row.sizes[-1]
        if n_issuer:
            issuer, start = self._pieces.issuer, len(coefficients) - n_issuer
            weight = self._row.values[start:].astype(np.float64) @ coefficients[start:]
            evidence.append(Evidence(issuer, "issuing_body", float(weight), ((0, len(issuer)),)))
        return sorted(evidence, key=lambda one: -abs(one.weight))

    def strongest(self, coefficients: NDArray[np.float32]) -> list[tuple[Evidence, ...]]:
        """
        Return, for each topic, the words that speak most for it, then those against it.

        Words that carry no theme (关于, 的) are not shown, though their characters in a title
        may have moved the score a little; raw terms are shown as they are.

        Args:
            coefficients: What each topic gives each feature of the row, of shape (n_topics, n_row).
        """
        moved = self._moved(coefficients)
        if not self._raw:
            # Known words carry a theme: others never become terms. It is asked of each other once.
            moved[:, self._hidden] = 0
        places: Sequence[int] = range(self._n_places)
        if self._n_places > _FEW:
            # Only what is among the first or the last for some topic needs to be put in order.
            borders = np.partition(moved, [MOST_AGAINST - 1, self._n_places - MOST_FOR], axis=1)
            lowest = borders[:, MOST_AGAINST - 1, None]
            highest = borders[:, self._n_places - MOST_FOR, None]
            kept = np.flatnonzero(np.any((moved <= lowest) | (moved >= highest), axis=0))
            places, moved = kept.tolist(), moved[:, kept]
        chosen = [_chosen(places, weights) for weights in moved.tolist()]
        found = self._find({place for topic in chosen for place, _ in topic})
        return [tuple(_evidence(*found[place], weight) for place, weight in one) for one in chosen]

    def _moved(self, coefficients: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how far each place moved each topic's score, of shape (n_topics, n_places)."""
        terms = self._row.values * coefficients.astype(np.float64)
        n_topics, n_words = len(terms), self._n_words
        shares = terms[:, self._share_entries] * self._share_parts
        places = self._share_places + self._n_places * np.arange(n_topics)[:, None]
        flat = np.bincount(places.ravel(), shares.ravel(), n_topics * self._n_places)
        moved = flat.reshape(n_topics, self._n_places).astype(np.float64, copy=False)
        moved[:, :n_words] += terms[:, :n_words] * self._word_parts[0]
        moved[:, n_words : 2 * n_words] += terms[:, :n_words] * self._word_parts[1]
        return moved

    def _entries(self, columns: NDArray[np.integer]) -> NDArray[np.intp]:
        """Return which entry of the row each of these columns is."""
        return self._row.columns.searchsorted(columns)

    def _share_words(self) -> None:
        """Share a word's term over the title and the body by how often it stands in each."""
        words, n_title = self._row.seen.words, len(self._pieces.title)
        title = words[:n_title]
        in_title = np.bincount(self._entries(title[title >= 0]), minlength=self._n_words)
        times = self._row.times[: self._n_words].astype(np.float64)
        self._word_parts = in_title / times, (times - in_title) / times

    def _share_letters(self) -> None:
        """Share the terms of letters and pairs over the words that cover them, or leave them."""
        seen = self._row.seen
        n_opening = seen.opening.shape[1]
        singles, pairs = np.concatenate([seen.title, seen.opening], axis=1)
        letters = np.concatenate([np.arange(seen.title.shape[1]), np.arange(n_opening)])
        of_singles, of_pairs = (singles >= 0).nonzero()[0], (pairs >= 0).nonzero()[0]
        entries = self._entries(np.concatenate([singles[of_singles], pairs[of_pairs]]))
        parts = 1 / self._row.times[entries].astype(np.float64)
        alone, first = letters[of_singles], letters[of_pairs]
        if self._raw:
            more = np.arange(len(entries)) >= len(alone)
            self._share_places = self._raw_places(np.concatenate([alone, first]), more)
            self._share_entries, self._share_parts = entries, parts
            return
        # A pair gives one half to each of its letters.
        halves = slice(len(alone), None)
        parts[halves] /= 2
        place_of = self._place_of_letters(n_opening)
        self._share_places = place_of[np.concatenate([alone, first, first + 1])]
        self._share_entries = np.concatenate([entries, entries[halves]])
        self._share_parts = np.concatenate([parts, parts[halves]])

    def _pieces_of(self, letters: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the piece that each of these letters of title and first lines belongs to."""
        seen = self._row.seen
        return seen.numbers.ends.searchsorted(seen.letters.places[letters])

    def _place_of_letters(self, n_letters: int) -> NDArray[np.intp]:
        """Return the place of the word that each letter of title and first lines belongs to."""
        pieces, n_title = self._pieces_of(np.arange(n_letters)), len(self._pieces.title)
        # What stands between the texts and behind them is never asked for.
        columns = self._row.seen.words[: int(pieces[:-1].max(initial=-1)) + 1]
        of_pieces = np.append(self._entries(columns), 0)
        of_pieces[n_title:] += self._n_words
        np.minimum(pieces, len(columns), out=pieces)
        unknown = (columns < 0).nonzero()[0].tolist()
        title, body, others = self._pieces.title, self._pieces.body, self._others
        numbered = []
        for piece in unknown:
            place: Place = (
                (title[piece], "title") if piece < n_title else (body[piece - n_title], "body")
            )
            number = others.get(place)
            if number is None:
                number = others[place] = 2 * self._n_words + len(others)
                if not _carries_theme(place[0]):
                    self._hidden.append(number)
            numbered.append(number)
        of_pieces[unknown] = numbered
        found: NDArray[np.intp] = of_pieces[pieces]
        return found

    def _raw_places(self, firsts: NDArray[np.intp], more: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the place of each letter or pair as it stands in its text, blanks included."""
        text = "".join((*self._pieces.title, *self._pieces.body))
        n_title = int(self._row.seen.numbers.starts[len(self._pieces.title)])
        places = self._row.seen.letters.places
        ends = (places[firsts + more] - self._pieces_of(firsts + more) + 1).tolist()
        starts = (places[firsts] - self._pieces_of(firsts)).tolist()
        entries = {
            column: entry
            for entry, column in enumerate(self._row.columns[: self._n_words].tolist())
        }
        numbers = []
        for start, end in zip(starts, ends, strict=True):
            gram = text[start:end]
            field: Field = "title" if start < n_title else "body"
            offset = 0 if field == "title" else n_title
            self._gram_spans[gram, field].append((start - offset, end - offset))
            entry = entries.get(self._known.get(gram, UNKNOWN))
            if entry is None:
                others = self._others
                number = others.setdefault((gram, field), 2 * self._n_words + len(others))
            else:
                number = entry if field == "title" else entry + self._n_words
            numbers.append(number)
        return np.array(numbers, dtype=np.intp)

    def _find(self, numbers: Collection[int]) -> dict[int, tuple[str, Field, tuple[Span, ...]]]:
        """Return the words of some places, their fields and where they stand there, in order."""
        n_words, others = self._n_words, list(self._others)
        columns, places = self._row.columns, {}
        for number in numbers:
            if number >= 2 * n_words:
                places[number] = others[number - 2 * n_words]
            else:
                field: Field = "title" if number < n_words else "body"
                places[number] = self._terms[columns[number % n_words]], field
        spans = defaultdict(list, self._gram_spans)
        self._find_pieces({n % n_words for n in numbers if n < 2 * n_words}, spans)
        self._find_others({places[n][0] for n in numbers if n >= 2 * n_words}, spans)
        if self._raw:
            spans = defaultdict(list, {key: sorted(set(found)) for key, found in spans.items()})
        return {number: (*place, tuple(spans[place])) for number, place in places.items()}

    def _find_pieces(self, entries: set[int], spans: dict[Place, list[Span]]) -> None:
        """Add where the words of these entries of the row stand."""
        seen = self._row.seen
        self._add(spans, _among(seen.words, self._row.columns[sorted(entries)]))

    def _find_others(self, words: set[str], spans: dict[Place, list[Span]]) -> None:
        """Add where words stand that have no column."""
        code_of = {word: Numbers.code(word) for word in words}
        codes = sorted(code for code in code_of.values() if code is not None)
        if codes:
            self._add(spans, _among(self._row.seen.codes, np.array(codes)))
        long = {word for word, code in code_of.items() if code is None}
        if long:
            pieces = chain(self._pieces.title, self._pieces.body)
            found = compress(count(), map(long.__contains__, pieces))
            self._add(spans, np.fromiter(found, dtype=np.intp))

    def _add(self, spans: dict[Place, list[Span]], pieces: NDArray[np.intp]) -> None:
        """Add where some pieces stand."""
        title, body = self._pieces.title, self._pieces.body
        all_starts, n_title = self._row.seen.numbers.starts, len(self._pieces.title)
        before = int(all_starts[n_title])
        starts, ends = all_starts[pieces].tolist(), all_starts[pieces + 1].tolist()
        for number, start, end in zip(pieces.tolist(), starts, ends, strict=True):
            if number < n_title:
                spans[title[number], "title"].append((start, end))
            else:
                spans[body[number - n_title], "body"].append((start - before, end - before))


def _among(numbers: NDArray[np.integer], wanted: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return where the wanted numbers, which rise, stand among others."""
    if not len(wanted):
        return np.zeros(0, dtype=np.intp)
    nearest = np.minimum(wanted.searchsorted(numbers), len(wanted) - 1)
    return np.flatnonzero(wanted[nearest] == numbers)


def _evidence(word: str, field: Field, spans: tuple[Span, ...], weight: float) -> Evidence:
    """Return what a reader is told of a place."""
    return Evidence(word, field, weight, spans)


def _chosen(places: Sequence[int], weights: Sequence[float]) -> list[tuple[int, float]]:
    """Return the places that speak most for a topic, then those against it, with weights."""
    order = sorted(range(len(weights)), key=weights.__getitem__, reverse=True)
    return [
        *((places[n], weights[n]) for n in order[:MOST_FOR] if weights[n] > 0),
        *((places[n], weights[n]) for n in reversed(order[-MOST_AGAINST:]) if weights[n] < 0),
    ]
