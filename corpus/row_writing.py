"""
Files of rows, written so that the same rows give the same bytes.

A file appears under its name only when it is whole: it is written beside it and then takes its
place. Nothing in it tells when it was made.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from corpus.cells import as_date, as_text, escape
from corpus.file_kinds import Kind, is_packed, kind_to_write
from corpus.notice import DATE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_ROWS_IN_A_GROUP = 2000
_COMPRESSION = 6


def write_rows(path: Path, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """
    Write rows of the columns *names* to a file of the kind that its name tells; return how many.

    Raises:
        UnusableFileError: If the name tells no kind, or the kind cannot hold the rows.
        MissingLibraryError: If it is Parquet and pyarrow is not installed.
        OSError: If it cannot be written; what stood under the name before is still there.
    """
    kind = kind_to_write(path)
    with replacing(path) as file:
        if kind is Kind.XLSX:
            from corpus.xlsx_writing import write_xlsx  # noqa: PLC0415 (each kind loads its own)

            return write_xlsx(file, names, rows, source=str(path))
        if kind is Kind.PARQUET:
            return _write_parquet(file, names, rows)
        write = write_json_lines if kind is Kind.JSONL else _write_csv
        if not is_packed(path):
            return write(file, names, rows)
        with gzip.GzipFile("", "wb", _COMPRESSION, file, mtime=0) as packed:
            return write(cast("BinaryIO", packed), names, rows)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """
    Give a file to write that takes the place of another once it is whole, and only then.

    What is no ordinary file, such as a pipe, is written to directly.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    target = path.resolve()
    descriptor, name = tempfile.mkstemp(
        prefix=f".{target.name}.", suffix=".part", dir=target.parent
    )
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield cast("BinaryIO", file)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(_mode(target))
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """Return the permissions of a file, or those that a new one would get."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        # The mask can only be read by setting it.
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def write_json_lines(
    file: BinaryIO, names: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Write rows as JSON lines; return how many."""
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 (the last one is the number)
        line = json.dumps({name: row.get(name) for name in names}, ensure_ascii=False)
        file.write(line.encode("utf-8", "replace") + b"\n")
    return count


def _write_csv(file: BinaryIO, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as CSV with the mark by which Excel knows UTF-8; return how many."""
    text = io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        writer.writerow([escape(as_text(name, row.get(name)) or "") for name in names])
    text.detach()
    return count


def _write_parquet(file: BinaryIO, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as Parquet, dates and attachments typed, all else as text; return how many."""
    from corpus.parquet_rows import load_pyarrow  # noqa: PLC0415

    arrow, parquet = load_pyarrow()
    attachment = arrow.struct([("name", arrow.string()), ("url", arrow.string())])
    types = {name: arrow.date32() for name in DATE_FIELDS} | {
        "attachments": arrow.list_(attachment)
    }
    schema = arrow.schema([(name, types.get(name, arrow.string())) for name in names])
    count = 0
    group: list[dict[str, Any]] = []
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for count, row in enumerate(rows, start=1):  # noqa: B007
            group.append({name: _typed(name, row.get(name)) for name in names})
            if len(group) == _ROWS_IN_A_GROUP:
                writer.write_table(arrow.Table.from_pylist(group, schema))
                group.clear()
        if group:
            writer.write_table(arrow.Table.from_pylist(group, schema))
    return count


def _typed(name: str, value: Any) -> Any:
    """Return a value as a column of Parquet holds it."""
    if name in DATE_FIELDS:
        return as_date(value)
    if name == "attachments":
        return value
    return as_text(name, value)
