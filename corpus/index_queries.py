"""
What a reader asks for, in the search engine's own terms.

They are put together from parts, never parsed: nothing that was typed can become syntax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import tantivy

from corpus.found import FACETS, FacetCount
from corpus.index_documents import (
    FACET_FIELDS,
    LEVELS,
    NOTICE,
    PARTS,
    characters_of,
    ended_before,
    schema,
)
from corpus.segmentation import search_words
from corpus.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Executor
    from datetime import date

    from corpus.found import Query
    from corpus.query import Term, Typed

_Q = tantivy.Query
_MUST, _SHOULD, _NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
# A notice that says it in official words is as welcome, but comes behind what was typed.
_OTHER_WORDS = 0.5
# Above any sum of words: who types a whole number wants that notice.
_NUMBER = 1_000_000.0
# Of issuing bodies more are on no page; topics with their sources, years with their kinds of
# documents never reach it.
_MOST_VALUES = 5000


class Years(NamedTuple):
    """The years that notices are of, and those that any says it ends in."""

    dated: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


def read_years(searcher: tantivy.Searcher) -> Years:
    """Return the years that an index knows."""
    return Years(
        *(
            tuple(year for year, _ in searcher.terms_with_prefix(name, ""))
            for name in ("year", "ended_year")
        )
    )


class Asked:
    """
    A query in the engine's terms.

    Attributes:
        ranked: Whether there is anything to rank the notices by.
        filters: The filters by the facet they belong to.
    """

    def __init__(
        self, typed: Typed, query: Query, searcher: tantivy.Searcher, years: Years, *, today: date
    ) -> None:
        wanted = _wanted(typed.wanted)
        if typed.number is not None and searcher.doc_freq("number", typed.number):
            number = _Q.const_score_query(_term("number", typed.number), _NUMBER)
            wanted = [_any([number, _all(wanted)] if wanted else [number])]
        self.ranked = bool(wanted)
        self._wanted = wanted
        self._unwanted = [_all(_wanted([term])) for term in typed.unwanted]
        self.filters = _filters(query, years, today)

    def query(self, *, without: str | None = None) -> tantivy.Query:
        """Return the whole query, or all but the filter of one facet."""
        filters = [part for name, part in self.filters.items() if name != without]
        if len(self._wanted) == 1 and not filters and not self._unwanted:
            # Alone, a word need not be scored in every notice to know the best.
            return self._wanted[0]
        parts = [
            *((_MUST, part) for part in self._wanted),
            *((occur, _Q.const_score_query(part, 0.0)) for occur, part in filters),
            *((_NOT, part) for part in self._unwanted),
        ]
        if all(occur == _NOT for occur, _ in parts):
            parts.append((_MUST, _term("kind", NOTICE)))
        return _Q.boolean_query(parts)


def count(
    searcher: tantivy.Searcher, asked: Asked, *, today: date, helpers: Executor
) -> tuple[int, dict[str, tuple[FacetCount, ...]]]:
    """
    Return how many notices match, and the facets: each without the choice made in it.

    Each choice costs a count of its own; the engine lets them run side by side.
    """
    free = [name for name in FACETS if name not in asked.filters]
    others = [
        helpers.submit(_count, searcher, asked.query(without=name), [name], today)
        for name in asked.filters
    ]
    total, counts = _count(searcher, asked.query(), free, today)
    for other in others:
        counts.update(other.result()[1])
    return total, {name: counts[name] for name in FACETS}


def _wanted(terms: Iterable[Term]) -> list[tantivy.Query]:
    """Return one query for each thing that must be there; no word twice."""
    words: dict[str, None] = {}
    others: list[tantivy.Query] = []
    for term in terms:
        if term.phrase:
            others.append(_phrase(term.text))
        elif len(term.readings) == 1:
            words.update(dict.fromkeys(term.readings[0]))
        else:
            typed, *official = map(_words, term.readings)
            behind = (_Q.boost_query(reading, _OTHER_WORDS) for reading in official)
            others.append(_any([typed, *behind]))
    return [*map(_word, words), *others]


def _words(words: Sequence[str]) -> tantivy.Query:
    """Return the query for notices with all of some words."""
    return _all(list(map(_word, words)))


def _word(word: str) -> tantivy.Query:
    """Return the query for notices with a word."""
    return _Q.term_query(schema(), "words", word, "freq")


def _phrase(text: str) -> tantivy.Query:
    """Return the query for an exact part of the text, ranked by the words in it."""
    characters = characters_of(text)
    exact = (
        _term("characters", characters[0])
        if len(characters) == 1
        else _Q.phrase_query(schema(), "characters", list(characters))
    )
    words = dict.fromkeys(search_words(text))
    if not words:
        return exact
    return _Q.boolean_query(
        [(_MUST, _Q.const_score_query(exact, 0.0)), *((_SHOULD, _word(word)) for word in words)]
    )


def _filters(
    query: Query, years: Years, today: date
) -> dict[str, tuple[tantivy.Occur, tantivy.Query]]:
    """Return the filters of a query by facet: what must, or must not, hold of a notice."""
    filters: dict[str, tuple[tantivy.Occur, tantivy.Query]] = {}
    for name, values in (
        ("topic", query.topics),
        ("issuing_body", query.issuing_bodies),
        ("document_type", query.document_types),
        ("source", query.sources),
    ):
        if values:
            filters[name] = _MUST, _one_of(name, [clean(str(value)) for value in values])
    if query.years is not None:
        first, last = query.years
        chosen = [
            year
            for year in years.dated
            if (first is None or int(year) >= first) and (last is None or int(year) <= last)
        ]
        filters["year"] = _MUST, _one_of("year", chosen)
    if query.validity is not None:
        over = ended_before(today, years.ended)
        fields = dict.fromkeys(name for name, _ in over)
        ended = _any([_one_of(field, [p for name, p in over if name == field]) for field in fields])
        filters["validity"] = _MUST if query.validity == "expired" else _NOT, ended
    return filters


def _term(name: str, value: str) -> tantivy.Query:
    """Return the query for notices with a value."""
    return _Q.term_query(schema(), name, value, "basic")


def _one_of(name: str, values: Sequence[str]) -> tantivy.Query:
    """Return the query for notices with one of some values."""
    if len(values) == 1:
        return _term(name, values[0])
    return _Q.term_set_query(schema(), name, list(values))


def _all(parts: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return the query for notices that match all parts."""
    return parts[0] if len(parts) == 1 else _Q.boolean_query([(_MUST, part) for part in parts])


def _any(parts: Sequence[tantivy.Query]) -> tantivy.Query:
    """Return the query for notices that match any part."""
    return parts[0] if len(parts) == 1 else _Q.boolean_query([(_SHOULD, part) for part in parts])


def _count(
    searcher: tantivy.Searcher, query: tantivy.Query, names: Sequence[str], today: date
) -> tuple[int, dict[str, tuple[FacetCount, ...]]]:
    """Return how many notices match, and the counts of some facets, all in one go."""
    end = today.toordinal() + 1
    fields = {FACET_FIELDS[name][0] for name in names if name in FACET_FIELDS}
    asked = {field: _terms(field) for field in sorted(fields)}
    # Each notice expires some day, if only at the end of time: this counts them all.
    asked["validity"] = {"range": {"field": "expires", "ranges": [{"to": end}]}}
    answer = searcher.aggregate(query, asked)
    validity = answer.pop("validity")["buckets"]
    total = sum(bucket["doc_count"] for bucket in validity)
    expired = sum(bucket["doc_count"] for bucket in validity if bucket.get("to") == end)
    both = (FacetCount("in_force", total - expired), FacetCount("expired", expired))
    counts = {"validity": tuple(entry for entry in both if entry.count)}
    values = {
        field: [
            (str(bucket["key"]).split(PARTS), bucket["doc_count"]) for bucket in found["buckets"]
        ]
        for field, found in answer.items()
    }
    for name in names:
        if name in FACET_FIELDS:
            field, part = FACET_FIELDS[name]
            counts[name] = _sum(name, ((value[part], count) for value, count in values[field]))
    return total, {name: counts[name] for name in names}


def _terms(field: str) -> dict[str, object]:
    """Return the engine's words for counting the values of a field."""
    # Of each part of the index all values are asked for, or their sums would miss some.
    return {"terms": {"field": field, "size": _MOST_VALUES, "segment_size": 1_000_000}}


def _sum(name: str, values: Iterable[tuple[str, int]]) -> tuple[FacetCount, ...]:
    """Return the counts of a facet, most frequent values first; years from the newest on."""
    counted: dict[str, int] = {}
    for value, count in values:
        for one in value.split(LEVELS):
            counted[one] = counted.get(one, 0) + count
    found = [FacetCount(value, count) for value, count in counted.items() if value and count]
    if name == "year":
        return tuple(sorted(found, key=lambda entry: -int(entry.value)))
    return tuple(sorted(found, key=lambda entry: (-entry.count, entry.value)))
