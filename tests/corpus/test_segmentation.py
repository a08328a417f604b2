"""Text is cut into pieces that make it up again, with the words of official language whole."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.segmentation import (
    SegmenterMissingError,
    domain_words,
    is_word,
    open_segmenter,
    stop_words,
)
from corpus.text import clean

ENGINES = ["rjieba", "jieba"]


@pytest.mark.parametrize("engine", ENGINES)
@given(text=st.text() | st.text(alphabet="优化营商环境2018-09 abcＡＢ，。\n😀的通知公路"))
def test_the_pieces_are_the_text(engine, text):
    """Joined, the pieces are the cleaned text: so every piece has its place in it."""
    text = clean(text)

    assert "".join(open_segmenter(engine).segment(text)) == text


@pytest.mark.parametrize("engine", ENGINES)
def test_domain_words_stay_whole(engine):
    """No engine cuts a word of official language apart."""
    segmenter = open_segmenter(engine)

    assert [word for word in domain_words() if segmenter.segment(word) != [word]] == []


def test_domain_words_are_needed():
    """Each domain word is one that the reference cuts apart without us: no dead entries."""
    script = (
        "import jieba, logging; jieba.setLogLevel(logging.ERROR);"
        "from corpus.segmentation import domain_words;"
        "print([w for w in domain_words() if jieba.lcut(w) == [w]])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_the_global_dictionary_of_jieba_is_left_alone():
    """Our words are in our own tokenizer only."""
    import jieba  # noqa: PLC0415 (its global state is what is looked at)

    open_segmenter("jieba")

    assert jieba.dt.FREQ.get("营商环境", 0) == 0


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("公路", True),
        ("AB角", True),
        ("，", False),
        ("2018", False),
        ("的", False),
        ("a12345", False),
        ("1234号", True),
    ],
)
def test_what_may_tell_topics_apart(piece, expected):
    """A word has a letter, carries a theme and holds no long number."""
    assert is_word(piece) is expected


def test_lists_hold_no_word_twice():
    """A domain word is not at the same time a stop word."""
    assert stop_words().isdisjoint(domain_words())


def test_an_unknown_engine_is_refused_by_name():
    """The error says which there are."""
    with pytest.raises(SegmenterMissingError, match="rjieba, jieba"):
        open_segmenter("thulac")
