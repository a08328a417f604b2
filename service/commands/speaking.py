"""
How commands talk to whoever started them: on stderr, so that stdout holds data only.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

_WARNINGS_SHOWN = 5
_ERASE_LINE = "\r\x1b[2K"


def print_json(value: object) -> None:
    """
    Print a value as one line of JSON.

    Where stdout has an encoding that cannot carry all of Unicode, Chinese is escaped: JSON means
    the same either way.
    """
    narrow = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    sys.stdout.write(json.dumps(value, ensure_ascii=narrow) + "\n")


def say(message: str) -> None:
    """Print a line that is no data."""
    typer.echo(message, err=True)


def show_progress(message: str) -> None:
    """Print a step: over the last one in a terminal, as a line of its own elsewhere."""
    if sys.stderr.isatty():
        typer.echo(f"{_ERASE_LINE}{message}", err=True, nl=False)
    else:
        say(message)


def end_progress() -> None:
    """Leave the line of the last step, so that what follows starts a fresh one."""
    if sys.stderr.isatty():
        typer.echo(_ERASE_LINE, err=True, nl=False)


class Few:
    """
    Says the first few warnings; a file of rejects has them all.

    Args:
        tell: What says a line.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._said = 0

    def __call__(self, message: str) -> None:
        """Say a warning."""
        self._said += 1
        if self._said <= _WARNINGS_SHOWN:
            self._tell(message)
        elif self._said == _WARNINGS_SHOWN + 1:
            self._tell("… and more.")
