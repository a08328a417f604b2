"""
Excel tables (xlsx) as text: a row a line, cells parted by tabs.
"""

from __future__ import annotations

import io
import warnings
import zlib
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl

from corpus.document_zip import open_zip
from corpus.errors import UnreadableDocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_ROWS = 20_000
_MOST_CELLS = 200


def read_xlsx(content: bytes, name: str) -> tuple[int, Iterator[str]]:
    """
    Return how many sheets a workbook has, and its rows as lines.

    Raises:
        UnreadableDocumentError: If it is broken or too large.
    """
    open_zip(content, name).close()
    try:
        with warnings.catch_warnings():
            # What openpyxl does not keep (styles, pictures) is of no interest here.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            try:
                lines = list(_rows(book))
                return len(book.sheetnames), iter(lines)
            finally:
                book.close()
    except (
        BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        EOFError,
        OSError,
        ParseError,
        zlib.error,
    ) as error:
        raise UnreadableDocumentError(
            "broken",
            name,
            f"it is damaged ({error}).",
            "Open it where it can be read and save it again.",
        ) from None


def _rows(book: openpyxl.Workbook) -> Iterator[str]:
    """Yield the rows that hold something."""
    left = _MOST_ROWS
    for sheet in book.worksheets:
        for row in sheet.iter_rows(max_col=_MOST_CELLS, values_only=True):
            left -= 1
            if left < 0:
                return
            cells = ["" if value is None else " ".join(str(value).split()) for value in row]
            line = "\t".join(cells).rstrip("\t")
            if line.strip():
                yield line
