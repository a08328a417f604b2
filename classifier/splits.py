"""
Which notices train and which are held out, so that nothing is measured on its own copy.

Whatever the split, the near-duplicates of a held-out notice are held out with it or left out of
the training side. Folds say how notices like these are answered; leaving out one source at a time
says how those of a source that was never seen are; the latest of each source say how well
yesterday's model does tomorrow. The latest of all sources together would say nothing of time:
sources begin and end at different days, so that it would only measure the source.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import GroupKFold

from classifier.errors import TrainingError
from classifier.features import cut
from classifier.near_duplicates import group
from classifier.training import BODY_LIMIT
from corpus.paste import complete
from corpus.segmentation import open_segmenter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from classifier.rows import LabelledNotice

NO_SOURCE = "–"


@dataclass(frozen=True, slots=True)
class Part:
    """One training: the notices it learns from, and those that are held out, by index."""

    training: NDArray[np.intp]
    held_out: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Split:
    """
    Several parts, and under which name each held-out notice is counted.

    Attributes:
        kind: ``cross_validation``, ``leave_out_source`` or ``latest``.
        parts: What is trained; no notice is held out twice.
        names: Of each notice, of length n_notices: its fold or its source.
    """

    kind: str
    parts: tuple[Part, ...]
    names: tuple[str, ...]


def groups_of(
    rows: Sequence[LabelledNotice], *, progress: Callable[[str], None] = lambda _: None
) -> NDArray[np.intp]:
    """Return the near-duplicate group of each notice, of shape (n_notices,)."""
    progress("Looking for near-duplicates …")
    segmenter = open_segmenter()
    return group(cut(complete(row.notice), segmenter, body_limit=BODY_LIMIT) for row in rows)


def grouped_folds(groups: NDArray[np.intp], n_folds: int) -> Split:
    """
    Return folds that keep near-duplicates together; each notice is held out once.

    Raises:
        TrainingError: If there are fewer groups than folds.
    """
    n_groups = len(np.unique(groups))
    if n_groups < n_folds:
        msg = (
            f"{n_folds} folds need as many notices that are not nearly the same; there are"
            f" {n_groups}. Ask for fewer folds or give more notices."
        )
        raise TrainingError(msg)
    everything = np.arange(len(groups))
    splitter = GroupKFold(n_folds, shuffle=True, random_state=0)
    names = np.zeros(len(groups), dtype=np.intp)
    parts = []
    for number, (training, held_out) in enumerate(splitter.split(everything, groups=groups)):
        names[held_out] = number + 1
        parts.append(Part(training, held_out))
    return Split("cross_validation", tuple(parts), tuple(f"fold {name}" for name in names))


def by_source(sources: Sequence[str | None], groups: NDArray[np.intp]) -> Split:
    """
    Return a part for each source; near-duplicates elsewhere of its notices do not train.

    Raises:
        TrainingError: If all notices are of one source.
    """
    names = tuple(source or NO_SOURCE for source in sources)
    distinct = sorted(set(names))
    if len(distinct) < 2:  # noqa: PLR2004
        msg = (
            "Leaving out a source needs notices of at least two, named by their field 'source';"
            f" found: {', '.join(distinct)}."
        )
        raise TrainingError(msg)
    of_notice = np.array(names)
    parts = (_part(np.flatnonzero(of_notice == source), groups) for source in distinct)
    return Split("leave_out_source", tuple(parts), names)


def latest(
    sources: Sequence[str | None],
    days: Sequence[date | None],
    groups: NDArray[np.intp],
    share: float,
) -> Split:
    """
    Return one part that holds out the latest notices of each source.

    Args:
        sources: Of each notice.
        days: Of each notice; one without a day is never held out.
        groups: The near-duplicate group of each notice.
        share: How many of a source's dated notices are held out at most. Notices of one day stay
            together, so that none that is held out is as old as one of its source that trains.

    Raises:
        TrainingError: If no source has notices of different days.
    """
    of_source: dict[str, list[int]] = defaultdict(list)
    names = tuple(source or NO_SOURCE for source in sources)
    for index, (name, day) in enumerate(zip(names, days, strict=True)):
        if day is not None:
            of_source[name].append(index)
    held_out: list[int] = []
    for dated in of_source.values():
        in_order = sorted(days[index] for index in dated)  # type: ignore[type-var]
        last_known = in_order[len(in_order) - math.floor(share * len(in_order)) - 1]
        held_out += [index for index in dated if days[index] > last_known]  # type: ignore[operator]
    if not held_out:
        msg = (
            "No source has dated notices enough to hold out its latest: rows need a field"
            " 'published_on' or 'written_on' with different days."
        )
        raise TrainingError(msg)
    return Split("latest", (_part(np.array(sorted(held_out)), groups),), names)


def nested_shares(
    training: NDArray[np.intp], groups: NDArray[np.intp], shares: Sequence[float]
) -> list[NDArray[np.intp]]:
    """Return growing parts of a training side, whole groups at a time, each within the next."""
    order = np.random.default_rng(0).permutation(np.unique(groups[training]))
    rank = np.zeros(int(groups.max()) + 1, dtype=np.intp)
    rank[order] = np.arange(len(order))
    return [training[rank[groups[training]] < math.ceil(share * len(order))] for share in shares]


def _part(held_out: NDArray[np.intp], groups: NDArray[np.intp]) -> Part:
    """Return a part that trains on all notices that are no near-duplicates of the held-out."""
    return Part(np.flatnonzero(~np.isin(groups, groups[held_out])), held_out)
