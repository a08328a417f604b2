"""
Everyday words and the words that documents use instead (房贷: 住房贷款).

The table is a text file that a site may edit: ``房贷 = 住房贷款 个人住房贷款``. A word of the
table is taken for one only where the segmenter cuts before and behind it, or where it opens or
ends a longer word: 低保 is not meant in 最低保障.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import accumulate, islice, product
from typing import TYPE_CHECKING

from corpus.errors import UnusableFileError
from corpus.folding import fold
from corpus.segmentation import plain_words, search_words
from corpus.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Enough for any question; more would make it slow.
_MOST_READINGS = 16


@dataclass(frozen=True, slots=True)
class Widening:
    """What was typed, and the official words that were looked for as well."""

    typed: str
    added: tuple[str, ...]


class EverydayWords:
    """A table from everyday words to official ones."""

    def __init__(self, official: Mapping[str, tuple[str, ...]]) -> None:
        self._official = {fold(word): tuple(map(fold, others)) for word, others in official.items()}
        words = sorted(self._official, key=lambda word: (-len(word), word))
        self._pattern = re.compile("|".join(map(re.escape, words)) or r"(?!)")

    def __len__(self) -> int:
        return len(self._official)

    def __iter__(self) -> Iterator[str]:
        return iter(self._official)

    def widen(self, typed: str) -> tuple[list[str], list[Widening]]:
        """
        Return what else somebody may mean who types this, and which words said so.

        Args:
            typed: A folded text without blanks.
        """
        found = self._found(typed)
        if not found:
            return [], []
        parts: list[tuple[str, ...]] = []
        end = 0
        for match in found:
            parts.extend([(typed[end : match.start()],), (match[0], *self._official[match[0]])])
            end = match.end()
        parts.append((typed[end:],))
        readings = ("".join(chosen) for chosen in product(*parts))
        others = dict.fromkeys(islice(readings, 1, _MOST_READINGS + 1))
        widenings = dict.fromkeys(Widening(m[0], self._official[m[0]]) for m in found)
        return list(others), list(widenings)

    def _found(self, typed: str) -> list[re.Match[str]]:
        """Return where words of the table stand as words."""
        found = list(self._pattern.finditer(typed))
        if not found:
            return []
        cuts = {0, *accumulate(map(len, plain_words(typed)))}
        words = set(search_words(typed))
        return [
            match
            for match in found
            if cuts.issuperset(match.span())
            or (match[0] in words and not cuts.isdisjoint(match.span()))
        ]


def read_everyday_words(path: Path) -> EverydayWords:
    """
    Return the table of a file.

    Raises:
        UnusableFileError: If a line is no entry, saying which.
        UnreadableTextError: If it is no text.
        OSError: If it cannot be opened.
    """
    return _read(decode(path.read_bytes(), source=str(path)), str(path))


@lru_cache(maxsize=1)
def everyday_words() -> EverydayWords:
    """Return the table that is shipped."""
    name = "everyday.txt"
    return _read(resources.files("corpus").joinpath(name).read_text("utf-8"), name)


def _read(text: str, source: str) -> EverydayWords:
    """Return the table of a text."""
    official: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        word, equals, others = (part.strip() for part in entry.partition("="))
        if not equals or not word or " " in word or not others:
            problem = (
                f"line {number} is {line.strip()!r}; expected an everyday word, =, and official"
                " words divided by blanks: 房贷 = 住房贷款"
            )
            raise UnusableFileError(source, problem)
        official[word] = (*official.get(word, ()), *others.split())
    return EverydayWords(official)
