"""
Files that commands write: whether they can be written is asked before the work, not after it.
"""

from __future__ import annotations

from pathlib import Path

import typer


def in_a_folder(path: Path | None) -> Path | None:
    """Return the path that was given, once it is sure that a file can be written there."""
    if path is not None and path.is_dir():
        msg = f"{path} is a folder; give the name of a file."
        raise typer.BadParameter(msg)
    if path is not None and not path.parent.is_dir():
        msg = f"There is no folder {path.parent}."
        raise typer.BadParameter(msg)
    return path
