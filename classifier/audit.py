"""
Which stored themes are probably wrong, and what each 其他 really holds.

Every notice is judged by models that saw neither it nor a near-duplicate of it, so that no wrong
theme can defend itself. What is found is put into decisions: near-duplicates with the same stored
and the same proposed theme are one, and the decisions come first that are surest and settle most.
Nothing is changed; a person decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from classifier.audit_clusters import Clusterer
from classifier.audit_decisions import (
    WORDS_SHOWN,
    Audit,
    Decision,
    Doubted,
    Inside,
    is_lazy,
    shown_title,
    stored_label,
    urgency,
)
from classifier.audit_doubts import doubt
from classifier.audit_other import named_by
from classifier.audit_rows import is_second_level_other
from classifier.errors import TrainingError
from classifier.evidence import EvidenceFinder
from classifier.features import cut
from classifier.fitting import UNKNOWN
from classifier.near_duplicates import group
from classifier.training import BODY_LIMIT, held_out
from corpus.paste import complete
from corpus.segmentation import open_segmenter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from classifier.audit_decisions import Kind
    from classifier.audit_rows import ThemedNotice, ThemedNotices
    from classifier.model import TopicModel
    from classifier.rows import LabelledNotice
    from classifier.training import HeldOut
    from corpus.taxonomy import Taxonomy

_SAMPLES = 5


def audit(
    themed: ThemedNotices,
    taxonomy: Taxonomy,
    *,
    model: TopicModel | None = None,
    examples: Sequence[LabelledNotice] = (),
    jobs: int = 2,
    progress: Callable[[str], None] = lambda _: None,
) -> Audit:
    """
    Return what is probably wrong with the themes of some notices.

    Args:
        themed: The notices.
        taxonomy: The list that their themes belong to.
        model: One of the same list, which is asked of each 其他; without it, what is learned of the
            other notices.
        examples: Made-up notices of the same list, which teach and are not judged.
        jobs: How many processes fit at the same time.
        progress: Called with a line for each step.

    Raises:
        TrainingError: If there are too few notices, or too few different ones, to judge any, and
            no model to ask.
    """
    rows = themed.rows
    try:
        held = held_out(
            [row.labelled for row in rows],
            taxonomy,
            examples=examples,
            jobs=jobs,
            progress=progress,
        )
    except TrainingError as error:
        if model is None:
            raise
        groups = group([model.cut(row.notice) for row in rows])
        named = _by_gain(named_by(model, rows, groups, progress=progress))
        remark = f"The named themes cannot be judged by each other: {error}"
        return _found(themed, taxonomy, {"wrong": (), "other": named, "twins": ()}, (), remark)
    progress("Looking for wrong themes …")
    finder = _Finder(rows, held)
    others = (
        finder.other() if model is None else named_by(model, rows, held.groups, progress=progress)
    )
    decisions: dict[Kind, tuple[Decision, ...]] = {
        "wrong": _by_gain(finder.wrong()),
        "other": _by_gain(others),
        "twins": _by_gain(finder.twins()),
    }
    progress("Looking into each 其他 …")
    return _found(
        themed, taxonomy, decisions, tuple(_inside(rows, held, model)), *finder.doubts.remarks
    )


def _found(
    themed: ThemedNotices,
    taxonomy: Taxonomy,
    decisions: dict[Kind, tuple[Decision, ...]],
    inside: tuple[Inside, ...],
    *remarks: str,
) -> Audit:
    """Put what was found together."""
    return Audit(
        taxonomy, len(themed.rows), themed.unthemed, decisions, themed.spellings, inside, remarks
    )


class _Finder:
    """Finds the decisions of each kind by held-out models."""

    def __init__(self, rows: Sequence[ThemedNotice], held: HeldOut) -> None:
        self.doubts = doubt(held)
        self._rows = rows
        self._held = held
        self._taxonomy = held.columns.taxonomy
        self._topics = [self._taxonomy.topic(code) for code in held.columns.codes]
        self._others = np.array([is_second_level_other(topic) for topic in self._topics])
        self._lazy = np.array([is_lazy(row, self._taxonomy) for row in rows])
        self._segmenter = open_segmenter()

    def wrong(self) -> Iterable[Decision]:
        """Yield themes that the models would not have given."""
        doubts, of_columns = self.doubts, self._held.probabilities
        rivals = of_columns[np.arange(len(self._rows)), doubts.rivals]
        found = np.flatnonzero(~self._lazy & (rivals > doubts.given))
        for rival, notices in self._grouped(found, doubts.rivals):
            remarks = (
                *(("alternative",) if doubts.near[notices].all() else ()),
                *(("confident_learning",) if doubts.confident[notices].any() else ()),
            )
            gain = urgency(doubts.surprise(notices), len(notices))
            yield self._decision("wrong", notices, rival, gain, remarks)

    def other(self) -> Iterable[Decision]:
        """Yield 其他 that nobody chose, with the theme that each would move to."""
        best = self._held.probabilities.argmax(axis=1)
        printed = np.array([row.printed_other for row in self._rows])
        # Where a first level is printed, its own 其他 may be the truth: then nothing would move.
        moving = np.flatnonzero(self._lazy & ~(printed & self._others[best]))
        for column, notices in self._grouped(moving, best):
            probability = float(self._held.probabilities[notices, column].mean())
            yield self._decision("other", notices, column, urgency(probability, len(notices)))

    def twins(self) -> Iterable[Decision]:
        """Yield near-duplicates with different themes, with the theme that fits them all best."""
        groups = defaultdict(list)
        for notice, number in enumerate(self._held.groups.tolist()):
            if self._held.gold[notice] != UNKNOWN:
                groups[number].append(notice)
        noted = self._held.columns.targets(self._held.rows).alternatives
        for members in groups.values():
            notices = np.array(members)
            gold = self._held.gold[notices]
            counts = Counter(gold.tolist())
            if len(counts) < 2:  # noqa: PLR2004
                continue
            likely = self._held.probabilities[notices].mean(axis=0)
            # What most of them have; between equals, what the models say.
            best = max(counts, key=lambda column: (counts[column], likely[column]))
            apart = notices[gold != best]
            near_miss = bool((noted[apart] == best).all())
            gain = urgency(float(likely[best]), len(apart)) / (2 if near_miss else 1)
            remarks = ("alternative",) if near_miss else ()
            yield self._decision("twins", notices, best, gain, remarks)

    def _grouped(
        self, notices: NDArray[np.intp], proposed: NDArray[np.intp]
    ) -> Iterable[tuple[int, NDArray[np.intp]]]:
        """Yield near-duplicates with the same stored and proposed theme, and the latter."""
        found = defaultdict(list)
        for notice in notices.tolist():
            stored = stored_label(self._rows[notice], self._taxonomy)
            found[self._held.groups[notice], stored, int(proposed[notice])].append(notice)
        for (_, _, column), members in found.items():
            yield column, np.array(members)

    def _decision(
        self,
        kind: Kind,
        notices: NDArray[np.intp],
        proposed: int,
        gain: float,
        remarks: tuple[str, ...] = (),
    ) -> Decision:
        """Put a decision into words."""
        given = self.doubts.given
        doubtful = notices[np.argsort(given[notices], kind="stable")].tolist()
        return Decision(
            kind,
            tuple(
                Doubted(row, stored_label(row, self._taxonomy), float(given[notice]))
                for notice, row in ((notice, self._rows[notice]) for notice in doubtful)
            ),
            self._topics[proposed],
            float(self._held.probabilities[notices, proposed].mean()),
            gain,
            self._evidence(doubtful[0], proposed),
            remarks,
        )

    def _evidence(self, notice: int, column: int) -> tuple[str, ...]:
        """Return the words that speak most for a topic, by the model that had not seen a notice."""
        vectorizer, linear = self._held.models[self._held.fold_of[notice]]
        pieces = cut(complete(self._rows[notice].notice), self._segmenter, body_limit=BODY_LIMIT)
        row = vectorizer.row(pieces)
        finder = EvidenceFinder(pieces, row, vectorizer)
        found = finder.strongest(linear.weights[row.columns, column][None])[0]
        return tuple(dict.fromkeys(one.word for one in found if one.weight > 0))[:WORDS_SHOWN]


def _by_gain(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return decisions, most urgent first; of equal ones the first that was found."""
    return tuple(sorted(decisions, key=lambda one: -one.gain))


def _inside(
    rows: Sequence[ThemedNotice], held: HeldOut, model: TopicModel | None
) -> Iterable[Inside]:
    """Yield what each 其他 holds, biggest first: the catch-all, printed ones and readers' own."""
    taxonomy = held.columns.taxonomy
    of_other: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row.topic.code == taxonomy.catch_all or is_second_level_other(row.topic):
            of_other[row.topic.code].append(number)
        elif row.printed_other:
            for child in filter(is_second_level_other, taxonomy.children(row.topic.code)):
                of_other[child.code].append(number)
    if not of_other:
        return
    clusterer = Clusterer(held, model)
    for code, numbers in sorted(of_other.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        yield Inside(
            taxonomy.topic(code),
            len(numbers),
            tuple(
                (cluster, tuple(shown_title(rows[n]) for n in cluster.notices[:_SAMPLES]))
                for cluster in clusterer.clusters(np.array(numbers), code)
            ),
        )
