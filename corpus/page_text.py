"""
Elements of a page to readable text: a paragraph a line, a row of a table a line with tabs.

What is never text (scripts, styles, forms' fields, what is hidden) is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import lxml.html
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.html import HtmlElement

_NO_TEXT = frozenset(
    {
        "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math",
        "head", "title", "meta", "link", "select", "option", "input", "textarea", "button",
        "audio", "video", "canvas", "map", "xml", "datastore",
    }
)  # fmt: skip
_INLINE = frozenset(
    {
        "a", "abbr", "acronym", "b", "basefont", "big", "bdo", "cite", "code", "del", "dfn", "em",
        "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small",
        "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
    }
)  # fmt: skip
_CELLS = frozenset({"td", "th"})
_BLANKS = re.compile(r"[ \t\r\n\f\v\xa0\u2002\u2003\u2009]+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WRITTEN = re.compile(
    r"document\.write(?:ln)?\s*\(\s*([\"'])((?:(?!\1)[^\\<>]|\\[^<>]){1,200})\1\s*\)"
)
# Deeper nesting is nobody's page, and would take the parser's and our own time.
_DEEPEST = 200
# Pages put together from parts close themselves in the middle.
_CLOSED = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_NUL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# A cell with more paragraphs than this is a column of the page.
_MOST_BLOCKS = 12
_LONGEST_SCRIPT = 400
# Marks in the text being made: a new line, a new cell.
_LINE, _CELL = "\n", "\t"


def parse(text: str) -> HtmlElement | None:
    """Return the root of a page, however broken its markup is; ``None`` if it holds nothing."""
    # The bytes are ours now, so that no declaration inside them counts any more.
    content = _CLOSED.sub("", _NUL.sub("", text)).encode("utf-8", "replace")
    if not content.strip():
        return None
    parser = lxml.html.HTMLParser(encoding="utf-8", recover=True)
    try:
        root: HtmlElement = lxml.html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        return None
    return root


def is_element(node: HtmlElement) -> bool:
    """Return whether a node is an element, rather than a comment or an instruction."""
    return isinstance(node.tag, str)


def is_hidden(element: HtmlElement) -> bool:
    """Return whether an element is not shown."""
    return bool(_HIDDEN.search(element.get("style") or "")) or element.get("hidden") is not None


def walk(
    element: HtmlElement, skip: Callable[[HtmlElement], bool] | None = None
) -> Iterator[HtmlElement]:
    """Yield an element and those in it in their order, without those that are skipped."""
    waiting = [element]
    while waiting:
        node = waiting.pop()
        if is_element(node) and not (skip and skip(node)):
            yield node
            waiting.extend(reversed(node))


def readable(element: HtmlElement, *, skip: Callable[[HtmlElement], bool] | None = None) -> str:
    """Return what a reader sees of an element, without what *skip* says, lines stripped."""
    pieces = list(_pieces(element, skip))
    lines = (_line(line) for line in "".join(pieces).split(_LINE))
    return "\n".join(line for line in lines if line)


def short_text(element: HtmlElement) -> str:
    """Return what a reader sees of an element on one line."""
    return " ".join(readable(element).split())


def _line(line: str) -> str:
    """Return a line without padding, its cells parted by tabs; empty cells at its end go."""
    cells = [_BLANKS.sub(" ", cell).strip(" \u3000\ufeff") for cell in line.split(_CELL)]
    while cells and not cells[-1]:
        cells.pop()
    return _CELL.join(cells).lstrip(_CELL)


def _pieces(element: HtmlElement, skip: Callable[[HtmlElement], bool] | None) -> Iterator[str]:
    """Yield the text of an element with marks for lines and cells."""
    # (node, what to yield behind it); written as a loop, for pages nest without end.
    waiting: list[tuple[HtmlElement | str, int]] = [(element, 0)]
    first = True
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, str):
            yield node
            continue
        top, first = first, False
        tail = "" if top else _flat(node.tail)
        if not is_element(node):
            yield tail
            continue
        name = node.tag.lower()
        if name == "script":
            yield _written(node) + tail
            continue
        if not top and (
            name in _NO_TEXT or depth > _DEEPEST or is_hidden(node) or (skip and skip(node))
        ):
            yield tail
            continue
        before, behind = _around(node, name)
        yield before + _flat(node.text)
        waiting.append((behind + tail, depth))
        waiting.extend((child, depth + 1) for child in reversed(node))


def _around(node: HtmlElement, name: str) -> tuple[str, str]:
    """Return what stands before and behind the text of an element."""
    if name == "br":
        return _LINE, ""
    if name in _INLINE:
        return "", ""
    if name in _CELLS:
        return ("", _CELL) if _is_cell_of_data(node) else (_LINE, _LINE)
    return _LINE, _LINE


def _is_cell_of_data(cell: HtmlElement) -> bool:
    """Return whether a cell holds a value; one that holds paragraphs only lays the page out."""
    if cell.find(".//table") is not None:
        return False
    blocks = sum(
        is_element(child) and child.tag.lower() not in _INLINE for child in cell.iterdescendants()
    )
    if not blocks:
        return True
    row = cell.getparent()
    alone = row is None or sum(map(is_element, row)) == 1
    if alone or blocks > _MOST_BLOCKS:
        return False
    # Lines inside a cell would part it from its row.
    _flatten(cell)
    return True


def _flatten(cell: HtmlElement) -> None:
    """Make the blocks inside a cell part of one line."""
    for child in list(cell.iterdescendants()):
        if is_element(child) and child.tag.lower() not in _INLINE | _NO_TEXT:
            child.tag = "span"
            child.tail = f" {child.tail or ''}"


def _flat(text: str | None) -> str:
    """Return a text of the source, whose line breaks and tabs mean nothing."""
    return _BLANKS.sub(" ", text) if text else ""


def _written(script: HtmlElement) -> str:
    """Return the words that a script writes where it stands, if it does nothing else."""
    code = script.text or ""
    found = _WRITTEN.search(code) if len(code) <= _LONGEST_SCRIPT else None
    return "" if found is None else re.sub(r"\\(.)", r"\1", found[2])
