"""
Characters that mean the same: full width and half width, capitals, Traditional and Simplified.

What is searched and what is typed are folded alike. One character always gives one character, and
no neighbour changes what it gives: so a place in the folded text is the same place in the text
itself, and a part of a text, folded, is that part of the folded text.
"""

from __future__ import annotations

import codecs
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CODE_POINTS = 0x110000
_PLANE = 0x10000
_IDEOGRAPHS = range(0x3400, 0xA000)
_COMPATIBILITY_IDEOGRAPHS = range(0xF900, 0xFB00)
_SURROGATES = slice(0xD800, 0xE000)
# Never characters; whoever works with folded texts may use them as marks of his own.
NONCHARACTERS = range(0xFDD0, 0xFDF0)
_REPLACEMENT = 0xFFFD
# Simplified text keeps it in names (乾县, 乾隆), where 干 would be wrong.
_KEPT = frozenset("乾")


def fold(text: str) -> str:
    """Return a text of the same length in half width, lower case and Simplified characters."""
    return text.lower() if text.isascii() else as_text(fold_points(text))


def fold_points(text: str) -> NDArray[np.uint32]:
    """Return the code points of a folded text."""
    points: NDArray[np.uint32] = _table()[as_points(text)]
    return points


def as_points(text: str) -> NDArray[np.uint32]:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def as_text(points: NDArray[np.uint32]) -> str:
    """Return the text of some code points, none of which is half of a surrogate pair."""
    return codecs.utf_32_le_decode(np.ascontiguousarray(points).data)[0]


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """Return what each code point becomes."""
    table = np.arange(_CODE_POINTS, dtype=np.uint32)
    table[:_PLANE] = [ord(_lower(_plain(chr(point)))) for point in range(_PLANE)]
    table[_SURROGATES] = _REPLACEMENT
    table[list(NONCHARACTERS)] = _REPLACEMENT
    simplified = np.arange(_CODE_POINTS, dtype=np.uint32)
    for old, new in _simplified().items():
        simplified[ord(old)] = ord(new)
    return simplified[table]


def _plain(character: str) -> str:
    """Return a form that is only wider, narrower or doubly encoded as the ordinary character."""
    doubled = ord(character) in _COMPATIBILITY_IDEOGRAPHS
    if not doubled and not unicodedata.decomposition(character).startswith(("<wide>", "<narrow>")):
        return character
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


def _lower(character: str) -> str:
    """Return a character in lower case, where that is one character too."""
    lower = character.lower()
    return lower if len(lower) == 1 else character


def _simplified() -> dict[str, str]:
    """Return the Traditional characters with the Simplified one that each stands for."""
    import opencc  # noqa: PLC0415 (it reads its dictionaries; only who searches needs them)

    characters = [chr(point) for point in _IDEOGRAPHS]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {
        old: new
        for old, new in zip(characters, converted, strict=True)
        if old != new and len(new) == 1 and old not in _KEPT
    }
