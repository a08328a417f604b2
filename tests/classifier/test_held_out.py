"""The recipe is trained anew for each part, and every notice is answered by a model without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from classifier.answering import LevelAnswers, ModelAnswers, answer, pool
from classifier.errors import TrainingError
from classifier.held_out import HeldOutEvaluation
from classifier.splits import Part, Split, by_source, grouped_folds, groups_of, latest
from classifier.training import train


@pytest.fixture(scope="module")
def rows(small_rows):
    """Return the small rows from two sources, one notice a day."""
    return [
        replace(row, source=("甲", "乙")[number % 2], day=date(2024, 1, 1) + timedelta(number // 2))
        for number, row in enumerate(small_rows)
    ]


@pytest.fixture(scope="module")
def groups(rows):
    return groups_of(rows)


@pytest.fixture(scope="module")
def folds(rows, groups, taxonomy):
    """Return the figures of three folds, with a learning curve."""
    recipe = HeldOutEvaluation(rows, taxonomy, groups, jobs=1)
    return recipe.measure(grouped_folds(groups, 3), learning_curve=True)


def test_folds_are_pooled_and_told_apart(folds, rows):
    """The figures count every notice once, and so do the parts together."""
    assert (folds["n"], folds["n_other"]) == (len(rows), 1)
    assert folds["split"] == {"kind": "cross_validation", "trained": 3, "never_held_out": 0}
    assert [part["name"] for part in folds["parts"]] == ["fold 1", "fold 2", "fold 3"]
    assert sum(part["n"] for part in folds["parts"]) == len(rows)
    right = sum(part["level_2"]["value"] * part["level_2"]["n"] for part in folds["parts"])
    assert right / folds["level_2"]["n"] == pytest.approx(
        folds["level_2"]["accuracy"]["value"], abs=1e-3
    )


def test_a_fold_is_what_training_without_it_answers(folds, rows, groups, taxonomy):
    """Nothing but the notices outside a fold is known to the model that answers it."""
    part = grouped_folds(groups, 3).parts[0]
    model = train([rows[i] for i in part.training], taxonomy, name="without", jobs=1).model()
    asked = [rows[i] for i in part.held_out if rows[i].topic.code != "22"]

    answers, _ = answer(model, asked)

    right = [best == row.topic for best, row in zip(answers.choices.best, asked, strict=True)]
    assert folds["parts"][0]["level_2"]["value"] == pytest.approx(np.mean(right), abs=1e-4)


def test_the_curve_ends_at_the_fold_itself(folds):
    """More notices, the same held-out ones; the last point is the fold as it was measured."""
    curve = folds["learning_curve"]

    assert [point["n"] for point in curve["points"]] == sorted(p["n"] for p in curve["points"])
    assert curve["points"][-1]["share"] == 1
    assert curve["points"][-1]["level_2"] == folds["parts"][0]["level_2"]
    assert curve["held_out"] == folds["parts"][0]["n"]


def test_a_source_is_answered_by_a_model_that_never_saw_it(rows, taxonomy, groups):
    """The parts are the sources; copies elsewhere do not train, so little is left to learn from."""
    split = by_source([row.source for row in rows], np.arange(len(rows)))

    figures = HeldOutEvaluation(rows, taxonomy, groups, jobs=1).measure(split)

    assert figures["split"]["kind"] == "leave_out_source"
    assert [part["name"] for part in figures["parts"]] == ["乙", "甲"]
    assert "learning_curve" not in figures


def test_the_latest_are_told_by_source(rows, taxonomy, groups):
    """One training, a line for each source, and the rest never held out."""
    split = latest(
        [row.source for row in rows], [row.day for row in rows], np.arange(len(rows)), 0.2
    )

    figures = HeldOutEvaluation(rows, taxonomy, groups, jobs=1).measure(split)

    assert figures["split"]["trained"] == 1
    assert figures["n"] + figures["split"]["never_held_out"] == len(rows)
    assert [part["name"] for part in figures["parts"]] == ["乙", "甲"]


def test_a_part_that_makes_no_model_is_named(rows, taxonomy, groups):
    """Who asked for too much learns which part it was and how little it had."""
    few = np.arange(3)
    split = Split("latest", (Part(few, np.arange(3, 30)),), ("甲",) * len(rows))

    with pytest.raises(
        TrainingError, match=r"Part 1 of 1 \(3 notices to train on\): A model needs"
    ):
        HeldOutEvaluation(rows, taxonomy, groups, jobs=1).measure(split)


def test_models_that_know_different_topics_are_pooled(taxonomy):
    """Each answer keeps its probabilities under the topics of its own model, in row order."""
    parts = []
    for notices, code in ((np.array([2, 0]), "0707"), (np.array([1]), "1102")):
        n = len(notices)
        level = LevelAnswers(
            (taxonomy.topic(code),),
            np.array([[0.1 * (index + 1)] for index in notices]),
            np.zeros(n, bool),
            np.ones(n, bool),
        )
        roots = replace(level, topics=(taxonomy.topic(code[:2]),))
        parts.append((notices, ModelAnswers(level, roots)))

    notices, answers = pool(parts, taxonomy)

    assert notices.tolist() == [0, 1, 2]
    assert [topic.code for topic in answers.choices.best] == ["0707", "1102", "0707"]
    assert [topic.code for topic in answers.roots.best] == ["07", "11", "07"]
    assert answers.choices.confidence == pytest.approx([0.1, 0.2, 0.3])
