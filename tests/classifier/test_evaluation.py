"""A model is measured level by level, and 其他 is left out of both."""

from __future__ import annotations

import pytest

from classifier.errors import TrainingError
from classifier.evaluation import evaluate
from classifier.rows import LabelledNotice
from corpus.notice import Notice


@pytest.fixture
def rows(taxonomy):
    """Return five notices: two right, one wrong, one known at level one only, one of 其他."""
    return [
        LabelledNotice(Notice(title=title), taxonomy.topic(code))
        for title, code in (
            ("农村公路养护办法", "0707"),
            ("义务教育招生意见", "1102"),
            ("增值税申报办法", "0707"),
            ("公路超限超载治理", "07"),
            ("关于召开会议的通知", "22"),
        )
    ]


def test_each_level_counts_what_it_knows(model, rows):
    """Level two leaves out what knows only its first level; 其他 counts in neither."""
    figures = evaluate(model, rows)

    assert (figures["n"], figures["n_other"]) == (5, 1)
    assert (figures["level_1"]["n"], figures["level_2"]["n"]) == (4, 3)
    assert figures["level_1"]["accuracy"]["value"] == 0.75
    assert figures["level_2"]["accuracy"]["value"] == pytest.approx(2 / 3, abs=1e-4)


def test_a_topic_the_model_cannot_answer_is_wrong(model, taxonomy):
    """A theme without a column counts against the model, not for it."""
    figures = evaluate(
        model, [LabelledNotice(Notice(title="军队转业干部安置"), taxonomy.topic("1504"))]
    )

    assert figures["level_1"]["accuracy"]["value"] == 1
    assert figures["level_2"]["accuracy"]["value"] == 0


def test_level_one_alone_has_no_level_two(model, taxonomy):
    """Where no second level is known there is nothing to say of it."""
    assert (
        evaluate(model, [LabelledNotice(Notice(title="公路"), taxonomy.topic("07"))])["level_2"]
        is None
    )


def test_nothing_but_other_cannot_be_measured(model, rows):
    """Figures of nothing would be worth nothing."""
    with pytest.raises(TrainingError, match="nothing to measure"):
        evaluate(model, rows[-1:])
