"""
Bytes to text, and text to clean text: what every door does before anything else.

Government text comes as UTF-8, as GB18030 (which contains GB2312 and GBK) and, from old editors,
as UTF-16. What is no text at all is refused by name rather than read as noise.
"""

from __future__ import annotations

import codecs
import re

from corpus.errors import UnreadableTextError

_MAGIC = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a zip, docx, xlsx or ofd file"),
    (b"\xd0\xcf\x11\xe0", "an old Word, WPS or Excel file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"Rar!", "a rar archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_REMEDY = "Open it, copy the text out of it, or save it as plain text (.txt)."
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters, invisible marks (zero width, direction, byte order) and noncharacters.
_INVISIBLE_CHARACTERS = (
    r"\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    r"\ufeff\ufff9-\ufffb\ufffe\uffff"
)
_INVISIBLE = re.compile(f"[{_INVISIBLE_CHARACTERS}]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
# All of them in one class: most texts hold none, and one search says so.
_UNCLEAN = re.compile(rf"[\r\v\f\x1c-\x1e\x85\u2028\u2029{_INVISIBLE_CHARACTERS}\ud800-\udfff]")
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\r\f\x1a\x1b"))
# Text of mostly these was decoded rightly; GB18030 reads nearly any bytes as something.
_PLAUSIBLE = re.compile(
    r"[\x09\x0a\x0d\x20-\x7e\u00b7\u2010-\u203f\u2160-\u217f\u2200-\u22ff\u2460-\u249b\u2500-\u25ff"
    r"\u2605\u2606\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]"
)
_LEAST_PLAUSIBLE = 0.9
_SAMPLE = 20_000


def decode(data: bytes, *, source: str) -> str:
    """
    Return bytes as text: by byte order mark, else as UTF-8, else as GB18030.

    Raises:
        UnreadableTextError: If they are no text, saying what they look like and what to do.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _decode_as(data, encoding, source).removeprefix("\ufeff")
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise UnreadableTextError(source, f"it is {kind}. {_REMEDY}")
    control = len(data) - len(data.translate(None, _CONTROL_BYTES))
    if b"\0" in data and control > len(data) // 100:
        raise UnreadableTextError(source, f"it is binary ({control} control bytes). {_REMEDY}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_gb18030(data, source)


def _decode_as(data: bytes, encoding: str, source: str) -> str:
    """Return bytes decoded as their byte order mark says."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        reason = f"its mark says {encoding.upper()}, but it is not. Save it as UTF-8."
        raise UnreadableTextError(source, reason) from None


def _decode_gb18030(data: bytes, source: str) -> str:
    """Return bytes decoded as GB18030, where what comes out looks like a Chinese document."""
    problem = f"it is neither UTF-8 nor GB18030. {_REMEDY}"
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise UnreadableTextError(source, problem) from None
    sample = text[:_SAMPLE]
    if len(_PLAUSIBLE.findall(sample)) < _LEAST_PLAUSIBLE * len(sample):
        raise UnreadableTextError(source, problem)
    return text


def clean(text: str) -> str:
    r"""
    Return text that can be cut, shown and sent; cleaning it again changes nothing.

    It is never longer. Line ends become ``\n``; control characters and invisible
    marks are dropped; half of a surrogate pair, which no encoding can carry, becomes U+FFFD.
    """
    if _UNCLEAN.search(text) is None:
        return text
    text = _LINE_ENDS.sub("\n", text)
    text = _INVISIBLE.sub("", text)
    return _SURROGATES.sub("\ufffd", text)
