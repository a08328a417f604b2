"""The made-up notices teach every theme, name nobody, and are measured on nowhere."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from classifier.examples import examples_for, state_council_examples
from classifier.rows import LabelledNotice
from classifier.training import held_out, train
from corpus.notice import Notice
from corpus.taxonomy import Taxonomy

_EXAMPLES = state_council_examples


def test_every_theme_of_the_second_level_has_examples(taxonomy):
    """A theme that no notice of ours has can still be suggested."""
    counts = Counter(row.topic.code for row in _EXAMPLES())

    assert set(counts) == {topic.code for topic in taxonomy.topics if topic.parent is not None}
    assert min(counts.values()) >= 10


def test_examples_are_titles_or_paragraphs_without_numbers_of_persons():
    """Each says something, once, and none holds a telephone or identity number."""
    texts = [row.notice.title or row.notice.body or "" for row in _EXAMPLES()]

    assert len(set(texts)) == len(texts)
    assert all(len(text) >= 4 and not re.search(r"\d{7}", text) for text in texts)


def test_a_list_of_ones_own_has_no_examples(taxonomy, monkeypatch):
    """They belong to the shipped list and to no other."""
    monkeypatch.setattr("classifier.examples.state_council_examples", _EXAMPLES)
    own = Taxonomy("own", taxonomy.topics[:-1], catch_all=None)

    assert examples_for(own) == ()
    assert len(examples_for(taxonomy)) == len(_EXAMPLES())


def test_examples_teach_and_are_not_measured(small_rows, taxonomy):
    """A theme of examples alone gets a column; the figures are those of the notices."""
    examples = [
        LabelledNotice(
            Notice(title=f"{place}关于做好军队转业干部安置的通知"), taxonomy.topic("1504")
        )
        for place in ("甲县", "乙县", "丙县", "丁县")
    ]
    rows = [row for row in small_rows if row.topic.code != "1504"]

    trained = train(rows, taxonomy, name="taught", examples=examples, jobs=1)
    held = held_out(rows, taxonomy, examples=examples, jobs=1)

    named = sum(row.topic.code != "22" for row in rows)
    assert "1504" in trained.card["columns"]
    assert trained.card["trained_on"]["examples"] == 4
    assert trained.card["cross_validation"]["level_2"]["n"] == named
    assert trained.model().suggest(examples[0].notice).suggestions[0].topic.code == "1504"
    assert len(held.rows) == len(held.probabilities) == len(rows)
    assert "1504" in held.columns.codes
    assert np.isfinite(held.probabilities).all()
