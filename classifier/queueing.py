"""
Which notices people should be asked about, and in which order.

What a model doubts teaches it most, but not everything it doubts is worth the same: a notice that
is like many others says something of all of them, and an odd one only of itself. So a question's
worth is how uncertain the model is, times how many near-duplicates one answer settles, less where
the notice is further from all others than most are. Probabilities are calibrated, so the
uncertainty is what the best answer is ahead of the second, taken from one.

Density only ever takes away: where it also adds, as in the papers, the notices of one busy office
crowd out the rest (the README has the figures).

Beside the doubtful ones a tenth is drawn at random from all that nobody has reviewed, whatever the
model thinks of them (:mod:`corpus.review_draw`).

Source: Settles and Craven, "An analysis of active learning strategies for sequence labeling tasks"
(EMNLP 2008), information density with β = 0.5 and cosine similarity, cut off at the median; Zhu et
al., "Active learning with sampling by uncertainty and density for word sense disambiguation and
text classification" (COLING 2008); Scheffer, Decomain and Wrobel, "Active hidden Markov models for
information extraction" (2001), for the margin.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.near_duplicates import group
from classifier.suggestion import Verdict
from corpus.review_draw import ONE_IN, draw, is_reserved
from corpus.review_records import Proposal, Question, Why
from corpus.stored import Source
from corpus.tagging import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from classifier.features import Cut
    from classifier.model import TopicModel
    from corpus.store import Corpus
    from corpus.stored import StoredNotice

    Progress = Callable[[str, int, int | None], None]

LIMIT = 500
# Near-duplicates are looked for among so many times as many notices as questions are wanted.
_POOL = 4
_SMALLEST_POOL = 2000
# How much it counts to be unlike all others.
_BETA = 0.5
_ALTERNATIVES = 3
_WORDS = 5
_PAGE = 500
_PEOPLE = frozenset({Source.REVIEWER, Source.PUBLISHER})


@dataclass(frozen=True, slots=True)
class Filled:
    """
    What a filling did.

    *scored* notices were looked at, of which *doubtful* were not accepted and *unreadable* hold
    no word the model knows. *groups* questions wait now for *notices* notices, *blind* of them
    without a proposal; *dropped* notices of an earlier filling are asked no more.
    """

    scored: int
    doubtful: int
    unreadable: int
    groups: int
    blind: int
    notices: int
    dropped: int


def fill(
    corpus: Corpus,
    model: TopicModel,
    *,
    limit: int = LIMIT,
    progress: Progress = lambda *_: None,
) -> Filled:
    """
    Ask about the notices from whose themes most is learned, *limit* questions at most.

    Notices with a person's choice are not asked about. Open questions of an earlier filling make
    room; what somebody has before him, and what a batch or the audit asks, stays.
    """
    began = now()
    chosen = _look_at_all(corpus, model, limit, progress)
    pool = _still_undecided(corpus, chosen.keys)
    progress("Grouping", 0, len(pool))
    scored = _score(model, pool, mean=chosen.mean)
    groups = _grouped(scored)
    drawn = [(min(s.drew for s in members), members) for members in groups if members[0].reserved]
    drawn = sorted((one for one in drawn if one[0] <= chosen.reach), key=itemgetter(0))
    blind = drawn[: -(-limit // ONE_IN)]
    asked = [members for _, members in blind]
    visible = [members for members in groups if not members[0].reserved]
    visible.sort(key=lambda members: (-members[0].worth * len(members), members[0].stored.key))
    asked += visible[: limit - len(blind)]
    questions = []
    for done, members in enumerate(asked):
        progress("Asking", done, len(asked))
        questions += _questions(model, members)
    review = corpus.review()
    count = review.push(questions)
    if blind:
        review.take_up_the_draw(blind[-1][0])
    dropped = review.drop_older(began)
    return Filled(
        chosen.scored,
        chosen.doubtful,
        chosen.unreadable,
        len(asked),
        len(blind),
        count,
        dropped,
    )


def questions_about(
    model: TopicModel, notices: Sequence[StoredNotice], *, why: Why, batch: str | None = None
) -> list[Question]:
    """
    Return the questions about some notices, grouped and ordered as a filling would.

    For whoever knows already which notices are to be reviewed: a batch, the audit. They go into
    the line with ``corpus.review().push``.
    """
    if not notices:
        return []
    groups = _grouped(_score(model, notices))
    return [
        question
        for members in groups
        for question in _questions(model, members, why=why, batch=batch)
    ]


@dataclass(frozen=True, slots=True)
class _Scored:
    """A notice, what of it the model read, and what its answer would teach."""

    stored: StoredNotice
    cut: Cut
    worth: float
    doubtful: bool

    @property
    def drew(self) -> float:
        """What the notice drew for the sample."""
        return draw(self.stored.id)

    @property
    def reserved(self) -> bool:
        """Whether it is shown without a proposal."""
        return is_reserved(self.stored.id)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """
    The notices that are worth a second look.

    *mean* is the mean row of all that nobody has reviewed, *reach* how far the draw was looked at.
    """

    keys: list[int]
    mean: NDArray[np.float64]
    reach: float
    scored: int
    doubtful: int
    unreadable: int


def _look_at_all(corpus: Corpus, model: TopicModel, limit: int, progress: Progress) -> _Chosen:
    """Score every notice without a person's choice; only the most promising ones are held."""
    most = max(_SMALLEST_POOL, _POOL * limit)
    most_drawn = max(_POOL, _POOL * limit // ONE_IN)
    doubtful: list[tuple[float, int]] = []
    drawn: list[tuple[float, int]] = []
    total = np.zeros(_width(model))
    scored = doubts = unreadable = 0
    everything = sum(corpus.counts_by_topic().values())
    for seen, stored in enumerate(corpus.iterate()):
        if seen % _PAGE == 0:
            progress("Scoring", seen, everything)
        if stored.topic_source in _PEOPLE:
            continue
        pieces = model.cut(stored.notice)
        row = model.row(pieces)
        if not len(row.columns):
            unreadable += 1
            continue
        scored += 1
        total[row.columns] += row.values
        uncertainty, doubt = _uncertainty(model, pieces)
        if doubt:
            doubts += 1
            _keep(doubtful, (uncertainty, -stored.key), most)
        if is_reserved(stored.id):
            _keep(drawn, (-draw(stored.id), -stored.key), most_drawn)
    # Beyond the last that is held, some that drew less than the next may be missing.
    reach = -drawn[0][0] if len(drawn) == most_drawn else 1.0
    keys = sorted({-key for _, key in (*doubtful, *drawn)})
    return _Chosen(keys, total / max(1, scored), reach, scored, doubts, unreadable)


def _keep(heap: list[tuple[float, int]], entry: tuple[float, int], most: int) -> None:
    """Put an entry among the greatest that are held."""
    if len(heap) < most:
        heapq.heappush(heap, entry)
    else:
        heapq.heappushpop(heap, entry)


def _still_undecided(corpus: Corpus, keys: Sequence[int]) -> list[StoredNotice]:
    """Return the notices of some keys that nobody has chosen a theme for meanwhile, in order."""
    found = [
        stored
        for start in range(0, len(keys), _PAGE)
        for stored in corpus.get_many(keys[start : start + _PAGE])
        if stored.topic_source not in _PEOPLE
    ]
    return sorted(found, key=lambda stored: stored.key)


def _score(
    model: TopicModel,
    notices: Iterable[StoredNotice],
    *,
    mean: NDArray[np.float64] | None = None,
) -> list[_Scored]:
    """Return what each notice would teach: its uncertainty, less if it is unlike all others."""
    kept: list[tuple[StoredNotice, Cut, float, bool, Any]] = []
    total = np.zeros(_width(model))
    for stored in notices:
        pieces = model.cut(stored.notice)
        row = model.row(pieces)
        total[row.columns] += row.values
        kept.append((stored, pieces, *_uncertainty(model, pieces), row))
    middle = total / max(1, len(kept)) if mean is None else mean
    densities = np.array(
        [
            float(row.values @ middle[row.columns]) / (float(np.linalg.norm(row.values)) or 1.0)
            for *_, row in kept
        ]
    )
    usual = float(np.median(densities)) if len(densities) else 1.0
    shares = np.minimum(densities / (usual or 1.0), 1.0) ** _BETA
    return [
        _Scored(stored, pieces, uncertainty * float(share), doubt)
        for (stored, pieces, uncertainty, doubt, _), share in zip(kept, shares, strict=True)
    ]


def _grouped(scored: Sequence[_Scored]) -> list[list[_Scored]]:
    """
    Return the groups of near-duplicates, in each the one that teaches most first.

    Reserved notices are a group apart from the rest of theirs. Of fifty copies nearly always some
    are reserved: were all fifty blind, they would wait for their draw instead of being asked first.
    """
    found: dict[tuple[int, bool], list[_Scored]] = {}
    if scored:
        for leader, one in zip(group([one.cut for one in scored]).tolist(), scored, strict=True):
            found.setdefault((leader, one.reserved), []).append(one)
    return [
        sorted(members, key=lambda one: (-one.worth, one.stored.key)) for members in found.values()
    ]


def _questions(
    model: TopicModel,
    members: Sequence[_Scored],
    *,
    why: Why | None = None,
    batch: str | None = None,
) -> list[Question]:
    """Return the questions about a group, each with what the model proposes for it."""
    leader = min(one.stored.key for one in members)
    return [
        Question(
            one.stored.key,
            why or (Why.DOUBT if one.doubtful else Why.SAMPLE),
            propose(model, one.stored),
            priority=one.worth * len(members),
            group=leader,
            batch=batch,
        )
        for one in members
    ]


def propose(model: TopicModel, stored: StoredNotice) -> Proposal | None:
    """Return what a model proposes for a notice, ``None`` if it has nothing to say."""
    answer = model.suggest(stored.notice, limit=1 + _ALTERNATIVES)
    if not answer.suggestions:
        return None
    best, *others = answer.suggestions
    words = dict.fromkeys(piece.word for piece in best.evidence if piece.weight > 0)
    return Proposal(
        best.topic.code,
        best.probability,
        tuple((other.topic.code, other.probability) for other in others),
        tuple(words)[:_WORDS],
        model.digest,
    )


def _uncertainty(model: TopicModel, pieces: Cut) -> tuple[float, bool]:
    """Return how unsure the model is of its best answer, 0 to 1, and whether it doubts it."""
    of_choices, _ = model.probabilities(pieces)
    best = float(of_choices.max())
    second = float(np.partition(of_choices, -2)[-2]) if len(of_choices) > 1 else 0.0
    return 1 - (best - second), model.thresholds.verdict(best) is not Verdict.ACCEPT


def _width(model: TopicModel) -> int:
    """Return how many features a model has."""
    return sum(model.card["features"]["sizes"].values())
