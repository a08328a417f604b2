"""
What a reader asks for, in the search engine's own terms.

They are put together from parts, never parsed: nothing that was typed can become syntax.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import tantivy

from corpus.found import FACETS, FacetCount
from corpus.index_documents import (
    DATED,
    FACET_FIELDS,
    FIRST_YEAR,
    LEVELS,
    LONG_AGO,
    NOTICE,
    OVER,
    PARTS,
    characters_of,
    periods_between,
    schema,
)
from corpus.segmentation import search_words
from corpus.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from concurrent.futures import Executor

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
# Where only the notices are counted: the field with the fewest values.
_SMALLEST = "topic_and_source"


def read_years(searcher: tantivy.Searcher) -> tuple[str, ...]:
    """Return the years that the notices of an index are of, in their order."""
    return tuple(sorted((year for year, _ in searcher.terms_with_prefix("year", "")), key=int))


class Ended(NamedTuple):
    """
    What is over on a day, as an index knows it.

    *marked* says whether what the index has marked as over is so on that day, and *late* is the
    query for all others that are; ``None`` where there are none.
    """

    marked: bool
    late: tantivy.Query | None

    def queries(self) -> list[tantivy.Query]:
        """Return the queries for notices that are over: each is found by at least one."""
        marked = [_term("ended", OVER)] if self.marked else []
        return marked if self.late is None else [*marked, self.late]


def ended_on(searcher: tantivy.Searcher, day: date, made_on: int) -> Ended:
    """Return what is over on a day in an index that was made on another."""
    made = date.fromordinal(made_on)
    # An index from tomorrow (somebody has put a clock right) marks too much.
    marked = made <= day
    periods = (
        periods_between(made, day)
        if marked
        else [("ended", LONG_AGO), *periods_between(date.min, day)]
    )
    known = [_term(name, period) for name, period in periods if searcher.doc_freq(name, period)]
    return Ended(marked, _any(known) if known else None)


class Asked:
    """
    A query in the engine's terms.

    Attributes:
        ranked: Whether there is anything to rank the notices by.
        filters: The filters by the facet they belong to: what must, or must not, hold.
        ended: What is over.
        simple: Whether its notices stand in one list, which takes no time to find.
    """

    def __init__(
        self,
        typed: Typed,
        query: Query,
        searcher: tantivy.Searcher,
        years: Sequence[str],
        ended: Ended,
    ) -> None:
        wanted = _wanted(typed.wanted)
        if typed.number is not None and searcher.doc_freq("number", typed.number):
            number = _Q.const_score_query(_term("number", typed.number), _NUMBER)
            wanted = [_any([number, _all(wanted)] if wanted else [number])]
        self.ranked = bool(wanted)
        self._wanted = wanted
        self._unwanted = [_all(_wanted([term])) for term in typed.unwanted]
        self.filters = _filters(query, years, ended)
        self.ended = ended
        parts = [*wanted, *self._unwanted, *self.filters]
        self.simple = len(parts) <= 1 and not any(term.phrase for term in typed.wanted)

    def query(self, *, without: str | None = None) -> tantivy.Query:
        """Return the whole query, or all but the filter of one facet."""
        filters = [
            part for name, parts in self.filters.items() if name != without for part in parts
        ]
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
    searcher: tantivy.Searcher, asked: Asked, *, helpers: Executor
) -> tuple[int, dict[str, tuple[FacetCount, ...]]]:
    """
    Return how many notices match, and the facets: each without the choice made in it.

    Each choice costs a count of its own; the engine lets them run side by side.
    """
    free = [name for name in FACETS if name not in asked.filters]
    # Issuing bodies take about as long as all others together; but what it takes longer to find
    # than to count is better found once.
    apart = asked.simple or free == ["issuing_body"]
    bodies = [name for name in free if name == "issuing_body" and apart]
    others = [helpers.submit(_count, searcher, asked, asked.query(), bodies)] if bodies else []
    others += [
        helpers.submit(_count, searcher, asked, asked.query(without=name), [name])
        for name in asked.filters
    ]
    kinds = [name for name in free if name not in bodies]
    total, counts = _count(searcher, asked, asked.query(), kinds)
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


def like(words: Mapping[str, float]) -> tantivy.Query:
    """Return the query for notices with any of some words, each as heavy as it is given."""
    return _Q.boolean_query(
        [(_SHOULD, _Q.boost_query(_word(word), weight)) for word, weight in words.items()]
    )


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


_Filter: TypeAlias = "list[tuple[tantivy.Occur, tantivy.Query]]"


def _filters(query: Query, years: Sequence[str], ended: Ended) -> dict[str, _Filter]:
    """Return the filters of a query by facet: what must, or must not, hold of a notice."""
    filters: dict[str, _Filter] = {}
    for name, values in (
        ("topic", query.topics),
        ("issuing_body", query.issuing_bodies),
        ("document_type", query.document_types),
        ("source", query.sources),
    ):
        if values:
            filters[name] = [(_MUST, _one_of(name, [clean(str(value)) for value in values]))]
    if query.years is not None:
        filters["year"] = _of_years(*query.years, years)
    if query.validity is not None:
        over = ended.queries()
        filters["validity"] = (
            [(_MUST, _any(over) if over else _Q.empty_query())]
            if query.validity == "expired"
            else [(_NOT, part) for part in over]
        )
    return filters


def _of_years(first: int | None, last: int | None, years: Sequence[str]) -> _Filter:
    """Return what must, and must not, hold of a notice of some years."""
    chosen = [
        year
        for year in years
        if (first is None or int(year) >= first) and (last is None or int(year) <= last)
    ]
    if len(chosen) <= 1 or int(chosen[0]) < FIRST_YEAR:
        return [(_MUST, _one_of("year", chosen))]
    since = DATED if chosen[0] == years[0] else chosen[0]
    behind = [year for year in years if int(year) > int(chosen[-1])][:1]
    return [(_MUST, _term("since", since)), *((_NOT, _term("since", year)) for year in behind)]


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
    searcher: tantivy.Searcher, asked: Asked, query: tantivy.Query, names: Sequence[str]
) -> tuple[int, dict[str, tuple[FacetCount, ...]]]:
    """Return how many notices match, and the counts of some facets, all in one go."""
    fields = {FACET_FIELDS[name][0] for name in names}
    # In the others each notice has a value, if only an empty one.
    whole = next(iter(fields - {"issuing_body"}), _SMALLEST)
    fields.add(whole)
    answer = searcher.aggregate(query, {field: _terms(field) for field in fields})
    values: dict[str, list[tuple[list[str], int]]] = {
        field: [(bucket["key"].split(PARTS), bucket["doc_count"]) for bucket in found["buckets"]]
        for field, found in answer.items()
    }
    total = sum(count for _, count in values[whole]) + answer[whole]["sum_other_doc_count"]
    counts = {name: _sum(name, values[FACET_FIELDS[name][0]]) for name in names}
    if "validity" in counts:
        over = _over(searcher, query, asked.ended, dict(counts["validity"]).get(OVER, 0))
        both = (FacetCount("in_force", total - over), FacetCount("expired", over))
        counts["validity"] = tuple(entry for entry in both if entry.count)
    return total, counts


def _over(searcher: tantivy.Searcher, query: tantivy.Query, ended: Ended, marked: int) -> int:
    """Return how many of some notices are over, if so many of them are marked so."""
    late = 0
    if ended.late is not None:
        both = _Q.boolean_query([(_MUST, ended.late), (_MUST, query)])
        buckets = searcher.aggregate(both, {_SMALLEST: _terms(_SMALLEST)})[_SMALLEST]["buckets"]
        late = sum(bucket["doc_count"] for bucket in buckets)
    return late + (marked if ended.marked else 0)


def _terms(field: str) -> dict[str, object]:
    """Return the engine's words for counting the values of a field."""
    # Of each part of the index all values are asked for, or their sums would miss some.
    return {"terms": {"field": field, "size": _MOST_VALUES, "segment_size": 1_000_000}}


def _sum(name: str, values: Iterable[tuple[list[str], int]]) -> tuple[FacetCount, ...]:
    """Return the counts of a facet, most frequent values first; years from the newest on."""
    part = FACET_FIELDS[name][1]
    whole: dict[str, int] = {}
    for parts, count in values:
        value = parts[part]
        whole[value] = whole.get(value, 0) + count
    if name == "topic":
        levels: dict[str, int] = {}
        for value, count in whole.items():
            for one in value.split(LEVELS):
                levels[one] = levels.get(one, 0) + count
        whole = levels
    whole.pop("", None)
    if name == "year":
        ordered = sorted(whole.items(), key=lambda entry: -int(entry[0]))
    else:
        ordered = sorted(whole.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(FacetCount(value, count) for value, count in ordered)
