"""A notice becomes one row, the same for training and for serving."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfTransformer

from classifier.counting import count
from classifier.features import (
    Cut,
    Space,
    Vectorizer,
    Weights,
    cut,
    inverse_document_frequency,
)
from classifier.fitting import UNKNOWN, Targets, most_telling
from corpus.notice import Notice
from corpus.segmentation import open_segmenter

_NOTHING = np.zeros(0, dtype=np.float32)


def _cut(title: str, body: str = "", issuer: str = "") -> Cut:
    notice = Notice(title=title, body=body, issuing_body=issuer)
    return cut(notice, open_segmenter(), body_limit=None)


def _vectorizer(*words: str, idf: np.ndarray, weights: Weights) -> Vectorizer:
    return Vectorizer([Space(words, idf), *[Space([], _NOTHING)] * 3], weights)


def test_values_are_those_of_scikit_learn():
    """Sublinear TF-IDF with smoothed idf and cosine scaling, to float32 precision."""
    counts = np.array([[3, 0, 1], [1, 2, 0], [0, 1, 5]], dtype=np.float32)
    idf = inverse_document_frequency(3, (counts > 0).sum(axis=0))
    vectorizer = _vectorizer("公路", "养护", "学校", idf=idf, weights=Weights(words=1.0))

    row = vectorizer.row(Cut(("公路",), ("公路", "公路", "学校", "没有的词")))

    expected = TfidfTransformer(sublinear_tf=True).fit(csr_array(counts)).transform(counts[:1])
    assert dict(zip(row.columns.tolist(), row.values, strict=True)) == pytest.approx(
        dict(zip(expected.indices.tolist(), expected.data, strict=True)), abs=1e-6
    )


def test_a_row_of_training_is_the_row_of_serving():
    """What the model is fitted on is what it is asked with, bit for bit."""
    notices = [
        _cut(
            "关于农村公路养护的通知",
            "农村公路养护要常抓不懈，公路养护经费由县财政安排。",
            "青溪县交通局",
        ),
        _cut(
            "关于农村 学校建设的通知",
            "农村学校建设要常抓不懈，\n学校经费由县财政安排。" * 40,
            "青溪县教育局",
        ),
        _cut("公路养护办法"),
        _cut("", "学校𠀀😀学校"),
        _cut("学校𠀀😀学校"),
    ]
    vectorizer, matrix = count(notices).select(np.arange(5), weights=Weights())

    for number, notice in enumerate(notices):
        row = vectorizer.row(notice)
        dense = np.zeros(len(vectorizer), dtype=np.float32)
        dense[row.columns] = row.values
        assert matrix[[number]].toarray()[0] == pytest.approx(dense, abs=1e-7)
        assert sum(row.sizes) == len(row.columns)


def test_terms_are_chosen_by_what_they_tell():
    """With room for few terms, those that tell the topics apart are kept."""
    notices = [_cut("", f"{word}工程，{word}管理，本县") for word in ("公路", "学校") * 6]
    topics, nobody = np.array([0, 1] * 6), np.full(12, UNKNOWN)
    targets = Targets(topics, nobody, topics, nobody, np.arange(2))
    everything, weights = np.arange(12), Weights(words=1.0, title=0.1, opening=0.1, issuer=0.1)
    counted = count(notices)
    _, matrix = counted.select(everything, weights=weights)

    kept = most_telling(matrix, targets, everything, most=2)
    vectorizer, _ = counted.select(everything, weights=weights, kept=kept)

    assert set(vectorizer.words.terms) == {"公路", "学校"}


def test_long_numbers_and_stop_words_never_become_terms():
    """Telephone numbers, accounts and function words are in no vocabulary."""
    notices = [_cut("公路", "的公路，传呼02112345678，账号a123456，2024年")] * 3

    words = count(notices).words.terms

    assert words == ("传呼", "公路", "账号")


def test_grams_skip_blanks_but_not_punctuation():
    """A blank in a title is a layout; punctuation parts what stands beside it."""
    title = count([_cut("公 路，养护")] * 2).title

    assert sorted(title.terms) == sorted(["公", "路", "养", "护", "公路", "养护"])


def test_title_and_first_lines_do_not_run_into_each_other():
    """The last letter of a title and the first of a body are no neighbours."""
    notice = _cut("公路", "养护" + "，" * 400 + "学校", "交通局")
    *_, title, opening, issuer = count([notice] * 2).parts

    assert sorted(opening.terms) == sorted(["公", "路", "养", "护", "公路", "养护"])
    assert sorted(issuer.terms) == sorted(["交", "通", "局", "交通", "通局"])
    for part in (title, opening, issuer):
        assert set(part.matrix.data.tolist()) == {1.0}


def test_a_notice_without_known_words_has_an_empty_row():
    """Nothing known gives no features, and no error."""
    vectorizer = _vectorizer(idf=_NOTHING, weights=Weights())

    assert len(vectorizer.row(_cut("公路", "养护")).columns) == 0


def test_only_the_start_of_a_long_body_is_read():
    """The pieces end where the limit is, so the cost of a notice is bounded."""
    pieces = cut(Notice(body="公路养护" * 100), open_segmenter(), body_limit=10)

    assert "".join(pieces.body) == "公路养护公路养护公路"
