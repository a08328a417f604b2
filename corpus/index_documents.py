"""
A notice as the search index holds it.

It is cut into words by us, before the index sees it, so that both sides of a search are cut alike;
and into single characters with their places, so that a phrase is an exact part of the text and not
of somebody's cutting. No text is kept to be shown: hits are shown from the store, which knows what
was withdrawn a second ago.

A word of the title counts as several of the body, before long texts and repetitions are evened out
(Robertson, Zaragoza and Taylor, Simple BM25 Extension to Multiple Weighted Fields, 2004).
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import tantivy

from corpus.folding import NONCHARACTERS, as_points, as_text, fold_points
from corpus.paste import document_type_of
from corpus.query import typed_number
from corpus.segmentation import search_pieces, search_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from corpus.notice import Notice
    from corpus.stored import StoredNotice
    from corpus.taxonomy import Taxonomy

# A folder made by another version of this page is made anew: raise it with every change of what
# stands in a document, in its words or in its schema.
_FORMAT = 2
FORMAT = f"{_FORMAT}, tantivy {metadata.version('tantivy')}, {search_version()}"
_TITLE_WEIGHT = 4
NOTICE, STATE = "notice", "state"
LONG_AGO = "ended"
# Counting takes some nanoseconds for each notice and field, so facets with few values share one:
# the field, and which part of its value is the facet's. No value has these characters.
PARTS, LEVELS = "\x1e", "\x1f"
FACET_FIELDS = {
    "topic": ("topic_and_source", 0),
    "source": ("topic_and_source", 1),
    "year": ("year_type_and_validity", 0),
    "document_type": ("year_type_and_validity", 1),
    "validity": ("year_type_and_validity", 2),
    "issuing_body": ("issuing_body", 0),
}
# Undated notices are last, whichever end is first; what never ends expires on this day.
NEVER = 4_000_000
# What was over when the index was made: the mark is counted and filtered by as it is, and only
# what has ended since is looked for by its day.
OVER = "over"
# A notice carries each year from this one up to its own, so that "from 2015 to 2024" is what has
# 2015 and not 2025: two lists, where those of ten years would have to be united first.
FIRST_YEAR = 1949
DATED = "dated"
_KEY_BITS = 32
_ENDED = re.compile(r"(?:否|无效|[已全文]*(?:失效|废止))")
# The index divides by blanks, so blanks of the text become marks that no folded text has.
_BETWEEN, *_MARKS = NONCHARACTERS
_BLANK = ord(" ")
_CODE_POINTS = 0x110000


@dataclass(frozen=True, slots=True)
class IndexState:
    """
    What an index says of itself, in the same commit as its content.

    *sweep* is the key up to which it has been written anew, ``None`` if that is not under way;
    *made_on* is the number of the day on which it was made: what was over by then is marked.
    """

    store: str
    revision: int = 0
    sweep: int | None = None
    made_on: int = 1
    format: str = FORMAT


@lru_cache(maxsize=1)
def schema() -> tantivy.Schema:
    """Return the fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("state", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("key", indexed=True, fast=True)
    builder.add_text_field("words", tokenizer_name="blanks", index_option="freq")
    builder.add_text_field("characters", tokenizer_name="blanks", index_option="position")
    for name in ("number", "topic", "source", "document_type", "year", "ended_year", "ended"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("since", tokenizer_name="blanks", index_option="basic")
    for name in ("topic_and_source", "year_type_and_validity", "issuing_body"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("newest", "oldest"):
        builder.add_unsigned_field(name, fast=True)
    return builder.build()


def open_index(path: Path, *, new: bool = False) -> tantivy.Index:
    """Return the index of a folder, ready to be read and written."""
    index = tantivy.Index(schema(), path=str(path)) if new else tantivy.Index.open(str(path))
    for name, tokenizer in (
        ("blanks", tantivy.Tokenizer.whitespace()),
        ("raw", tantivy.Tokenizer.raw()),
    ):
        index.register_tokenizer(name, tantivy.TextAnalyzerBuilder(tokenizer).build())
    index.config_reader("manual")
    return index


def document_of(stored: StoredNotice, taxonomy: Taxonomy, made_on: int) -> tantivy.Document:
    """Return a notice as an index that was made on a day holds it."""
    notice = stored.notice
    title = notice.title or ""
    points = fold_points(f"{title}\n{notice.body or ''}")
    document = tantivy.Document()
    document.add_text("kind", NOTICE)
    document.add_unsigned("key", stored.key)
    pieces = search_pieces(as_text(points))
    of_title = pieces[: _end_of_title(pieces, title)]
    document.add_text("words", " ".join(of_title * (_TITLE_WEIGHT - 1) + pieces))
    document.add_text("characters", _characters(points, len(title)))
    for name, value in _facets(stored, taxonomy, made_on):
        document.add_text(name, value)
    for name, number in _numbers(stored.key, notice):
        document.add_unsigned(name, number)
    return document


def state_document(state: IndexState) -> tantivy.Document:
    """Return what the index says of itself, as a document."""
    document = tantivy.Document()
    document.add_text("kind", STATE)
    document.add_text("state", json.dumps(asdict(state)))
    return document


def this_one(key: int) -> tantivy.Query:
    """
    Return the query for the notice of a key.

    The engine's own deletion by term takes numbers for signed ones, and finds none.
    """
    return tantivy.Query.term_query(schema(), "key", key, "basic")


def read_state(searcher: tantivy.Searcher) -> IndexState | None:
    """Return what an index says of itself; ``None`` if it is none of ours."""
    query = tantivy.Query.term_query(schema(), "kind", STATE, "basic")
    hits = searcher.search(query, 1).hits
    if not hits:
        return None
    state: dict[str, Any] = json.loads(str(searcher.doc(hits[0][1]).get_first("state")))
    return IndexState(**state)


def characters_of(text: str) -> list[str]:
    """Return the characters of a folded text as the index holds them."""
    return list(as_text(_marked()[as_points(text)]))


def _end_of_title(pieces: list[str], title: str) -> int:
    """Return how many pieces are before the line break behind a title."""
    end = pieces.index("\n")
    for _ in range(title.count("\n")):
        end = pieces.index("\n", end + 1)
    return end


def _characters(points: NDArray[np.uint32], end: int) -> str:
    """Return a text as single characters; no phrase reaches from the title to the body."""
    divided = np.full((len(points), 2), _BLANK, np.uint32)
    divided[:, 0] = _marked()[points]
    divided[end, 0] = _BETWEEN
    return as_text(divided)


@lru_cache(maxsize=1)
def _marked() -> NDArray[np.uint32]:
    """Return what each code point becomes: blanks become marks, all others stay."""
    table = np.arange(_CODE_POINTS, dtype=np.uint32)
    blanks = [point for point in range(_CODE_POINTS) if chr(point).isspace()]
    # With the blank of full width folded, there is a mark for each.
    for blank, mark in zip(blanks, _MARKS, strict=False):
        table[blank] = mark
    return table


def _facets(stored: StoredNotice, taxonomy: Taxonomy, made_on: int) -> Iterator[tuple[str, str]]:
    """Yield what a notice is counted and filtered by."""
    notice, day = stored.notice, stored.notice.dated_on
    codes = () if stored.topic is None else _codes(stored.topic, taxonomy)
    source = stored.topic_source or ""
    kind = notice.document_type or document_type_of(notice.title or "") or ""
    for code in codes:
        yield "topic", code
    yield "topic_and_source", f"{LEVELS.join(codes)}{PARTS}{source}"
    year = "" if day is None else str(day.year)
    over = OVER if expires(notice) <= made_on else ""
    yield "year_type_and_validity", f"{year}{PARTS}{kind}{PARTS}{over}"
    yield from _periods(notice)
    if over:
        yield "ended", OVER
    if day is not None:
        yield "since", _since(day.year)
    for name, value in (
        ("year", year),
        ("source", source),
        ("document_type", kind),
        ("issuing_body", notice.issuing_body),
        ("number", notice.document_number and typed_number(notice.document_number)),
        ("number", notice.index_number and typed_number(notice.index_number)),
    ):
        if value:
            yield name, value


@lru_cache(maxsize=1000)
def _since(year: int) -> str:
    """Return the years that a notice of a year is not older than."""
    return " ".join([DATED, *(str(since) for since in range(FIRST_YEAR, year + 1))])


def _codes(code: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the codes that a topic counts for: the first level, then its own."""
    parent = taxonomy.topic(code).parent if code in taxonomy else None
    return (code,) if parent is None else (parent, code)


def _numbers(key: int, notice: Notice) -> list[tuple[str, int]]:
    """Return what a notice is sorted and filtered by."""
    day = notice.dated_on
    number = day.toordinal() if day is not None else None
    return [
        ("newest", (number or 0) << _KEY_BITS | key),
        ("oldest", (number or NEVER) << _KEY_BITS | key),
    ]


def this_day() -> date:
    """Return the day that it is where this machine stands."""
    return datetime.now(UTC).astimezone().date()


def expires(notice: Notice) -> int:
    """
    Return the number of the first day on which a notice is not in force any more.

    It is in force on the day that it names as its last. What its page calls 失效 or 废止 is so
    whatever its dates say; what says nothing does not expire.
    """
    if notice.validity is not None and _ENDED.fullmatch(notice.validity.strip()):
        return 0
    return NEVER if notice.expires_on is None else notice.expires_on.toordinal() + 1


def _periods(notice: Notice) -> tuple[tuple[str, str], ...]:
    """
    Return the year, the month and the day whose end ends a notice, if one does.

    What was ended before a day is then found by a few lists, where comparing the day of each
    notice takes longer than all the rest of a search.
    """
    if expires(notice) == 0:
        return (("ended", LONG_AGO),)
    if notice.expires_on is None:
        return ()
    day = notice.expires_on.isoformat()
    return ("ended_year", day[:4]), ("ended", day[:7]), ("ended", day)


def periods_between(first: date, end: date) -> list[tuple[str, str]]:
    """Return the periods that the days from one up to another, left out, make up."""
    found: list[tuple[str, str]] = []
    while first < end:
        for name, text, behind in _periods_from(first):
            if behind <= end:
                found.append((name, text))
                first = behind
                break
    return found


def _periods_from(first: date) -> Iterator[tuple[str, str, date]]:
    """Yield the periods that begin on a day, longest first, each with the day behind it."""
    day = first.isoformat()
    if first.day == 1 and first.month == 1:
        yield "ended_year", day[:4], _day(first.year + 1, 1)
    if first.day == 1:
        yield "ended", day[:7], _day(first.year + first.month // 12, first.month % 12 + 1)
    yield "ended", day, first + timedelta(days=1)


def _day(year: int, month: int) -> date:
    """Return the first day of a month; behind the end of the calendar, its last day."""
    return date(year, month, 1) if year <= MAXYEAR else date.max
