"""Hits are shown where they stand in the original text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.everyday import EverydayWords, everyday_words
from corpus.highlight import Highlighter
from corpus.query import read_query

TITLE = "关于做好農業贷款工作的通知"
BODY = (
    "各乡镇人民政府：\n"
    + "为做好今年的工作，现将有关事项通知如下。" * 8
    + "一、申请。農業贷款由申请人向银行提出，年利率３．８５％，住房贷款另行规定。\n二、其他。"
    + "各单位要高度重视，明确分工。" * 8
)


def _highlight(typed: str, title: str = TITLE, body: str = BODY):
    return Highlighter(read_query(typed, everyday_words())).highlight(title, body)


def _marked(text: str, spans) -> list[str]:
    return [text[start:end] for start, end in spans]


def test_hits_are_marked_as_they_are_printed():
    """Other width, other characters: what is marked is what stands there."""
    shown = _highlight("农业 3.85%")

    assert _marked(TITLE, shown.title) == ["農業"]
    assert _marked(shown.snippet, shown.snippet_spans) == ["農業", "３．８５％"]


def test_the_snippet_is_a_part_of_the_body():
    """It begins with a sentence, where one is near, and keeps its characters as they are."""
    shown = _highlight("农业")

    assert BODY[shown.snippet_start :].startswith(shown.snippet)
    assert shown.snippet.startswith("为做好今年的工作")


def test_words_that_touch_are_one_hit():
    """Nobody sees where we cut."""
    assert _marked(TITLE, _highlight("农业贷款").title) == ["農業贷款"]


def test_official_words_are_marked_for_everyday_ones():
    """Whoever types 房贷 sees why a notice on 住房贷款 was found, whole where it stands whole."""
    shown = _highlight("房贷")

    assert _marked(shown.snippet, shown.snippet_spans) == ["贷款", "住房贷款"]


def test_words_that_say_nothing_are_not_marked():
    """关于, 的 and 通知 stand in every notice."""
    assert _marked(TITLE, _highlight("关于农业的").title) == ["農業"]


def test_a_search_for_nothing_else_marks_them():
    """Unless they are all that was typed."""
    assert _marked(TITLE, _highlight("关于").title) == ["关于"]


def test_without_hits_the_snippet_is_the_beginning():
    """A notice found by its number or its title still shows what it says."""
    shown = _highlight("没有的词", body="\n\n 各乡镇：\n正文。")

    assert (shown.snippet, shown.snippet_spans) == ("各乡镇：\n正文。", ())


def test_a_title_without_a_text_is_shown_alone():
    """Half of all notices are titles only."""
    assert _highlight("农业", body="").snippet == ""


@settings(deadline=None)
@given(
    typed=st.text(alphabet="农业贷款“”- a."),
    title=st.text(alphabet="農业贷款。\nＡa"),
    body=st.text(alphabet="農业贷款。\nＡa ", max_size=600),
)
@pytest.mark.parametrize("table", [EverydayWords({"农业": ("农林",)})])
def test_spans_lie_in_their_text_in_order(table, typed, title, body):
    """Whatever is typed and whatever stands there, spans are inside, apart and not empty."""
    shown = Highlighter(read_query(typed, table)).highlight(title, body)

    assert body[shown.snippet_start :].startswith(shown.snippet)
    for text, spans in ((title, shown.title), (shown.snippet, shown.snippet_spans)):
        places = [place for span in spans for place in span]
        assert places == sorted(set(places))
        assert all(0 <= place <= len(text) for place in places)
