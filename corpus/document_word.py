"""
Word documents (docx): paragraphs and tables in their order.

Read from the XML itself: the usual library gives paragraphs and tables apart, and a notice is both.

Source: ECMA-376, Office Open XML, part 1, chapter 17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.document_zip import open_zip, read_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_DEEPEST = 50


def read_docx(content: bytes, name: str) -> Iterator[str]:
    """
    Return the lines of a Word document.

    Raises:
        UnreadableDocumentError: If it is broken or too large.
    """
    with open_zip(content, name) as opened:
        root = read_xml(opened, "word/document.xml", name)
    space = _STRICT if root.tag.startswith(_STRICT) else _W
    body = root.find(f"{space}body")
    return iter(()) if body is None else _lines(body, space, 0)


def _lines(holder: _Element, space: str, depth: int) -> Iterator[str]:
    """Yield the paragraphs and rows in an element."""
    if depth > _DEEPEST:
        return
    for element in holder:
        if element.tag == f"{space}p":
            yield from _text(element, space).split("\n")
        elif element.tag == f"{space}tbl":
            for row in element.iterchildren(f"{space}tr"):
                cells = (_cell(cell, space, depth) for cell in row.iterchildren(f"{space}tc"))
                yield "\t".join(cells).rstrip("\t")
        elif element.tag in {
            f"{space}sdt",
            f"{space}sdtContent",
            f"{space}ins",
            f"{space}smartTag",
        }:
            yield from _lines(element, space, depth + 1)


def _cell(cell: _Element, space: str, depth: int) -> str:
    """Return the text of a cell on one line."""
    return " ".join(line.strip() for line in _lines(cell, space, depth + 1) if line.strip())


def _text(paragraph: _Element, space: str) -> str:
    """Return the text of a paragraph; what was deleted under revision is not in it."""
    parts: list[str] = []
    for element in paragraph.iter():
        if element.tag == f"{space}t":
            parts.append(element.text or "")
        elif element.tag == f"{space}tab":
            parts.append("\t")
        elif element.tag in {f"{space}br", f"{space}cr"}:
            parts.append("\n")
    return "".join(parts)
