"""
Files of notices, one a row: JSON lines, CSV, Excel and Parquet, by what they are.

Rows come one at a time, so a file may be larger than memory. A bad row is told and the next one
follows; a file that breaks off gives all that stands before the break and then says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.cells import read_attachments
from corpus.columns import by_our_names
from corpus.errors import DamagedFileError, InvalidNoticeError
from corpus.exchange import read_lines
from corpus.file_kinds import Kind, kind_of
from corpus.rows import BadRow, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from corpus.exchange import Entry


def read_rows(
    path: Path, *, warn: Callable[[str], None] = lambda _: None
) -> Iterator[Row | BadRow]:
    """
    Yield the rows of a file, in order.

    Args:
        path: JSONL, plain or gzipped, CSV, xlsx or Parquet.
        warn: Called with what is left out but is no row, such as a sheet without known heads.

    Raises:
        UnusableFileError: Before the first row, if the file is no table of notices.
        DamagedFileError: Behind the last whole row, if the file breaks off.
        MissingLibraryError: If it is Parquet and pyarrow is not installed.
        OSError: If it cannot be read.
    """
    kind = kind_of(path)
    if kind is Kind.JSONL:
        return _json_rows(path)
    if kind is Kind.CSV:
        from corpus.csv_rows import csv_rows  # noqa: PLC0415 (each kind loads what it needs)

        return csv_rows(path)
    if kind is Kind.XLSX:
        from corpus.xlsx_rows import xlsx_rows  # noqa: PLC0415

        return xlsx_rows(path, warn=warn)
    from corpus.parquet_rows import parquet_rows  # noqa: PLC0415

    return parquet_rows(path)


def _json_rows(path: Path) -> Iterator[Row | BadRow]:
    """Yield the rows of a JSONL file."""
    lines = read_lines(path)
    while True:
        try:
            entry = next(lines, None)
        except InvalidNoticeError as error:
            # Only a damaged gzip file is refused while lines are fetched.
            raise DamagedFileError(str(path), f"the file is {error.found}.") from None
        if entry is None:
            return
        yield _json_row(entry)


def _json_row(entry: Entry) -> Row | BadRow:
    """Return the row of one line."""
    try:
        row = entry.fields()
    except InvalidNoticeError as error:
        raw = entry.content if isinstance(entry.content, bytes) else b""
        text = raw.decode("utf-8", "backslashreplace").rstrip("\r\n")
        return BadRow(entry.number, entry.where, str(error), {"text": text})
    fields = by_our_names(row)
    if isinstance(fields.get("attachments"), str):
        fields["attachments"] = read_attachments(fields["attachments"])
    return Row(entry.number, entry.where, fields, row)
