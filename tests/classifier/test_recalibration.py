"""What a promise costs, by the card and by a site's own blind decisions."""

from __future__ import annotations

import pytest

from classifier.errors import TrainingError
from classifier.recalibration import curves_of, promises_at

N = {"level_1": 200, "level_2": 200}


def test_a_stricter_promise_never_accepts_more(model):
    """At both levels."""
    loose, strict = (promises_at(model.card["promises"], at, N) for at in (0.8, 0.99))

    for level in ("level_1", "level_2"):
        assert strict[level].share <= loose[level].share


def test_a_level_that_a_list_does_not_have_has_no_promise(model):
    """Lists of one level say nothing of a second."""
    curves = {**model.card["promises"], "level_2": None}

    assert promises_at(curves, 0.95, N)["level_2"] is None


def test_decisions_of_a_site_give_thresholds_of_its_own(model, small_rows, taxonomy):
    """Where the model is always right, nearly everything may be accepted; 其他 tells nothing."""
    decided = [
        (row.notice, model.suggest(row.notice).suggestions[0].topic) for row in small_rows[:80]
    ]
    decided.append((small_rows[0].notice, taxonomy.topic("22")))

    curves, used = curves_of(model, decided)

    assert used == {"level_1": 80, "level_2": 80}
    promise = promises_at(curves, 0.95, used)["level_2"]
    assert promise.precision == 1
    assert promise.share == 1
    # Eighty right answers out of eighty still leave room for four wrong ones in a hundred.
    assert (promise.accepted, promise.high) == (80, 1)
    assert 0.94 < promise.low < 0.97


def test_a_few_decisions_are_no_measurement(model, small_rows):
    """The message says how many there are and how many are needed."""
    decided = [(row.notice, row.topic) for row in small_rows[:10]]

    with pytest.raises(TrainingError, match=r"10 notices were decided blindly.*50 are needed"):
        curves_of(model, decided)


def test_a_stricter_model_accepts_less(model, small_rows):
    """The same probabilities, other verdicts."""
    strict = model.keeping(0.999)

    for row in small_rows[::20]:
        ours, theirs = model.suggest(row.notice), strict.suggest(row.notice)
        assert ours.suggestions[0].probability == theirs.suggestions[0].probability
    assert strict.thresholds.accept >= model.keeping(0.6).thresholds.accept
