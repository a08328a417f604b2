"""
What an audit finds, as decisions: questions to a person, each with all that is needed to answer it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from classifier.audit_clusters import Cluster
    from classifier.audit_rows import Spelling, ThemedNotice
    from corpus.taxonomy import Taxonomy, Topic

Kind = Literal["wrong", "other", "twins"]
KINDS: tuple[Kind, ...] = ("wrong", "other", "twins")
# How much a decision gains in urgency by settling several notices: its surprise counts times their
# number to this power. With a power of 1 copies filled the first 5 %, and 0.79 of planted errors
# were found there; with ¼ 0.85, with none 0.88.
_SIZE_COUNTS = 0.25
# How many words of evidence a person takes in at a glance.
WORDS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Doubted:
    """A notice whose stored theme is doubted, and the probability of that theme."""

    row: ThemedNotice
    given: str
    probability: float


@dataclass(frozen=True, slots=True)
class Decision:
    """
    One question to a person: should these notices have that theme?

    Attributes:
        kind: A theme that is probably *wrong*; an *other* that has a theme; *twins*, which are
            nearly the same and have different themes.
        notices: The notices that it settles, the most doubtful first.
        proposed: The theme that they would get, and *probability* its mean.
        gain: By what decisions are ordered; greater is more urgent.
        evidence: The words of the first notice that speak most for the proposed theme.
        remarks: What else should be known: ``alternative`` where a reader noted the proposed theme
            beside the stored one, ``confident_learning`` where that calls the theme an error.
    """

    kind: Kind
    notices: tuple[Doubted, ...]
    proposed: Topic
    probability: float
    gain: float
    evidence: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inside:
    """What an 其他 holds: its clusters, biggest first, with sample titles beside each."""

    topic: Topic
    notices: int
    clusters: tuple[tuple[Cluster, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """
    What was found.

    Attributes:
        taxonomy: The list that the themes belong to.
        notices: How many notices have a theme, and *unthemed* how many have none.
        decisions: Of each kind, most urgent first.
        spellings: Themes outside the list, most frequent first.
        inside: What each 其他 holds.
        remarks: What the libraries had to say meanwhile, and what could not be looked at.
    """

    taxonomy: Taxonomy
    notices: int
    unthemed: int
    decisions: dict[Kind, tuple[Decision, ...]]
    spellings: tuple[Spelling, ...]
    inside: tuple[Inside, ...]
    remarks: tuple[str, ...]


def urgency(surprise: float, notices: int) -> float:
    """Return how urgent a decision is that settles some notices."""
    return surprise * float(notices**_SIZE_COUNTS)


def stored_label(row: ThemedNotice, taxonomy: Taxonomy) -> str:
    """Return a stored theme as it would be printed."""
    printed = taxonomy.print(row.topic)
    return f"{printed}-其他" if row.printed_other else printed


def is_lazy(row: ThemedNotice, taxonomy: Taxonomy) -> bool:
    """Return whether nobody chose a theme for a notice, or no second level."""
    return row.printed_other or row.topic.code == taxonomy.catch_all


def shown_title(row: ThemedNotice) -> str:
    """Return the title of a notice, or the start of its text."""
    return row.notice.title or (row.notice.body or "").strip()[:60]
