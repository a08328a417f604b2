"""
Rows of Parquet files, batch by batch; pyarrow is needed, and imported here only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.cells import plain, read_attachments
from corpus.columns import Columns, read_head
from corpus.errors import DamagedFileError, MissingLibraryError, UnusableFileError
from corpus.notice import DATE_FIELDS
from corpus.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BATCH = 200


def load_pyarrow() -> tuple[Any, Any]:
    """
    Return pyarrow and its Parquet module.

    Raises:
        MissingLibraryError: If they are not installed.
    """
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise MissingLibraryError("Parquet files", "pyarrow", "parquet") from None


def parquet_rows(path: Path) -> Iterator[Row]:
    """
    Yield the rows of a Parquet file; only columns that we know are read.

    Raises:
        UnusableFileError: If no column is one.
        DamagedFileError: If the file breaks off.
        MissingLibraryError: If pyarrow is not installed.
    """
    arrow, parquet = load_pyarrow()
    source = str(path)
    try:
        file = parquet.ParquetFile(path, memory_map=True)
    except (arrow.ArrowException, OSError, ValueError) as error:
        problem = f"it is cut off or damaged, and a Parquet file can only be read whole ({error})."
        raise DamagedFileError(source, problem) from None
    with file:
        names = [name for name in file.schema_arrow.names if read_head(name) is not None]
        if not names:
            found = ", ".join(file.schema_arrow.names)[:60]
            problem = f"its columns are {found!r}; expected some such as title, body, url or 标题."
            raise UnusableFileError(source, problem)
        columns = Columns(names)
        is_date = [
            read.name in DATE_FIELDS for name in names if (read := read_head(name)) is not None
        ]
        number = 0
        batches = file.iter_batches(batch_size=_BATCH, columns=names, use_threads=False)
        while True:
            try:
                batch = next(batches, None)
            except (arrow.ArrowException, OSError) as error:
                problem = f"it is damaged behind row {number} ({error})."
                raise DamagedFileError(source, problem) from None
            if batch is None:
                return
            for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                values = [
                    plain(cell, date_only=day) for cell, day in zip(cells, is_date, strict=True)
                ]
                fields = columns.fields(values)
                if isinstance(fields.get("attachments"), str):
                    fields["attachments"] = read_attachments(fields["attachments"])
                where = f"{source}, row {number}"
                yield Row(number, where, fields, columns.original(values))
