"""
What can go wrong with a notice, a taxonomy or a file, in words a person can act on.

    CorpusError
    ├── UnreadableTextError      bytes that are not text
    ├── InvalidNoticeError       a notice whose fields have the wrong shape
    ├── InvalidTaxonomyError     a taxonomy file that cannot be used
    ├── UnknownTopicError        a code or label the taxonomy does not have
    ├── UnusableFileError        a file of notices that cannot be read or written as what it is
    │   └── DamagedFileError         one that breaks off in the middle
    ├── MissingLibraryError      an optional part that is not installed
    ├── StoreError               whatever concerns the place where notices are kept
    │   ├── UnknownNoticeError       no such notice, or not any more
    │   ├── UnknownTagError          no such tag on that notice, or nothing to undo
    │   ├── UnknownBatchError        no relabelling run of that id
    │   ├── UnfitBatchError          a run that cannot be applied or undone as it is
    │   ├── UnknownQuestionError     a notice that the review does not ask about
    │   ├── QuestionTakenError       somebody else has that question before him
    │   ├── QuestionSettledError     a question that is decided already
    │   ├── UnknownDecisionError     no such decision, or taken back already
    │   ├── InvalidStoreUrlError     an address we cannot keep notices at
    │   ├── ForeignStoreError        a database that is somebody else's
    │   ├── NewerStoreError          a database of a later version of zhuti
    │   └── StoreUnavailableError    locked, full, read-only, damaged or gone: try again later
    └── SearchIndexError         whatever concerns the search index, which can be made anew
        ├── UnusableIndexError       damaged, or made by another version or for another corpus
        └── IndexUnavailableError    its folder cannot be read or written just now
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_LONGEST_NAME_SHOWN = 200


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


class UnusableFileError(CorpusError, ValueError):
    """A file of notices that cannot be read or written as what it is, and what to do."""

    def __init__(self, source: str, problem: str) -> None:
        super().__init__(f"{source}: {problem}")
        self.source = source
        self.problem = problem


class DamagedFileError(UnusableFileError):
    """A file of notices that breaks off in the middle; what stands before that was read."""


class MissingLibraryError(CorpusError, ImportError):
    """An optional part that is not installed; *extra* is what brings it."""

    def __init__(self, what: str, library: str, extra: str) -> None:
        super().__init__(f"{what} need {library}. Run: pip install 'zhuti[{extra}]'")
        self.library = library
        self.extra = extra


class StoreError(CorpusError):
    """Something about the place where notices are kept; the base of the errors below."""


class UnknownNoticeError(StoreError, LookupError):
    """A notice that the corpus does not have, or does not show: *state* says which."""

    def __init__(self, name: str, state: str | None = None) -> None:
        reasons = {
            "withdrawn": "was withdrawn; it can be restored",
            "purged": "was purged: its text is erased for good, only the audit trail is left",
        }
        shown = name if len(name) <= _LONGEST_NAME_SHOWN else f"{name[:_LONGEST_NAME_SHOWN]}…"
        if state in reasons:
            super().__init__(f"The notice {shown!r} {reasons[state]}.")
        else:
            super().__init__(
                f"The corpus has no notice {shown!r}. Give its id or its address as it was stored."
            )
        self.name = name
        self.state = state


class UnknownTagError(StoreError, LookupError):
    """A tag that a notice does not have; *tag* is ``None`` where there was nothing to undo."""

    def __init__(self, notice: str, tag: int | None) -> None:
        if tag is None:
            problem = "has no choice of a publisher or reviewer that could be undone"
        else:
            problem = f"has no tag {tag}. Its history lists those it has"
        super().__init__(f"The notice {notice!r} {problem}.")
        self.notice = notice
        self.tag = tag


class UnknownAttachmentError(StoreError, LookupError):
    """A file that a notice does not carry."""

    def __init__(self, notice: str, url: str) -> None:
        super().__init__(f"The notice {notice} carries no file {url}.")
        self.notice = notice
        self.url = url


class UnknownBatchError(StoreError, LookupError):
    """An id under which no relabelling run is kept."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no batch {name[:_LONGEST_NAME_SHOWN]!r}. 'zhuti batches' lists them."
        )
        self.name = name


class UnfitBatchError(StoreError, ValueError):
    """A relabelling run that cannot be applied or undone as it is."""

    def __init__(self, name: str, reason: str, remedy: str) -> None:
        super().__init__(f"Batch {name} cannot be used: {reason}. {remedy}.")
        self.name = name


class InvalidStoreUrlError(StoreError, ValueError):
    """An address at which no notices can be kept."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(
            f"The database {url!r} cannot be used: {problem}. Expected sqlite:///FILE or"
            " postgresql+psycopg://USER@HOST/NAME."
        )
        self.url = url
        self.problem = problem


class ForeignStoreError(StoreError, ValueError):
    """A database that holds something else than a corpus; it was left as it is."""

    def __init__(self, store: str, found: str) -> None:
        super().__init__(
            f"{store} is not a corpus of zhuti: {found}. It was left as it is; give a file or a"
            " database of its own (--database)."
        )
        self.store = store
        self.found = found


class NewerStoreError(StoreError, ValueError):
    """A corpus that a later version of zhuti has changed; it was left as it is."""

    def __init__(self, store: str, found: str, expected: str) -> None:
        super().__init__(
            f"{store} was written by a later version of zhuti (its tables are at {found}, this"
            f" version knows them up to {expected}). It was left as it is; install that version."
        )
        self.store = store
        self.found = found
        self.expected = expected


class StoreUnavailableError(StoreError, OSError):
    """A corpus that cannot be read or written just now; nothing that was confirmed is lost."""

    def __init__(self, store: str, reason: str, remedy: str) -> None:
        super().__init__(f"The corpus {store} cannot be used: {reason}. {remedy}")
        self.store = store
        self.reason = reason
        self.remedy = remedy


class SearchIndexError(CorpusError):
    """Something about the search index; it holds nothing that the corpus does not have."""


class UnusableIndexError(SearchIndexError, ValueError):
    """An index that cannot be searched until it is made anew, which its writer does by itself."""

    def __init__(self, folder: str, problem: str) -> None:
        super().__init__(
            f"The search index {folder} cannot be used: {problem}. The process that writes it makes"
            " it anew when it next looks for changes; or run 'zhuti index rebuild'."
        )
        self.folder = folder
        self.problem = problem


class IndexUnavailableError(SearchIndexError, OSError):
    """An index whose folder cannot be read or written just now; the corpus is not touched."""

    def __init__(self, folder: str, reason: str, remedy: str) -> None:
        super().__init__(f"The search index {folder} cannot be written: {reason}. {remedy}")
        self.folder = folder
        self.reason = reason
        self.remedy = remedy


class RefusedPageError(CorpusError, ValueError):
    """
    A page that is no notice.

    Attributes:
        kind: ``challenge``, ``login``, ``error``, ``empty``, ``shell`` or ``listing``.
        reason: Why, in words.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(f"This page is no notice ({kind}): {reason}")
        self.kind = kind
        self.reason = reason


class UnreadableDocumentError(CorpusError, ValueError):
    """
    A document file that is not read here.

    Attributes:
        kind: ``office``, ``scanned``, ``picture``, ``archive``, ``encrypted``, ``broken``,
            ``empty``, ``too_large``, ``too_slow``, ``unreadable`` or ``unknown``.
        found: What it is, in words.
        remedy: What to do about it.
    """

    def __init__(self, kind: str, name: str, found: str, remedy: str) -> None:
        super().__init__(f"{name or 'The file'}: not readable here: {found} {remedy}")
        self.kind = kind
        self.found = found
        self.remedy = remedy


class InvalidSiteError(CorpusError, ValueError):
    """A profile of a site that cannot be used; says which file, which profile, and why."""

    def __init__(self, source: str, site: str, problem: str) -> None:
        super().__init__(f"{source}{f', [{site}]' if site else ''}: {problem}.")
        self.source = source
        self.site = site
        self.problem = problem


class UnknownSiteError(CorpusError, LookupError):
    """A site that no profile describes."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        near = get_close_matches(name, known, n=3, cutoff=0.4)
        shown = f" Did you mean {', '.join(near)}?" if near else " 'zhuti sites' lists them."
        super().__init__(f"There is no profile of a site {name!r}.{shown}")
        self.name = name


class InvalidCrawlError(CorpusError, ValueError):
    """Sites that are not to be read as somebody wants to."""


class UnknownQuestionError(StoreError, LookupError):
    """A notice that nobody is asked about in the review."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The review has no question about a notice {name[:_LONGEST_NAME_SHOWN]!r}."
            " Ask for the next one."
        )
        self.name = name


class QuestionTakenError(StoreError):
    """A question that somebody else has before him, until a moment."""

    def __init__(self, notice: str, until: datetime) -> None:
        super().__init__(
            f"Somebody else has the notice {notice!r} before him until {until:%H:%M} UTC."
            " Ask for the next one."
        )
        self.notice = notice
        self.until = until


class QuestionSettledError(StoreError):
    """A question that is settled: by a decision, or because its theme was chosen elsewhere."""

    def __init__(self, notice: str, by: str | None, at: datetime | None) -> None:
        how = (
            "somebody chose its theme outside of the review"
            if by is None or at is None
            else f"{by} decided it on {at:%Y-%m-%d %H:%M} UTC"
        )
        super().__init__(f"The question about {notice!r} is settled: {how}.")
        self.notice = notice
        self.by = by
        self.at = at


class UnknownDecisionError(StoreError, LookupError):
    """A decision that is not there or was taken back; *number* is ``None`` for a person's last."""

    def __init__(self, number: int | None, undone_by: str | None = None) -> None:
        if number is None:
            problem = "This person has decided nothing that could be taken back."
        elif undone_by is None:
            problem = f"The review has no decision {number}."
        else:
            problem = f"Decision {number} was taken back by {undone_by} already."
        super().__init__(problem)
        self.number = number
        self.undone_by = undone_by
