"""Two models on the same notices: an exact test, and every answer that changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.comparison import compare, mcnemar, paired_figures
from classifier.errors import DifferentListsError
from classifier.rows import LabelledNotice
from classifier.training import train
from corpus.notice import Notice
from corpus.taxonomy import Taxonomy, Topic

_COUNTS = st.integers(0, 400)


@given(_COUNTS, _COUNTS)
def test_the_test_does_not_care_which_model_is_called_new(one, other):
    """Turned round it says the same, and it is a probability."""
    assert mcnemar(one, other) == mcnemar(other, one)
    assert 0 <= mcnemar(one, other) <= 1


@pytest.mark.parametrize(
    ("one", "other", "probability"),
    [(0, 0, 1), (1, 0, 1), (5, 5, 1), (0, 5, 0.0625), (0, 10, 0.00195)],
)
def test_the_exact_test_of_cases_done_by_hand(one, other, probability):
    """Five of five on one side: twice a half to the fifth power."""
    assert mcnemar(one, other) == pytest.approx(probability, rel=1e-2)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 9)), min_size=1))
def test_a_difference_turns_round_with_the_models(drawn):
    """Old against new is new against old with the other sign."""
    old, new, groups = map(np.array, zip(*drawn, strict=True))

    there, back = paired_figures(old, new, groups), paired_figures(new, old, groups)

    assert there["difference"]["value"] == -back["difference"]["value"]
    assert there["difference"]["low"] == pytest.approx(-back["difference"]["high"], abs=2e-4)
    assert (there["only_old_right"], there["p_value"]) == (back["only_new_right"], back["p_value"])
    assert there["difference"]["low"] <= there["difference"]["value"] + 1e-4
    assert there["difference"]["value"] <= there["difference"]["high"] + 1e-4


def test_a_model_compared_with_itself_changes_nothing(model, small_rows):
    """No difference, no changes, no evidence of either being better."""
    found = compare(model, model, small_rows)

    assert (found["n"], found["n_other"]) == (len(small_rows), 1)
    assert found["level_2"]["difference"] == {"value": 0, "low": 0, "high": 0}
    assert (found["level_1"]["p_value"], found["changes"]) == (1, [])


@pytest.fixture(scope="module")
def narrow(small_rows, taxonomy):
    """Return a model that has seen nothing of 义务教育."""
    rows = [row for row in small_rows if row.topic.code != "1102"]
    return train(rows, taxonomy, name="narrow", jobs=1).model()


def test_what_changed_is_listed_with_both_answers(narrow, model, taxonomy):
    """Id, title, gold, what each said and how sure it was, and who was right."""
    rows = [
        LabelledNotice(Notice(id="一", title="义务教育招生意见"), taxonomy.topic("1102")),
        LabelledNotice(Notice(id="二", title="学前教育普及办法"), taxonomy.topic("11")),
        LabelledNotice(Notice(id="三", title="教师资格认定通知"), taxonomy.topic("22")),
        LabelledNotice(Notice(id="四", title="农村公路养护办法"), taxonomy.topic("0707")),
        LabelledNotice(Notice(id="五", title="校外培训治理公告"), taxonomy.topic("0402")),
    ]

    found = compare(narrow, model, rows)

    assert [(one["id"], one["right"]) for one in found["changes"]] == [
        ("一", "new"),
        ("二", "new"),
        ("三", None),
        ("五", "neither"),
    ]
    first = found["changes"][0]
    assert first["title"] == "义务教育招生意见"
    assert first["gold"] == {"code": "1102", "label": "科技、教育-教育"}
    assert first["new"]["code"] == "1102"
    assert first["old"]["code"] != "1102"
    assert 0 < first["old"]["probability"] < 1
    assert found["level_1"]["only_new_right"] == 2
    assert found["level_2"]["n"] == 3


def test_models_of_different_lists_are_refused(model):
    """The error names what only one of them has, and what to do."""
    own = Taxonomy("own", [Topic("a", "交通"), Topic("b", "教育")], catch_all=None)
    rows = [
        LabelledNotice(Notice(title=f"{place}{word}"), own.topic(code))
        for code, words in (("a", ("修路", "公交", "停车")), ("b", ("入学", "教师", "补课")))
        for word in words
        for place in ("东街的问题是", "西村有人投诉", "城南居民咨询")
    ]
    other = train(rows, own, name="own", jobs=1).model()

    with pytest.raises(DifferentListsError, match=r"'own' has a, b that .* --taxonomy"):
        compare(model, other, rows)
