"""No split lets a notice be measured on its own copy."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import TrainingError
from classifier.rows import LabelledNotice
from classifier.splits import by_source, grouped_folds, groups_of, latest, nested_shares
from corpus.notice import Notice

_GROUPS = st.lists(st.integers(0, 12), min_size=1, max_size=60).map(np.array)
_SOURCES = st.sampled_from(["甲", "乙", "丙", None])
_DAYS = st.none() | st.integers(0, 9).map(lambda days: date(2024, 3, 1) + timedelta(days))
_DATED = st.lists(st.tuples(_SOURCES, _DAYS, st.integers(0, 12)), min_size=1, max_size=60)


def _assert_apart(split, groups):
    """No near-duplicate of a held-out notice trains the model that answers it."""
    for part in split.parts:
        assert not set(groups[part.training]) & set(groups[part.held_out])


@given(_GROUPS, st.integers(2, 6))
def test_folds_hold_each_notice_out_once_and_keep_copies_together(groups, n_folds):
    """Together the folds answer every notice, and no fold shares a group with another."""
    if len(set(groups)) < n_folds:
        with pytest.raises(TrainingError, match="fewer folds"):
            grouped_folds(groups, n_folds)
        return

    split = grouped_folds(groups, n_folds)

    assert sorted(np.concatenate([part.held_out for part in split.parts])) == [*range(len(groups))]
    _assert_apart(split, groups)
    for number, part in enumerate(split.parts, start=1):
        assert len(part.training) + len(part.held_out) == len(groups)
        assert {split.names[index] for index in part.held_out} == {f"fold {number}"}


@given(_DATED)
def test_each_source_is_left_out_once(drawn):
    """The part of a source holds out all of it, and trains on no copy of it from elsewhere."""
    sources, _, groups = zip(*drawn, strict=True)
    if len(set(sources)) < 2:
        with pytest.raises(TrainingError, match="at least two"):
            by_source(sources, np.array(groups))
        return

    split = by_source(sources, np.array(groups))

    assert sorted(np.concatenate([part.held_out for part in split.parts])) == [*range(len(drawn))]
    _assert_apart(split, np.array(groups))
    for part in split.parts:
        assert len({sources[index] for index in part.held_out}) == 1
        assert not {sources[index] for index in part.held_out} & {
            sources[index] for index in part.training
        }


@given(_DATED, st.floats(0.05, 0.9))
def test_the_latest_of_each_source_are_later_than_all_that_trains(drawn, share):
    """Within a source nothing that trains is as late as what is held out; undated notices train."""
    sources, days, groups = zip(*drawn, strict=True)
    try:
        split = latest(sources, days, np.array(groups), share)
    except TrainingError as error:
        assert "published_on" in str(error)  # noqa: PT017 (either outcome is right)
        return

    (part,) = split.parts
    _assert_apart(split, np.array(groups))
    assert all(days[index] is not None for index in part.held_out)
    for source in set(sources):
        mine = [index for index in range(len(drawn)) if sources[index] == source and days[index]]
        held = [index for index in mine if index in part.held_out]
        assert len(held) <= share * len(mine)
        if held:
            first = min(days[index] for index in held)
            assert all(days[index] < first for index in mine if index not in held)


def test_the_latest_fifth_of_each_source_is_held_out():
    """Of five days each, the last; the other source's being years older changes nothing."""
    days = [date(2024, 3, day) for day in range(1, 6)] + [date(2010, 1, d) for d in range(1, 6)]

    split = latest(["甲"] * 5 + ["乙"] * 5, days, np.arange(10), 0.2)

    assert split.parts[0].held_out.tolist() == [4, 9]
    assert split.parts[0].training.tolist() == [0, 1, 2, 3, 5, 6, 7, 8]


@given(_GROUPS)
def test_shares_grow_and_never_cut_a_group(groups):
    """Each share holds the last one, and whole groups of copies."""
    training = np.flatnonzero(groups != groups[0])
    if not len(training):
        return

    shares = nested_shares(training, groups, (1 / 8, 1 / 4, 1 / 2, 1))

    for smaller, larger in pairwise(shares):
        assert set(smaller) <= set(larger)
    for share in shares:
        rest = np.setdiff1d(training, share)
        assert not set(groups[share]) & set(groups[rest])
    assert shares[-1].tolist() == training.tolist()


def test_copies_are_found_among_labelled_notices(taxonomy):
    """The same title of another year is a copy, and so is one with the page's header on it."""
    topic = taxonomy.topic("0707")
    titles = (
        "青溪县农村公路养护管理办法（2018年修正）",
        "青溪县农村公路养护管理办法（2020年修正）",
    )
    rows = [LabelledNotice(Notice(title=title), topic) for title in (*titles, "义务教育招生意见")]

    assert groups_of(rows).tolist() == [0, 0, 2]
