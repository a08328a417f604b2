"""
Why a topic was suggested.

A linear model is its own explanation: a topic's score is the sum, over the features of the
notice, of how much the feature is there times how much the topic cares, plus a constant. The
terms of that sum are the evidence. Nothing is left out and nothing is estimated: all evidence of
a topic and its constant add up to its score.

Features are not yet words: a word may stand in the title and in the body, and single characters
and pairs mean nothing to a reader (nobody wants to read 务总). So each feature's term is shared
out, in equal parts, over the places where it stands, and each place belongs to one word of the
text. The issuing body is one place as a whole.

Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 14.4.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from classifier.features import Cut, Row, Vectorizer, grams, head
from classifier.suggestion import Evidence, Field
from corpus.segmentation import is_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from classifier.features import Gram, Space

Span = tuple[int, int]
Place = tuple[str, Field]
# An entry of the row, the place that gets a part of its term, and how large a part.
_Share = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text whose letters were read, and the word that each letter belongs to."""

    field: Field
    text: str
    word_at: Sequence[str]


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
        shares: list[_Share] = []
        entry = 0
        share_out = (self._words, self._title, self._opening, self._issuer)
        for part, size in enumerate(row.sizes):
            space, start = vectorizer.spaces[part], vectorizer.starts[part]
            columns = (row.columns[entry : entry + size] - start).tolist()
            entries = dict(zip(columns, range(entry, entry + size), strict=True))
            shares += share_out[part](space, entries)
            entry += size
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
        return np.array(
            [
                field != "issuing_body" and (self._raw or is_word(word))
                for word, field in self._places
            ],
            dtype=bool,
        )

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
        issuer = self._pieces.issuer
        if (issuer, "issuing_body") in wanted:
            spans[issuer, "issuing_body"].add((0, len(issuer)))
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

    def _words(self, space: Space, entries: dict[int, int]) -> list[_Share]:
        """Share a word's term over the title and the body by how often it stands in each."""
        in_title, in_body = Counter(self._pieces.title), Counter(self._pieces.body)
        shares = []
        for word in {**in_title, **in_body}:
            column = space.column(word)
            if column is None:
                continue
            entry, title, body = entries[column], in_title[word], in_body[word]
            if title:
                shares.append((entry, self._number((word, "title")), title / (title + body)))
            if body:
                shares.append((entry, self._number((word, "body")), body / (title + body)))
        return shares

    def _title(self, space: Space, entries: dict[int, int]) -> list[_Share]:
        """Share the grams of the title over its words."""
        return self._grams(space, entries, [self._title_text])

    def _opening(self, space: Space, entries: dict[int, int]) -> list[_Share]:
        """Share the grams of title and first lines over the words of both."""
        lines = head(self._pieces.body)
        words = list(islice((word for word in self._pieces.body for _ in word), len(lines)))
        return self._grams(space, entries, [self._title_text, _Text("body", lines, words)])

    @cached_property
    def _title_text(self) -> _Text:
        """The title, letter by letter."""
        pieces = self._pieces.title
        return _Text("title", "".join(pieces), [word for word in pieces for _ in word])

    def _grams(self, space: Space, entries: dict[int, int], texts: Iterable[_Text]) -> list[_Share]:
        """Share each gram's term over the words that cover it, or leave it raw."""
        found: dict[int, list[tuple[_Text, Gram]]] = defaultdict(list)
        for text in texts:
            for gram in grams(text.text):
                column = space.column(gram.text)
                if column is not None:
                    found[entries[column]].append((text, gram))
        shares: list[_Share] = []
        for entry, occurrences in found.items():
            for text, gram in occurrences:
                words = (
                    [self._raw_place(gram, text)]
                    if self._raw
                    else [text.word_at[place] for place in gram.places]
                )
                part = 1 / (len(occurrences) * len(words))
                shares.extend((entry, self._number((word, text.field)), part) for word in words)
        return shares

    def _issuer(self, space: Space, entries: dict[int, int]) -> list[_Share]:
        """Give the issuing body, as a whole, all that its characters add."""
        del space
        if not entries:
            return []
        place = self._number((self._pieces.issuer, "issuing_body"))
        return [(entry, place, 1.0) for entry in entries.values()]

    def _raw_place(self, gram: Gram, text: _Text) -> str:
        """Return a gram as it stands in a text, blanks inside it included."""
        start, end = gram.places[0], gram.places[-1] + 1
        self._gram_spans[text.text[start:end], text.field].append((start, end))
        return text.text[start:end]
