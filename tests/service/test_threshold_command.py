"""``zhuti model threshold``: what a promise costs, and a model with other thresholds."""

from __future__ import annotations

import pytest


@pytest.fixture
def threshold(zhuti, model_folder):
    """Return a function that runs the command with the small model."""
    return lambda *arguments: zhuti("model", "threshold", "--model", model_folder, *arguments)


def test_both_levels_say_what_they_accept(threshold):
    """Threshold, share, how much was right and how sure that is; stricter is never more."""
    loose, strict = (threshold("--precision", at, "--json").json for at in ("0.8", "0.99"))

    for level in ("level_1", "level_2"):
        assert set(loose[level]) == {
            "threshold", "share", "precision", "accepted", "low", "high",
        }  # fmt: skip
        assert strict[level]["share"] <= loose[level]["share"]


def test_a_model_with_another_promise_says_so_on_its_card(threshold, zhuti, tmp_path):
    """The card, the thresholds and the command agree."""
    said = threshold("--precision", "0.9", "--out", tmp_path / "strict", "--json").json

    card = zhuti("model", "show", "--model", tmp_path / "strict", "--json").json
    assert card["promised_precision"] == 0.9
    assert card["thresholds"]["level_2"]["accept"] == said["level_2"]["threshold"]
    assert card["cross_validation"]["level_2"]["accept"]["share"] == said["level_2"]["share"]
    again = zhuti(
        "model", "threshold", "--model", tmp_path / "strict", "--precision", "0.9", "--json"
    )
    assert again.json == said


def test_a_few_reviews_are_refused_with_their_number(threshold, tmp_path):
    """Nothing can be promised from an empty archive."""
    ran = threshold("--from-reviews", "--database", f"sqlite:///{tmp_path / 'zhuti.db'}")

    assert ran.code == 1
    assert "0 notices were decided blindly" in ran.err


def test_a_promise_beyond_all_reason_is_wrong_usage(threshold):
    """Everything right cannot be promised."""
    assert threshold("--precision", "1").code == 2
