"""
A search as an address holds it: the same parameters for the interface, the page and the feeds.

An empty value is none: forms send every field, filled in or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

from corpus.found import Query, Sort, Validity
from corpus.stored import Source
from service.problems import ProblemError
from service.topics import read_topic

if TYPE_CHECKING:
    from starlette.requests import Request


MOST_HITS = 100
# Whoever wants more than that wants an export.
FARTHEST_OFFSET = 100_000
_HITS = 20
_MOST_DIGITS = 9
_LATEST_YEAR = 9999
_VALIDITIES = get_args(Validity)
_SORTS = get_args(Sort)
_SOURCES = tuple(source.value for source in Source)
_TEXT: dict[str, Any] = {"type": "string"}


def _many(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that may be repeated."""
    return {"type": "array", "items": schema}


def _whole(least: int, most: int, **more: int) -> dict[str, Any]:
    """Return the schema of a whole number."""
    return {"type": "integer", "minimum": least, "maximum": most, **more}


_PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "words": ('Words as typed; "短语" is exact, -词 excludes.', _TEXT),
    "topic": ("Code or printed label; level one includes what is below.", _many(_TEXT)),
    "issuing_body": ("发布机构, as it stands in the notice.", _many(_TEXT)),
    "year_from": ("The first year.", _whole(1, _LATEST_YEAR)),
    "year_to": ("The last year.", _whole(1, _LATEST_YEAR)),
    "document_type": ("公文种类.", _many(_TEXT)),
    "validity": ("In force, or expired.", {**_TEXT, "enum": list(_VALIDITIES)}),
    "source": ("Who said which topic it has.", _many({**_TEXT, "enum": list(_SOURCES)})),
    "sort": ("By relevance if words are given.", {**_TEXT, "enum": list(_SORTS)}),
    "offset": ("How many hits to pass over.", _whole(0, FARTHEST_OFFSET, default=0)),
    "limit": ("How many hits to return.", _whole(0, MOST_HITS, default=_HITS)),
}


def parameters() -> dict[str, Any]:
    """Return the OpenAPI entry of the parameters, which a route reads itself."""
    return {
        "parameters": [
            {"name": name, "in": "query", "description": text, "required": False, "schema": schema}
            for name, (text, schema) in _PARAMETERS.items()
        ]
    }


def read_query(request: Request) -> Query:
    """
    Return what the parameters of an address ask for.

    Raises:
        ProblemError: 422, naming the first parameter that cannot be used.
        UnknownTopicError: If the list of the corpus has no such topic; answered 422 as well.
    """
    corpus = getattr(request.app.state, "corpus", None)
    topics = _values(request, "topic")
    if corpus is not None:
        topics = tuple(dict.fromkeys(read_topic(corpus.taxonomy, topic).code for topic in topics))
    first = read_number(request, "year_from", 1, _LATEST_YEAR)
    last = read_number(request, "year_to", 1, _LATEST_YEAR)
    offset = read_number(request, "offset", 0, FARTHEST_OFFSET)
    limit = read_number(request, "limit", 0, MOST_HITS)
    return Query(
        words=request.query_params.get("words", ""),
        topics=topics,
        issuing_bodies=_values(request, "issuing_body"),
        years=None if first is None and last is None else (first, last),
        document_types=_values(request, "document_type"),
        validity=cast("Validity | None", _one(request, "validity", _VALIDITIES)),
        sources=tuple(_known("source", text, _SOURCES) for text in _values(request, "source")),
        sort=cast("Sort", _one(request, "sort", _SORTS) or "relevance"),
        offset=offset or 0,
        limit=_HITS if limit is None else limit,
    )


def read_number(request: Request, name: str, least: int, most: int) -> int | None:
    """
    Return a parameter that is a whole number, ``None`` if it is not given.

    Raises:
        ProblemError: 422 if it is none, or out of range.
    """
    text = request.query_params.get(name, "").strip()
    if not text:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if not is_number or not least <= int(text) <= most:
        raise wrong_parameter(
            name, text, f"{least} 至 {most} 的整数", f"a whole number from {least} to {most}"
        )
    return int(text)


def _values(request: Request, name: str) -> tuple[str, ...]:
    """Return what a parameter holds that may be repeated."""
    values = (value.strip() for value in request.query_params.getlist(name))
    return tuple(dict.fromkeys(value for value in values if value))


def _one(request: Request, name: str, known: tuple[str, ...]) -> str | None:
    """Return what a parameter holds that takes one of a few words."""
    text = request.query_params.get(name, "").strip()
    return _known(name, text, known) if text else None


def _known(name: str, text: str, known: tuple[str, ...]) -> str:
    """Return one of a few words."""
    if text not in known:
        raise wrong_parameter(name, text, "、".join(known) + " 之一", "one of " + ", ".join(known))
    return text


def wrong_parameter(name: str, found: str, expected: str, expected_en: str) -> ProblemError:
    """Return the problem of one parameter."""
    shown = found[:40]
    return ProblemError(
        422,
        f"参数 {name} 是“{shown}”，应为{expected}。",
        f"Parameter {name} is {shown!r}; expected {expected_en}.",
        errors=[{"field": name, "detail": f"expected {expected_en}"}],
    )
