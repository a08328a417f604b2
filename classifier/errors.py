"""
What can go wrong with a model, in words a person can act on.

    ClassifierError
    ├── DamagedModelError     a model folder that is incomplete, changed or not ours
    ├── NewerModelError       a model folder written by a later version
    ├── TrainingError         notices that no model can be made from
    ├── RelabelError          a relabelling that cannot begin or go on
    └── InvalidCrosswalkError a --map file that cannot be used
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class ClassifierError(Exception):
    """The base of all errors of this package; its text is fit for a user."""


class DamagedModelError(ClassifierError, ValueError):
    """A model folder that is incomplete, was changed, or never was one of ours."""

    def __init__(self, folder: Path, problem: str) -> None:
        super().__init__(
            f"Model folder {folder} is damaged: {problem}. Install it again or run 'zhuti train'."
        )
        self.folder = folder
        self.problem = problem


class NewerModelError(ClassifierError, ValueError):
    """A model folder written in a format that this version does not know."""

    def __init__(self, folder: Path, found: int, known: int) -> None:
        super().__init__(
            f"Model folder {folder} has format {found}; this version of zhuti reads format {known}."
            " Upgrade zhuti, or train the model again with this version."
        )
        self.folder = folder
        self.found = found
        self.known = known


class TrainingError(ClassifierError, ValueError):
    """Notices that no model can be made from."""


class RelabelError(ClassifierError, ValueError):
    """A relabelling that cannot begin or go on: what was found and what to do."""


class InvalidCrosswalkError(ClassifierError, ValueError):
    """A crosswalk file that cannot be used: which line, what was found, the remedy."""

    def __init__(self, source: str, line: int | None, problem: str) -> None:
        where = source if line is None else f"{source}, line {line}"
        super().__init__(f"{where}: {problem}")
        self.source = source
        self.line = line
        self.problem = problem
