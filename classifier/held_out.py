"""
How good the recipe is: trained anew for each part of a split, and asked for the rest.

What is measured so is not one model but the way of making it. The answers of all parts are pooled,
so that the figures are those of one long list of held-out notices, and told for each part too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.answering import answer, pool
from classifier.errors import TrainingError
from classifier.evaluation import figures_of, refuse_others_only
from classifier.metrics import accuracy_interval, rounded
from classifier.splits import nested_shares
from classifier.training import train

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from classifier.answering import LevelAnswers, ModelAnswers
    from classifier.rows import LabelledNotice
    from classifier.splits import Split
    from corpus.taxonomy import Taxonomy, Topic

SHARES = (1 / 8, 1 / 4, 1 / 2)


class HeldOutEvaluation:
    """
    Labelled notices whose recipe is measured.

    Attributes:
        rows: The notices with their topics.
        taxonomy: The list that the topics belong to.
        groups: The near-duplicate group of each notice.
        examples: Made-up notices that teach as well, each with its near-duplicate group.
        jobs: How many processes fit at the same time.
        progress: Called with a line for each step.
    """

    def __init__(
        self,
        rows: Sequence[LabelledNotice],
        taxonomy: Taxonomy,
        groups: NDArray[np.intp],
        *,
        examples: Sequence[tuple[LabelledNotice, int]] = (),
        jobs: int = 2,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        refuse_others_only(rows, taxonomy)
        self.rows = rows
        self.taxonomy = taxonomy
        self.groups = groups
        self.examples = examples
        self.jobs = jobs
        self.progress = progress

    def measure(self, split: Split, *, learning_curve: bool = False) -> dict[str, Any]:
        """
        Return the figures of the recipe, spelled as in ``zhuti evaluate --json``.

        Args:
            split: What trains and what is held out.
            learning_curve: Train on growing shares of the first part's notices as well.

        Raises:
            TrainingError: If a part's notices do not make a model, naming the part.
        """
        parts = []
        for number, part in enumerate(split.parts, start=1):
            where = f"Part {number} of {len(split.parts)}"
            parts.append((part.held_out, self._answers(part.training, part.held_out, where)))
        curve = None
        if learning_curve:
            curve = self._learning_curve(split.parts[0].training, *parts[0])
        self.progress("Drawing intervals …")
        notices, answers = pool(parts, self.taxonomy)
        rows = [self.rows[index] for index in notices.tolist()]
        groups = self.groups[notices]
        refuse_others_only(rows, self.taxonomy)
        result = {
            **figures_of(rows, answers, groups, self.taxonomy),
            "split": {
                "kind": split.kind,
                "trained": len(split.parts),
                "never_held_out": len(self.rows) - len(rows),
            },
            "parts": self._by_name([split.names[index] for index in notices], notices, answers),
        }
        return result if curve is None else {**result, "learning_curve": curve}

    def _answers(
        self, training: NDArray[np.intp], held_out: NDArray[np.intp], where: str
    ) -> ModelAnswers:
        """Return what a model trained on some notices says of others."""

        def progress(line: str) -> None:
            self.progress(f"{where}: {line}")

        rows = [self.rows[index] for index in training.tolist()]
        copied = set(self.groups[held_out].tolist())
        examples = [example for example, group in self.examples if group not in copied]
        try:
            trained = train(
                rows,
                self.taxonomy,
                name=where,
                examples=examples,
                jobs=self.jobs,
                progress=progress,
            )
        except TrainingError as error:
            raise TrainingError(f"{where} ({len(rows)} notices to train on): {error}") from None
        asked = [self.rows[index] for index in held_out.tolist()]
        answers, _ = answer(trained.model(), asked, progress=progress)
        return answers

    def _by_name(
        self, names: Sequence[str], notices: NDArray[np.intp], answers: ModelAnswers
    ) -> list[dict[str, Any]]:
        """Return the accuracies of each fold or source."""
        of_notice = np.array(names)
        table = []
        for name in dict.fromkeys(sorted(names, key=_in_order)):
            inside = np.flatnonzero(of_notice == name)
            levels = self._accuracies(notices[inside], answers.of(inside))
            table.append({"name": name, "n": len(inside), **levels})
        return table

    def _accuracies(self, notices: NDArray[np.intp], answers: ModelAnswers) -> dict[str, Any]:
        """Return the accuracy at both levels; ``None`` where no gold is known."""
        gold = [self.rows[index].topic for index in notices.tolist()]
        catch_all = self.taxonomy.catch_all
        named = [place for place, topic in enumerate(gold) if topic.code != catch_all]
        deep = [place for place in named if gold[place].parent is not None]
        roots = [self.taxonomy.parent(topic) or topic for topic in gold]
        return {
            "level_1": self._accuracy(named, roots, answers.roots, notices),
            "level_2": self._accuracy(deep, gold, answers.choices, notices),
        }

    def _accuracy(
        self,
        places: list[int],
        gold: Sequence[Topic],
        level: LevelAnswers,
        notices: NDArray[np.intp],
    ) -> dict[str, Any] | None:
        """Return the accuracy of some of the answers, with its interval."""
        if not places:
            return None
        chosen = np.array(places, dtype=np.intp)
        groups = self.groups[notices[chosen]]
        right = level.of(chosen).against([gold[place] for place in places], groups).right
        low, high = accuracy_interval(right, groups)
        return {
            "n": len(places),
            "value": rounded(right.mean()),
            "low": rounded(low),
            "high": rounded(high),
        }

    def _learning_curve(
        self, training: NDArray[np.intp], held_out: NDArray[np.intp], answers: ModelAnswers
    ) -> dict[str, Any]:
        """Return the accuracies of models that saw ever more of one part's notices."""
        points = []
        for share, notices in zip(
            SHARES, nested_shares(training, self.groups, SHARES), strict=True
        ):
            try:
                fewer = self._answers(notices, held_out, f"{share:.3f} of part 1")
            except TrainingError as error:
                self.progress(str(error))
                continue
            points.append({"share": share, "n": len(notices), **self._accuracies(held_out, fewer)})
        points.append({"share": 1.0, "n": len(training), **self._accuracies(held_out, answers)})
        return {"held_out": len(held_out), "points": points}


def _in_order(name: str) -> tuple[str, int]:
    """Return a key that puts fold 10 behind fold 9."""
    word, _, number = name.rpartition(" ")
    return (word, int(number)) if number.isdecimal() else (name, 0)
