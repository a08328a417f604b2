"""
Where the hits stand in the original text, and which part of it to show.

Texts are folded in place (:mod:`corpus.folding`), so what is found in the folded text stands at
the same place in the original.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from corpus.folding import fold
from corpus.found import Highlights
from corpus.segmentation import stop_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.found import Span
    from corpus.query import Typed

# About two lines on a page.
_LENGTH = 120
# A hit stands better with some text before it, best from the beginning of a sentence.
_LEAD = 40
_SHORT_LEAD = 12
_MOST_HITS = 1000
_ENDS = re.compile(r"[。！？；!?;\n]\s*")
_BLANKS = re.compile(r"\s*")


class Highlighter:
    """Shows where what was typed stands in a notice."""

    def __init__(self, typed: Typed) -> None:
        whole: dict[str, None] = {}
        words: dict[str, None] = {}
        for term in typed.wanted:
            whole[term.text] = None
            words.update(dict.fromkeys(word for reading in term.readings for word in reading))
        telling = [word for word in words if word not in stop_words()]
        needles = sorted({*whole, *(telling or words)}, key=lambda needle: (-len(needle), needle))
        self._pattern = re.compile("|".join(map(re.escape, needles)) or r"(?!)")

    def highlight(self, title: str, body: str) -> Highlights:
        """Return where the hits stand in a title, and the part of a body that has most of them."""
        folded = fold(body)
        hits = [match.span() for match in islice(self._pattern.finditer(folded), _MOST_HITS)]
        start, end = _window(body, folded, hits)
        inside = [(max(a, start), min(b, end)) for a, b in hits if a < end and b > start]
        return Highlights(
            title=tuple(_joined(match.span() for match in self._pattern.finditer(fold(title)))),
            snippet=body[start:end],
            snippet_spans=tuple((a - start, b - start) for a, b in _joined(iter(inside))),
            snippet_start=start,
        )


def _joined(spans: Iterator[Span]) -> Iterator[Span]:
    """Yield spans in order, those that touch as one."""
    last: Span | None = None
    for span in spans:
        if last is not None and span[0] <= last[1]:
            last = (last[0], max(last[1], span[1]))
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _window(body: str, folded: str, hits: Sequence[Span]) -> Span:
    """Return which part of a body to show: the one with most different hits, else its beginning."""
    best = _best(folded, hits)
    start = 0 if best is None else _lead(body, best)
    blanks = _BLANKS.match(body, start)
    start = start if blanks is None else blanks.end()
    end = min(len(body), start + _LENGTH)
    return start, end


def _best(folded: str, hits: Sequence[Span]) -> int | None:
    """Return where the first hit stands of the stretch with most different ones."""
    best: int | None = None
    most = 0
    inside: dict[str, int] = {}
    last = 0
    for first, (start, end) in enumerate(hits):
        while last < len(hits) and hits[last][1] <= max(end, start + _LENGTH - _LEAD):
            needle = folded[slice(*hits[last])]
            inside[needle] = inside.get(needle, 0) + 1
            last += 1
        if len(inside) > most:
            best, most = start, len(inside)
        needle = folded[slice(*hits[first])]
        inside[needle] -= 1
        if not inside[needle]:
            del inside[needle]
    return best


def _lead(body: str, hit: int) -> int:
    """Return where to begin: with a sentence not far before a hit, else shortly before it."""
    earliest = max(0, hit - _LEAD)
    if earliest == 0:
        return 0
    ends = [match.end() for match in _ENDS.finditer(body, earliest, hit)]
    return ends[0] if ends else hit - _SHORT_LEAD
