"""
Which stored themes are probably wrong, and what each 其他 really holds.

Every notice is judged by models that saw neither it nor a near-duplicate of it, so that no wrong
theme can defend itself. What is found is put into decisions: near-duplicates with the same stored
and the same proposed theme are one, and the decisions come first that are surest and settle most.
Nothing is changed; a person decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from classifier.audit_clusters import Cluster, Clusterer
from classifier.audit_doubts import doubt
from classifier.audit_rows import is_second_level_other
from classifier.evidence import EvidenceFinder
from classifier.features import cut
from classifier.fitting import UNKNOWN
from classifier.training import BODY_LIMIT, held_out
from corpus.paste import complete
from corpus.segmentation import open_segmenter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from classifier.audit_rows import Spelling, ThemedNotice, ThemedNotices
    from classifier.training import HeldOut
    from corpus.taxonomy import Taxonomy, Topic

Kind = Literal["wrong", "other", "twins"]
KINDS: tuple[Kind, ...] = ("wrong", "other", "twins")
# A decision that settles sixteen notices may be half as surprising as one that settles a single
# one. With all the weight on the number (a power of 1 instead of ¼) copies filled the first 5 %
# and 0.79 instead of 0.85 of planted errors were found there; with none, 0.88.
_SIZE_COUNTS = 0.25
_WORDS = 6
_SAMPLES = 5


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
        remarks: What the libraries had to say meanwhile.
    """

    taxonomy: Taxonomy
    notices: int
    unthemed: int
    decisions: dict[Kind, tuple[Decision, ...]]
    spellings: tuple[Spelling, ...]
    inside: tuple[Inside, ...]
    remarks: tuple[str, ...]


def audit(
    themed: ThemedNotices,
    taxonomy: Taxonomy,
    *,
    jobs: int = 2,
    progress: Callable[[str], None] = lambda _: None,
) -> Audit:
    """
    Return what is probably wrong with the themes of some notices.

    Raises:
        TrainingError: If there are too few notices, or too few different ones, to judge any.
    """
    rows = themed.rows
    held = held_out([row.labelled for row in rows], taxonomy, jobs=jobs, progress=progress)
    progress("Looking for wrong themes …")
    finder = _Finder(rows, held)
    decisions: dict[Kind, tuple[Decision, ...]] = {
        "wrong": _by_gain(finder.wrong()),
        "other": _by_gain(finder.other()),
        "twins": _by_gain(finder.twins()),
    }
    progress("Looking into each 其他 …")
    return Audit(
        taxonomy,
        len(rows),
        themed.unthemed,
        decisions,
        themed.spellings,
        tuple(_inside(rows, held)),
        finder.doubts.remarks,
    )


class _Finder:
    """Finds the decisions of each kind."""

    def __init__(self, rows: Sequence[ThemedNotice], held: HeldOut) -> None:
        self.doubts = doubt(held)
        self._rows = rows
        self._held = held
        self._taxonomy = held.columns.taxonomy
        self._topics = [self._taxonomy.topic(code) for code in held.columns.codes]
        self._others = np.array([is_second_level_other(topic) for topic in self._topics])
        self._segmenter = open_segmenter()

    def wrong(self) -> Iterable[Decision]:
        """Yield themes that the models would not have given."""
        doubts, of_columns = self.doubts, self._held.probabilities
        rivals = of_columns[np.arange(len(self._rows)), doubts.rivals]
        lazy = np.array([self._is_lazy(row) for row in self._rows])
        found = np.flatnonzero(~lazy & (rivals > doubts.given))
        for rival, notices in self._grouped(found, doubts.rivals):
            remarks = (
                *(("alternative",) if doubts.near[notices].all() else ()),
                *(("confident_learning",) if doubts.confident[notices].any() else ()),
            )
            gain = doubts.surprise(notices) * len(notices) ** _SIZE_COUNTS
            yield self._decision("wrong", notices, rival, gain, remarks)

    def other(self) -> Iterable[Decision]:
        """Yield 其他 that nobody chose, with the theme that each would move to."""
        of_columns = self._held.probabilities
        lazy = np.flatnonzero([self._is_lazy(row) for row in self._rows])
        best = of_columns.argmax(axis=1)
        # Where a first level is printed, its own 其他 may be the truth: then nothing would move.
        moving = lazy[~self._others[best[lazy]]]
        for column, notices in self._grouped(moving, best):
            gain = float(of_columns[notices, column].mean()) * len(notices) ** _SIZE_COUNTS
            yield self._decision("other", notices, column, gain)

    def twins(self) -> Iterable[Decision]:
        """Yield near-duplicates with different themes, with the theme that fits them all best."""
        groups = defaultdict(list)
        for notice, group in enumerate(self._held.groups.tolist()):
            if self._held.gold[notice] != UNKNOWN:
                groups[group].append(notice)
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
            noted = self._held.columns.targets(self._held.rows).alternatives
            remarks = ("alternative",) if (noted[apart] == best).all() else ()
            gain = float(likely[best]) * len(apart) ** _SIZE_COUNTS / (2 if remarks else 1)
            yield self._decision("twins", notices, best, gain, remarks)

    def _is_lazy(self, row: ThemedNotice) -> bool:
        """Return whether nobody chose a theme for a notice, or no second level."""
        return row.printed_other or row.topic.code == self._taxonomy.catch_all

    def _grouped(
        self, notices: NDArray[np.intp], proposed: NDArray[np.intp]
    ) -> Iterable[tuple[int, NDArray[np.intp]]]:
        """Yield near-duplicates with the same stored and proposed theme, and the latter."""
        found = defaultdict(list)
        for notice in notices.tolist():
            row = self._rows[notice]
            stored = (row.topic.code, row.printed_other)
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
        doubtful = notices[np.argsort(given[notices], kind="stable")]
        return Decision(
            kind,
            tuple(
                Doubted(self._rows[notice], self._stored(self._rows[notice]), float(given[notice]))
                for notice in doubtful.tolist()
            ),
            self._topics[proposed],
            float(self._held.probabilities[notices, proposed].mean()),
            gain,
            self._evidence(int(doubtful[0]), proposed),
            remarks,
        )

    def _stored(self, row: ThemedNotice) -> str:
        """Return a stored theme as it would be printed."""
        printed = self._taxonomy.print(row.topic)
        return f"{printed}-其他" if row.printed_other else printed

    def _evidence(self, notice: int, column: int) -> tuple[str, ...]:
        """Return the words that speak most for a topic, by the model that had not seen a notice."""
        vectorizer, linear = self._held.models[self._held.fold_of[notice]]
        pieces = cut(complete(self._rows[notice].notice), self._segmenter, body_limit=BODY_LIMIT)
        row = vectorizer.row(pieces)
        finder = EvidenceFinder(pieces, row, vectorizer)
        found = finder.strongest([linear.weights[row.columns, column]])[0]
        return tuple(dict.fromkeys(one.word for one in found if one.weight > 0))[:_WORDS]


def _by_gain(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return decisions, most urgent first; of equal ones the first that was found."""
    return tuple(sorted(decisions, key=lambda one: -one.gain))


def _inside(rows: Sequence[ThemedNotice], held: HeldOut) -> Iterable[Inside]:
    """Yield what each 其他 holds, biggest first: the catch-all, printed ones and readers' own."""
    taxonomy = held.columns.taxonomy
    of_other: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row.topic.code == taxonomy.catch_all or is_second_level_other(row.topic):
            of_other[row.topic.code].append(number)
        elif row.printed_other:
            for child in filter(is_second_level_other, taxonomy.children(row.topic.code)):
                of_other[child.code].append(number)
    clusterer = Clusterer(held) if of_other else None
    for code, numbers in sorted(of_other.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        assert clusterer is not None  # noqa: S101 (there is an 其他, so there is one)
        clusters = clusterer.clusters(np.array(numbers), code)
        yield Inside(
            taxonomy.topic(code),
            len(numbers),
            tuple(
                (cluster, tuple(map(_title, (rows[n] for n in cluster.notices[:_SAMPLES]))))
                for cluster in clusters
            ),
        )


def _title(row: ThemedNotice) -> str:
    """Return the title of a notice, or the start of its text."""
    return row.notice.title or (row.notice.body or "").strip()[:60]


def as_json(found: Audit) -> dict[str, Any]:
    """Return an audit as ``zhuti audit --json`` prints it."""
    return {
        "notices": found.notices,
        "unthemed": found.unthemed,
        **{
            kind: [_decision_as_json(one, found) for one in found.decisions[kind]] for kind in KINDS
        },
        "spellings": [
            {
                "text": one.text,
                "count": one.count,
                "read_as": _topic_as_json(one.read_as, found.taxonomy),
                "nearest": list(one.nearest),
            }
            for one in found.spellings
        ],
        "inside": [
            {
                "topic": _topic_as_json(one.topic, found.taxonomy),
                "notices": one.notices,
                "clusters": [
                    {
                        "words": list(cluster.words),
                        "notices": len(cluster.notices),
                        "samples": list(samples),
                        "tightness": cluster.tightness,
                        "nearest": _topic_as_json(cluster.nearest, found.taxonomy),
                        "probability": cluster.probability,
                        "own_topic": cluster.own_topic,
                    }
                    for cluster, samples in one.clusters
                ],
            }
            for one in found.inside
        ],
        "remarks": list(found.remarks),
    }


def as_rows(found: Audit) -> Iterable[dict[str, Any]]:
    """Yield a row of :data:`COLUMNS` for each notice of each decision, most urgent first."""
    for kind in KINDS:
        for number, one in enumerate(found.decisions[kind], start=1):
            for doubted in one.notices:
                yield {
                    "kind": kind,
                    "decision": str(number),
                    "settles": str(len(one.notices)),
                    "id": doubted.row.notice.id,
                    "title": _title(doubted.row),
                    "url": doubted.row.notice.url,
                    "topic": doubted.row.topic.code,
                    "topic_label": doubted.given,
                    "probability_of_topic": f"{doubted.probability:.4f}",
                    "proposed": one.proposed.code,
                    "proposed_label": found.taxonomy.print(one.proposed),
                    "probability": f"{one.probability:.4f}",
                    "evidence": " ".join(one.evidence),
                    "remarks": " ".join(one.remarks),
                }


COLUMNS = (
    "kind",
    "decision",
    "settles",
    "id",
    "title",
    "url",
    "topic",
    "topic_label",
    "probability_of_topic",
    "proposed",
    "proposed_label",
    "probability",
    "evidence",
    "remarks",
)


def _decision_as_json(one: Decision, found: Audit) -> dict[str, Any]:
    """Return a decision as JSON."""
    return {
        "proposed": _topic_as_json(one.proposed, found.taxonomy),
        "probability": one.probability,
        "gain": one.gain,
        "evidence": list(one.evidence),
        "remarks": list(one.remarks),
        "notices": [
            {
                "id": doubted.row.notice.id,
                "title": doubted.row.notice.title,
                "url": doubted.row.notice.url,
                "topic": {"code": doubted.row.topic.code, "label": doubted.given},
                "probability": doubted.probability,
            }
            for doubted in one.notices
        ],
    }


def _topic_as_json(topic: Topic | None, taxonomy: Taxonomy) -> dict[str, str] | None:
    """Return a topic as JSON, with its label as a page prints it."""
    return None if topic is None else {"code": topic.code, "label": taxonomy.print(topic)}
