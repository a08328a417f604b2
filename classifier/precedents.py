"""
Earlier notices like one, with their themes: what an office did the last time.

The index gives some candidates, in milliseconds whatever the size of the corpus: the notices in
which most of the notice's strongest words stand. The model's own features put them in order, by
the cosine between their rows. The evidence is the words that both have, by how much they add to it.

A notice is no precedent of itself, and copies of one precedent are shown once.

Source: Salton, Wong and Yang, "A Vector Space Model for Automatic Indexing" (1975).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.folding import fold
from corpus.identity import identity
from corpus.paste import complete
from corpus.segmentation import is_word, search_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from classifier.features import Cut, Row, Vectorizer
    from classifier.model import TopicModel
    from corpus.notice import Notice
    from corpus.search import Followed, SearchIndex
    from corpus.stored import StoredNotice
    from corpus.taxonomy import Taxonomy

MOST = 3
# Of 651 precedents of real notices those above 0.25 had the same theme in 0.71 of cases; those from
# 0.1 on in 0.45 if they had two words in common and in 0.1 if they had one; those below in none.
LEAST_SIMILARITY = 0.1
_LEAST_WITH_ONE_WORD = 0.25
# From here on two precedents are copies of each other.
COPY = 0.95
_CANDIDATES = 16
# The start of a text says what it is about, and sixteen long texts would take ten times as long.
_BODY_READ = 1500
_WORDS_ASKED = 12
_WORDS_SHOWN = 6
# A word of the title says more of what a notice is about than one of its text.
_TITLE_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Precedent:
    """
    An earlier notice.

    *similarity* is the cosine between the two, 0 to 1; *words* are what both have, strongest first.
    """

    stored: StoredNotice
    similarity: float
    words: tuple[str, ...]

    def as_json(self, taxonomy: Taxonomy) -> dict[str, Any]:
        """Return the precedent as the doors print it."""
        notice, code = self.stored.notice, self.stored.topic
        day = notice.published_on
        label = taxonomy.print(taxonomy.topic(code)) if code and code in taxonomy else code
        source = self.stored.topic_source
        return {
            "id": self.stored.id,
            "title": notice.title,
            "url": notice.url,
            "published_on": None if day is None else day.isoformat(),
            "issuing_body": notice.issuing_body,
            "topic": None
            if code is None
            else {
                "code": code,
                "label": label,
                "source": None if source is None else source.value,
            },
            "similarity": round(self.similarity, 4),
            "words": list(self.words),
        }


def find_precedents(
    notice: Notice, model: TopicModel, index: SearchIndex, corpus: Followed, *, limit: int = MOST
) -> tuple[Precedent, ...]:
    """
    Return the notices of a corpus that are most like one, most similar first.

    Args:
        notice: Any part of a notice, or a whole pasted page as its body.
        model: Whose words and weights it is compared by.
        index: Where candidates are found.
        corpus: Where the notices are kept; hidden ones are never shown.
        limit: How many to return at most.

    Raises:
        SearchIndexError: If the index cannot be used.
        StoreError: If the store cannot be read.
    """
    notice = complete(notice)
    asked = _Compared(model, notice)
    candidates = index.like(asked.strongest(), corpus, limit=_CANDIDATES)
    ranked = sorted(
        (
            (asked.similarity(other), other, stored)
            for stored in candidates
            if not _is_itself(notice, stored)
            for other in (_Compared(model, stored.notice),)
        ),
        key=lambda entry: -entry[0],
    )
    chosen: list[tuple[_Compared, Precedent]] = []
    for likeness, other, stored in ranked:
        if len(chosen) == limit or likeness < LEAST_SIMILARITY:
            break
        words = asked.common_words(other)
        if len(words) < 2 and likeness < _LEAST_WITH_ONE_WORD:  # noqa: PLR2004
            continue
        if all(other.similarity(earlier) < COPY for earlier, _ in chosen):
            chosen.append((other, Precedent(stored, likeness, words)))
    return tuple(precedent for _, precedent in chosen)


class _Compared:
    """A notice as it is compared with others: its row, of length one."""

    def __init__(self, model: TopicModel, notice: Notice) -> None:
        self._pieces: Cut = model.cut(replace(notice, body=(notice.body or "")[:_BODY_READ]))
        self._vectorizer: Vectorizer = model.vectorizer
        row: Row = model.row(self._pieces)
        # Words and titles are compared; first lines begin alike whatever follows, and two notices
        # of one office are not alike for that.
        compared = sum(row.sizes[:2])
        self._columns, values = row.columns[:compared], row.values[:compared]
        length = float(np.sqrt(values @ values)) or 1.0
        self._values: NDArray[np.float32] = np.zeros(len(self._vectorizer), dtype=np.float32)
        self._values[self._columns] = values / np.float32(length)

    def similarity(self, other: _Compared) -> float:
        """Return the cosine between two notices."""
        columns = other._columns
        return min(1.0, float(self._values[columns] @ other._values[columns]))

    def strongest(self) -> dict[str, float]:
        """Return the words to look for, as the index has them, and how much each counts."""
        title = frozenset(self._pieces.title)
        weights = {
            word: float(self._values[column]) * (_TITLE_WEIGHT if word in title else 1.0)
            for word, column in self._words()
        }
        asked: dict[str, float] = {}
        for word in sorted(weights, key=lambda word: -weights[word])[:_WORDS_ASKED]:
            # The index cuts by another dictionary, and into the words within words as well.
            pieces = search_words(fold(word))
            for piece in pieces:
                asked[piece] = max(asked.get(piece, 0.0), weights[word] / len(pieces))
        return asked

    def common_words(self, other: _Compared) -> tuple[str, ...]:
        """Return the words that two notices share, by how much each adds to their similarity."""
        shares = {
            word: float(self._values[column] * other._values[column])
            for word, column in self._words()
        }
        best = sorted(
            (word for word, share in shares.items() if share > 0), key=lambda word: -shares[word]
        )
        return tuple(best[:_WORDS_SHOWN])

    def _words(self) -> Iterable[tuple[str, int]]:
        """Yield the words of the notice that the model knows, each with its column."""
        for word in dict.fromkeys((*self._pieces.title, *self._pieces.body)):
            column = self._vectorizer.words.column(word)
            if column is not None and is_word(word):
                yield word, column


def _is_itself(notice: Notice, stored: StoredNotice) -> bool:
    """Return whether a stored notice is the one that is asked about."""
    if stored.identity == identity(notice) or (notice.id is not None and stored.id == notice.id):
        return True
    if not notice.body or _bare(stored.notice.title) != _bare(notice.title):
        return False
    return _bare(stored.notice.body) == _bare(notice.body)


def _bare(text: str | None) -> str:
    """Return a text as it is compared: without blanks, in one width."""
    return "".join(fold(text or "").split())
