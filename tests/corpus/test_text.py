"""Bytes become text, text becomes clean, and what is neither is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UnreadableTextError
from corpus.text import clean, decode

NOTICE = "关于做好2024年农村公路养护工作的通知\n各乡镇人民政府：现将有关事项通知如下。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb2312", "gb18030"])
def test_a_notice_is_read_in_any_encoding_of_an_office(encoding):
    """UTF-8 with and without mark, UTF-16 and the GB family give the same text."""
    assert decode(NOTICE.encode(encoding), source="通知.txt") == NOTICE


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04\x14\x00", "docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Word"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (bytes(range(256)) * 20, "binary"),
        (bytes(range(0x81, 0xFF)) * 50, "neither"),
    ],
)
def test_what_is_no_text_is_refused_by_name(data, kind):
    """The error says what the bytes look like, and what to do instead."""
    with pytest.raises(UnreadableTextError, match=kind) as caught:
        decode(data, source="附件.doc")

    assert "Open it" in str(caught.value)


def test_a_mark_that_lies_is_refused():
    """A file marked UTF-8 that is not says what is wrong with it."""
    with pytest.raises(UnreadableTextError, match="its mark says UTF-8"):
        decode(b"\xef\xbb\xbf\xff\xff", source="通知.txt")


@given(st.text())
def test_cleaning_again_changes_nothing(text):
    """Whatever comes in, it is clean after one pass, no longer, and can be encoded."""
    cleaned = clean(text)

    assert clean(cleaned) == cleaned
    assert len(cleaned) <= len(text)
    cleaned.encode("utf-8")


@given(st.lists(st.integers(0, 0x10FFFF), max_size=30))
def test_lone_surrogates_and_control_characters_do_not_get_through(points):
    """Every code point there is, surrogates included, gives text that JSON can carry."""
    cleaned = clean("".join(map(chr, points)))

    cleaned.encode("utf-8")
    assert not any(ord(character) < 32 and character not in "\n\t" for character in cleaned)


def test_line_ends_become_one_kind():
    """Windows, old Macintosh and Unicode line ends are all a line feed."""
    assert clean("一\r\n二\r三\u2028四\x85五") == "一\n二\n三\n四\n五"
