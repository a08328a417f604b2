"""Headers are read as people paste them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.fields import read_date, read_document_number, read_header, same_document_number

EXPECTED = {
    "index_number": "QX0012345672024000156",
    "declared_topic": "工业、交通-公路",
    "issuing_body": "青溪县交通运输局",
    "document_number": "青交〔2024〕56号",
    "written_on": "2024-03-08",
    "published_on": "2024-03-12",
}
LABELS = {
    "index_number": "索引号",
    "declared_topic": "主题分类",
    "issuing_body": "发布机构",
    "document_number": "发文字号",
    "written_on": "成文日期",
    "published_on": "发布日期",
}


def _spaced(label: str) -> str:
    return "\u3000".join(label)


STYLES = {
    "value on the line": lambda label, value: f"{label}:{value}\n",
    "value below": lambda label, value: f"{label}：\n{value}\n",
    "value below, blank lines, bullets": lambda label, value: f"  • {label}:\n\n    {value}\n\n",
    "padded label": lambda label, value: f"{_spaced(label)}：{value}\n",
    "dashes": lambda label, value: f"- {label}:{value}\n",
    "boxed": lambda label, value: f"[{label}] {value}\n",
    "boxed in full width": lambda label, value: f"【{label}】{value}\n",
    "cells": lambda label, value: f"{label}: | {value} |\n",
    "several a line": lambda label, value: f"{label}: {value} ",
    "several cells a line": lambda label, value: f"{label}： | {value} | ",
}


@pytest.mark.parametrize("style", STYLES)
def test_a_header_reads_back_in_every_style(style):
    """Whatever way a page prints its header, the same fields come out."""
    text = "".join(STYLES[style](LABELS[name], value) for name, value in EXPECTED.items())

    header = read_header(text)

    assert header.values == EXPECTED


@pytest.mark.parametrize("style", STYLES)
def test_a_missing_value_is_not_the_next_label(style):
    """Where a value is missing the next label follows at once; it is no value."""
    values = {**EXPECTED, "document_number": "", "declared_topic": "--"}
    text = "".join(STYLES[style](LABELS[name], value) for name, value in values.items())

    header = read_header(text)

    assert "document_number" not in header.values
    assert "declared_topic" not in header.values
    assert header.values["written_on"] == "2024-03-08"


def test_a_header_ends_where_the_document_begins():
    """The addressee behind an empty last label is not its value."""
    text = "索引号:\nQX0012\n发布日期:\n2024-03-12\n失效日期:\n各乡镇人民政府:\n现通知如下。"

    header = read_header(text)

    assert text[header.end :].strip() == "各乡镇人民政府:\n现通知如下。"


def test_a_header_printed_twice_is_one():
    """A page that prints its header twice gives the fields of the first."""
    once = "索引号：QX0012\n发文字号：青交〔2024〕56号\n发布日期：2024-03-12\n"

    header = read_header(once + once.replace("0012", "9999") + "正文从这里开始。")

    assert header.values["index_number"] == "QX0012"
    assert header.end == len(once) * 2 - 1


@pytest.mark.parametrize(
    "text",
    [
        "各科室：\n请于5日前报送成文日期：发布日期：两项数据。",
        "来源：县政府办公室\n标题：通知\n",
        "一、编制目的\n" + "本预案适用于全县。\n" * 300 + "索引号：1\n发布日期：2024-01-01\n",
        "",
    ],
)
def test_labels_inside_a_text_are_no_header(text):
    """Two words of a header in running text, or far down, do not make one."""
    assert read_header(text).values == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-08", date(2024, 3, 8)),
        ("2024年03月8日 10:30", date(2024, 3, 8)),
        ("2024/3/8", date(2024, 3, 8)),
        ("2023-04-2508:29", date(2023, 4, 25)),
        ("2024.03.08", date(2024, 3, 8)),
        ("二〇二四年十二月三十一日", date(2024, 12, 31)),
        ("二○一八年九月二十日", date(2018, 9, 20)),
        ("二Ｏ一O年十月十日", date(2010, 10, 10)),
        ("一九九八年元月一日", date(1998, 1, 1)),
        ("2026年13月1日", None),
        ("二〇二四年二月三十日", None),
        ("SY0024782510201900030", None),
        ("长期有效", None),
    ],
)
def test_dates_are_read_in_both_numerals(text, expected):
    """Arabic and Chinese dates are read, impossible ones and index numbers are not."""
    assert read_date(text) == expected


@pytest.mark.parametrize("brackets", ["〔〕", "﹝﹞", "[]", "［］", "【】", "（）", "()", "〈〉"])
def test_a_document_number_keeps_its_brackets(brackets):
    """All bracket kinds are read, kept as printed, and compared as the same number."""
    opening, closing = brackets
    number = read_document_number(f"青政办发 {opening}2024{closing} 07 号")

    assert number == f"青政办发{opening}2024{closing}07号"
    assert same_document_number(number, "青政办发〔2024〕7号")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("根据青政发〔2024〕3号文件", "青政发〔2024〕3号"),
        ("青溪县人民政府令第12号", "青溪县人民政府令第12号"),
        ("没有文号", None),
    ],
)
def test_words_glued_before_a_document_number_are_cut(text, expected):
    """What stands before the agency's code in a sentence does not belong to it."""
    assert read_document_number(text) == expected


@given(st.text(alphabet="索引号主题分类发布日期:：-| \n\t〔〕2024年月日•[]号关于"))
def test_any_mixture_of_labels_has_an_answer(text):
    """Whatever the labels are mixed with, the header lies within the text."""
    header = read_header(text)

    assert 0 <= header.start <= header.end <= len(text)
