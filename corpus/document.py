"""
A document file to its text: what an attached or uploaded docx, pdf, ofd or xlsx says.

Pure: bytes in, text out. What a file is, its first bytes say, not its name. What cannot be read
here is refused with what to do about it, and so is what is broken, locked, or made to swell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.document_kinds import DocumentKind, kind_of_document
from corpus.document_ofd import read_ofd
from corpus.document_pdf import read_pdf
from corpus.document_word import read_docx
from corpus.document_zip import MOST_CHARACTERS
from corpus.errors import UnreadableDocumentError, UnreadableTextError
from corpus.page_body import body_text
from corpus.page_encoding import decode_page
from corpus.page_text import parse
from corpus.text import clean, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_BYTES", "Document", "DocumentKind", "UnreadableDocumentError", "read_document"]

MOST_BYTES = 50_000_000
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True)
class Document:
    """
    The text of a file, a paragraph or a row of a table a line, cells parted by tabs.

    *pages* is how many pages or sheets it has, ``None`` where the kind has none. *cut* says that
    the file goes on beyond what is read of any.
    """

    kind: DocumentKind
    text: str
    pages: int | None = None
    cut: bool = False


def read_document(content: bytes, name: str = "") -> Document:
    """
    Return the text of a file.

    Args:
        content: The file.
        name: What it is called, for messages.

    Raises:
        UnreadableDocumentError: If it is of a kind that is not read here, holds no text, is
            locked, broken or too large; its text says what to do.
    """
    if len(content) > MOST_BYTES:
        found = f"it has {len(content) / 1e6:.0f} MB; at most {MOST_BYTES / 1e6:.0f} MB are read."
        raise UnreadableDocumentError("too_large", name, found, "Save its text as a smaller file.")
    kind = kind_of_document(content, name)
    pages: int | None = None
    match kind:
        case DocumentKind.DOCX:
            lines = read_docx(content, name)
        case DocumentKind.PDF:
            pages, lines = read_pdf(content, name)
        case DocumentKind.OFD:
            pages, lines = read_ofd(content, name)
        case DocumentKind.XLSX:
            # openpyxl takes its time to load, and most files are no tables.
            from corpus.document_xlsx import read_xlsx  # noqa: PLC0415

            pages, lines = read_xlsx(content, name)
        case DocumentKind.HTML:
            root = parse(decode_page(content))
            lines = iter([] if root is None else body_text(root).split("\n"))
        case _:
            lines = _of_text(content, name)
    text, cut = _joined(lines)
    if not text:
        raise UnreadableDocumentError(
            "empty",
            name,
            f"it is a {kind} file without any text.",
            "See whether it is the file that was meant.",
        )
    return Document(kind, text, pages, cut)


def _of_text(content: bytes, name: str) -> Iterator[str]:
    """Return the lines of plain text."""
    try:
        return iter(decode(content, source=name or "the file").split("\n"))
    except UnreadableTextError as error:
        raise UnreadableDocumentError(
            "unknown",
            name,
            f"it is of no kind that is read here ({error}).",
            "Save it as docx, pdf or txt.",
        ) from None


def _joined(lines: Iterator[str]) -> tuple[str, bool]:
    """Return lines as one clean text, and whether there were more than are read."""
    kept: list[str] = []
    length = 0
    for line in lines:
        length += len(line) + 1
        if length > MOST_CHARACTERS:
            kept.append(line[: MOST_CHARACTERS - length])
            return _tidy(kept), True
        kept.append(line)
    return _tidy(kept), False


def _tidy(lines: list[str]) -> str:
    """Return lines as text without runs of blank ones."""
    return _BLANK_LINES.sub("\n", clean("\n".join(lines))).strip()
