"""Figures for weighted notices, and the bounds that drawing again gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.intervals import WeightedFigures, enclosing_bounds, intervals
from classifier.metrics import Answers, figures


@st.composite
def _answers(draw):
    """Draw answers of a model with four topics, gold it cannot answer among them."""
    n, n_topics = draw(st.integers(1, 120)), 4
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    # Few different values, so that equal probabilities occur.
    probabilities = random.integers(1, draw(st.integers(2, 40)), size=(n, n_topics)) / 1.0
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    gold = np.where(
        random.random(n) < 0.7, probabilities.argmax(axis=1), random.integers(0, n_topics + 1, n)
    )
    accepted = probabilities.max(axis=1) >= draw(st.sampled_from([0.0, 0.4, 2.0]))
    return Answers(probabilities, gold, random.integers(0, n, n)), accepted


@given(_answers())
def test_unit_weights_give_the_figures_themselves(drawn):
    """What is resampled is what is printed."""
    answers, accepted = drawn
    printed = figures(answers, accepted)

    computed = WeightedFigures(answers, accepted).of(np.ones(len(answers.gold)))

    for name in ("top_3", "macro_f1", "ece"):
        assert computed[name] == pytest.approx(printed[name], abs=6e-5)
    for precision, coverage in printed["coverage"].items():
        assert computed[f"coverage.{precision}"] == pytest.approx(coverage, abs=6e-5)
    assert computed["accept.share"] == pytest.approx(printed["accept"]["share"], abs=6e-5)
    if printed["accept"]["precision"] is None:
        assert np.isnan(computed["accept.precision"])
    else:
        assert computed["accept.precision"] == pytest.approx(
            printed["accept"]["precision"], abs=6e-5
        )


@given(_answers(), st.integers(0, 10_000))
def test_a_weight_of_two_is_a_notice_seen_twice(drawn, seed):
    """Weights mean copies: the figures of the written-out notices are the same."""
    answers, accepted = drawn
    weights = np.random.default_rng(seed).integers(0, 3, len(answers.gold))
    weights[0] = 1
    copies = np.repeat(np.arange(len(weights)), weights)
    written_out = Answers(
        answers.probabilities[copies], answers.gold[copies], answers.groups[copies]
    )

    weighted = WeightedFigures(answers, accepted).of(weights.astype(float))
    plain = WeightedFigures(written_out, accepted[copies]).of(np.ones(len(copies)))

    assert weighted == pytest.approx(plain, nan_ok=True)


def test_bounds_lie_around_the_figures():
    """Every figure has them below and above; where nothing is accepted there are none."""
    random = np.random.default_rng(3)
    confidence = random.uniform(0.4, 1, 300)
    gold = (random.random(300) > confidence).astype(int)
    answers = Answers(np.column_stack([confidence, 1 - confidence]), gold, np.arange(300))
    accepted = confidence > 0.8

    printed, bounds = figures(answers, accepted), intervals(answers, accepted)

    assert bounds["macro_f1"]["low"] < printed["macro_f1"] < bounds["macro_f1"]["high"]
    assert bounds["coverage"]["0.9"]["low"] <= printed["coverage"]["0.9"]
    assert printed["coverage"]["0.9"] <= bounds["coverage"]["0.9"]["high"]
    precision = bounds["accept"]["precision"]
    assert precision["low"] < printed["accept"]["precision"] < precision["high"]
    assert intervals(answers, accepted & False)["accept"]["precision"] is None


_VALUES = st.floats(0, 1)


@given(_VALUES, st.lists(_VALUES, min_size=1))
def test_bounds_enclose_their_figure(figure, drawn):
    """However the draws fell, no figure stands outside its own interval."""
    bounds = enclosing_bounds(figure, drawn)

    assert bounds["low"] - 1e-4 <= figure <= bounds["high"] + 1e-4


def test_the_outer_fortieths_are_cut_off():
    """Nineteen draws in twenty lie between the bounds."""
    assert enclosing_bounds(0.5, np.linspace(0, 1, 1001)) == {"low": 0.025, "high": 0.975}


def test_draws_without_the_figure_are_left_out():
    """Where nothing was accepted in a draw, it says nothing of the precision."""
    drawn = [np.nan, *np.linspace(0, 1, 1001)]

    assert enclosing_bounds(0.5, drawn) == {"low": 0.025, "high": 0.975}
    assert enclosing_bounds(np.nan, drawn) is None
