"""
``zhuti index``: the search index, which can be deleted and made again at any time.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from service.building import open_corpus, open_index
from service.commands.database import DatabaseOption
from service.commands.progress import Meter
from service.commands.speaking import print_json, say
from service.settings import read_settings

index_app = typer.Typer(help="Look after the search index.", no_args_is_help=True)

IndexOption = Annotated[
    Path | None,
    typer.Option("--index", metavar="DIR", help="Its folder.  [$XDG_DATA_HOME/zhuti/index-…]"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


@index_app.command()
def rebuild(
    *, database: DatabaseOption = None, index: IndexOption = None, as_json: JsonOption = False
) -> None:
    """Write the whole index anew; until that is done, the one that is there answers."""
    settings = read_settings(database=database, index=index)
    with (
        open_corpus(settings) as corpus,
        open_index(settings, corpus) as opened,
        Meter("revisions") as meter,
    ):
        done = opened.rebuild(corpus, progress=lambda done, newest: meter("Index", done, newest))
        status = opened.status(corpus)
    if as_json:
        print_json({"rebuilt": done, **asdict(status)})
    elif done:
        say(f"The index is new: {status.notices:,} notices.")
    else:
        say("Another process writes the index; it was asked to, and does so beside its other work.")


@index_app.command()
def status(
    *, database: DatabaseOption = None, index: IndexOption = None, as_json: JsonOption = False
) -> None:
    """Say how far the index has come, and how far it is behind the corpus."""
    settings = read_settings(database=database, index=index)
    with open_corpus(settings) as corpus, open_index(settings, corpus) as opened:
        found = opened.status(corpus)
    if as_json:
        print_json(asdict(found))
        return
    typer.echo(
        f"{found.notices:,} notices, at revision {found.revision:,} of {found.store_revision:,}:"
        f" {found.behind:,} behind."
    )
    if found.rebuilding:
        typer.echo("It is being written anew.")
    if found.problem is not None:
        typer.echo(f"It cannot be used: {found.problem}. Run 'zhuti index rebuild'.")
