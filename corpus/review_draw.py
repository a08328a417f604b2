"""
Which notices are reviewed without their proposal: one in ten, drawn once and for all.

What the model doubts is a biased sample, and whoever sees a proposal tends to agree with it. So
precision, thresholds and the comparison of models rest on notices that were drawn at random and
whose proposal nobody saw. The draw is a digest of the notice's id: the lowest tenth is *reserved*.
Nobody can choose it, skipping or asking again does not change it, and every process draws the same.

A reserved notice is always shown blind, whoever put the question. Reserved notices stand in a
line of their own, in the order of the draw, whatever the model thinks of them: those at its head
that ``zhuti review fill`` has taken up are a simple random sample of the corpus (*drawn*).
Reserved notices are asked apart from their near-duplicates that are not; a group that somebody has
put together of both is blind as a whole. Every tenth question that is handed out comes from this
line.
"""

from __future__ import annotations

import hashlib

BLIND_SHARE = 0.1
ONE_IN = 10
# How many decisions back the share is kept: one window never has to make up for another.
WINDOW = 99
# A notice that is blind only because of its group comes behind the reserved one.
BEHIND = -1.0
_SALT = b"zhuti review "
_BYTES = 8


def draw(notice_id: str) -> float:
    """Return the number that a notice drew, uniform from 0 to 1."""
    digest = hashlib.sha256(_SALT + notice_id.encode()).digest()
    return int.from_bytes(digest[:_BYTES]) / float(256**_BYTES)


def is_reserved(notice_id: str) -> bool:
    """Return whether a notice belongs to the tenth that is shown without its proposal."""
    return draw(notice_id) < BLIND_SHARE


def place(notice_id: str, priority: float, *, blind: bool) -> float:
    """Return where a question stands in its line; the greatest comes first."""
    if not blind:
        return priority
    return 1 - draw(notice_id) if is_reserved(notice_id) else BEHIND


def blind_is_due(blind: int, visible: int) -> bool:
    """Return whether the next question must be a blind one, after so many of each kind."""
    return ONE_IN * (blind + 1) <= blind + visible + 1
