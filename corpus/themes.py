"""
Which of a notice's tags is its theme.

The newest reviewer's tag, else the newest publisher's choice, else the newest tag of a model, else
what the issuer printed. Tags are never changed or removed: one that retracts another takes its
effect, and can be retracted itself, so that an undo can be undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.stored import Source, Tag

if TYPE_CHECKING:
    from collections.abc import Iterable

_RANKS = (Source.REVIEWER, Source.PUBLISHER, Source.MODEL, Source.ISSUER)
# Whose word a person can take back: models and issuers have no second thoughts.
CHOOSERS = frozenset({Source.REVIEWER, Source.PUBLISHER})


def effective(tags: Iterable[Tag]) -> list[Tag]:
    """Return the tags, retractions among them, that nothing has taken back; newest first."""
    gone: set[int] = set()
    left = []
    for tag in sorted(tags, key=lambda tag: tag.id, reverse=True):
        if tag.id in gone:
            continue
        left.append(tag)
        if tag.retracts is not None:
            gone.add(tag.retracts)
    return left


def current(tags: Iterable[Tag]) -> Tag | None:
    """Return the tag that says what a notice is about, or ``None`` if nothing does."""
    left = [tag for tag in effective(tags) if tag.retracts is None and tag.topic is not None]
    return min(left, key=lambda tag: (_RANKS.index(tag.source), -tag.id), default=None)


def newest(tags: Iterable[Tag], source: Source) -> Tag | None:
    """Return what a source said last and still says."""
    said = (tag for tag in effective(tags) if tag.source is source and tag.retracts is None)
    return next(said, None)


def last_choice(tags: Iterable[Tag]) -> Tag | None:
    """Return what an undo takes back: the last choice of a person, or the last undo of one."""
    return next((tag for tag in effective(tags) if tag.source in CHOOSERS), None)
