"""
The option by which a command is told where the corpus is.
"""

from __future__ import annotations

from typing import Annotated

import typer

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="Where the corpus is, as an SQLAlchemy URL.  [sqlite:///…/zhuti/zhuti.db]",
    ),
]
