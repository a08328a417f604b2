"""
The bytes of a web page to text.

A page says its encoding up to four times, and the sayings disagree. So each is believed only as
far as the bytes bear it out: the header of the answer, the byte order mark, the first ``<meta>``,
then strict UTF-8, then GB18030, which contains GB2312 and GBK and is what pages that name those
really are.

Source: WHATWG, Encoding Standard (labels gb2312, gbk and gb18030), and the HTML standard, 13.2.3.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Pages put Word documents into their text, which bring a declaration of their own; only what
# stands at the top is the page's.
_DECLARED_WITHIN = 2048
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "x-gbk", "gb_2312-80", "hz-gb-2312", "cp936"})
# A page of the right encoding has a few broken bytes at most: cut off, or typed by hand.
_MOST_BROKEN = 0.002


def decode_page(content: bytes, content_type: str | None = None) -> str:
    """
    Return the text of a page; bytes that no encoding explains become U+FFFD.

    Args:
        content: The page as it came.
        content_type: What the header of the answer says of it, if there was one.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    named = _HEADER.search(content_type or "")
    declared = _META.search(content[:_DECLARED_WITHIN])
    said = [named[1]] if named else []
    said += [declared[1].decode("ascii", "replace")] if declared else []
    for name in [*said, "utf-8", "gb18030"]:
        text = _strictly(content, name)
        if text is not None:
            return text
    return min(
        (content.decode(encoding, "replace") for encoding in ("utf-8", "gb18030")),
        key=lambda text: text.count("\ufffd"),
    )


def _strictly(content: bytes, name: str) -> str | None:
    """Return bytes in an encoding, ``None`` if they are in another or nobody knows it."""
    encoding = "gb18030" if name.lower() in _CHINESE else name
    try:
        text = content.decode(encoding)
    except LookupError:
        return None
    except UnicodeError:
        text = content.decode(encoding, "replace")
        return text if text.count("\ufffd") <= len(text) * _MOST_BROKEN else None
    # Any bytes are Latin text; a page that says so and is Chinese is something else.
    if encoding.lower() in {"iso-8859-1", "latin-1", "latin1", "windows-1252", "ascii"}:
        return text if content.isascii() else None
    return text
