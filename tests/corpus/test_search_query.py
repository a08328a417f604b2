"""What is typed is understood as a reader means it, and everyday words are widened."""

from __future__ import annotations

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UnusableFileError
from corpus.everyday import EverydayWords, Widening, everyday_words, read_everyday_words
from corpus.folding import fold
from corpus.query import MOST_TERMS, read_query
from corpus.segmentation import search_words

TABLE = EverydayWords(
    {"房贷": ("住房贷款", "购房贷款"), "低保": ("最低生活保障",), "社保": ("社会保险",)}
)


def _parts(text: str) -> list[tuple[str, str]]:
    typed = read_query(text, TABLE)
    kinds = [("phrase" if term.phrase else "words", term.text) for term in typed.wanted]
    return kinds + [
        ("no phrase" if term.phrase else "no words", term.text) for term in typed.unwanted
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("农业 贷款", [("words", "农业"), ("words", "贷款")]),
        ("“农业贷款”", [("phrase", "农业贷款")]),
        ("农业“贷 款”办法", [("words", "农业"), ("phrase", "贷 款"), ("words", "办法")]),
        ("农业 -贷款", [("words", "农业"), ("no words", "贷款")]),
        ("农业 －「贷款」", [("words", "农业"), ("no phrase", "贷款")]),
        ("“农业", [("words", "“农业")]),
        ("2024-03", [("words", "2024-03")]),
        ("“” - -- ， ()", []),
        ("AND title:农业", [("words", "and"), ("words", "title:农业")]),
    ],
)
def test_blanks_quotation_marks_and_hyphens_are_all_there_is(text, expected):
    """A mark without a partner, a lone hyphen and other people's operators mean nothing."""
    assert _parts(text) == expected


@pytest.mark.parametrize(
    "marks", ["“”", '""', "”“", "＂＂", "„“", "「」", "『』", "«»", "‘’", "''", "﹁﹂", "〝〞"]
)
def test_any_quotation_marks_make_a_phrase(marks):
    """Chinese, Western and corner marks, in full and half width, even if they do not match."""
    assert _parts(f"{marks[0]}农业 贷款{marks[1]}") == [("phrase", "农业 贷款")]


def test_an_apostrophe_is_no_quotation_mark():
    """It is one only around a whole word."""
    assert _parts("it's Bob's") == [("words", "it's"), ("words", "bob's")]


@settings(deadline=None)
@given(st.text())
def test_every_part_holds_something(text):
    """Whatever is typed, no part of it asks for nothing."""
    typed = read_query(text, TABLE)

    for term in (*typed.wanted, *typed.unwanted):
        assert term.text
        assert all(term.readings)


@settings(deadline=None)
@given(st.text(), st.text())
def test_folding_keeps_places_and_looks_at_no_neighbour(one, other):
    """A part of a text, folded, is that part of the folded text; folding again changes nothing."""
    folded = fold(one + other)

    assert folded == fold(one) + fold(other)
    assert len(folded) == len(one + other)
    assert fold(folded) == folded


def test_simplified_text_keeps_its_characters():
    """What is simplified already is left alone, surnames and old names too."""
    text = "著作权 乾县 乾隆 后稷 瞭望 国务院 1．5"

    assert fold(text) == "著作权 乾县 乾隆 后稷 瞭望 国务院 1.5"


@pytest.mark.parametrize(
    "text",
    [
        "中国农业发展银行2018-2020年贷款办法",
        "联系电话：010-58884332，邮箱 abc@163.com。",
        "增长3.5%，第1.2.3条，GB/T9704-2012，A&B",
        "营商环境 政务服务 一网通办",
    ],
)
def test_search_words_are_those_of_the_reference(text):
    """Numbers and Latin words end where jieba ends them, not where rjieba does."""
    text = fold(text)

    expected = [word for word in jieba.cut_for_search(text) if any(map(str.isalnum, word))]
    assert set(search_words(text)) == set(expected)


def test_everyday_words_are_widened_and_said_so():
    """What was typed stays a reading of its own, beside one for each official word."""
    typed = read_query("房贷利率", TABLE)

    assert [set(reading) for reading in typed.wanted[0].readings] == [
        set(search_words(text)) for text in ("房贷利率", "住房贷款利率", "购房贷款利率")
    ]
    assert typed.widened == (Widening("房贷", ("住房贷款", "购房贷款")),)


@pytest.mark.parametrize("text", ["最低保障", "“房贷”", "-房贷", "贷款"])
def test_only_words_that_are_meant_are_widened(text):
    """Not across two words, not in a phrase, not in what is excluded."""
    assert read_query(text, TABLE).widened == ()


def test_two_everyday_words_are_widened_together():
    """Each may be meant in either way."""
    readings = read_query("低保社保", TABLE).wanted[0].readings

    assert [set(reading) for reading in readings] == [
        set(search_words(text))
        for text in ("低保社保", "低保社会保险", "最低生活保障社保", "最低生活保障社会保险")
    ]


def test_the_shipped_table_is_recognised_word_for_word():
    """Each of its words, typed alone, is widened."""
    table = everyday_words()

    assert len(table) >= 60
    assert [word for word in table if not table.widen(word)[0]] == []


def test_a_site_may_keep_its_own_table(tmp_path):
    """One word a line; a word may come twice."""
    path = tmp_path / "words.txt"
    path.write_text("# 住房\n房贷 = 住房贷款 购房贷款 # 旧称\n\n房贷=个人住房贷款\n", "utf-8")

    _, widened = read_everyday_words(path).widen("房贷")

    assert widened == [Widening("房贷", ("住房贷款", "购房贷款", "个人住房贷款"))]


@pytest.mark.parametrize("line", ["房贷 住房贷款", "= 住房贷款", "房贷 =", "房 贷 = 住房贷款"])
def test_a_line_that_is_no_entry_is_refused_by_number(line, tmp_path):
    """The error says which line, and what one looks like."""
    path = tmp_path / "words.txt"
    path.write_text(f"房贷 = 住房贷款\n{line}\n", "utf-8")

    with pytest.raises(UnusableFileError, match=r"line 2 .*房贷 = 住房贷款"):
        read_everyday_words(path)


def test_hundreds_of_phrases_are_read_to_the_sixty_fourth():
    """Each is a search of its own, so a pasted page of quotation marks is cut."""
    typed = read_query('"公路"' * 300, TABLE)

    assert len(typed.wanted) == MOST_TERMS
