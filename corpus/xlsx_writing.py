"""
Rows as an Excel file: dates as dates, texts as texts, and nothing that runs.

A text over 32,767 characters does not fit into a cell, so it goes on in further columns of the
same row (``body_2``, ``body_3``, …), which the import joins again. How many there must be is only
known at the end, so the rows wait in a temporary file until then.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from datetime import date
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook

from corpus.cells import as_date, as_text, excel_cells
from corpus.errors import UnusableFileError
from corpus.notice import DATE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
# Excel counts a 29th of February 1900 that never was; before that day dates are texts.
_FIRST_DATE = date(1900, 3, 1)
# The first moment that a zip archive can name.
_MOMENT_OF_ALL = (1980, 1, 1, 0, 0, 0)
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def write_xlsx(
    file: BinaryIO, names: Sequence[str], rows: Iterable[Mapping[str, Any]], *, source: str
) -> int:
    """
    Write rows as a workbook of one sheet; return how many.

    Raises:
        UnusableFileError: If there are more rows than a sheet holds.
    """
    widths = dict.fromkeys(names, 1)
    with tempfile.TemporaryFile() as waiting, tempfile.TemporaryFile() as packed:
        count = 0
        for count, row in enumerate(rows, start=1):
            if count >= _MOST_ROWS:
                problem = (
                    f"an Excel sheet holds {_MOST_ROWS:,} rows and no more."
                    " Export as CSV, JSONL or Parquet."
                )
                raise UnusableFileError(source, problem)
            cells = [_cells(name, row.get(name)) for name in names]
            for name, parts in zip(names, cells, strict=True):
                widths[name] = max(widths[name], len(parts))
            waiting.write(json.dumps(cells).encode() + b"\n")
        if sum(widths.values()) > _MOST_COLUMNS:
            problem = "a text is too long for an Excel file. Export as CSV, JSONL or Parquet."
            raise UnusableFileError(source, problem)
        waiting.seek(0)
        _write(packed, widths, (json.loads(line) for line in waiting))
        _copy_without_moments(packed, file)
    return count


def _cells(name: str, value: Any) -> list[Any]:
    """Return the cells that hold a value; a number stays one."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value]
    text = as_text(name, value)
    return [] if text is None else list(excel_cells(text))


def _write(file: BinaryIO, widths: Mapping[str, int], rows: Iterable[list[list[Any]]]) -> None:
    """Write a workbook as openpyxl makes it."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("notices")
    sheet.freeze_panes = "A2"
    sheet.append(
        [
            name if part == 1 else f"{name}_{part}"
            for name, width in widths.items()
            for part in range(1, width + 1)
        ]
    )
    for row in rows:
        line: list[Any] = []
        for (name, width), parts in zip(widths.items(), row, strict=True):
            values = [*parts, *[None] * (width - len(parts))]
            line.extend(map(_as_day, values) if name in DATE_FIELDS else values)
        sheet.append(line)
    workbook.save(file)


def _as_day(text: Any) -> Any:
    """Return a date as Excel keeps one."""
    day = as_date(text)
    return day if isinstance(day, date) and day >= _FIRST_DATE else text


def _copy_without_moments(packed: BinaryIO, file: BinaryIO) -> None:
    """Copy a workbook so that nothing in it tells when it was made."""
    with ZipFile(packed) as source, ZipFile(file, "w", ZIP_DEFLATED) as target:
        for part in source.infolist():
            info = ZipInfo(part.filename, _MOMENT_OF_ALL)
            info.compress_type = ZIP_DEFLATED
            info.file_size = part.file_size
            info.create_system = 0
            with source.open(part) as reader, target.open(info, "w") as writer:
                if part.filename == "docProps/core.xml":
                    writer.write(_MOMENT.sub(rb"\g<1>1980-01-01T00:00:00Z", reader.read()))
                else:
                    shutil.copyfileobj(reader, writer, 1 << 20)
