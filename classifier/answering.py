"""
What one model, or several, say of labelled notices, side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.metrics import Answers, accepted_by
from classifier.near_duplicates import group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from classifier.features import Cut
    from classifier.model import TopicModel
    from classifier.rows import LabelledNotice
    from classifier.thresholds import Thresholds
    from corpus.taxonomy import Taxonomy, Topic

_STEP = 500


@dataclass(frozen=True, slots=True)
class LevelAnswers:
    """
    The answers to some notices at one level.

    Attributes:
        topics: What may be answered.
        probabilities: Of each, of shape (n_notices, n_topics).
        accepted: Whether the model accepts its best answer, of shape (n_notices,).
        hopeless: Whether it is too improbable to be shown, of the same shape.
    """

    topics: tuple[Topic, ...]
    probabilities: NDArray[np.float64]
    accepted: NDArray[np.bool_]
    hopeless: NDArray[np.bool_]

    @property
    def best(self) -> list[Topic]:
        """The most probable topic of each notice."""
        return [self.topics[index] for index in self.probabilities.argmax(axis=1).tolist()]

    @property
    def confidence(self) -> NDArray[np.float64]:
        """The probability of the most probable topic of each notice."""
        highest: NDArray[np.float64] = self.probabilities.max(axis=1)
        return highest

    def of(self, notices: NDArray[np.intp]) -> LevelAnswers:
        """Return the answers to some of the notices."""
        return LevelAnswers(
            self.topics,
            self.probabilities[notices],
            self.accepted[notices],
            self.hopeless[notices],
        )

    def among(self, topics: tuple[Topic, ...]) -> LevelAnswers:
        """Return the same answers in the order of a longer list; what is not there has nothing."""
        places = {topic.code: place for place, topic in enumerate(topics)}
        spread = np.zeros((len(self.probabilities), len(topics)))
        spread[:, [places[topic.code] for topic in self.topics]] = self.probabilities
        return LevelAnswers(topics, spread, self.accepted, self.hopeless)

    def against(self, gold: Sequence[Topic], groups: NDArray[np.intp]) -> Answers:
        """Return the answers beside what was right."""
        places = {topic.code: place for place, topic in enumerate(self.topics)}
        # One behind the last: a topic that cannot be answered.
        right = [places.get(topic.code, len(self.topics)) for topic in gold]
        return Answers(self.probabilities, np.array(right, dtype=np.intp), groups)


@dataclass(frozen=True, slots=True)
class ModelAnswers:
    """What a model says of some notices: its own choices, and the first levels above them."""

    choices: LevelAnswers
    roots: LevelAnswers

    def of(self, notices: NDArray[np.intp]) -> ModelAnswers:
        """Return the answers to some of the notices."""
        return ModelAnswers(self.choices.of(notices), self.roots.of(notices))


def answer(
    model: TopicModel,
    rows: Sequence[LabelledNotice],
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[ModelAnswers, NDArray[np.intp]]:
    """Return what a model says of some notices, and their near-duplicate groups."""
    of_choices: list[NDArray[np.float64]] = []
    of_roots: list[NDArray[np.float64]] = []

    def cuts() -> Iterator[Cut]:
        # A notice is cut once, answered, shown to the grouping and let go.
        for number, row in enumerate(rows):
            if number % _STEP == 0:
                progress(f"Answered {number} of {len(rows)} notices …")
            pieces = model.cut(row.notice)
            one, above = model.probabilities(pieces)
            of_choices.append(one)
            of_roots.append(above)
            yield pieces

    groups = group(cuts())
    choices = model.choices
    return (
        ModelAnswers(
            _level(choices.topics, of_choices, model.thresholds),
            _level(choices.roots, of_roots, model.root_thresholds),
        ),
        groups,
    )


def pool(
    parts: Sequence[tuple[NDArray[np.intp], ModelAnswers]], taxonomy: Taxonomy
) -> tuple[NDArray[np.intp], ModelAnswers]:
    """
    Return the notices that several models answered, in order, and what was said of them.

    Args:
        parts: The notices that each model answered, by index, and its answers to them.
        taxonomy: The list of all these models; they need not all know the same of its topics.
    """
    notices = np.concatenate([part for part, _ in parts])
    order = np.argsort(notices, kind="stable")
    return notices[order], ModelAnswers(
        _joined([answers.choices.among(taxonomy.topics) for _, answers in parts]).of(order),
        _joined([answers.roots.among(taxonomy.roots) for _, answers in parts]).of(order),
    )


def _level(
    topics: tuple[Topic, ...], probabilities: list[NDArray[np.float64]], thresholds: Thresholds
) -> LevelAnswers:
    """Return the answers of one level with what the thresholds say of them."""
    of_topics = np.array(probabilities).reshape(len(probabilities), len(topics))
    highest = of_topics.max(axis=1)
    return LevelAnswers(
        topics, of_topics, accepted_by(thresholds, highest), highest < thresholds.abstain
    )


def _joined(levels: Sequence[LevelAnswers]) -> LevelAnswers:
    """Return the answers of several models, one behind the other."""
    return LevelAnswers(
        levels[0].topics,
        np.concatenate([level.probabilities for level in levels]),
        np.concatenate([level.accepted for level in levels]),
        np.concatenate([level.hopeless for level in levels]),
    )
