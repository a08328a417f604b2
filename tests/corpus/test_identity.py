"""What makes two arrivals the same document."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.identity import (
    canonical_url,
    cleaned,
    content_digest,
    identity,
    made_id,
    public_id,
)
from corpus.notice import Attachment, Notice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://www.gov.cn/a.htm", "https://www.gov.cn/a.htm"),
        ("  HTTPS://WWW.Gov.CN/A.htm \n", "https://www.gov.cn/A.htm"),
        ("http://www.gov.cn:80/a", "http://www.gov.cn/a"),
        ("https://www.gov.cn:443/a", "https://www.gov.cn/a"),
        ("https://www.gov.cn:/a", "https://www.gov.cn/a"),
        ("https://www.gov.cn:8443/a", "https://www.gov.cn:8443/a"),
        ("http://www.gov.cn:443/a", "http://www.gov.cn:443/a"),
        ("https://www.gov.cn/a?b=2&a=1#top", "https://www.gov.cn/a?b=2&a=1"),
        ("https://www.gov.cn/#/detail?id=3", "https://www.gov.cn/#/detail?id=3"),
        ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
        ("https://政务.中国/通知", "https://政务.中国/通知"),
        ("\u200bhttps://www.gov.cn/a", "https://www.gov.cn/a"),
    ],
)
def test_an_address_has_one_spelling(text, expected):
    """Case of the host, default port, fragment and blanks do not make another document."""
    assert canonical_url(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "www.gov.cn/a",
        "ftp://www.gov.cn/a",
        "javascript:alert(1)",
        "https:///a",
        "http:a",
        "https://[::1",
        "https://www.gov.cn:99999/",
        "https://www.gov.cn:port/",
        "内部文件",
    ],
)
def test_what_is_no_web_address_is_none(text):
    """Everything but http(s) with a host is a remark, not an address."""
    assert canonical_url(text) is None


@given(st.text() | st.text().map("http://{}".format) | st.from_regex(r"https?://\w+(:\d+)?/.*"))
def test_the_spelling_of_an_address_is_final(text):
    """Spelling it again changes nothing, whatever it was."""
    once = canonical_url(text)

    assert once is None or canonical_url(once) == once


def test_the_address_goes_before_the_id_and_the_id_before_the_words():
    """A document is its address, else its id, else what it says."""
    words = Notice(title="关于公路养护的通知", body="各乡镇：", issuing_body="青溪县")

    assert identity(Notice(url="HTTPS://a.cn/1", id="7", title="甲")) == "https://a.cn/1"
    assert identity(Notice(url="见内网", id="7", title="甲")) == "7"
    assert identity(words).startswith("sha256:")
    assert identity(words) != identity(Notice(title="关于公路养护的通知", body="各乡镇："))


def test_words_are_not_run_together():
    """The same letters in other fields are another document."""
    assert identity(Notice(title="甲乙", body="丙")) != identity(Notice(title="甲", body="乙丙"))


def test_an_endless_address_is_told_by_its_digest():
    """What no database can index is still one document, and another than its neighbour."""
    one, other = ("https://a.cn/" + "长" * 2000 + end for end in "12")

    assert len(identity(Notice(url=one))) == len("sha256:") + 64
    assert identity(Notice(url=one)) != identity(Notice(url=other))
    assert public_id(Notice(id="x" * 2000)) == made_id(identity(Notice(id="x" * 2000)))


def test_a_notice_without_id_is_given_one():
    """The id we make is 20 digits of its identity, the same everywhere."""
    notice = Notice(url="https://a.cn/1")

    assert public_id(notice) == made_id("https://a.cn/1")
    assert len(public_id(notice)) == 20
    assert public_id(Notice(id="7", url="https://a.cn/1")) == "7"


def test_the_digest_tells_what_is_said_not_where():
    """Id and address make no difference, every other field does."""
    notice = Notice(title="甲", written_on=date(2024, 3, 1), attachments=(Attachment("表"),))
    digest = content_digest(notice)

    assert digest == content_digest(
        Notice(
            id="1",
            url="https://a.cn",
            title="甲",
            written_on=date(2024, 3, 1),
            attachments=(Attachment("表"),),
        )
    )
    assert digest != content_digest(Notice(title="甲", published_on=date(2024, 3, 1)))
    assert digest != content_digest(Notice(title="甲", written_on=date(2024, 3, 1)))


def test_texts_are_cleaned_and_empty_ones_unknown():
    """What no database can hold is dropped on the way in."""
    notice = Notice(title="甲\0乙\r\n", body="\0", attachments=(Attachment("表\0", ""),))

    assert cleaned(notice) == Notice(title="甲乙\n", attachments=(Attachment("表", None),))
