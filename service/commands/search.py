"""
``zhuti search``: the corpus by words and filters.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import IndexUnavailableError
from corpus.stored import Source
from service.building import open_corpus, open_index
from service.commands.choosing import read_years
from service.commands.database import DatabaseOption
from service.commands.index import IndexOption, JsonOption
from service.commands.progress import Meter
from service.commands.speaking import print_json, say
from service.settings import read_settings
from service.topics import read_topic

if TYPE_CHECKING:
    from corpus.search import Hit, Result
    from corpus.taxonomy import Taxonomy

_COUNTS_SHOWN = 8


class ValidityChoice(StrEnum):
    """Whether a notice still holds."""

    IN_FORCE = "in_force"
    EXPIRED = "expired"


class SortChoice(StrEnum):
    """Which hit is first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


def search(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORDS", help='Words; "短语" is exact, -词 (after --) excludes.'),
    ] = None,
    *,
    topic: Annotated[
        list[str] | None,
        typer.Option(metavar="TOPIC", help="Code or label, with all below; may be repeated."),
    ] = None,
    issuing_body: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="发布机构; may be repeated.")
    ] = None,
    year: Annotated[
        str | None, typer.Option(metavar="YEAR", help="2019, 2018-2020, 2018- or -2020.")
    ] = None,
    document_type: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="公文种类, such as 通知; may be repeated."),
    ] = None,
    validity: Annotated[
        ValidityChoice | None, typer.Option(help="In force, or expired by its date.")
    ] = None,
    source: Annotated[
        list[Source] | None, typer.Option(help="Who said its topic; may be repeated.")
    ] = None,
    sort: Annotated[SortChoice, typer.Option(help="Which hit is first.")] = SortChoice.RELEVANCE,
    limit: Annotated[int, typer.Option(min=0, max=1000, help="How many hits to print.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="How many hits to pass over.")] = 0,
    database: DatabaseOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find notices by words and filters."""
    from corpus.search import Query  # noqa: PLC0415 (the engine takes time to load)

    years = None if year is None else read_years("--year", year)
    settings = read_settings(database=database, index=index)
    with open_corpus(settings) as corpus, open_index(settings, corpus) as opened:
        query = Query(
            words=" ".join(words or ()),
            topics=tuple(read_topic(corpus.taxonomy, text).code for text in topic or ()),
            issuing_bodies=tuple(issuing_body or ()),
            years=years,
            document_types=tuple(document_type or ()),
            validity=None if validity is None else validity.value,
            sources=tuple(entry.value for entry in source or ()),
            sort=sort.value,
            offset=offset,
            limit=limit,
        )
        with Meter("revisions") as meter:
            try:
                opened.follow(corpus, progress=lambda done, newest: meter("Index", done, newest))
            except IndexUnavailableError as error:
                # What it holds already can be searched all the same.
                say(f"Warning: {error}")
        result = opened.search(query, corpus)
        if (behind := opened.status(corpus).behind) > 0:
            say(f"Warning: the index is {behind:,} changes behind; another process is writing it.")
        if as_json:
            print_json(result.as_json())
        else:
            _print(result, corpus.taxonomy)


def _print(result: Result, taxonomy: Taxonomy) -> None:
    """Print what was found for a person."""
    for widening in result.widened:
        say(f"{widening.typed} was also looked for as {'、'.join(widening.added)}.")
    for hit in result.hits:
        _print_hit(hit, taxonomy)
    say(f"{result.total:,} found, {len(result.hits):,} shown.")
    for name, counts in result.facets.items():
        if counts:
            shown = ", ".join(f"{entry.value} {entry.count:,}" for entry in counts[:_COUNTS_SHOWN])
            say(f"{name}: {shown}{', …' if len(counts) > _COUNTS_SHOWN else ''}")


def _print_hit(hit: Hit, taxonomy: Taxonomy) -> None:
    """Print a hit: what it is, where it is from, and the words around what was found."""
    notice = hit.notice
    day = notice.dated_on
    theme = hit.topic
    if theme is not None and theme in taxonomy:
        theme = taxonomy.print(taxonomy.topic(theme))
    facts = (theme, notice.issuing_body, notice.document_number, day and day.isoformat(), hit.id)
    typer.echo(notice.title or "(no title)")
    typer.echo("    " + " · ".join(fact for fact in facts if fact))
    if hit.highlights.snippet:
        typer.echo("    " + " ".join(hit.highlights.snippet.split()))
