"""
Rows of CSV files, as offices and their programs write them.

UTF-8 with or without a mark, GB18030 or UTF-16; commas, semicolons or tabs; line breaks inside
quoted cells. The file is read line by line and never held. Cells are taken strictly, because a
row that is repaired by guesswork becomes a notice with half its text.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.cells import read_attachments, unescape
from corpus.columns import Columns
from corpus.errors import DamagedFileError, UnusableFileError
from corpus.file_kinds import open_unpacked
from corpus.rows import BadRow, Row
from corpus.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO, TextIO

# The longest real notices have some 300,000 characters; a quotation mark that is never closed
# would otherwise take the rest of the file for one cell.
_LONGEST_CELL = 20_000_000
_SAMPLE = 1 << 17
# So far a file may be plain ASCII before we stop looking for what its encoding is.
_FURTHEST_SAMPLE = 512
_DELIMITERS = ",;\t|，；"
_ROWS_BEFORE_HEADS = 10
# Bytes that are no text in the encoding of the file come out as these.
_UNDECODED = re.compile(r"[\udc80-\udcff]")
_UNPACKING_ERRORS = (EOFError, gzip.BadGzipFile, zlib.error)


def csv_rows(path: Path) -> Iterator[Row | BadRow]:
    """
    Yield the rows of a CSV file.

    Raises:
        UnusableFileError: If it has no heads that we know, or is no text.
        DamagedFileError: If it breaks off.
        OSError: If it cannot be read.
    """
    with csv_table(path) as (columns, records):
        for record in records:
            yield record if isinstance(record, BadRow) else _row(columns, record)


class Record(NamedTuple):
    """The cells of one row as they stand in the file; *number* counts the heads' row."""

    number: int
    where: str
    cells: list[str]


@contextmanager
def csv_table(path: Path) -> Iterator[tuple[Columns, Iterator[Record | BadRow]]]:
    """
    Give the columns of a CSV file and its rows, every cell as it stands there.

    Raises:
        UnusableFileError: If it has no heads that we know, or is no text.
        DamagedFileError: If it breaks off.
        OSError: If it cannot be read.
    """
    source = str(path)
    encoding = _encoding(path)
    delimiter, place = _layout(path, encoding)
    # The limit is one for the whole process, so it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    with io.TextIOWrapper(
        open_unpacked(path), encoding, errors="surrogateescape", newline=""
    ) as file:
        reader = csv.reader(_lines(file, encoding, source), delimiter=delimiter, strict=True)
        columns = Columns(next(islice(reader, place, None)))
        yield columns, _records(reader, columns, place + 1, source, encoding)


def _records(
    reader: Any, columns: Columns, number: int, source: str, encoding: str
) -> Iterator[Record | BadRow]:
    """Yield the rows below the heads."""
    while True:
        number += 1
        line = reader.line_num + 1
        where = f"{source}, row {number} (line {line})"
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "unexpected end" in str(error):
                problem = f"it ends inside the quoted cell that row {number} (line {line}) opens."
                raise DamagedFileError(source, problem) from None
            yield BadRow(number, where, f"{where}: {_in_words(error)}", {})
            continue
        if cells is None:
            return
        if any(cells):
            yield _checked(columns, Record(number, where, cells), encoding)


def _checked(columns: Columns, record: Record, encoding: str) -> Record | BadRow:
    """Return a row whose cells stand below the heads, or what is wrong with it."""
    number, where, cells = record
    heads = len(columns.heads)
    if len(cells) < heads or any(cells[heads:]):
        reason = (
            f"{where}: it has {len(cells)} cells under {heads} heads;"
            " a cell with a delimiter or a line break must stand in quotation marks."
        )
        return BadRow(number, where, reason, columns.original(cells))
    if any(map(_UNDECODED.search, cells)):
        readable = [_UNDECODED.sub("\ufffd", cell) for cell in cells]
        reason = f"{where}: it holds bytes that are not {encoding.removesuffix('-sig').upper()}."
        return BadRow(number, where, reason, columns.original(readable))
    return record


def _row(columns: Columns, record: Record) -> Row:
    """Return the row of some cells."""
    texts = [unescape(cell) for cell in record.cells]
    fields = columns.fields(texts)
    if "attachments" in fields:
        fields["attachments"] = read_attachments(fields["attachments"])
    return Row(record.number, record.where, fields, columns.original(texts))


def _lines(file: TextIO, encoding: str, source: str) -> Iterator[str]:
    """Yield the lines of a file with their ends."""
    while True:
        try:
            line = file.readline(_LONGEST_CELL)
        except _UNPACKING_ERRORS as error:
            problem = f"the gzip file is cut off or damaged ({error})."
            raise DamagedFileError(source, problem) from None
        except UnicodeDecodeError as error:
            raise DamagedFileError(source, f"it is not {encoding} ({error.reason}).") from None
        if not line:
            return
        if len(line) >= _LONGEST_CELL:
            problem = f"a line has over {_LONGEST_CELL:,} characters, so it is no table of notices."
            raise UnusableFileError(source, problem)
        yield line


def _encoding(path: Path) -> str:
    """
    Return the encoding of a file: that of most lines which are not plain ASCII.

    So one damaged line spoils itself and not the file.
    """
    sample = _sample(path)
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    lines = [line for line in sample.split(b"\n") if not line.isascii()]
    if b"\0" not in sample and sum(_is_whole(line, "utf-8") for line in lines) * 2 >= len(lines):
        return "utf-8"
    # Refuses what is no text, and what GB18030 would read as noise. A long line may be cut in the
    # middle of a character of up to four bytes.
    cut = next((n for n in range(4) if _is_whole(sample[: -n or None], "gb18030", end=True)), 0)
    decode(sample[: -cut or None], source=str(path))
    return "gb18030"


def _sample(path: Path) -> bytes:
    """Return the start of a file, or the first stretch of it that is not plain ASCII."""
    with open_unpacked(path) as file:
        sample = first = _chunk(file)
        for _ in range(_FURTHEST_SAMPLE):
            if not sample or not sample.isascii():
                break
            sample = _chunk(file)
        return sample or first


def _chunk(file: BinaryIO) -> bytes:
    """Return the next stretch of a file up to the end of a line; less where it is damaged."""
    pieces = []
    try:
        pieces.append(file.read(_SAMPLE))
        pieces.append(file.readline(_SAMPLE))
    except _UNPACKING_ERRORS:
        # Whoever reads the rows meets the damage at its own place.
        pass
    return b"".join(pieces)


def _is_whole(data: bytes, encoding: str, *, end: bool = False) -> bool:
    """Return whether bytes are text of an encoding; unless *end*, they may break off."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(data, final=end)
    except UnicodeDecodeError:
        return False
    return True


def _layout(path: Path, encoding: str) -> tuple[str, int]:
    """Return the delimiter of a file, and how many rows stand above its heads."""
    with open_unpacked(path) as file:
        sample = _chunk(file).decode(encoding, "replace")
    best: tuple[int, int, str, int] = (0, 0, "", 0)
    for delimiter in _DELIMITERS:
        for place, cells in enumerate(_first_rows(sample, delimiter)):
            known = Columns(cells).known
            if (known, len(cells)) > best[:2]:
                best = (known, len(cells), delimiter, place)
    if best[0] == 0:
        first = " ".join(sample[:200].split())[:60]
        problem = (
            f"its first row is {first!r}; expected the heads of columns, such as title, body, url"
            " or 标题, 正文, 网址."
        )
        raise UnusableFileError(str(path), problem)
    return best[2], best[3]


def _first_rows(sample: str, delimiter: str) -> Iterable[list[str]]:
    """Return the first rows of a sample, as far as they can be read."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        return list(islice(reader, _ROWS_BEFORE_HEADS))
    except csv.Error:
        return []


def _in_words(error: csv.Error) -> str:
    """Return why a row could not be read."""
    if "limit" in str(error):
        return "a quotation mark is opened and never closed."
    return f'a quotation mark inside a quoted cell must be doubled: "" ({error}).'
