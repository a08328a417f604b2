"""
``--where key=value``: the filters of ``zhuti search``, for commands that take many notices.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.stored import Source
from corpus.taxonomy import Taxonomy
from service.topics import read_topic

if TYPE_CHECKING:
    from corpus.chosen import Chosen

WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="KEY=VALUE",
        help="Only these: topic=, issuing-body=, year=, type=, source=, or other (其他, empty or"
        " unreadable); may be repeated.",
    ),
]
_KEYS = ("topic", "issuing-body", "year", "type", "source", "other")
_YEARS = re.compile(r"(\d{4})?(?:(-)(\d{4})?)?", re.ASCII)


def read_where(texts: list[str] | None, taxonomy: Taxonomy) -> Chosen:
    """
    Return the filter that ``--where`` names: any of the values of one key, all of the keys.

    Raises:
        BadParameter: If a key or value cannot be used.
        UnknownTopicError: If the list has no such topic.
    """
    from corpus.chosen import Chosen  # noqa: PLC0415 (the database takes time to load)

    values: dict[str, list[str]] = {key: [] for key in _KEYS}
    for text in texts or ():
        key, given, value = text.partition("=")
        key = key.strip().replace("_", "-")
        if key not in values or bool(given) == (key == "other") or (given and not value.strip()):
            expected = ", ".join(f"{name}=…" for name in _KEYS[:-1])
            raise typer.BadParameter(f"--where is {text!r}; expected {expected} or other.")
        values[key].append(value.strip())
    sources = [source.value for source in Source]
    for source in values["source"]:
        if source not in sources:
            raise typer.BadParameter(
                f"--where source={source} is none; expected {', '.join(sources)}."
            )
    if len(values["year"]) > 1:
        raise typer.BadParameter("--where year= comes twice; give a stretch such as 2018-2020.")
    return Chosen(
        topics=tuple(read_topic(taxonomy, text).code for text in values["topic"]),
        issuing_bodies=tuple(values["issuing-body"]),
        years=read_years("--where year=", values["year"][0]) if values["year"] else None,
        document_types=tuple(values["type"]),
        sources=tuple(values["source"]),
        unlabelled=bool(values["other"]),
    )


def read_years(option: str, text: str) -> tuple[int | None, int | None]:
    """
    Return the first and the last year that an option names.

    Raises:
        BadParameter: If it names none.
    """
    found = _YEARS.fullmatch(text.strip())
    if found is None or not (found[1] or found[3]):
        raise typer.BadParameter(f"{option} is {text!r}; expected 2019, 2018-2020, 2018- or -2020.")
    first = int(found[1]) if found[1] else None
    last = int(found[3]) if found[3] else None
    return (first, last) if found[2] else (first, first)
