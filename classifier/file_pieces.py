"""
A file of notices in pieces: what a worker is told, and the rows that it then reads itself.

JSON lines are cut at line ends, Parquet at rows of a row group; both are read where they lie. Only
what cannot be read from the middle (gzip, CSV with line breaks in its cells, Excel) is first
written out in pieces, one ahead of the workers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from corpus.cells import from_excel, plain, unescape
from corpus.columns import Columns, by_our_names
from corpus.csv_rows import csv_table
from corpus.errors import DamagedFileError, InvalidNoticeError, UnusableFileError
from corpus.exchange import parse_object, read_lines
from corpus.file_kinds import GZIP, Kind, kind_of
from corpus.parquet_rows import load_pyarrow
from corpus.rows import BadRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

# Some hundred notices: a fraction of a second for a worker, and little memory.
PIECE = 2_000_000
_ROWS = 500
# A row group is read from its beginning by every piece of it, so there are not too many.
_FEWEST_ROWS = 2000
_MOST_PIECES = 32


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be used: which, why, and what stands there."""

    number: int
    reason: str
    original: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lines:
    """
    JSON lines between two bytes of a file.

    With *heads*, each line is a list of cells, and *escaped* says whether they are those of a CSV
    file. *bad* are rows among them that were found to be unusable already.
    """

    path: str
    start: int
    end: int
    share: float | None = None
    heads: tuple[str, ...] | None = None
    escaped: bool = False
    spooled: bool = False
    bad: tuple[Bad, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows *first* to *last* (excluded) of a row group of a Parquet file."""

    path: str
    group: int
    first: int
    last: int
    share: float


Piece = Lines | Rows


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read in pieces; *heads* are its columns, where all rows have the same."""

    path: Path
    kind: Kind
    heads: tuple[str, ...] | None
    pieces: Callable[[Path], Iterator[Piece]]


def open_source(path: Path, *, warn: Callable[[str], None]) -> Source:
    """
    Return a file as it can be given to workers.

    Its pieces are made in a folder that they are called with.

    Raises:
        UnusableFileError: If the file is no table of notices.
        DamagedFileError: If it breaks off.
        MissingLibraryError: If it is Parquet and pyarrow is not installed.
        OSError: If it cannot be read.
    """
    kind = kind_of(path)
    if kind is Kind.PARQUET:
        return _parquet(path)
    if kind is Kind.CSV:
        with csv_table(path) as (columns, _):
            heads = columns.heads
        return Source(path, kind, heads, lambda folder: _csv_pieces(path, folder))
    if kind is Kind.XLSX:
        from corpus.xlsx_rows import xlsx_tables  # noqa: PLC0415 (each kind loads its own)

        with xlsx_tables(path, warn=lambda _: None) as tables:
            heads = _heads(next(tables)[1])
        return Source(path, kind, heads, lambda folder: _xlsx_pieces(path, folder, warn))
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    if packed:
        return Source(path, kind, None, lambda folder: _packed_pieces(path, folder))
    return Source(path, kind, None, lambda _: _plain_pieces(path))


def names_of(source: Source) -> list[str]:
    """Return the columns of a source; those of JSON lines in the order in which they come up."""
    if source.heads is not None:
        return unique(source.heads)
    names: dict[str, None] = {}
    for entry in read_lines(source.path):
        try:
            names.update(dict.fromkeys(entry.fields()))
        except InvalidNoticeError:
            # The worker that meets it says so.
            continue
    return list(names)


def unique(heads: Sequence[str]) -> list[str]:
    """Return the heads of a table so that each is there once; an empty one gets its place."""
    names: dict[str, None] = {}
    for place, head in enumerate(heads, start=1):
        name = head if head.strip() and head not in names else f"column {place}"
        names[name] = None
    return list(names)


def read_piece(piece: Lines) -> Iterator[tuple[dict[str, Any], dict[str, Any]] | Bad]:
    """Yield each row of a piece and the fields of a notice in it."""
    columns = None if piece.heads is None else Columns(piece.heads)
    names = None if piece.heads is None else unique(piece.heads)
    with open(piece.path, "rb") as file:  # noqa: PTH123 (the path of another machine's file)
        file.seek(piece.start)
        for number in count(1):
            if file.tell() >= piece.end:
                return
            line = file.readline()
            if not line.strip():
                continue
            if columns is not None and names is not None:
                cells = json.loads(line)
                texts = [unescape(cell) for cell in cells] if piece.escaped else cells
                yield dict(zip(names, cells, strict=False)), columns.fields(texts)
                continue
            try:
                row = parse_object(line, where="")
            except InvalidNoticeError as error:
                text = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
                yield Bad(number, str(error), {"text": text})
                continue
            yield row, by_our_names(row)


def _plain_pieces(path: Path) -> Iterator[Lines]:
    """Yield a JSONL file in pieces that end with a line."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = 0
        while start < size:
            file.seek(start + PIECE)
            file.readline()
            end = min(file.tell(), size)
            yield Lines(str(path), start, end, share=end / size)
            start = end


def _packed_pieces(path: Path, folder: Path) -> Iterator[Lines]:
    """Yield a gzipped JSONL file in pieces, unpacked."""
    try:
        lines = (entry.content for entry in read_lines(path))
        texts = (line if line.endswith(b"\n") else line + b"\n" for line in _bytes(lines))
        for part, size, _ in _spooled(((text, None) for text in texts), folder):
            yield Lines(part, 0, size, spooled=True)
    except InvalidNoticeError as error:
        raise DamagedFileError(str(path), f"the file is {error.found}.") from None


def _bytes(lines: Iterable[bytes | dict[str, Any]]) -> Iterator[bytes]:
    """Yield lines that are still bytes, as those of a file are."""
    return (line for line in lines if isinstance(line, bytes))


def _csv_pieces(path: Path, folder: Path) -> Iterator[Lines]:
    """Yield the rows of a CSV file in pieces."""
    with csv_table(path) as (columns, records):
        lines = (
            (None, Bad(record.number, record.reason, dict(record.original)))
            if isinstance(record, BadRow)
            else (json.dumps(record.cells[: len(columns.heads)]).encode() + b"\n", None)
            for record in records
        )
        for part, size, bad in _spooled(lines, folder):
            yield Lines(part, 0, size, None, columns.heads, escaped=True, spooled=True, bad=bad)


def _xlsx_pieces(path: Path, folder: Path, warn: Callable[[str], None]) -> Iterator[Lines]:
    """Yield the rows of the first sheet with heads in pieces."""
    from corpus.xlsx_rows import xlsx_tables  # noqa: PLC0415

    with xlsx_tables(path, warn=warn) as tables:
        _, columns, rows = next(tables)
        heads = _heads(columns)
        lines = ((_line(cells, len(heads)), None) for _, cells in rows)
        for part, size, _ in _spooled(lines, folder):
            yield Lines(part, 0, size, None, heads, spooled=True)
        for name, _, others in tables:
            warn(f"{name} was left out: only the first sheet with notices is taken.")
            for _ in others:
                pass


def _heads(columns: Columns) -> tuple[str, ...]:
    """Return the heads of a sheet up to the last that says something."""
    heads = list(columns.heads)
    while heads and not heads[-1].strip():
        heads.pop()
    return tuple(heads)


def _line(cells: Sequence[Any], width: int) -> bytes | None:
    """Return the cells of a row of Excel as a line; numbers stay numbers. ``None`` if empty."""
    if all(cell is None for cell in cells):
        return None
    values = [_value(cell) for cell in cells[:width]]
    return json.dumps(values + [None] * (width - len(values))).encode() + b"\n"


def _value(cell: object) -> object:
    """Return a cell of Excel as JSON holds it."""
    if isinstance(cell, str):
        return from_excel(cell)
    return cell if isinstance(cell, (int, float)) else plain(cell)


def _spooled(
    lines: Iterable[tuple[bytes | None, Bad | None]], folder: Path
) -> Iterator[tuple[str, int, tuple[Bad, ...]]]:
    """Write lines into files of about one piece each; yield name, size and what could not be."""
    waiting = iter(lines)
    for number in count(1):
        path = folder / f"in-{number:06}"
        size, bad, ended = 0, [], True
        with path.open("wb") as file:
            for line, problem in waiting:
                if problem is not None:
                    bad.append(problem)
                if line is not None:
                    size += file.write(line)
                if size >= PIECE:
                    ended = False
                    break
        if size or bad:
            yield str(path), size, tuple(bad)
        if ended:
            return


def _parquet(path: Path) -> Source:
    """Return a Parquet file to be read in pieces."""
    arrow, parquet = load_pyarrow()
    try:
        with parquet.ParquetFile(path, memory_map=True) as file:
            heads = tuple(file.schema_arrow.names)
            groups = [
                file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)
            ]
    except (arrow.ArrowException, OSError, ValueError) as error:
        problem = f"it is cut off or damaged, and a Parquet file can only be read whole ({error})."
        raise DamagedFileError(str(path), problem) from None
    if not Columns(heads).known:
        found = ", ".join(heads)[:60]
        problem = f"its columns are {found!r}; expected some such as title, body, url or 标题."
        raise UnusableFileError(str(path), problem)

    def pieces(_: Path) -> Iterator[Rows]:
        done, total = 0, max(1, sum(groups))
        for group, rows in enumerate(groups):
            size = max(_FEWEST_ROWS, -(-rows // _MOST_PIECES))
            for first in range(0, rows, size):
                last = min(first + size, rows)
                yield Rows(str(path), group, first, last, (done + last) / total)
            done += rows

    return Source(path, Kind.PARQUET, heads, pieces)


def read_batches(piece: Rows) -> Iterator[Any]:
    """
    Yield the rows of a piece as record batches of Arrow.

    Raises:
        DamagedFileError: If the file is damaged there.
    """
    arrow, parquet = load_pyarrow()
    at = 0
    try:
        with parquet.ParquetFile(piece.path, memory_map=True) as file:
            for batch in file.iter_batches(_ROWS, row_groups=[piece.group], use_threads=False):
                first, last = max(piece.first - at, 0), min(piece.last - at, batch.num_rows)
                if first < last:
                    yield batch.slice(first, last - first)
                at += batch.num_rows
                if at >= piece.last:
                    return
    except arrow.ArrowException as error:
        problem = f"it is damaged in row group {piece.group} ({error})."
        raise DamagedFileError(piece.path, problem) from None
