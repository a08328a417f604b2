"""
Which kind of file holds notices: told by its first bytes, and by its name where these say little.
"""

from __future__ import annotations

import gzip
import zlib
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, cast
from zipfile import BadZipFile, ZipFile

from corpus.errors import DamagedFileError, UnusableFileError

if TYPE_CHECKING:
    from pathlib import Path

GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_HEAD = 4096
_SUFFIXES = {
    ".jsonl": "JSONL",
    ".ndjson": "JSONL",
    ".json": "JSONL",
    ".csv": "CSV",
    ".tsv": "CSV",
    ".txt": "CSV",
    ".xlsx": "XLSX",
    ".xlsm": "XLSX",
    ".parquet": "PARQUET",
}
KINDS = "JSONL (.jsonl, .jsonl.gz), CSV (.csv), Excel (.xlsx) or Parquet (.parquet)"


class Kind(StrEnum):
    """A kind of file that holds one notice a row."""

    JSONL = "JSONL"
    CSV = "CSV"
    XLSX = "XLSX"
    PARQUET = "PARQUET"


def kind_of(path: Path) -> Kind:
    """
    Return which kind a file is.

    Raises:
        UnusableFileError: If it is none that we read, saying what it is and what to do.
        OSError: If it cannot be opened.
    """
    head = _head(path)
    if head.startswith(_ZIP):
        return _kind_of_zip(path)
    if head.startswith(_PARQUET):
        return Kind.PARQUET
    if head.startswith(_OLD_OFFICE):
        problem = "it is an old or locked Office file. Save it as .xlsx without a password."
        raise UnusableFileError(str(path), problem)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return Kind.JSONL
    if text.startswith((b"[{", b"[\n", b"[\r")):
        problem = (
            "it is one JSON list. Write one notice a line (JSONL), for example with: jq -c '.[]'"
        )
        raise UnusableFileError(str(path), problem)
    named = _by_name(path)
    if named in {Kind.XLSX, Kind.PARQUET}:
        found = "empty" if not head else "something else inside, or damaged"
        problem = f"its name says {named}, but it is {found}. Expected {KINDS}."
        raise UnusableFileError(str(path), problem)
    if not text and named is None:
        raise UnusableFileError(str(path), f"it is empty. Expected {KINDS}.")
    return named or Kind.CSV


def kind_to_write(path: Path) -> Kind:
    """
    Return which kind a new file is to be, by its name.

    Raises:
        UnusableFileError: If the name does not say.
    """
    kind = _by_name(path)
    packed = path.suffix.lower() == ".gz"
    if kind is None or path.name.lower().endswith((".json", ".txt", ".xlsm")):
        raise UnusableFileError(
            str(path), f"its name does not say what to write. Expected {KINDS}."
        )
    if packed and kind is not Kind.JSONL and kind is not Kind.CSV:
        raise UnusableFileError(str(path), f"{kind} files are packed already; leave out .gz.")
    return kind


def is_packed(path: Path) -> bool:
    """Return whether a file is gzipped, or is to be by its name."""
    return path.suffix.lower() == ".gz"


def open_unpacked(path: Path) -> BinaryIO:
    """Return a file opened for reading, unpacked if it is gzipped; closing it closes all."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    # gzip files are binary files, though typeshed does not say so.
    return cast("BinaryIO", gzip.open(path)) if packed else path.open("rb")


def _head(path: Path) -> bytes:
    """Return the first bytes of a file, unpacked."""
    try:
        with open_unpacked(path) as file:
            return file.read(_HEAD)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedFileError(
            str(path), f"the gzip file is cut off or damaged ({error})."
        ) from None


def _by_name(path: Path) -> Kind | None:
    """Return the kind that a file's name tells, if any."""
    name = path.name.lower().removesuffix(".gz")
    return next((Kind(kind) for end, kind in _SUFFIXES.items() if name.endswith(end)), None)


def _kind_of_zip(path: Path) -> Kind:
    """Return XLSX for a zip file that is one."""
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        problem = (
            f"it is cut off or damaged, and an Excel file can only be read whole ({error})."
            " Copy it again."
        )
        raise DamagedFileError(str(path), problem) from None
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    kinds = {"word/document.xml": "a Word file", "OFD.xml": "an OFD file"}
    found = next((kind for name, kind in kinds.items() if name in names), "a zip archive")
    raise UnusableFileError(str(path), f"it is {found}. Expected {KINDS}.")
