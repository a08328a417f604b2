"""
OFD files: pieces of text with places on pages, put together to lines.

Source: GB/T 33190-2016, the format of open fixed-layout documents (OFD).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from corpus.document_zip import open_zip, read_xml
from corpus.errors import UnreadableDocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile

    from lxml.etree import _Element

_MOST_PAGES = 1000
# Pieces whose tops are nearer than this (in millimetres) stand on one line.
_SAME_LINE = 2.0


def read_ofd(content: bytes, name: str) -> tuple[int, Iterator[str]]:
    """
    Return how many pages an OFD file has, and its lines.

    Raises:
        UnreadableDocumentError: If it is broken, too long, or only pictures of pages.
    """
    with open_zip(content, name) as opened:
        pages = list(_pages(opened, name))
        if len(pages) > _MOST_PAGES:
            found = f"it has {len(pages)} pages; at most {_MOST_PAGES} are read."
            raise UnreadableDocumentError("too_large", name, found, "Save the part that matters.")
        lines = [line for page in pages for line in _lines(read_xml(opened, page, name))]
    if not lines:
        raise UnreadableDocumentError(
            "scanned",
            name,
            "it holds pictures of pages and no text.",
            "Have it recognised (OCR) and save the result, or type its text.",
        )
    return len(pages), iter(lines)


def _pages(opened: ZipFile, name: str) -> Iterator[str]:
    """Yield the parts that hold pages, in their order."""
    for root in _named(read_xml(opened, "OFD.xml", name), "DocRoot"):
        document = (root.text or "").strip().lstrip("/")
        folder = posixpath.dirname(document)
        for page in _named(read_xml(opened, document, name), "Page"):
            place = (page.get("BaseLoc") or "").strip()
            if place:
                yield (
                    place.lstrip("/")
                    if place.startswith("/")
                    else posixpath.normpath(posixpath.join(folder, place))
                )


def _lines(page: _Element) -> list[str]:
    """Return the lines of a page, from its top down."""
    pieces: list[tuple[float, float, str]] = []
    for piece in _named(page, "TextObject"):
        left, top = _corner(piece)
        text = "".join(code.text or "" for code in _named(piece, "TextCode"))
        if text.strip():
            pieces.append((top, left, text))
    pieces.sort()
    lines: list[list[tuple[float, str]]] = []
    last = None
    for top, left, text in pieces:
        if last is None or top - last > _SAME_LINE:
            lines.append([])
            last = top
        lines[-1].append((left, text))
    return ["".join(text for _, text in sorted(line)) for line in lines]


def _corner(piece: _Element) -> tuple[float, float]:
    """Return where a piece begins: how far from the left and from the top."""
    try:
        left, top, *_ = (float(part) for part in (piece.get("Boundary") or "").split())
    except ValueError:
        return 0.0, 0.0
    return left, top


def _named(root: _Element, name: str) -> Iterator[_Element]:
    """Yield the elements of a name; makers differ in their namespaces."""
    yield from root.iter(f"{{*}}{name}")
