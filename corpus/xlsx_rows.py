"""
Rows of Excel files (xlsx), sheet by sheet.

Values are taken as the file stores them: a formula's last result, never the formula. A workbook
is a zip archive of XML, so its size is checked before anything is unpacked.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from corpus.cells import from_excel, plain, read_attachments
from corpus.columns import Columns, read_head
from corpus.errors import DamagedFileError, UnusableFileError
from corpus.notice import DATE_FIELDS
from corpus.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from openpyxl import Workbook

# A sheet of a million notices unpacks to some 3 GB; texts shared between cells are held in memory.
_LARGEST = 8 << 30
_LARGEST_SHARED = 512 << 20
# XML of real tables packs 5 to 30 times; a bomb over 1,000 times.
_SUSPICIOUS_SIZE = 64 << 20
_HIGHEST_RATIO = 200
_DOCTYPE = b"<!DOCTYPE"
_ROWS_BEFORE_HEADS = 10
_BATCH = 100
# A changed flag makes a part look locked or packed in a way nobody reads: RuntimeError.
_DAMAGE = (
    BadZipFile,
    zlib.error,
    EOFError,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    RuntimeError,
)


def xlsx_rows(path: Path, *, warn: Callable[[str], None]) -> Iterator[Row]:
    """
    Yield the rows of all visible sheets that have heads we know.

    Raises:
        UnusableFileError: If no sheet has, or the file unpacks to too much.
        DamagedFileError: If it breaks off.
        OSError: If it cannot be read.
    """
    with xlsx_tables(path, warn=warn) as tables:
        for name, columns, rows in tables:
            for number, cells in rows:
                yield from _row(columns, cells, number, name)


_Rows = Iterator[tuple[int, tuple[Any, ...]]]


@contextmanager
def xlsx_tables(
    path: Path, *, warn: Callable[[str], None]
) -> Iterator[Iterator[tuple[str, Columns, _Rows]]]:
    """
    Give the visible sheets that have heads we know: name, columns, and the rows below the heads.

    Raises:
        UnusableFileError: If no sheet has, or the file unpacks to too much.
        DamagedFileError: If it breaks off.
        OSError: If it cannot be read.
    """
    source = str(path)
    _check_size(path, source)
    workbook = _opened(path, source)
    try:
        yield _tables(workbook, source, warn)
    finally:
        workbook.close()


def _tables(
    workbook: Workbook, source: str, warn: Callable[[str], None]
) -> Iterator[tuple[str, Columns, _Rows]]:
    """Yield the sheets with heads; whoever asks for the next one has read the one before."""
    first_rows: dict[str, tuple[Any, ...]] = {}
    found = False
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            continue
        # What a file says of its own extent is often wrong and can make rows of 16,384 cells.
        sheet.reset_dimensions()
        name = source if len(workbook.worksheets) == 1 else f"{source}, sheet {sheet.title}"
        rows = _numbered(sheet.iter_rows(values_only=True), name)
        top = list(islice(rows, _ROWS_BEFORE_HEADS))
        place, columns = _heads([cells for _, cells in top])
        if columns is None:
            filled = (cells for _, cells in top if any(cells))
            first_rows[name] = next(filled, ())
            continue
        found = True
        yield name, columns, chain(top[place + 1 :], rows)
    left_out = {name: cells for name, cells in first_rows.items() if cells}
    if not found:
        raise UnusableFileError(source, _without_heads(next(iter(left_out.values()), ())))
    for name in left_out:
        warn(f"{name} has no heads that we know and was left out.")


def _without_heads(cells: Sequence[object]) -> str:
    """Return what is wrong with a workbook that has no heads that we know."""
    shown = ", ".join(str(cell) for cell in cells if cell is not None)[:60]
    found = f"its first row is {shown!r}" if shown else "it is empty"
    return f"{found}; expected the heads of columns, such as title, body, url or 标题, 正文, 网址."


def _check_size(path: Path, source: str) -> None:
    """Raise an error if a workbook unpacks to more than a table of notices can need."""
    with ZipFile(path) as archive:
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        packed = sum(part.compress_size for part in parts)
        shared = sum(
            part.file_size for part in parts if part.filename.endswith("sharedStrings.xml")
        )
        if (
            total > _LARGEST
            or shared > _LARGEST_SHARED
            or (total > _SUSPICIOUS_SIZE and total > packed * _HIGHEST_RATIO)
        ):
            problem = (
                f"it unpacks from {packed:,} to {total:,} bytes, more than a table of notices"
                " needs. Save it as CSV, or as several files."
            )
            raise UnusableFileError(source, problem)
        for part in parts:
            if part.filename.endswith(".xml"):
                _refuse_doctype(archive, part.filename, source)


def _refuse_doctype(archive: ZipFile, name: str, source: str) -> None:
    """Raise an error if a part declares entities of its own, as no Excel does."""
    try:
        with archive.open(name) as part:
            declared = _DOCTYPE in part.read(1024)
    except (BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        problem = f"its part {name} is damaged or locked. Save it again without a password."
        raise DamagedFileError(source, problem) from None
    if declared:
        raise UnusableFileError(
            source, f"its part {name} declares a document type; Excel never does."
        )


def _opened(path: Path, source: str) -> Workbook:
    """Return a workbook opened for reading row by row, its links to other files left alone."""
    try:
        # openpyxl warns of every extension that it passes over.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (*_DAMAGE, AttributeError) as error:
        raise DamagedFileError(source, f"it is no whole Excel file ({error}).") from None


def _numbered(
    rows: Iterator[tuple[Any, ...]], source: str
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the rows of a sheet with their numbers, as Excel shows them."""
    number = 0
    while True:
        batch: list[tuple[Any, ...]] = []
        damage: Exception | None = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                batch.extend(islice(rows, _BATCH))
            except _DAMAGE as error:
                damage = error
        for cells in batch:
            number += 1
            yield number, cells
        if damage is not None:
            problem = f"the sheet is cut off or damaged behind row {number} ({damage})."
            raise DamagedFileError(source, problem)
        if not batch:
            return


def _heads(top: Sequence[tuple[Any, ...]]) -> tuple[int, Columns | None]:
    """Return which of the first rows holds the heads, often below a line with a title."""
    best, place = None, 0
    for number, cells in enumerate(top):
        columns = Columns([cell if isinstance(cell, str) else "" for cell in cells])
        if columns.known and (best is None or columns.known > best.known):
            best, place = columns, number
    return place, best


def _row(columns: Columns, cells: tuple[Any, ...], number: int, name: str) -> Iterator[Row]:
    """Yield the row of some cells, unless all are empty."""
    values: list[Any] = []
    for place, cell in enumerate(cells[: len(columns.heads)]):
        if isinstance(cell, str):
            values.append(from_excel(cell))
        else:
            column = read_head(columns.heads[place])
            values.append(plain(cell, date_only=column is not None and column.name in DATE_FIELDS))
    values.extend([None] * (len(columns.heads) - len(values)))
    if all(value is None for value in values):
        return
    fields = columns.fields(values)
    if isinstance(fields.get("attachments"), str):
        fields["attachments"] = read_attachments(fields["attachments"])
    yield Row(number, f"{name}, row {number}", fields, columns.original(values))
