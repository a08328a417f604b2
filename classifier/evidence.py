"""
Why a topic was suggested.

A linear model is its own explanation: a topic's score is the sum, over the features of the
notice, of how much the feature is there times how much the topic cares, plus a constant. The
terms of that sum are the evidence. Nothing is left out and nothing is estimated: all evidence of
a topic and its constant add up to its score.

Features are not yet words: a word may stand in the title and in the body, and the single
characters and pairs of a title mean nothing to a reader (nobody wants to read 务总). So each
feature's term is shared out, in equal parts, over the places where it stands, and each place
belongs to one word of the text.

Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 14.4.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from classifier.features import Cut, Row, Vectorizer, grams
from classifier.suggestion import Evidence, Field
from corpus.segmentation import is_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

Span = tuple[int, int]
Place = tuple[str, Field]

# How many words a person takes in at a glance, for and against.
MOST_FOR = 8
MOST_AGAINST = 3


class EvidenceFinder:
    """The places of one notice's features, found once for all the topics that are explained."""

    def __init__(self, pieces: Cut, row: Row, vectorizer: Vectorizer, *, raw: bool = False) -> None:
        self._row = row
        self._raw = raw
        spans: dict[Place, list[Span]] = defaultdict(list)
        shares: list[tuple[int, Place, float]] = []
        entry_of_column = {int(column): entry for entry, column in enumerate(row.columns)}
        self._share_words(pieces, vectorizer, entry_of_column, spans, shares)
        share_grams = _raw_grams if raw else _grams_of_words
        share_grams(pieces, vectorizer, entry_of_column, spans, shares)

        numbers = {place: number for number, place in enumerate(spans)}
        self._places = [(word, field, tuple(spans[word, field])) for word, field in spans]
        self._entries = np.array([entry for entry, _, _ in shares], dtype=np.intp)
        self._numbers = np.array([numbers[place] for _, place, _ in shares], dtype=np.intp)
        self._parts = np.array([part for _, _, part in shares], dtype=np.float64)

    @staticmethod
    def _share_words(
        pieces: Cut,
        vectorizer: Vectorizer,
        entry_of_column: dict[int, int],
        spans: dict[Place, list[Span]],
        shares: list[tuple[int, Place, float]],
    ) -> None:
        """Share a word's term over the title and the body by how often it stands in each."""
        times: dict[int, dict[Place, int]] = defaultdict(lambda: defaultdict(int))
        fields: tuple[tuple[Field, Sequence[str]], ...] = (
            ("title", pieces.title),
            ("body", pieces.body),
        )
        for field, words in fields:
            for word, span in _placed(words):
                column = vectorizer.words.column(word)
                if column is None:
                    continue
                spans[word, field].append(span)
                times[entry_of_column[column]][word, field] += 1
        for entry, places in times.items():
            total = sum(places.values())
            shares.extend((entry, place, count / total) for place, count in places.items())

    def all(self, coefficients: NDArray[np.float32]) -> list[Evidence]:
        """
        Return every word that moved the score of a topic, strongest first.

        Args:
            coefficients: What the topic gives each feature of the row, of shape (n_row,).
        """
        terms = self._row.values.astype(np.float64) * coefficients
        weights = np.bincount(
            self._numbers, weights=terms[self._entries] * self._parts, minlength=len(self._places)
        )
        return [
            Evidence(word, field, float(weights[number]), spans)
            for number in np.argsort(-np.abs(weights), kind="stable")
            for word, field, spans in (self._places[number],)
        ]

    def strongest(self, coefficients: NDArray[np.float32]) -> tuple[Evidence, ...]:
        """
        Return the words that speak most for a topic, then those most against it.

        Words that carry no theme (关于, 的) are not shown, though their characters in a title
        may have moved the score a little; raw terms are shown as they are.
        """
        evidence = [piece for piece in self.all(coefficients) if self._raw or is_word(piece.word)]
        speaking_for = [piece for piece in evidence if piece.weight > 0][:MOST_FOR]
        against = [piece for piece in evidence if piece.weight < 0][:MOST_AGAINST]
        return (*speaking_for, *against)


def _placed(words: Sequence[str]) -> Iterator[tuple[str, Span]]:
    """Yield each piece with its place in the text they make together."""
    start = 0
    for word in words:
        end = start + len(word)
        yield word, (start, end)
        start = end


def _found_grams(
    pieces: Cut, vectorizer: Vectorizer, entry_of_column: dict[int, int]
) -> dict[int, list[tuple[str, tuple[int, ...]]]]:
    """Return, for each feature that is a gram, the gram and the places of each occurrence."""
    found: dict[int, list[tuple[str, tuple[int, ...]]]] = defaultdict(list)
    for gram in grams(pieces.title):
        column = vectorizer.grams.column(gram.text)
        if column is not None:
            found[entry_of_column[column + len(vectorizer.words)]].append((gram.text, gram.places))
    return found


def _grams_of_words(
    pieces: Cut,
    vectorizer: Vectorizer,
    entry_of_column: dict[int, int],
    spans: dict[Place, list[Span]],
    shares: list[tuple[int, Place, float]],
) -> None:
    """Share each gram's term over the words of the title that cover its characters."""
    placed = list(_placed(pieces.title))
    word_at = [number for number, (word, _) in enumerate(placed) for _ in word]
    for entry, occurrences in _found_grams(pieces, vectorizer, entry_of_column).items():
        for _, places in occurrences:
            part = 1 / (len(occurrences) * len(places))
            for place in places:
                word, span = placed[word_at[place]]
                if span not in spans[word, "title"]:
                    spans[word, "title"].append(span)
                shares.append((entry, (word, "title"), part))


def _raw_grams(
    pieces: Cut,
    vectorizer: Vectorizer,
    entry_of_column: dict[int, int],
    spans: dict[Place, list[Span]],
    shares: list[tuple[int, Place, float]],
) -> None:
    """Leave each gram's term with the gram itself, as the model has it."""
    for entry, occurrences in _found_grams(pieces, vectorizer, entry_of_column).items():
        text = "".join(pieces.title)
        for _, places in occurrences:
            span = (places[0], places[-1] + 1)
            # A gram may reach over a blank: it is shown as it stands in the title.
            place: Place = (text[slice(*span)], "title")
            if span not in spans[place]:
                spans[place].append(span)
            shares.append((entry, place, 1 / len(occurrences)))
