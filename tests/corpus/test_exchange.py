"""Notices survive JSON, and what is wrong is named."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InvalidNoticeError, UnreadableTextError
from corpus.exchange import FIELDS, notice_as_json, notice_from_json, read_entries, read_lines
from corpus.notice import Attachment, Notice
from corpus.text import clean

_TEXTS = st.none() | st.text(min_size=1).map(clean).filter(bool)
_DATES = st.none() | st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))
_NOTICES = st.builds(
    Notice,
    **{
        field.name: _DATES if field.name.endswith("_on") else _TEXTS
        for field in fields(Notice)
        if field.name != "attachments"
    },
    attachments=st.lists(st.builds(Attachment, st.text().map(clean), _TEXTS), max_size=3).map(
        tuple
    ),
)


@given(_NOTICES)
def test_a_notice_survives_json(notice):
    """What goes out comes in again as it was."""
    assert notice_from_json(json.loads(json.dumps(notice_as_json(notice)))) == notice


def test_every_field_is_present():
    """An empty notice still shows all its fields, in the documented order."""
    entry = notice_as_json(Notice())

    assert list(entry) == [
        "id", "url", "title", "body", "issuing_body", "index_number", "document_number",
        "document_type", "written_on", "published_on", "effective_on", "expires_on", "validity",
        "keywords", "declared_topic", "attachments",
    ]  # fmt: skip
    assert entry["attachments"] == []


@pytest.mark.parametrize("name", FIELDS)
def test_a_wrong_type_names_its_field(name):
    """An object where text, a date or a list should be is refused by name."""
    with pytest.raises(InvalidNoticeError, match=name):
        notice_from_json({name: {"wrong": True}})


@pytest.mark.parametrize("text", ["2024年13月1日", "soon", "20240301"])
def test_a_date_that_is_none_is_refused(text):
    """A date that is in no calendar is not silently dropped."""
    with pytest.raises(InvalidNoticeError, match="written_on"):
        notice_from_json({"written_on": text})


def test_unknown_fields_are_left_alone_and_empty_ones_are_unknown():
    """Other people's columns do not matter; an empty text is no value."""
    assert notice_from_json({"topic": "0707", "title": "", "keywords": ["公路", "养护"]}) == Notice(
        keywords="公路;养护"
    )


def _stream(data: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(data))


@pytest.mark.parametrize(
    ("data", "many", "titles"),
    [
        (b'{"title": "a"}', False, ["a"]),
        (b'{\n "title":\n "a"}', False, ["a"]),
        (b'{"title": "a"}\n\n{"title": "b"}\n', True, ["a", "b"]),
        (gzip.compress(b'{"title": "a"}\n{"title": "b"}'), True, ["a", "b"]),
    ],
)
def test_one_notice_and_many_are_told_apart(data, many, titles):
    """One JSON object is one notice; JSON lines are many, also gzipped."""
    found, entries = read_entries(_stream(data), source="test")

    assert found is many
    assert [entry.notice().title for entry in entries] == titles


def test_any_other_text_is_a_pasted_page():
    """What is no JSON is a page, in any encoding of an office."""
    many, entries = read_entries(_stream("关于公路的通知".encode("gbk")), source="test")

    assert not many
    assert [entry.notice().body for entry in entries] == ["关于公路的通知"]


def test_a_bad_line_is_named_and_the_others_are_read(tmp_path):
    """The line's number is in the error, and the lines behind it still come."""
    path = tmp_path / "notices.jsonl"
    path.write_text('{"title": "a"}\n{broken\n{"title": "c"}\n', "utf-8")

    first, second, third = read_lines(path)

    assert (first.notice().title, third.notice().title) == ("a", "c")
    with pytest.raises(InvalidNoticeError, match="line 2"):
        second.notice()


@pytest.mark.parametrize("line", [b"[1]", b'"text"', b"\xff\xfe", b"9" * 5000, b"[" * 100_000])
def test_a_line_that_is_no_object_is_refused_in_words(tmp_path, line):
    """Lists, other encodings, endless numbers and nesting are errors, not crashes."""
    path = tmp_path / "notices.jsonl"
    path.write_bytes(line)

    with pytest.raises(InvalidNoticeError, match="line 1"):
        next(read_lines(path)).notice()


def test_a_damaged_gzip_file_is_refused(tmp_path):
    """A file cut off in the middle says so."""
    path = tmp_path / "notices.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"title": "a"}\n' * 1000)[:40])

    with pytest.raises(InvalidNoticeError, match="cut off or damaged"):
        list(read_lines(path))


def test_a_picture_is_no_notice():
    """Binary input is refused by name."""
    with pytest.raises(UnreadableTextError, match="PNG"):
        read_entries(_stream(b"\x89PNG\r\n\x1a\n\0\0\0"), source="test")


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data):
    """Whatever comes in is read, or refused by one of our own errors."""
    with contextlib.suppress(InvalidNoticeError, UnreadableTextError):
        _, entries = read_entries(_stream(data), source="test")
        assert all(isinstance(entry.notice(), Notice) for entry in entries)
