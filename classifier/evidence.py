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

from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from classifier.features import Cut, Row, Vectorizer, grams
from classifier.suggestion import Evidence, Field
from corpus.segmentation import is_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from classifier.features import Gram

Span = tuple[int, int]
Place = tuple[str, Field]

# How many words a person takes in at a glance, for and against.
MOST_FOR = 8
MOST_AGAINST = 3


class EvidenceFinder:
    """
    Shares the features of one notice out over its words, once for all topics that are explained.

    Where a word stands is looked up last, and only for the words that are shown: a long notice
    has thousands of words and an answer a few dozen.
    """

    def __init__(self, pieces: Cut, row: Row, vectorizer: Vectorizer, *, raw: bool = False) -> None:
        self._pieces = pieces
        self._values = row.values.astype(np.float64)
        self._raw = raw
        self._numbers: dict[Place, int] = {}
        self._gram_spans: dict[Place, list[Span]] = defaultdict(list)
        entry_of_column = {column: entry for entry, column in enumerate(row.columns.tolist())}
        shares = [
            *self._shares_of_words(vectorizer, entry_of_column),
            *self._shares_of_grams(vectorizer, entry_of_column),
        ]
        self._places = tuple(self._numbers)
        self._share_entries = np.array([entry for entry, _, _ in shares], dtype=np.intp)
        self._share_places = np.array([number for _, number, _ in shares], dtype=np.intp)
        self._share_parts = np.array([part for _, _, part in shares], dtype=np.float64)

    def all(self, coefficients: NDArray[np.float32]) -> list[Evidence]:
        """
        Return every word that moved the score of a topic, strongest first.

        Args:
            coefficients: What the topic gives each feature of the row, of shape (n_row,).
        """
        weights = self._weights(coefficients)
        order = np.argsort(-np.abs(weights), kind="stable")
        return list(self._found([order], [weights])[0])

    def strongest(self, topics: Iterable[NDArray[np.float32]]) -> list[tuple[Evidence, ...]]:
        """
        Return, for each topic's coefficients, the words that speak most for it, then against it.

        Words that carry no theme (关于, 的) are not shown, though their characters in a title
        may have moved the score a little; raw terms are shown as they are.
        """
        chosen, weights = [], []
        for coefficients in topics:
            of_places = self._weights(coefficients)
            shown = np.where(self._shown, of_places, 0)
            order = np.argsort(-shown, kind="stable")
            speaking_for = order[:MOST_FOR][shown[order[:MOST_FOR]] > 0]
            backwards = np.argsort(shown, kind="stable")[:MOST_AGAINST]
            chosen.append(np.concatenate([speaking_for, backwards[shown[backwards] < 0]]))
            weights.append(of_places)
        return self._found(chosen, weights)

    def _weights(self, coefficients: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how far each place moved the score."""
        terms = self._values * coefficients
        moved = terms[self._share_entries] * self._share_parts
        return np.bincount(self._share_places, moved, len(self._places)).astype(np.float64)

    @cached_property
    def _shown(self) -> NDArray[np.bool_]:
        """Which places a reader is shown."""
        return np.array([self._raw or is_word(word) for word, _ in self._places], dtype=bool)

    def _found(
        self, chosen: Sequence[NDArray[np.intp]], weights: Sequence[NDArray[np.float64]]
    ) -> list[tuple[Evidence, ...]]:
        """Return the chosen places of each topic with their spans."""
        wanted = {self._places[number] for numbers in chosen for number in numbers.tolist()}
        spans = self._spans(wanted)
        return [
            tuple(
                self._evidence(self._places[number], moved[number], spans)
                for number in numbers.tolist()
            )
            for numbers, moved in zip(chosen, weights, strict=True)
        ]

    def _spans(self, wanted: set[Place]) -> dict[Place, tuple[Span, ...]]:
        """Return where these words stand, in order."""
        spans: dict[Place, set[Span]] = {place: set(self._gram_spans[place]) for place in wanted}
        fields: tuple[tuple[Field, Sequence[str]], ...] = (
            ("title", self._pieces.title),
            ("body", self._pieces.body),
        )
        for field, pieces in fields:
            words = {word for word, where in wanted if where == field}
            start = 0
            for piece in pieces:
                end = start + len(piece)
                if piece in words:
                    spans[piece, field].add((start, end))
                start = end
        return {place: tuple(sorted(found)) for place, found in spans.items()}

    @staticmethod
    def _evidence(
        place: Place, moved: np.float64, spans: Mapping[Place, tuple[Span, ...]]
    ) -> Evidence:
        """Return what a reader is told of a place."""
        word, field = place
        return Evidence(word, field, float(moved), spans[place])

    def _number(self, place: Place) -> int:
        """Return the number of a place, a new one if it has none yet."""
        return self._numbers.setdefault(place, len(self._numbers))

    def _shares_of_words(
        self, vectorizer: Vectorizer, entry_of_column: dict[int, int]
    ) -> list[tuple[int, int, float]]:
        """Share a word's term over the title and the body by how often it stands in each."""
        in_title, in_body = Counter(self._pieces.title), Counter(self._pieces.body)
        shares = []
        for word in {**in_title, **in_body}:
            column = vectorizer.words.column(word)
            if column is None:
                continue
            entry, title, body = entry_of_column[column], in_title[word], in_body[word]
            if title:
                shares.append((entry, self._number((word, "title")), title / (title + body)))
            if body:
                shares.append((entry, self._number((word, "body")), body / (title + body)))
        return shares

    def _shares_of_grams(
        self, vectorizer: Vectorizer, entry_of_column: dict[int, int]
    ) -> list[tuple[int, int, float]]:
        """Share each gram's term over the words of the title that cover it, or leave it raw."""
        found: dict[int, list[Gram]] = defaultdict(list)
        for gram in grams(self._pieces.title):
            column = vectorizer.grams.column(gram.text)
            if column is not None:
                found[entry_of_column[column + len(vectorizer.words)]].append(gram)
        word_at = [word for word in self._pieces.title for _ in word]
        shares: list[tuple[int, int, float]] = []
        for entry, occurrences in found.items():
            for gram in occurrences:
                words = [self._raw_place(gram)] if self._raw else [word_at[n] for n in gram.places]
                part = 1 / (len(occurrences) * len(words))
                shares.extend((entry, self._number((word, "title")), part) for word in words)
        return shares

    def _raw_place(self, gram: Gram) -> str:
        """Return a gram as it stands in the title, blanks inside it included."""
        start, end = gram.places[0], gram.places[-1] + 1
        text = "".join(self._pieces.title)[start:end]
        self._gram_spans[text, "title"].append((start, end))
        return text
