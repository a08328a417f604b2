"""
What a run over a site did, and whether something is wrong with the site or its profile.

A site that changes its layout goes on answering; what it answers is no longer understood. So the
share of notices with each field is compared with that of earlier runs, and a site that has been
quiet for longer than it ever is counts as broken until somebody has looked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from corpus.crawl_memory import Run
    from corpus.notice import Notice
    from corpus.sites import Site

COUNTED = ("lists", "pages", "new", "changed", "unchanged", "refused", "failed", "gone", "files")
WATCHED = (
    "title", "body", "published_on", "issuing_body", "index_number", "document_number",
    "declared_topic", "written_on",
)  # fmt: skip
# Fewer notices than this tell nothing about a site.
_FEWEST = 5
# A field that half of the notices had, and that fewer than half as many have now.
_USUAL, _FALL = 0.5, 0.5


@dataclass(slots=True)
class SiteReport:
    """
    A run over a site.

    *reached* is ``end``, the day up to which was read, or ``None`` where it was broken off.
    """

    site: str
    counts: Counter[str] = field(default_factory=Counter)
    fill: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    reached: str | None = None
    seconds: float = 0.0

    def see(self, notice: Notice) -> None:
        """Count which fields a notice has."""
        self.fill["notices"] += 1
        for name in WATCHED:
            self.fill[name] += getattr(notice, name) is not None

    def add(self, problem: str) -> None:
        """Note that something is wrong, once."""
        if problem not in self.problems:
            self.problems.append(problem)

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "site": self.site,
            **{name: self.counts[name] for name in COUNTED},
            "reached": self.reached,
            "fill": dict(self.fill),
            "problems": self.problems,
            "seconds": round(self.seconds, 1),
        }


def fallen(fill: Counter[str], earlier: Sequence[Run]) -> list[str]:
    """
    Return in words which fields hardly any notice has any more.

    A run with few notices is taken together with those before it; what runs counted with which
    something was wrong is no measure of what is usual.
    """
    sound = [run for run in earlier if not run.counts.get("problems")]
    now = Counter(fill)
    while now["notices"] < _FEWEST and sound:
        now.update(sound.pop(0).fill)
    before: Counter[str] = Counter()
    for run in sound:
        before.update(run.fill)
    if not fill["notices"] or now["notices"] < _FEWEST or before["notices"] < _FEWEST:
        return []
    found = []
    for name in WATCHED:
        usual, share = before[name] / before["notices"], now[name] / now["notices"]
        if usual >= _USUAL and share < usual * _FALL:
            found.append(
                f"{name} was read in {share:.0%} of the notices, in earlier runs in {usual:.0%}:"
                " the site may have changed its pages."
            )
    return found


def unread(counts: Counter[str]) -> str | None:
    """Return in words that most pages could not be read."""
    lost = counts["refused"] + counts["failed"]
    if lost < _FEWEST or lost * 2 < counts["pages"] + counts["failed"]:
        return None
    return (
        f"{counts['refused']} pages were no notices and {counts['failed']} could not be fetched:"
        " the site may have changed, or has trouble."
    )


def quiet(site: Site, newest: date | None) -> str | None:
    """Return in words that a site has had no new notice for too long."""
    if newest is None:
        return None
    days = (datetime.now(UTC).date() - newest).days
    if days <= site.span:
        return None
    return (
        f"its newest notice is {days} days old, and it usually has one within {site.span}: see"
        " whether its lists have moved."
    )
