"""What a row says besides its topic: who read it again, where it comes from, and when."""

from __future__ import annotations

import json
from datetime import date

import pytest

from classifier.rows import read_labelled
from corpus.taxonomy import Taxonomy, Topic


@pytest.fixture
def read(tmp_path, taxonomy):
    """Return a function that reads one row."""

    def _read(*, field="topic", **row):
        path = tmp_path / "rows.jsonl"
        path.write_text(json.dumps({"title": "公路", "topic": "0707", **row}) + "\n", "utf-8")
        return read_labelled([path], taxonomy, field=field).rows[0]

    return _read


def test_a_second_reader_is_kept(read, taxonomy):
    """Two choices for one notice say how far people agree."""
    assert read(second_reader="0708").second_reader == taxonomy.topic("0708")
    assert read(second_reader="").second_reader is None


def test_a_second_reader_reads_what_the_first_read(read):
    """Beside a printed topic the second reader's choice is no second opinion."""
    row = read(field="official", official="04", second_reader="0708", alternative="0708")

    assert (row.second_reader, row.alternative) == (None, None)


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ({"published_on": "2024-03-12", "written_on": "2024-03-01"}, date(2024, 3, 12)),
        ({"published_on": None, "written_on": "2024年3月1日"}, date(2024, 3, 1)),
        ({"published_on": "2024-13-12", "written_on": "2024-03-01"}, date(2024, 3, 1)),
        ({"published_on": 20240312}, None),
        ({}, None),
    ],
)
def test_the_day_is_that_of_publication_or_else_of_writing(read, fields, day):
    """A date that is none is nobody's business here."""
    assert read(**fields).day == day


@pytest.mark.parametrize(("source", "kept"), [(" 甲 ", "甲"), ("", None), (7, None), (None, None)])
def test_the_source_is_a_name(read, source, kept):
    """What is no text names no source."""
    assert read(source=source).source == kept


@pytest.mark.parametrize(
    ("topic", "known", "other"),
    [
        ("22", "22", "22"),
        ("其他-其他", "22", "22"),
        ("0712", "0712", "0712"),
        ("工业、交通-其他", "07", "0712"),
        ("07", "07", None),
        ("0707", "0707", None),
    ],
)
def test_other_is_known_at_both_levels(read, taxonomy, topic, known, other):
    """A printed 其他 of a theme says its first level only, and yet which 其他 it was."""
    row = read(topic=topic)

    found = row.other(taxonomy)
    assert row.topic.code == known
    assert (found.code if found else None) == other


def test_a_marked_catch_all_may_have_any_name(tmp_path):
    """In a list of one's own, what says that nobody chose need not be called 其他."""
    own = Taxonomy("own", [Topic("a", "交通"), Topic("z", "未分类")], catch_all="z")
    path = tmp_path / "rows.jsonl"
    path.write_text('{"title": "公路", "topic": "未分类"}\n', "utf-8")

    row = read_labelled([path], own).rows[0]

    assert row.other(own) == own.topic("z")
