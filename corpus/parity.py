"""
Where rjieba and jieba cut the same text differently.

The two are compared piece by piece: wherever their cuts do not fall on the same places, the
stretch up to the next common cut is one difference, and what it holds says of which kind.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from corpus.segmentation import open_segmenter
from corpus.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NUMBER = re.compile(r"\d")
_LATIN = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ]")


@dataclass(slots=True)
class Parity:
    """How many texts and pieces were compared, and how many stretches differ, by kind."""

    texts: int = 0
    pieces: int = 0
    differing: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Counter[str]] = field(default_factory=dict)


def compare(texts: Iterable[str]) -> Parity:
    """Return where the two engines differ; a stretch with a digit counts as ``number``."""
    ours, reference = open_segmenter("rjieba"), open_segmenter("jieba")
    report = Parity()
    for text in map(clean, texts):
        pieces = ours.segment(text)
        report.texts += 1
        report.pieces += len(pieces)
        for stretch in _differences(text, pieces, reference.segment(text)):
            kind = _kind(stretch)
            report.differing[kind] += 1
            report.examples.setdefault(kind, Counter())[stretch] += 1
    return report


def _differences(text: str, ours: list[str], reference: list[str]) -> Iterator[str]:
    """Yield the stretches between common cuts that hold a cut of only one engine."""
    first, second = (set(accumulate(map(len, pieces))) for pieces in (ours, reference))
    common = sorted(first & second)
    single = sorted(first ^ second)
    start, place = 0, 0
    for end in common:
        inside = False
        while place < len(single) and single[place] < end:
            inside = True
            place += 1
        if inside:
            yield text[start:end]
        start = end


def _kind(stretch: str) -> str:
    """Return what a stretch holds: a number, Latin letters, or Chinese text."""
    if _NUMBER.search(stretch):
        return "number"
    return "latin" if _LATIN.search(stretch) else "han"
