"""What 其他 holds, and how far readers agree: told beside the figures."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.agreement import agreement
from classifier.answering import LevelAnswers, ModelAnswers
from classifier.others import inside_others
from classifier.rows import LabelledNotice
from corpus.notice import Notice


@pytest.fixture
def answers(taxonomy):
    """Return answers to three notices: 公路 for sure, 公路 hardly, 其他 of 综合政务."""
    topics = tuple(map(taxonomy.topic, ("0209", "0707")))
    choices = LevelAnswers(
        topics,
        np.array([[0.1, 0.9], [0.1, 0.15], [0.7, 0.1]]),
        np.array([True, False, False]),
        np.array([False, True, False]),
    )
    roots = LevelAnswers(
        tuple(map(taxonomy.topic, ("02", "07"))),
        choices.probabilities,
        np.array([True, False, True]),
        choices.hopeless,
    )
    return ModelAnswers(choices, roots)


def _rows(taxonomy, *codes, second=()):
    readers = [taxonomy.topic(code) for code in second] or [None] * len(codes)
    return [
        LabelledNotice(Notice(title="公告"), taxonomy.topic(code), second_reader=reader)
        for code, reader in zip(codes, readers, strict=True)
    ]


def test_each_other_tells_what_it_would_be_called(answers, taxonomy):
    """Counted by suggestion, with those that are sure; another 其他 is no offer."""
    (only,) = inside_others(_rows(taxonomy, "22", "22", "22"), answers, taxonomy)

    assert (only["code"], only["n"], only["offered"]) == ("22", 3, 1)
    assert (only["accepted"], only["accepted_level_1"]) == (1, 2)
    assert [(one["code"], one["n"], one["accepted"]) for one in only["suggested"]] == [
        ("0707", 2, 1),
        ("0209", 1, 0),
    ]


def test_named_themes_are_no_other(answers, taxonomy):
    """Only notices of 其他 are looked into, those of the second level by their own code."""
    found = inside_others(_rows(taxonomy, "0707", "22", "0209"), answers, taxonomy)

    assert [(one["code"], one["n"]) for one in found] == [("0209", 1), ("22", 1)]


def test_two_readers_are_compared_level_by_level(answers, taxonomy):
    """The model stands beside them where they agree."""
    rows = _rows(taxonomy, "0707", "0707", "0209", second=("0707", "0708", "0209"))

    found = agreement(rows, answers)

    assert found == {
        "n": 3,
        "level_1": 1.0,
        "level_2": 0.6667,
        "model_on_agreed": {"n": 2, "level_1": 1.0, "level_2": 1.0},
    }


def test_a_reader_of_first_levels_says_nothing_of_the_second(answers, taxonomy):
    """Where one choice has no second level, only the first can agree."""
    found = agreement(_rows(taxonomy, "07", "07", "02", second=("0707", "07", "07")), answers)

    assert (found["level_1"], found["level_2"]) == (0.6667, None)
    assert found["model_on_agreed"] == {"n": 1, "level_1": 1.0, "level_2": None}


def test_without_a_second_reader_there_is_no_agreement(answers, taxonomy):
    """Nothing is made up."""
    assert agreement(_rows(taxonomy, "07", "07", "02"), answers) is None
