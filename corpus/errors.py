"""
What can go wrong with a notice, a taxonomy or a file, in words a person can act on.

    CorpusError
    ├── UnreadableTextError      bytes that are not text
    ├── InvalidNoticeError       a notice whose fields have the wrong shape
    ├── InvalidTaxonomyError     a taxonomy file that cannot be used
    └── UnknownTopicError        a code or label the taxonomy does not have
"""

from __future__ import annotations


class CorpusError(Exception):
    """The base of all errors of this package; its text is fit for a user."""


class UnreadableTextError(CorpusError, ValueError):
    """Bytes that are not text in any encoding we read."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source} cannot be read as text: {reason}")
        self.source = source
        self.reason = reason


class InvalidNoticeError(CorpusError, ValueError):
    """A notice whose *field* does not hold what it should."""

    def __init__(self, field: str, found: str, expected: str, *, where: str = "") -> None:
        prefix = f"{where}: " if where else ""
        super().__init__(f"{prefix}{field} is {found}; expected {expected}.")
        self.field = field
        self.found = found
        self.expected = expected
        self.where = where


class InvalidTaxonomyError(CorpusError, ValueError):
    """A taxonomy file that cannot be used: which file, which line, and the remedy."""

    def __init__(self, source: str, line: int | None, problem: str) -> None:
        where = source if line is None else f"{source}, line {line}"
        super().__init__(f"{where}: {problem}")
        self.source = source
        self.line = line
        self.problem = problem


class UnknownTopicError(CorpusError, LookupError):
    """A code or label that the taxonomy does not have, with near spellings."""

    def __init__(self, text: str, suggestions: tuple[str, ...] = ()) -> None:
        hint = f" Did you mean {', '.join(repr(s) for s in suggestions)}?" if suggestions else ""
        super().__init__(f"The taxonomy has no topic {text!r}.{hint}")
        self.text = text
        self.suggestions = suggestions
