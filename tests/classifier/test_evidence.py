"""The evidence is the score: nothing is left out, and every word is where it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifier.evidence import MOST_AGAINST, MOST_FOR, EvidenceFinder
from classifier.features import cut
from corpus.notice import Notice
from corpus.paste import complete
from corpus.segmentation import is_word

_WORDS = st.lists(
    st.sampled_from(
        [
            "农村公路",
            "养护",
            "义务教育",
            "招生",
            "增值税",
            "的",
            "关于",
            "通知",
            "，",
            " ",
            "\n",
            "青溪县",
            "公",
            "优化营商环境",
            "😀",
            "2024",
        ]
    ),
    max_size=30,
).map("".join)


@pytest.mark.parametrize("raw", [False, True])
@given(title=_WORDS, body=_WORDS, issuer=_WORDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_evidence_and_constant_are_the_score(trained, model, raw, title, body, issuer):
    """The terms of the sum plus the constant add up to the score, whatever the text."""
    notice = complete(Notice(title=title, body=body, issuing_body=issuer))
    pieces = model.cut(notice)
    row = model.row(pieces)
    finder = EvidenceFinder(pieces, row, trained.vectorizer, raw=raw)
    weights, constants = trained.linear.weights, trained.linear.constants

    for column in range(weights.shape[1]):
        evidence = finder.all(weights[row.columns, column])
        score = float(row.values @ weights[row.columns, column] + constants[column])
        total = sum(piece.weight for piece in evidence) + float(constants[column])
        assert total == pytest.approx(score, abs=1e-5)
        for piece in evidence:
            text = getattr(notice, piece.field)
            assert piece.spans
            assert all(text[start:end] == piece.word for start, end in piece.spans)


def test_characters_of_a_title_are_added_up_onto_its_words(model):
    """Nobody reads 务总: every word of the evidence is a word of the title."""
    notice = Notice(title="青溪县国家税务总局增值税申报")
    words = set(model.cut(notice).title)

    for suggestion in model.suggest(notice).suggestions:
        assert {piece.word for piece in suggestion.evidence} <= words


def test_raw_terms_are_shown_on_request(model):
    """Whoever wants to see what the model has gets single characters too."""
    answer = model.suggest(Notice(title="农村公路养护"), raw=True)

    words = {piece.word for piece in answer.suggestions[0].evidence}
    assert words & {"公", "路", "公路", "养护", "路养"}


def test_words_without_a_theme_are_not_shown(model):
    """关于 and 的 stand in every title; they are no reason for a theme."""
    answer = model.suggest(Notice(title="关于做好农村公路养护工作的通知", body="的" * 50))

    shown = [piece for suggestion in answer.suggestions for piece in suggestion.evidence]
    assert shown
    assert all(is_word(piece.word) for piece in shown)


def test_the_strongest_come_first_for_and_then_against(model):
    """A person reads the first few words: those that matter most."""
    (suggestion, *_) = model.suggest(Notice(title="农村公路养护和义务教育招生")).suggestions
    weights = [piece.weight for piece in suggestion.evidence]
    speaking_for = [weight for weight in weights if weight > 0]
    against = [weight for weight in weights if weight < 0]

    assert weights == sorted(speaking_for, reverse=True) + sorted(against)
    assert len(speaking_for) <= MOST_FOR
    assert len(against) <= MOST_AGAINST


def test_a_word_in_title_and_body_shares_its_weight(trained, model):
    """A word that stands once in each has half its weight in each."""
    notice = Notice(title="养护", body="养护")
    pieces = cut(notice, model._segmenter, body_limit=None)
    row = model.row(pieces)
    finder = EvidenceFinder(pieces, row, trained.vectorizer, raw=True)
    only_words = np.where(row.columns < len(trained.vectorizer.words), 1.0, 0.0)

    weights = {(p.word, p.field): p.weight for p in finder.all(only_words.astype(np.float32))}

    assert weights["养护", "body"] == pytest.approx(weights["养护", "title"])
