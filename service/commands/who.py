"""
Who runs a command: the name that stands in the audit trail.
"""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

ByOption = Annotated[str | None, typer.Option("--by", help="Who does it.  [your login name]")]


def login_name() -> str:
    """Return the name of whoever runs the command, as far as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "zhuti"
