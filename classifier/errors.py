"""
What can go wrong with a model, in words a person can act on.

    ClassifierError
    ├── DamagedModelError     a model folder that is incomplete, changed or not ours
    ├── ModelFormatError      a model folder written by another version
    ├── TrainingError         notices that no model can be made from
    ├── RelabelError          a relabelling that cannot begin or go on
    ├── DifferentListsError   two models that do not answer in the same topics
    ├── InvalidCrosswalkError a --map file that cannot be used
    └── RegistryError         no such model in the registry, or not what was activated
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class ClassifierError(Exception):
    """The base of all errors of this package; its text is fit for a user."""


class DamagedModelError(ClassifierError, ValueError):
    """A model folder that is incomplete, was changed, or never was one of ours."""

    def __init__(self, folder: Path, problem: str) -> None:
        what = "is damaged" if folder.is_dir() else "cannot be used"
        super().__init__(
            f"Model folder {folder} {what}: {problem}. Install it again or run 'zhuti train'."
        )
        self.folder = folder
        self.problem = problem


class ModelFormatError(ClassifierError, ValueError):
    """A model folder written in a format that this version does not know."""

    def __init__(self, folder: Path, found: int, known: int) -> None:
        super().__init__(
            f"Model folder {folder} has format {found}; this version of zhuti reads format {known}."
            " Use the version of zhuti that wrote it, or train the model again with this one."
        )
        self.folder = folder
        self.found = found
        self.known = known


class TrainingError(ClassifierError, ValueError):
    """Notices that no model can be made from."""


class RelabelError(ClassifierError, ValueError):
    """A relabelling that cannot begin or go on: what was found and what to do."""


class DifferentListsError(ClassifierError, ValueError):
    """Two models that cannot be compared, since they do not answer in the same topics."""

    def __init__(
        self, old: str, new: str, only_old: Sequence[str], only_new: Sequence[str]
    ) -> None:
        super().__init__(
            f"The models answer in different lists: {old!r} has {_shown(only_old)} that"
            f" {new!r} has not, and {new!r} has {_shown(only_new)} that {old!r} has not."
            " Train both on one list with 'zhuti train --taxonomy'."
        )
        self.only_old = tuple(only_old)
        self.only_new = tuple(only_new)


class InvalidCrosswalkError(ClassifierError, ValueError):
    """A crosswalk file that cannot be used: which line, what was found, the remedy."""

    def __init__(self, source: str, line: int | None, problem: str) -> None:
        where = source if line is None else f"{source}, line {line}"
        super().__init__(f"{where}: {problem}")
        self.source = source
        self.line = line
        self.problem = problem


class RegistryError(ClassifierError, ValueError):
    """A registry of models in which there is no such model, or whose state makes no sense."""


def _shown(codes: Sequence[str], *, most: int = 5) -> str:
    """Return some codes as a person reads them."""
    if not codes:
        return "none"
    rest = f" and {len(codes) - most} more" if len(codes) > most else ""
    return ", ".join(codes[:most]) + rest
