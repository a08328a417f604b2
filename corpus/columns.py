"""
The heads of tables: which column holds which field of a notice.

A head is one of our own names or a label as pages print it (the table of ``corpus.fields``), in
any order, padded, with a colon, a star or a remark in brackets. A table may hold more labels than
a page's header: there a line that says 正文 or 附件 belongs to the document.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.exchange import FIELDS
from corpus.fields import LABELS, PLACEHOLDERS
from corpus.notice import DATE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# What else a row may say of its theme; see corpus.importing.
TOPIC_FIELDS = ("topic", "topic_source", "probability")

_OWN = frozenset((*FIELDS, *TOPIC_FIELDS))
_LABELS = {
    **{label: name for label, name in LABELS.items() if name},
    **dict.fromkeys(("正文", "内容", "正文内容", "文件内容", "文章内容", "全文"), "body"),
    **dict.fromkeys(("文件名称", "文件名", "公文标题", "信息标题"), "title"),
    **dict.fromkeys(
        ("网址", "链接", "来源网址", "来源链接", "原文链接", "原文网址", "页面地址", "链接地址"),
        "url",
    ),
    **dict.fromkeys(("附件", "附件列表", "相关附件"), "attachments"),
    **dict.fromkeys(("唯一标识", "标识", "标识符"), "id"),
}
_LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
_REMARK = re.compile(r"[(\[【{〔<].*$")
_BOXED = re.compile(r"[\[【〔<](.+)[\]】〕>]")
_PADDING = re.compile(r"[\s\u200b-\u200f\ufeff*＊:：'\"]+")
_PART = re.compile(r"([a-z_]+?)_(\d{1,4})")


class Column(NamedTuple):
    """
    What a head means: the field, which part of it, and whether the head is our own name.

    A text too long for one cell goes on in ``body_2``, ``body_3``, …
    """

    name: str
    part: int = 1
    own: bool = False


@lru_cache(maxsize=1000)
def read_head(head: str) -> Column | None:
    """Return what the head of a column means, ``None`` if it is no field of a notice."""
    text = unicodedata.normalize("NFKC", head)
    tight = _PADDING.sub("", text)
    boxed = _BOXED.fullmatch(tight)
    tight = boxed[1] if boxed is not None else _REMARK.sub("", tight)
    own = tight.lower()
    if own in _OWN:
        return Column(own, own=True)
    if tight in _LABELS:
        return Column(_LABELS[tight])
    part = _PART.fullmatch(own)
    if part is not None and part[1] in _OWN:
        return Column(part[1], int(part[2]), own=True)
    return None


class Columns:
    """
    The columns of one table.

    Args:
        heads: The cells of its first row, as they stand there.
    """

    def __init__(self, heads: Sequence[str]) -> None:
        self.heads = tuple(heads)
        found = [(read_head(head), place) for place, head in enumerate(self.heads)]
        known = [(column, place) for column, place in found if column is not None]
        # Our own names win over labels, and what stands further left over what stands right.
        known.sort(key=lambda pair: (not pair[0].own, pair[0].part))
        self._known = known

    @property
    def known(self) -> int:
        """How many columns hold a field of a notice."""
        return len(self._known)

    def fields(self, cells: Sequence[Any]) -> dict[str, Any]:
        """Return the fields of one row by our names; empty cells are left out."""
        return collect((column, cells[place]) for column, place in self._known)

    def original(self, cells: Sequence[Any]) -> dict[str, Any]:
        """Return one row as it stands in the table, by the table's own heads."""
        row: dict[str, Any] = {}
        for place, cell in enumerate(cells):
            head = self.heads[place].strip() if place < len(self.heads) else ""
            if head or cell:
                row[head if head and head not in row else f"column {place + 1}"] = cell
        return row


def collect(pairs: Iterable[tuple[Column, Any]]) -> dict[str, Any]:
    """
    Return the fields that pairs of a column and a value give.

    Of several columns for one field the first that says something counts; parts are joined, and
    so are several columns of attachments.
    """
    fields: dict[str, Any] = {}
    for column, value in pairs:
        name = column.name
        if value is None or value == "" or (_says_nothing(value) and _may_say_nothing(column)):
            continue
        if name not in fields:
            fields[name] = value
        elif column.part > 1:
            fields[name] = f"{fields[name]}{value}"
        elif name == "attachments" and isinstance(value, str):
            fields[name] = f"{fields[name]}\n{value}"
    return fields


def by_our_names(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a JSON object by our names, ``null`` left out."""
    pairs = [(read_head(name), value) for name, value in row.items()]
    known = [(column, value) for column, value in pairs if column is not None]
    known.sort(key=lambda pair: (not pair[0].own, pair[0].part))
    return collect(known)


def _says_nothing(value: object) -> bool:
    """Return whether a cell holds a placeholder only."""
    if not isinstance(value, str):
        return False
    text = value.strip()
    return len(text) <= _LONGEST_PLACEHOLDER and text.lower() in PLACEHOLDERS


def _may_say_nothing(column: Column) -> bool:
    """
    Return whether a placeholder in a column means that the field is unknown.

    Under our own names a text is what it says, or a notice would not survive its own export.
    """
    return column.name in DATE_FIELDS or not (column.own or column.name in {"title", "body"})
