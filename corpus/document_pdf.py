"""
PDF files that hold text. Lines that the page's width has broken are put together again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pypdfium2
from pypdfium2 import PdfiumError

from corpus.errors import UnreadableDocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_PAGES = 1000
_PASSWORD = re.compile(r"password|security", re.IGNORECASE)
# A line of at least this share of the longest is full; a sentence that ends on it may go on.
_FULL = 0.85
_ENDED = re.compile(r"[。！？；：…”）》.!?;:]$")
_BEGINS = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[.．、]|第.{1,4}[章条节]|附件|[-—]\s*\d+\s*[-—]$)"
)
_PAGE_NUMBER = re.compile(r"^[-—－\s]*\d{1,4}[-—－\s]*$")
_SCANNED = 5


def read_pdf(content: bytes, name: str) -> tuple[int, Iterator[str]]:
    """
    Return how many pages a PDF has, and its lines.

    Raises:
        UnreadableDocumentError: If it is locked, broken, too long, or only pictures of pages.
    """
    try:
        opened = pypdfium2.PdfDocument(content)
    except PdfiumError as error:
        if _PASSWORD.search(str(error)):
            raise UnreadableDocumentError(
                "encrypted",
                name,
                "it is locked with a password.",
                "Open it and save it without one.",
            ) from None
        raise _broken(name, error) from None
    try:
        pages = len(opened)
        if pages > _MOST_PAGES:
            found = f"it has {pages} pages; at most {_MOST_PAGES} are read."
            raise UnreadableDocumentError("too_large", name, found, "Save the part that matters.")
        texts = [_page(opened, number) for number in range(pages)]
    except PdfiumError as error:
        raise _broken(name, error) from None
    finally:
        opened.close()
    if sum(len("".join(text.split())) for text in texts) <= _SCANNED * max(1, pages):
        raise UnreadableDocumentError(
            "scanned",
            name,
            "it holds pictures of pages and no text.",
            "Have it recognised (OCR) and save the result, or type its text.",
        )
    return pages, iter(_unbroken("\n".join(texts).splitlines()))


def _page(opened: pypdfium2.PdfDocument, number: int) -> str:
    """Return the text of a page."""
    page = opened[number]
    try:
        text = page.get_textpage()
        try:
            found: str = text.get_text_bounded()
        finally:
            text.close()
    finally:
        page.close()
    return found


def _unbroken(lines: list[str]) -> list[str]:
    """Return lines without page numbers, put together where only the page's width broke them."""
    stripped = [line.strip() for line in lines]
    texts = [line for line in stripped if line and not _PAGE_NUMBER.match(line)]
    full = max(map(len, texts), default=0) * _FULL
    whole: list[str] = []
    goes_on = False
    for line in texts:
        if goes_on and not _BEGINS.match(line):
            latin = whole[-1][-1].isascii() and line[0].isascii()
            whole[-1] += f" {line}" if latin else line
        else:
            whole.append(line)
        goes_on = len(line) >= full and not _ENDED.search(line)
    return whole


def _broken(name: str, error: Exception) -> UnreadableDocumentError:
    """Return that a file is damaged."""
    return UnreadableDocumentError(
        "broken",
        name,
        f"it is a PDF file, but damaged ({error}).",
        "Open it where it can be read and save it again.",
    )
