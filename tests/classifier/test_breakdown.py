"""Tables of where a model is right, each against a case that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.breakdown import by_topic, confusion, reliability, risk_coverage
from classifier.metrics import calibration_error


def test_each_topic_has_its_precision_and_recall(taxonomy):
    """Two of three 公路 found, one 义务教育 taken for 公路; what never occurs has no row."""
    road, school, tax = map(taxonomy.topic, ("0707", "1102", "0402"))

    table = by_topic([road, road, road, school], [road, road, tax, road], taxonomy)

    rows = {row["code"]: row for row in table}
    assert list(rows) == ["0402", "0707", "1102"]
    assert rows["0707"] == {
        "code": "0707",
        "label": "工业、交通-公路",
        "n": 3,
        "answered": 3,
        "precision": 0.6667,
        "recall": 0.6667,
        "f1": 0.6667,
    }
    assert (rows["0402"]["precision"], rows["0402"]["recall"]) == (0, None)
    assert (rows["1102"]["precision"], rows["1102"]["recall"]) == (None, 0)


def test_confusion_counts_what_was_taken_for_what(taxonomy):
    """Rows are right topics, columns answers, in the list's order."""
    road, school = taxonomy.topic("07"), taxonomy.topic("11")

    table = confusion([school, school, road], [road, school, road], taxonomy)

    assert [topic["code"] for topic in table["topics"]] == ["07", "11"]
    assert table["counts"] == [[1, 0], [1, 1]]


_ANSWERS = st.lists(
    st.tuples(st.sampled_from([0.05, 0.3, 0.31, 0.7, 0.95, 1.0]), st.booleans()), min_size=1
).map(lambda pairs: (np.array([p for p, _ in pairs]), np.array([r for _, r in pairs])))


@given(_ANSWERS)
def test_the_bins_are_those_of_the_calibration_error(answers):
    """The picture shows what the figure sums up."""
    confidence, right = answers

    table = reliability(confidence, right)

    assert sum(row["n"] for row in table) == len(right)
    error = sum(
        row["n"] * abs(row["probability"] - row["accuracy"]) for row in table if row["n"]
    ) / len(right)
    assert error == pytest.approx(calibration_error(confidence, right), abs=1e-3)


@given(_ANSWERS)
def test_the_whole_curve_ends_at_the_share_of_errors(answers):
    """Coverage only grows, and with everything answered the risk is the error rate."""
    confidence, right = answers

    points = risk_coverage(confidence, right)

    coverages = [point["coverage"] for point in points]
    assert coverages == sorted(set(coverages))
    assert points[-1]["coverage"] == 1
    assert points[-1]["risk"] == pytest.approx((~right).mean(), abs=1e-4)


def test_equal_probabilities_are_one_point():
    """Answers of one probability are given together or not at all."""
    points = risk_coverage(np.array([0.9, 0.9, 0.5]), np.array([True, False, False]))

    assert points == [
        {"coverage": 0.6667, "risk": 0.5, "probability": 0.9},
        {"coverage": 1.0, "risk": 0.6667, "probability": 0.5},
    ]
