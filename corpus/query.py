"""
What a reader types, understood; it is never refused and never syntax.

Blanks divide it. What stands between quotation marks, of any kind, is a phrase; a hyphen in front
excludes what follows. A mark without its partner is a character like any other, and so is all
else: brackets, AND, asterisks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from corpus.folding import fold
from corpus.segmentation import search_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.everyday import EverydayWords, Widening

_PLANE = 0x10000
# Typed text is folded first, which leaves these. A closing mark need not be of the same font.
_PAIRS = (
    ('"“”„‟〝〞〟', '"“”„‟〝〞〟'),
    ("‘’‚‛", "‘’‚‛"),
    ("「﹁", "」﹂"),
    ("『﹃", "』﹄"),
    ("«", "»"),
    ("‹", "›"),
)
_QUOTED = "|".join(
    rf"[{re.escape(opening)}][^{re.escape(opening + closing)}]*[{re.escape(closing)}]"
    for opening, closing in _PAIRS
)
# An apostrophe is a quotation mark only around a whole word.
_TERM = re.compile(
    rf"(?P<minus>(?<!\S)[-−])?(?:(?P<quoted>{_QUOTED})|(?<![^\s\-−])'(?P<single>[^']+)'(?!\S)"
    rf"|(?P<plain>\S(?:(?!{_QUOTED})\S)*))"
)
_LEADING_ZEROS = re.compile(r"〕第?0*(?=\d)")
_LONGEST_NUMBER = 200
# Whoever pastes a whole page into the search box gets an answer, to its beginning.
LONGEST = 2000
# Each part is a search of its own: hundreds of phrases take half a second, and nobody types them.
MOST_TERMS = 64


@dataclass(frozen=True, slots=True)
class Term:
    """
    One part of what was typed, folded: a *phrase*, or words that must all be there.

    *readings* are the words of each way to say it: as typed, then in official words; any of them
    will do. A phrase has none.
    """

    text: str
    readings: tuple[tuple[str, ...], ...] = ()

    @property
    def phrase(self) -> bool:
        """Whether the text must stand there as it is."""
        return not self.readings


@dataclass(frozen=True, slots=True)
class Typed:
    """
    What a reader asks for.

    Attributes:
        wanted: What must be there.
        unwanted: What must not.
        number: The whole of it as a document number or index number is compared, or ``None``.
        widened: Which everyday words were widened.
    """

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()
    number: str | None = None
    widened: tuple[Widening, ...] = field(default=())


def read_query(text: str, everyday: EverydayWords) -> Typed:
    """Return what somebody asks for who types this."""
    folded = fold(text[:LONGEST])
    wanted: list[Term] = []
    unwanted: list[Term] = []
    widened: dict[Widening, None] = {}
    for excluded, content, phrase in islice(_terms(folded), MOST_TERMS):
        if phrase:
            (unwanted if excluded else wanted).append(Term(content))
            continue
        words = _words(content)
        if not words:
            continue
        if excluded:
            unwanted.append(Term(content, (words,)))
            continue
        others, why = everyday.widen(content)
        readings = dict.fromkeys([words, *filter(None, map(_words, others))])
        wanted.append(Term(content, tuple(readings)))
        widened.update(dict.fromkeys(why))
    return Typed(tuple(wanted), tuple(unwanted), typed_number(folded), tuple(widened))


def parts_of(text: str) -> list[str]:
    """Return the words and phrases of what was typed, folded, each with its marks."""
    return [found[0] for found in _TERM.finditer(fold(text[:LONGEST]))]


def typed_number(text: str) -> str | None:
    """
    Return a text as document numbers and index numbers are compared; ``None`` if it is none.

    In any brackets, with or without blanks and leading zeros, as ``same_document_number`` has it,
    and in any width and case.
    """
    number = text.translate(_in_numbers())
    if "〕" in number:
        number = _LEADING_ZEROS.sub("〕", number)
    numbered = any(map(str.isdecimal, number))
    return number if numbered and len(number) <= _LONGEST_NUMBER else None


@lru_cache(maxsize=1)
def _in_numbers() -> dict[int, str | None]:
    """Return what becomes of a character in a number; a table, since there are many numbers."""
    everything = "".join(map(chr, range(_PLANE)))
    folded = zip(everything, fold(everything), strict=True)
    table: dict[int, str | None] = {ord(one): other for one, other in folded if one != other}
    table.update(dict.fromkeys(map(ord, "[〔﹝［【（(〈<"), "〔"))
    table.update(dict.fromkeys(map(ord, "]〕﹞］】）)〉>"), "〕"))
    quotes = "".join(opening + closing for opening, closing in _PAIRS)
    blanks = filter(str.isspace, everything)
    return {**table, **dict.fromkeys(map(ord, (*quotes, "'", "＂", "＇", *blanks)))}


def _terms(folded: str) -> Iterator[tuple[bool, str, bool]]:
    """Yield what blanks and quotation marks divide: excluded or not, its text, a phrase or not."""
    for match in _TERM.finditer(folded):
        excluded = match["minus"] is not None
        if match["quoted"] is not None or match["single"] is not None:
            content = match["single"] or match["quoted"][1:-1]
            if content:
                yield excluded, content, True
        else:
            yield excluded, match["plain"], False


def _words(content: str) -> tuple[str, ...]:
    """Return the different words of a text, in their order."""
    return tuple(dict.fromkeys(search_words(content)))
