"""
What a cell of a table may hold, and how other values are written into one and read out again.

A cell that begins with = + - @ is a formula to a spreadsheet, whoever wrote it (CWE-1236), so
such texts go out behind a quotation mark and come in without it. Texts that begin with quotation
marks before such a sign get one more, so that nothing is lost on the way.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# The signs in full width open a formula where a spreadsheet runs in Chinese or Japanese.
_SIGNS = r"[=+\-@\t\r\n＝＋－＠]"
_RISKY = re.compile(rf"'*{_SIGNS}")
_ESCAPED = re.compile(rf"'+{_SIGNS}")
_WITH_ADDRESS = re.compile(r"(?P<name>[^\n]*?)[ \t\u3000]*[<＜](?P<url>[^<>＜＞\s]+)[>＞]")
_ADDRESS = re.compile(r"https?://\S+")
# Excel's own spelling of characters that XML cannot hold: _x000D_ is a carriage return.
_HEX = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LIKE_HEX = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL = 32_767


def escape(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def unescape(text: str) -> str:
    """Return the text that was escaped as a cell."""
    return text[1:] if _ESCAPED.match(text) else text


def excel_cells(text: str) -> Iterator[str]:
    """Yield the cells that hold a text in Excel: more than one if it is over 32,767 characters."""
    start = 0
    while start < len(text):
        size = LONGEST_CELL - 1
        cell = _as_excel(text[start : start + size])
        while _length_in_excel(cell) > LONGEST_CELL:
            size //= 2
            cell = _as_excel(text[start : start + size])
        yield cell
        start += size


def _as_excel(text: str) -> str:
    """Return a text in Excel's spelling."""
    cell = _LIKE_HEX.sub("_x005F_", escape(text))
    return _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", cell)


def from_excel(cell: str) -> str:
    """Return the text that one cell of Excel holds."""
    return unescape(_HEX.sub(lambda found: chr(int(found[1], 16)), cell))


def _length_in_excel(text: str) -> int:
    """Return how many characters Excel counts: two for each beyond the basic plane."""
    return len(text) + sum(character > "\uffff" for character in text)


def plain(value: object, *, date_only: bool = False) -> object:
    """
    Return a value of a spreadsheet or column store as JSON has it.

    Args:
        value: A text, number, date or nothing.
        date_only: Whether the time of day is no part of the value, as in our date fields.
    """
    if isinstance(value, datetime):
        without_time = date_only or value.time() == time()
        return value.date().isoformat() if without_time else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if value is None or isinstance(value, (str, list, dict)):
        return value
    return str(value)


def as_text(name: str, value: Any) -> str | None:
    """Return a value as a cell of text, ``None`` if there is none; lists and objects as JSON."""
    if value is None or (isinstance(value, (str, list)) and not value):
        return None
    if name == "attachments" and isinstance(value, list):
        return attachments_as_text(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_date(value: Any) -> Any:
    """Return the date that a text of ``YYYY-MM-DD`` says; anything else as it is."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return value


def attachments_as_text(attachments: Sequence[Mapping[str, Any]]) -> str:
    """
    Return attachments as a cell holds them: a line ``name <address>`` for each.

    Where a name or an address would be read as something else, JSON.
    """
    lines = [
        file["name"] if file["url"] is None else f"{file['name']} <{file['url']}>"
        for file in attachments
    ]
    text = "\n".join(lines)
    if read_attachments(text) == list(attachments):
        return text
    return json.dumps(list(attachments), ensure_ascii=False)


def read_attachments(text: str) -> Any:
    """Return the attachments that a cell holds, as JSON has them: from JSON, or line by line."""
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
    return [_attachment(line) for line in text.split("\n") if line.strip()]


def _attachment(line: str) -> dict[str, str | None]:
    """Return the attachment of a line: name and address, or only one of them."""
    line = line.strip()
    both = _WITH_ADDRESS.fullmatch(line)
    if both is not None:
        return {"name": both["name"], "url": both["url"]}
    if _ADDRESS.fullmatch(line):
        return {"name": line.rstrip("/").rpartition("/")[2], "url": line}
    return {"name": line, "url": None}
