"""
What a page says of its notice beside the text: pairs of label and value, and meta tags.

A label is an element, or the beginning of one, whose text is one of the known labels once all
blanks are gone; its value is what stands behind it, wherever the page's maker has put that: in the
next cell, the ``dd``, the rest of the line, the next element. The meta tags are those of
国办发〔2017〕47号.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from corpus.fields import LABELS, PLACEHOLDERS
from corpus.page_text import is_element, readable, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.html import HtmlElement

_AROUND = " \t\r\n\u3000\xa0:：[]［］【】•·*●◆■※▪‣|"
_BLANKS = re.compile(r"\s+")
# A label with its value in one piece of text: 发文字号：…, [发文字号] …
_PAIR = re.compile(
    r"\s*(?:[\[［【]([^\]］】]{2,20})[\]］】]\s*[:：]?|([^:：\n]{2,20})[:：])\s*(.*)", re.DOTALL
)
_LONGEST_VALUE = 200
_MOST_LABELS = 400
_MOST_ELEMENTS = 8000
_MOST_PARTS = 24
_CELLS = frozenset({"td", "th"})
# Their fields are typed into, and say nothing of this notice.
_ASKING = frozenset({"form", "select", "option", "button", "textarea", "a", "script", "style"})
# What holds labels is none.
_NO_LABELS = _ASKING | {"html", "body", "table", "tbody", "thead", "tr", "ul", "ol", "dl"}
# Words that are labels only in a header: elsewhere they head columns, filters and lists.
_AMBIGUOUS = frozenset({"title", "keywords", "declared_topic", "document_type", "validity", ""})

# The tags of 国办发〔2017〕47号, and the older ones of the systems they came to, to our names.
META_TAGS = {
    "articletitle": "title",
    "pubdate": "published_on",
    "publishdate": "published_on",
    "firstpublishedtime": "published_on",
    "publishtime": "published_on",
    "contentsource": "issuing_body",
    "keywords": "keywords",
}
# Of the site and its columns, which are no keywords of the notice.
_OF_THE_SITE = ("sitename", "columnname", "columnkeywords", "columndescription")


def metas(root: HtmlElement) -> dict[str, str]:
    """Return the meta tags of a page by name in small letters, wherever they stand; first wins."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").strip().lower()
        content = " ".join((meta.get("content") or "").split())
        if name and content:
            found.setdefault(name, content)
    return found


def meta_values(found: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return the fields that the meta tags give: the value, and which tag gave it."""
    of_the_site = {found[name] for name in _OF_THE_SITE if name in found}
    values: dict[str, tuple[str, str]] = {}
    for name, field in META_TAGS.items():
        value = found.get(name, "")
        if not value or (field == "keywords" and _is_of_the_site(value, of_the_site)):
            continue
        values.setdefault(field, (value, f"meta {name}"))
    return values


def _is_of_the_site(value: str, of_the_site: set[str]) -> bool:
    """Return whether keywords only repeat what the site or the column is called."""
    if any(value in other or other in value for other in of_the_site):
        return True
    return bool(re.fullmatch(r"\S{2,15}(?:网|网站|政府|局|厅|部|委员会)", value))


def label_name(text: str) -> str | None:
    """Return our name of a label; empty for one that is known but not kept, ``None`` for none."""
    return LABELS.get(_BLANKS.sub("", text).strip(_AROUND)) if len(text) <= _LONGEST_VALUE else None


def labelled(
    area: HtmlElement,
    *,
    sure: bool = False,
    skip: Callable[[HtmlElement], bool] | None = None,
) -> dict[str, tuple[str, str]]:
    """
    Return the fields that labels in a part of a page give: the value, and which label gave it.

    Args:
        area: Where to look.
        sure: Whether this is known to be a header, so that a label such as 标题 needs no other.
        skip: Which elements of it are not looked into.
    """
    found: dict[str, tuple[str, str]] = {}
    seen = 0
    for element in islice(walk(area, skip), _MOST_ELEMENTS):
        if seen > _MOST_LABELS:
            break
        if element.tag in _NO_LABELS:
            continue
        for label, value in _pairs(element):
            seen += 1
            name = label_name(label)
            if name and name not in found and _says_something(value):
                found[name] = (value, f"label {_BLANKS.sub('', label).strip(_AROUND)}")
    if not sure and len([name for name in found if name not in _AMBIGUOUS]) < 2:  # noqa: PLR2004
        return {name: pair for name, pair in found.items() if name not in _AMBIGUOUS}
    return found


def _says_something(value: str) -> bool:
    """Return whether a value is one, rather than the next label, a mark for nothing or a text."""
    if not value or value.lower() in PLACEHOLDERS or len(value) > _LONGEST_VALUE:
        return False
    pair = _PAIR.match(value)
    return label_name(value) is None and (pair is None or not label_name(pair[1] or pair[2]))


def _pairs(element: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield the label that an element is or begins with, and the value behind it."""
    own = element.text or ""
    if len(own) > 2 * _LONGEST_VALUE:
        return
    whole = None
    if label_name(own) is not None or not own.strip():
        # The label may stand in elements inside: <td><b>索 引 号：</b></td>.
        # Of what only holds another element, that one is asked, and finds the way up by itself.
        alone = len(element) == 1 and not own.strip() and not (element[0].tail or "").strip()
        if alone or _is_large(element):
            return
        whole = _text(element)
        if label_name(whole) is not None:
            yield whole, _value_of(element)
            return
    if not own.strip():
        return
    if label_name(own) is not None:
        # <li>索引号：<span>…</span></li>
        yield own, _rest(element, own, whole)
        return
    pair = _PAIR.match(own)
    if pair is not None and label_name(pair[1] or pair[2]) is not None and not _is_large(element):
        yield from _parted(_text(element))


def _is_large(element: HtmlElement) -> bool:
    """Return whether an element holds too much to be a label with its value."""
    return next(islice(element.iter(), _MOST_PARTS, None), None) is not None


def _parted(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs in one piece of text, a line each or behind one another."""
    for line in text.split("\n"):
        pair = _PAIR.match(line)
        if pair is not None and label_name(pair[1] or pair[2]) is not None:
            value = pair[3]
            # 发布时间：2024-01-02  来源：… on one line
            cut = re.search(r"[\s|](?=[\u4e00-\u9fff\s]{2,10}[:：])", value)
            yield (pair[1] or pair[2]), (value[: cut.start()] if cut else value).strip(_AROUND)
            if cut is not None:
                yield from _parted(value[cut.start() :].strip())


def _text(element: HtmlElement) -> str:
    """Return what a reader sees of an element, cells as blanks."""
    return readable(
        element, skip=lambda child: child.tag == "a" and not child.text_content().strip()
    ).replace("\t", " ")


def _rest(element: HtmlElement, own: str, whole: str | None) -> str:
    """Return what stands behind the label that an element begins with."""
    text = _text(element) if whole is None else whole
    lines = text.split("\n")
    first = lines[0][len(own.strip()) :].strip(_AROUND) if lines else ""
    if first:
        return first
    return lines[1].strip(_AROUND) if len(lines) > 1 else ""


def _value_of(label: HtmlElement) -> str:
    """Return the value of an element that is nothing but a label."""
    element = label
    # Up to the cell, the dt or whatever it fills alone; a tail behind it is the value.
    while True:
        tail = " ".join((element.tail or "").split()).strip(_AROUND)
        if tail:
            return _until_label(element, tail)
        following = _next(element)
        if following is not None:
            return _first_value(following)
        parent = element.getparent()
        if parent is None or parent.tag in {"tr", "table", "tbody", "ul", "ol", "dl", "body"}:
            return ""
        if label_name(_text(parent)) is None:
            return ""
        element = parent


def _until_label(element: HtmlElement, tail: str) -> str:
    """Return a text behind a label together with the inline elements that go on with it."""
    value = tail
    following = element.getnext()
    while following is not None and following.tag in {"span", "font", "b", "em", "i", "a", "u"}:
        text = _text(following)
        if label_name(text) is not None or "\n" in text:
            break
        value += text + " ".join((following.tail or "").split())
        following = following.getnext()
    return value.strip(_AROUND)


def _next(element: HtmlElement) -> HtmlElement | None:
    """Return the next element beside another that is shown, comments and breaks left out."""
    following = element.getnext()
    while following is not None and (
        not is_element(following) or following.tag in {"br", "style", "meta"}
    ):
        if following.tag == "br" and (following.tail or "").strip():
            return None
        following = following.getnext()
    return following


def _first_value(element: HtmlElement) -> str:
    """Return the first line of what stands beside a label, if that is no label itself."""
    if element.tag in {"ul", "table", "form", "select", "input"} or _is_large(element):
        return ""
    lines = _text(element).split("\n")
    value = " ".join(lines).strip(_AROUND) if element.tag in _CELLS else lines[0].strip(_AROUND)
    return "" if label_name(value) is not None else value
