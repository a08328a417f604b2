"""
Which notices are nearly the same, so that a split keeps them on one side.

The same regulation in its versions of 2018 and 2020, one notice sent out by twelve cities, the
weekly list with another date: a model tested on a copy of what it was trained on looks better
than it is. Notices whose titles (character pairs) or bodies (word pairs) overlap by more than a
threshold of Jaccard similarity are put into one group, and groups that share a notice are one.

Source: Broder, "On the resemblance and containment of documents" (1997); the thresholds were
chosen by reading the groups they make of 10,851 real notices.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from datasketch import MinHash, MinHashLSH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from classifier.features import Cut

TITLE_SIMILARITY = 0.7
BODY_SIMILARITY = 0.5
# A title or body shorter than this is like too many others to say anything.
SHORTEST_TITLE = 4
SHORTEST_BODY = 30
# The start of a long text is enough to know its copies, and keeps the cost per notice bounded.
WORDS_READ = 1000
PERMUTATIONS = 128

_NOT_LETTERS = re.compile(r"[\W\d_]+")


def group(notices: Iterable[Cut]) -> NDArray[np.intp]:
    """
    Return the group of each notice, of shape (n_notices,).

    A group is named by the smallest index in it, so the same notices in the same order always
    give the same groups. Each notice is looked at once and let go.
    """
    titles, bodies = _Index(TITLE_SIMILARITY), _Index(BODY_SIMILARITY)
    leaders: list[int] = []
    for number, notice in enumerate(notices):
        leaders.append(number)
        for other in titles.similar(number, _title_shingles(notice)):
            _join(leaders, other, number)
        for other in bodies.similar(number, _body_shingles(notice)):
            _join(leaders, other, number)
    return np.array([_leader(leaders, index) for index in range(len(leaders))], dtype=np.intp)


class _Index:
    """The sets of shingles that were seen, found again by those that overlap with them."""

    def __init__(self, similarity: float) -> None:
        self._similarity = similarity
        self._index = MinHashLSH(threshold=similarity, num_perm=PERMUTATIONS)
        self._known: dict[int, MinHash] = {}

    def similar(self, number: int, shingles: set[str]) -> list[int]:
        """Return which earlier sets are estimated to overlap with this one, and remember it."""
        if not shingles:
            return []
        signature = MinHash(num_perm=PERMUTATIONS, hashfunc=crc32)
        signature.update_batch([part.encode() for part in shingles])
        found = [
            other
            for other in self._index.query(signature)
            if self._known[other].jaccard(signature) >= self._similarity
        ]
        self._index.insert(number, signature)
        self._known[number] = signature
        return found


def _title_shingles(notice: Cut) -> set[str]:
    """Return the pairs of neighbouring letters of a title, years and numbers left out."""
    letters = _NOT_LETTERS.sub("", "".join(notice.title))
    if len(letters) < SHORTEST_TITLE:
        return set()
    return {first + second for first, second in pairwise(letters)}


def _body_shingles(notice: Cut) -> set[str]:
    """Return the pairs of neighbouring words at the start of a body."""
    words = [piece for piece in notice.body if not _NOT_LETTERS.fullmatch(piece)][:WORDS_READ]
    if len(words) < SHORTEST_BODY:
        return set()
    return {f"{first} {second}" for first, second in pairwise(words)}


def _leader(leaders: list[int], index: int) -> int:
    """Return the smallest index of the group of *index*, shortening the path on the way."""
    while leaders[index] != index:
        leaders[index] = leaders[leaders[index]]
        index = leaders[index]
    return index


def _join(leaders: list[int], one: int, other: int) -> None:
    """Make one group of the groups of two indices."""
    first, second = sorted((_leader(leaders, one), _leader(leaders, other)))
    leaders[second] = first
