"""Probabilities, thresholds and figures, each against a case that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from classifier.calibration import fit_calibration, fit_untitled
from classifier.metrics import (
    Answers,
    accuracy_interval,
    calibration_error,
    measure,
    perfect_calibration_error,
    top_accuracy,
)
from classifier.probability import Calibration
from classifier.suggestion import Verdict
from classifier.thresholds import (
    Curve,
    Thresholds,
    choose_thresholds,
    coverage_at,
    threshold_for,
)

_SCORES = arrays(np.float64, (4, 6), elements=st.floats(-20, 20))


@given(_SCORES, st.floats(0.01, 5), st.floats(0.05, 3), st.floats(-3, 3), st.floats(-4, 0))
def test_probabilities_sum_to_one_in_the_order_of_scores(
    scores, temperature, slope, intercept, untitled
):
    """Whatever the calibration, nothing is lost and nobody overtakes."""
    calibration = Calibration(temperature, slope, intercept, untitled)
    probabilities = calibration.probabilities(scores, np.array([True, False, True, False]))

    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert (probabilities >= 0).all()
    best = scores.argmax(axis=1)
    assert probabilities[np.arange(4), best] == pytest.approx(probabilities.max(axis=1))


def test_calibration_makes_overconfident_scores_honest():
    """Scores that are right four times in five give probabilities of about 0.8."""
    random = np.random.default_rng(1)
    gold = random.integers(0, 3, size=2000)
    answered = np.where(random.random(2000) < 0.8, gold, (gold + 1) % 3)
    scores = 10.0 * np.eye(3)[answered] + random.normal(0, 0.1, (2000, 3))

    probabilities = fit_calibration(scores, gold).probabilities(scores, np.zeros(2000, dtype=bool))

    assert probabilities.max(axis=1).mean() == pytest.approx(0.8, abs=0.03)


def test_a_faultless_model_still_gets_a_calibration():
    """With nothing wrong there is no curve to fit, and that is no error."""
    calibration = fit_calibration(np.eye(3)[[0, 1, 2] * 10], np.array([0, 1, 2] * 10))

    assert calibration.slope == 1


def test_the_threshold_is_the_lowest_that_keeps_the_promise():
    """Of 100 answers the 60 best are right; 0.95 is kept down to the 63rd."""
    probabilities = np.linspace(1, 0.01, 100)
    right = np.arange(100) < 60

    threshold = threshold_for(probabilities, right, 0.95)

    assert threshold == pytest.approx(probabilities[62])
    assert coverage_at(probabilities, right, 0.95) == pytest.approx(0.63)


def test_a_promise_that_cannot_be_kept_accepts_nothing():
    """Too few answers or too many wrong ones: never accept."""
    thresholds = choose_thresholds(np.full(100, 0.9), np.zeros(100, dtype=bool))

    assert thresholds.verdict(1.0) is Verdict.REVIEW
    assert coverage_at(np.ones(5), np.ones(5, dtype=bool), 0.95) == 0


def test_equal_probabilities_are_taken_together():
    """A threshold cannot take half of the answers of one probability."""
    probabilities = np.array([0.9] * 30 + [0.5] * 30)
    right = np.array([True] * 30 + [True, False] * 15)

    assert threshold_for(probabilities, right, 0.95) == 0.9


@pytest.mark.parametrize(
    ("probability", "verdict"),
    [(0.8, Verdict.ACCEPT), (0.5, Verdict.REVIEW), (0.19, Verdict.ABSTAIN)],
)
def test_verdicts_follow_the_thresholds(probability, verdict):
    """At or above the one accept, below the other abstain, between them review."""
    assert Thresholds(0.8, 0.2).verdict(probability) is verdict


def test_calibration_error_of_a_case_done_by_hand():
    """Ten answers of 0.85, six right: 0.25 off; ten of 0.35, none right: 0.35 off."""
    confidence = np.array([0.85] * 10 + [0.35] * 10)
    right = np.array([True] * 6 + [False] * 14)

    assert calibration_error(confidence, right) == pytest.approx(0.3)


def test_even_a_perfect_model_shows_an_error():
    """Chance alone gives one, the smaller the more answers there are."""
    few, many = (perfect_calibration_error(np.full(n, 0.7)) for n in (50, 5000))

    assert 0 < many < few < 0.1


def test_the_top_three_count():
    """Gold on the second place is in the top three, on the fourth it is not."""
    probabilities = np.array([[0.4, 0.3, 0.2, 0.1]] * 2)
    answers = Answers(probabilities, np.array([1, 3]), np.arange(2))

    assert top_accuracy(answers, 3) == 0.5


def test_copies_widen_the_interval():
    """A hundred copies of two notices tell less than two hundred notices."""
    right = np.array([True, False] * 100)

    apart = accuracy_interval(right, np.arange(200))
    copies = accuracy_interval(right, np.array([0, 1] * 100))

    assert apart[0] < 0.5 < apart[1]
    assert copies == (0, 1)


def test_figures_have_the_documented_names():
    """What others read from ``zhuti evaluate --json`` is spelled as agreed."""
    probabilities = np.array([[0.9, 0.1]] * 30 + [[0.2, 0.8]] * 10)
    answers = Answers(probabilities, np.array([0] * 30 + [1] * 8 + [2] * 2), np.arange(40))

    figures = measure(answers, Thresholds(0.85, 0.2))

    assert set(figures) == {
        "n", "accuracy", "top_3", "macro_f1", "ece", "ece_of_a_perfect_model", "coverage", "accept",
    }  # fmt: skip
    assert figures["accuracy"]["value"] == 0.95
    assert figures["accept"] == {"share": 0.75, "precision": 1.0}
    assert figures["coverage"] == {"0.9": 1.0, "0.95": 1.0, "0.98": 0.75, "0.99": 0.75}
    assert figures["macro_f1"] == pytest.approx((1 + 16 / 18 + 0) / 3, abs=1e-4)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.6, 0.8, 0.9, 0.95, 0.99]))
def test_a_curve_keeps_every_promise_where_it_was_measured(seed, precision):
    """Whatever is promised, that share of what is accepted was right, and strictness costs."""
    random = np.random.default_rng(seed)
    probabilities = random.random(300).round(2)
    right = random.random(300) < probabilities

    curve = Curve.from_json(Curve.of(probabilities, right).as_json())
    thresholds, share, found = curve.promise(precision)

    accepted = probabilities >= thresholds.accept
    assert accepted.mean() == pytest.approx(share, abs=1e-4)
    if found is None:
        assert not accepted.any()
    else:
        assert right[accepted].mean() >= precision - 1e-4
    assert curve.promise(min(precision + 0.04, 0.999))[1] <= share


def test_texts_without_a_title_are_as_sure_as_they_were_right():
    """Paragraphs that are right half as often as they seem lose confidence, titled ones none."""
    random = np.random.default_rng(3)
    said = random.integers(0, 3, size=400)
    scores = 4.0 * np.eye(3)[said]
    roots = np.where(random.random(400) < 0.5, said, (said + 1) % 3)

    calibration = fit_untitled(Calibration(1.0), scores, roots, np.arange(3))

    without, titled = np.ones(400, dtype=bool), np.zeros(400, dtype=bool)
    assert calibration.untitled < 0
    assert calibration.probabilities(scores, without).max(axis=1).mean() == pytest.approx(
        (said == roots).mean(), abs=0.01
    )
    assert calibration.probabilities(scores, titled).max(axis=1).mean() > 0.9


def test_few_texts_without_a_title_change_nothing():
    """Nothing can be said from a handful."""
    calibration = Calibration(1.0)

    assert fit_untitled(calibration, np.eye(3), np.zeros(3, dtype=int), np.arange(3)) is calibration
