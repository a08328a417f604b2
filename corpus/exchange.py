"""
Notices as JSON, one by one and by the file.

On the way out every field is there, ``null`` where unknown. On the way in any part of a notice
will do; what has the wrong type is refused by its name, and fields we do not know are left alone.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass, fields
from datetime import date
from io import BytesIO
from itertools import chain, count
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from corpus.errors import InvalidNoticeError
from corpus.fields import read_date
from corpus.notice import DATE_FIELDS, Attachment, Notice
from corpus.text import clean, decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import BufferedReader
    from pathlib import Path

FIELDS = tuple(field.name for field in fields(Notice))
_GZIP = b"\x1f\x8b"
# A line longer than this is no notice: the longest real ones have some 300 kB.
_LONGEST_LINE = 50_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One notice of an input that is still unread: what it holds, and where it stands.

    *content* is a line of JSON, or the fields themselves.
    """

    number: int
    where: str
    content: bytes | dict[str, Any]

    def fields(self) -> dict[str, Any]:
        """
        Return the fields of the entry.

        Raises:
            InvalidNoticeError: If its line holds no JSON object.
        """
        if isinstance(self.content, dict):
            return self.content
        return parse_object(self.content, where=self.where)

    def notice(self) -> Notice:
        """
        Return the notice of the entry.

        Raises:
            InvalidNoticeError: If its line holds no notice.
        """
        return notice_from_json(self.fields(), where=self.where)


def notice_as_json(notice: Notice) -> dict[str, Any]:
    """Return all fields of a notice as JSON, dates as ``YYYY-MM-DD``."""
    entry: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(notice, name)
        entry[name] = value.isoformat() if isinstance(value, date) else value
    entry["attachments"] = [{"name": file.name, "url": file.url} for file in notice.attachments]
    return entry


def notice_from_json(entry: Mapping[str, Any], *, where: str = "") -> Notice:
    """
    Return the notice that JSON describes; empty texts are unknown.

    Raises:
        InvalidNoticeError: Naming the field, what was found and what was expected.
    """
    values: dict[str, Any] = {}
    for name in FIELDS:
        value = entry.get(name)
        if value is None:
            continue
        if name == "attachments":
            values[name] = _attachments(value, where)
        elif name in DATE_FIELDS:
            values[name] = _date(name, value, where)
        else:
            values[name] = _text(name, value, where)
    return Notice(**values)


def read_lines(path: Path) -> Iterator[Entry]:
    """
    Yield the lines of a JSONL file, plain or gzipped, one at a time; blank ones are passed over.

    Raises:
        InvalidNoticeError: If the file is a damaged gzip file.
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        yield from _lines(_unpacked(file), str(path), start=1)


def read_entries(stream: BufferedReader, *, source: str) -> tuple[bool, Iterator[Entry]]:
    """
    Return whether an input holds many notices, and its notices as they are asked for.

    JSON lines are many, and each can be answered while the other side is still writing. One JSON
    object is one notice, and so is any other text: a pasted page.

    Raises:
        UnreadableTextError: If it is neither JSON nor text.
        InvalidNoticeError: If it is a damaged gzip file.
    """
    lines = _unpacked(stream)
    first = _next_line(lines, source)
    if _is_object(first):
        rest = _lines(lines, source, start=2)
        following = next(rest, None)
        if following is None:
            return False, iter([Entry(1, source, first)])
        return True, chain([Entry(1, f"{source}, line 1", first), following], rest)
    data = first + _whole(lines, source)
    if not data.lstrip().startswith(b"{"):
        return False, iter([Entry(1, source, {"body": decode(data, source=source)})])
    if _is_object(data) or b"\n{" not in data:
        return False, iter([Entry(1, source, data)])
    return True, _lines(BytesIO(data), source, start=1)


def _unpacked(stream: BufferedReader) -> BinaryIO:
    """Return a stream as it is, or unpacked if it is gzipped."""
    # gzip files are binary files, though typeshed does not say so.
    packed = stream.peek(2)[:2] == _GZIP
    return cast("BinaryIO", gzip.open(stream)) if packed else stream


def _lines(stream: BinaryIO, source: str, *, start: int) -> Iterator[Entry]:
    """Yield the lines of an open JSONL file."""
    for number in count(start):
        line = _next_line(stream, source)
        if not line:
            return
        if line.strip():
            yield Entry(number, f"{source}, line {number}", line)


def _next_line(stream: BinaryIO, source: str) -> bytes:
    """Return the next line, or an error in words where a gzip file is damaged."""
    try:
        return stream.readline(_LONGEST_LINE)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _damaged(source, error) from None


def _whole(stream: BinaryIO, source: str) -> bytes:
    """Return the rest of a stream, as far as a single notice may reach."""
    try:
        return stream.read(_LONGEST_LINE)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _damaged(source, error) from None


def _damaged(source: str, error: Exception) -> InvalidNoticeError:
    """Return the error for a gzip file that does not end, or not rightly."""
    found = f"cut off or damaged ({error})"
    return InvalidNoticeError("the file", found, "a whole gzip file", where=source)


def _is_object(data: bytes) -> bool:
    """Return whether some bytes are one whole JSON object."""
    if not data.lstrip().startswith(b"{"):
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def parse_object(data: bytes, *, where: str) -> dict[str, Any]:
    """
    Return the JSON object that some bytes hold.

    Raises:
        InvalidNoticeError: If they are no UTF-8, no JSON, or another kind of value.
    """
    expected = "a JSON object with the fields of a notice, in UTF-8"
    try:
        value = json.loads(data)
    except UnicodeDecodeError as error:
        found = f"not UTF-8 (byte {error.start})"
        raise InvalidNoticeError("the text", found, expected, where=where) from None
    except json.JSONDecodeError as error:
        found = f"not JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        raise InvalidNoticeError("the text", found, expected, where=where) from None
    except (ValueError, RecursionError):
        found = "JSON with a number too long or nested too deeply"
        raise InvalidNoticeError("the text", found, expected, where=where) from None
    if not isinstance(value, dict):
        found = f"a JSON {_kind(value)}"
        raise InvalidNoticeError("the text", found, expected, where=where)
    return value


def _text(name: str, value: object, where: str) -> str | None:
    """Return a text field, cleaned; ``None`` if nothing is left."""
    if name == "keywords" and isinstance(value, list) and all(isinstance(v, str) for v in value):
        value = ";".join(value)
    if name in {"id", "index_number"} and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise InvalidNoticeError(name, f"a JSON {_kind(value)}", "text", where=where)
    return clean(value) or None


def _date(name: str, value: object, where: str) -> date | None:
    """Return a date field; ``None`` if it is empty."""
    if not isinstance(value, str):
        raise InvalidNoticeError(name, f"a JSON {_kind(value)}", "a date YYYY-MM-DD", where=where)
    if not value.strip():
        return None
    read = read_date(value)
    if read is None:
        raise InvalidNoticeError(name, repr(value[:40]), "a date YYYY-MM-DD", where=where)
    return read


def _attachments(value: object, where: str) -> tuple[Attachment, ...]:
    """Return the attachments of a notice."""
    expected = 'a list of {"name": text, "url": text or null}'
    if not isinstance(value, list):
        raise InvalidNoticeError("attachments", f"a JSON {_kind(value)}", expected, where=where)
    found = []
    for number, entry in enumerate(value):
        field = f"attachments[{number}]"
        if not isinstance(entry, dict):
            raise InvalidNoticeError(field, f"a JSON {_kind(entry)}", expected, where=where)
        name, url = entry.get("name") or "", entry.get("url")
        if not isinstance(name, str):
            raise InvalidNoticeError(f"{field}.name", f"a JSON {_kind(name)}", "text", where=where)
        if url is not None and not isinstance(url, str):
            raise InvalidNoticeError(f"{field}.url", f"a JSON {_kind(url)}", "text", where=where)
        found.append(Attachment(clean(name), clean(url) if url else None))
    return tuple(found)


def _kind(value: object) -> str:
    """Return what JSON calls a value."""
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number"}
    return kinds.get(type(value), "null" if value is None else "number")
