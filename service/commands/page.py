"""
``zhuti page``: what is read from a page, and from which part of it.
"""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.errors import RefusedPageError
from corpus.exchange import notice_as_json
from corpus.notice import Notice
from corpus.page import PageReading, read_page
from corpus.page_listing import Entry, Listing, read_listing
from service.commands.speaking import print_json

_SHOWN = 300
_COLUMN = 18


def page(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A saved page; - for stdin.")],
    *,
    url: Annotated[str, typer.Option(help="The address of the page: its links start there.")],
    as_list: Annotated[bool, typer.Option("--list", help="Read it as a list of notices.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """
    Show which notice a page of a government site holds, and where each field was read.

    With --list the page is read as a list: its entries and the page behind it. A challenge, a
    log-in, an error page or a shell that a script would fill is refused by name.
    """
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        found = read_listing(content, url) if as_list else read_page(content, url)
    except RefusedPageError as error:
        if not as_json:
            raise
        print_json({"refused": error.kind, "reason": error.reason})
        raise typer.Exit(1) from None
    if as_json:
        print_json(_as_json(found))
        return
    for line in _entries(found) if isinstance(found, Listing) else _fields(found):
        typer.echo(line)


def _as_json(found: PageReading | Listing) -> dict[str, Any]:
    """Return what was read, as other programs take it."""
    if isinstance(found, PageReading):
        return {"notice": notice_as_json(found.notice), "from": found.sources}
    return {
        "entries": [_entry_as_json(entry) for entry in found.entries],
        "next_page": found.next_page,
    }


def _entry_as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry of a list with its dates as text."""
    values = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }


def _fields(found: PageReading) -> list[str]:
    """Return a line for each field that is known: its value, and where it was read."""
    lines: list[str] = []
    for field in fields(Notice):
        value = getattr(found.notice, field.name)
        if value in {None, ()}:
            continue
        values = (
            [f"{file.name}  {file.url or ''}" for file in value]
            if field.name == "attachments"
            else [_short(str(value))]
        )
        source = found.sources.get(field.name, "")
        lines.extend(f"{field.name:{_COLUMN}}{text}  [{source}]" for text in values)
    return lines


def _entries(found: Listing) -> list[str]:
    """Return a line for each entry of a list, and one for the page behind it."""
    lines = [
        f"{entry.published_on or ''!s:<12}{_short(entry.title)}  {entry.url}"
        for entry in found.entries
    ]
    return [*lines, f"next page: {found.next_page or 'none'}"]


def _short(text: str) -> str:
    """Return a long text by its beginning, on one line, without what steers a terminal."""
    line = " ".join(text.split())
    plain = "".join(c for c in line if unicodedata.category(c) != "Cc")
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}… ({len(text)} characters)"
