"""
Notices as JSON, one by one and by the file.

On the way out every field is there, ``null`` where unknown. On the way in any part of a notice
will do; what has the wrong type is refused by its name, and fields we do not know are left alone.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from corpus.errors import InvalidNoticeError
from corpus.fields import read_date
from corpus.notice import Attachment, Notice
from corpus.text import clean, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_DATES = ("written_on", "published_on", "effective_on", "expires_on")
FIELDS = tuple(field.name for field in fields(Notice))
_GZIP = b"\x1f\x8b"
# A line longer than this is no notice: the longest real ones have some 300 kB.
_LONGEST_LINE = 50_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a JSONL file: its number, from 1, and what it holds."""

    number: int
    fields: dict[str, Any]


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
        elif name in _DATES:
            values[name] = _date(name, value, where)
        else:
            values[name] = _text(name, value, where)
    return Notice(**values)


def rows(path: Path) -> Iterator[Row]:
    """
    Yield the lines of a JSONL file, plain or gzipped, one at a time.

    Raises:
        InvalidNoticeError: At the first line that is no JSON object, naming it.
        OSError: If the file cannot be read.
    """
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        # gzip files are binary files, though typeshed does not say so.
        lines = cast("BinaryIO", gzip.open(file)) if packed else file
        yield from rows_of(lines, source=str(path))


def rows_of(lines: BinaryIO, *, source: str) -> Iterator[Row]:
    """Yield the lines of an open JSONL file; blank lines are passed over."""
    number = 0
    while True:
        try:
            line = lines.readline(_LONGEST_LINE)
        except (EOFError, gzip.BadGzipFile) as error:
            found = f"cut off or damaged ({error})"
            raise InvalidNoticeError("the file", found, "a whole gzip file", where=source) from None
        if not line:
            return
        number += 1
        if line.strip():
            yield Row(number, parse_object(line, where=f"{source}, line {number}"))


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


def read_notices(data: bytes, *, source: str) -> tuple[bool, Iterator[Notice]]:
    """
    Return whether bytes are JSONL, and the notices they hold.

    A pasted page or a single JSON object is one notice; JSONL is one a line, read as they are
    asked for.

    Raises:
        UnreadableTextError: If the bytes are no text.
        InvalidNoticeError: If they begin like JSON and are not.
    """
    if data.startswith(_GZIP):
        data = gzip.decompress(data)
    text = decode(data, source=source)
    start = text.lstrip()
    if not start.startswith("{"):
        return False, iter([Notice(body=clean(text))])
    try:
        entry = json.loads(start)
    except (ValueError, RecursionError):
        return True, _notices(start.splitlines(), source)
    return False, iter([notice_from_json(entry, where=source)])


def _notices(lines: Iterable[str], source: str) -> Iterator[Notice]:
    """Yield the notices of JSON lines."""
    for number, line in enumerate(lines, start=1):
        where = f"{source}, line {number}"
        if line.strip():
            yield notice_from_json(parse_object(line.encode(errors="replace"), where=where), where=where)


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
