"""The report says what the figures say, and every picture can be read without seeing it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from classifier.evaluation import evaluate
from classifier.held_out import HeldOutEvaluation
from classifier.report import build_report
from classifier.report_plots import other_bars, topic_bars
from classifier.report_svg import Drawing, Scale, fitting, width_of
from classifier.rows import LabelledNotice
from classifier.splits import by_source, grouped_folds, groups_of, latest
from classifier.training import train
from corpus.notice import Notice
from corpus.taxonomy import Taxonomy, Topic

_NAME = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def rows(small_rows):
    """Return the small rows from two sources, some read twice, many of 其他."""
    others = [replace(row, topic=small_rows[-1].topic) for row in small_rows[::9]]
    return [
        replace(
            row,
            source=("甲", "乙")[number % 2],
            day=date(2024, 1, 1) + timedelta(number // 2),
            second_reader=row.topic if number % 10 == 0 else None,
        )
        for number, row in enumerate([*small_rows, *others])
    ]


@pytest.fixture(scope="module")
def figures(rows, taxonomy):
    """Return the figures of two folds, with all that can be measured."""
    groups = groups_of(rows)
    recipe = HeldOutEvaluation(rows, taxonomy, groups, jobs=1)
    return recipe.measure(grouped_folds(groups, 2), learning_curve=True)


def _report(figures):
    return build_report(figures, sources=["notices.jsonl"], field="topic")


def _section(report, key):
    return next(section for section in report.sections if section.key == key)


def test_every_part_of_the_figures_has_its_section(figures):
    """Nothing that was measured is left out."""
    assert [section.key for section in _report(figures).sections] == [
        "figures", "parts", "topics-level_1", "topics-level_2", "confusion", "reliability",
        "risk", "learning", "others", "readers",
    ]  # fmt: skip


def test_a_model_has_neither_parts_nor_a_curve(model, small_rows):
    """What was not measured has no section; the model is named."""
    report = _report(evaluate(model, small_rows))

    keys = {section.key for section in report.sections}
    assert not keys & {"parts", "learning", "readers"}
    assert f"测量的是模型 small（摘要 {model.digest[:12]}）" in report.lead[0]


def test_the_main_table_shows_figures_and_intervals(figures):
    """As printed by --json, in per cent."""
    (table,) = _section(_report(figures), "figures").tables

    cells = {row[0]: row[1:] for row in table.rows}
    accuracy = figures["level_2"]["accuracy"]
    assert cells["公文数"] == (str(figures["level_2"]["n"]), str(figures["level_1"]["n"]))
    assert cells["准确率"][0] == (
        f"{accuracy['value']:.1%}（{100 * accuracy['low']:.1f}–{accuracy['high']:.1%}）"
    )
    assert len(cells) == len(table.rows) == 12


def test_every_picture_says_in_words_what_it_shows(figures):
    """Each is an image with a title and a description of its own, and a table behind it."""
    pictures = [one for section in _report(figures).sections for one in section.pictures]
    named = set()

    for picture in pictures:
        svg = etree.fromstring(picture.svg)
        assert svg.get("role") == "img"
        texts = [
            "".join(svg.xpath(f"//*[@id='{key}']")[0].itertext())
            for key in svg.get("aria-labelledby").split()
        ]
        assert all(texts)
        named |= set(svg.xpath("//@id"))
        assert len(picture.table.rows) >= 1
        assert all(len(row) == len(picture.table.head) for row in picture.table.rows)
    assert len(pictures) >= 8
    assert len(named) == 3 * len(pictures)


def test_levels_differ_in_more_than_colour(figures):
    """Solid and dashed, circle and square: two lines can be told apart in grey."""
    for key in ("reliability", "risk", "learning"):
        svg = etree.fromstring(_section(_report(figures), key).pictures[0].svg)

        assert len(svg.findall(f"{_NAME}polyline[@class='solid']")) == 1
        assert len(svg.findall(f"{_NAME}polyline[@class='dashed']")) == 1
        assert svg.findall(f"{_NAME}circle")
        assert svg.findall(f"{_NAME}rect[@class='open']")


def test_what_is_sure_and_what_is_not_differ_in_pattern():
    """Of three suggestions two are sure: a solid bar of two, a hatched one of one."""
    suggested = [{"code": "0707", "label": "工业、交通-公路", "n": 3, "accepted": 2}]

    svg = etree.fromstring(other_bars("other", "其他", suggested))

    solid = svg.findall(f"{_NAME}rect[@class='bar']")[-1]
    hatched = svg.findall(f"{_NAME}rect[@class='hatched']")[-1]
    assert float(solid.get("width")) == pytest.approx(2 * float(hatched.get("width")), abs=0.2)
    assert hatched.get("fill") == "url(#other-hatch)"


def test_the_confusion_table_begins_with_the_commonest(figures):
    """Only errors, the most frequent first."""
    table = _section(_report(figures), "confusion").pictures[0].table
    counts = figures["confusion"]["counts"]

    shown = [int(row[2]) for row in table.rows]
    assert shown == sorted(shown, reverse=True)
    assert sum(shown) == sum(map(sum, counts)) - sum(row[place] for place, row in enumerate(counts))


def test_the_report_says_how_notices_were_kept_apart(rows, taxonomy):
    """One sentence for each kind of split."""
    groups = np.arange(len(rows))
    sources, days = [row.source for row in rows], [row.day for row in rows]
    recipe = HeldOutEvaluation(rows, taxonomy, groups, jobs=1)

    by_time = _report(recipe.measure(latest(sources, days, groups, 0.3))).lead[0]
    foreign = _report(recipe.measure(by_source(sources, groups))).lead[0]

    assert "留出日期最新的公文" in by_time
    assert "2 个来源依次留出" in foreign


def test_a_list_of_one_level_has_a_report():
    """Without a second level its column and its pictures are missing, and nothing else."""
    own = Taxonomy("own", [Topic("a", "<交通>"), Topic("long-code", "教育")], catch_all=None)
    rows = [
        LabelledNotice(Notice(title=f"{place}{word}"), own.topic(code))
        for code, words in (("a", ("修路", "公交", "停车")), ("long-code", ("入学", "教师")))
        for word in words
        for place in ("东街的问题是", "西村有人投诉", "城南居民咨询")
    ]

    report = _report(evaluate(train(rows, own, name="own", jobs=1).model(), rows))

    assert _section(report, "figures").tables[0].head == ("", "一级")
    assert "topics-level_2" not in {section.key for section in report.sections}
    assert "&lt;交通&gt;" in _section(report, "confusion").pictures[0].svg


@given(st.text(min_size=1, max_size=80), st.floats(12, 400))
def test_a_label_fits_where_it_is_put(text, room):
    """Cut short, it says so with …; whole, it is untouched."""
    fitted = fitting(text, room)

    assert width_of(fitted) <= max(room, 12)
    assert fitted == text or (fitted.endswith("…") and text.startswith(fitted[:-1]))


@given(st.floats(-2, 2))
def test_nothing_is_drawn_outside_its_scale(value):
    """A value beyond the ends stays on the edge."""
    assert 10 <= Scale(0, 1, 10, 90)(value) <= 90
    assert 10 <= Scale(0.5, 0.5, 10, 90)(value) <= 90


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_whatever_a_label_says_the_picture_stays_whole(label):
    """Brackets and quotes of a label are text, never markup."""
    topic = {"label": label, "n": 1, "f1": 0.5, "precision": None, "recall": 1.0}

    svg = etree.fromstring(topic_bars("bars", label, [topic]))

    assert svg.find(f"{_NAME}title").text == (label or None)


def test_a_drawing_without_parts_is_an_image():
    """The smallest one has a title, a description, and nothing else."""
    svg = etree.fromstring(Drawing("k", 10, 20, title="标题", about="说明").svg())

    assert (svg.get("viewBox"), svg.find(f"{_NAME}desc").text) == ("0 0 10 20", "说明")
