"""
What is asked of the search index, and what it answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from corpus.exchange import notice_as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from corpus.everyday import Widening
    from corpus.notice import Notice
    from corpus.stored import Source

Validity = Literal["in_force", "expired"]
Sort = Literal["relevance", "newest", "oldest"]
Span = tuple[int, int]
FACETS = ("topic", "issuing_body", "year", "document_type", "validity", "source")


@dataclass(frozen=True, slots=True)
class Query:
    """
    What a reader asks for; several values of one filter are alternatives.

    Attributes:
        words: As typed: words, "短语", -词; empty for all notices.
        topics: Codes; one of the first level includes those below it.
        issuing_bodies: As they stand in the notice.
        years: From and to, both included, of publication or else of writing; either may be open.
        document_types: Kinds of document (公文种类), as printed or else as the title names them.
        validity: In force, or expired. What says nothing of an end is in force.
        sources: Who said which topic it has.
        sort: By relevance where there are words, else the newest first.
        offset: How many hits to pass over.
        limit: How many to return.
    """

    words: str = ""
    topics: tuple[str, ...] = ()
    issuing_bodies: tuple[str, ...] = ()
    years: tuple[int | None, int | None] | None = None
    document_types: tuple[str, ...] = ()
    validity: Validity | None = None
    sources: tuple[Source | str, ...] = ()
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Highlights:
    """
    Where the hits stand, in code points: in the title, and in a snippet of the body.

    The snippet is a part of the body as it is; *snippet_start* is its place there.
    """

    title: tuple[Span, ...] = ()
    snippet: str = ""
    snippet_spans: tuple[Span, ...] = ()
    snippet_start: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A notice that was found: all but its body, its current theme, and where the hits stand."""

    id: str
    notice: Notice
    topic: str | None
    topic_source: Source | None
    highlights: Highlights

    def as_json(self) -> dict[str, Any]:
        """Return the hit as the doors print it."""
        entry = notice_as_json(self.notice)
        del entry["body"]
        shown = self.highlights
        return {
            **entry,
            "topic": self.topic,
            "topic_source": None if self.topic_source is None else str(self.topic_source),
            "highlights": {
                "title": [list(span) for span in shown.title],
                "snippet": shown.snippet,
                "snippet_spans": [list(span) for span in shown.snippet_spans],
            },
        }


class FacetCount(NamedTuple):
    """How many of the notices found have a value."""

    value: str
    # Shadows the method of tuples that nobody asks counts for.
    count: int  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Result:
    """
    What was found.

    *facets* has an entry for each of :data:`FACETS`. A facet's own choice does not reduce its
    counts, and values that no notice has are left out; topics of both levels are counted.
    *widened* says which everyday words were looked for in official words as well.
    """

    total: int = 0
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    widened: tuple[Widening, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the answer as the doors print it."""
        return {
            "total": self.total,
            "hits": [hit.as_json() for hit in self.hits],
            "facets": {
                name: [{"value": entry.value, "count": entry.count} for entry in counts]
                for name, counts in self.facets.items()
            },
            "widened": [
                {"typed": widening.typed, "added": list(widening.added)}
                for widening in self.widened
            ],
        }


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """
    How far the index has come.

    *behind* counts the revisions that it has not seen yet. *rebuilding* says that it is being
    written anew, which takes nothing from its answers. *problem* says why it cannot be used
    until the process that writes it has made it again; ``None`` if it can.
    """

    revision: int
    store_revision: int
    behind: int
    notices: int
    writer: bool
    rebuilding: bool = False
    problem: str | None = None
