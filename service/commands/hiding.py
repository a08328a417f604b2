"""
``zhuti withdraw``, ``zhuti restore`` and ``zhuti purge``: what was published by mistake.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from service.building import open_corpus
from service.commands.database import DatabaseOption
from service.commands.speaking import say
from service.commands.who import ByOption, login_name
from service.settings import read_settings

NameArgument = Annotated[str, typer.Argument(metavar="ID", help="Its id or its address.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")]


def withdraw(
    name: NameArgument,
    *,
    reason: ReasonOption,
    by: ByOption = None,
    database: DatabaseOption = None,
) -> None:
    """Hide a notice from search and feeds; its history stays, and it can be restored."""
    why = _not_empty(reason)
    with open_corpus(read_settings(database=database)) as corpus:
        change = corpus.withdraw(name, by=by or login_name(), reason=why)
    known = change.what == "unchanged"
    say(f"{change.id} was withdrawn already." if known else f"{change.id} is withdrawn.")


def restore(name: NameArgument, *, by: ByOption = None, database: DatabaseOption = None) -> None:
    """Show a withdrawn notice again."""
    with open_corpus(read_settings(database=database)) as corpus:
        change = corpus.restore(name, by=by or login_name())
    known = change.what == "unchanged"
    say(f"{change.id} was not withdrawn." if known else f"{change.id} is shown again.")


def purge(
    name: NameArgument,
    *,
    reason: ReasonOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: ByOption = None,
    database: DatabaseOption = None,
) -> None:
    """
    Erase the text of a notice for good; only the audit trail stays.

    Its words leave the search index when that is followed next: at once where the service runs.
    """
    why = _not_empty(reason)
    with open_corpus(read_settings(database=database)) as corpus:
        stored = corpus.get(name, hidden=True)
        if not yes:
            _ask(stored.notice.title or stored.id)
        change = corpus.purge(stored.id, by=by or login_name(), reason=why)
    say(f"{change.id} is purged: its text is gone, only the audit trail is left.")


def _not_empty(reason: str) -> str:
    """Return a reason that says something."""
    if not reason.strip():
        raise typer.BadParameter("--reason is empty; say why, for those who look it up later.")
    return reason.strip()


def _ask(title: str) -> None:
    """Return if a person agrees; nobody else can."""
    if not _can_be_asked():
        raise typer.BadParameter("Nobody can be asked here. Give --yes to erase it for good.")
    if not typer.confirm(f"Erase {title!r} for good?", err=True):
        say("Nothing was erased.")
        raise typer.Exit(1)


def _can_be_asked() -> bool:
    """Return whether somebody sits at a terminal."""
    return sys.stdin.isatty()
