"""
A page of a government site to the notice on it.

Pure: bytes and their address in, a notice out; nothing is fetched and nothing kept. What a label
says goes before what a meta tag says, and that before what merely stands near the title. The
moment a page was built is nobody's date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from corpus.errors import RefusedPageError
from corpus.fields import read_date, read_document_number, read_labelled_date
from corpus.notice import DATE_FIELDS, Attachment, Notice
from corpus.page_attachments import attachments_near
from corpus.page_body import body_text, find_body, is_chrome
from corpus.page_config import config_body, config_of, config_values
from corpus.page_encoding import decode_page
from corpus.page_labels import labelled, meta_values, metas
from corpus.page_refusals import refuse_if_no_page
from corpus.page_text import is_element, parse, short_text
from corpus.paste import complete
from corpus.title import tidy_title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.html import HtmlElement

__all__ = [
    "Fragment",
    "PageReading",
    "RefusedPageError",
    "decode_page",
    "read_fragment",
    "read_page",
]

_TITLE_MARKS = (("<$[标题]>begin", "<$[标题]>end"), ("<$[标题名称]>begin", "<$[标题名称]>end"))
_TITLE_NAMES = re.compile(r"title|(?:^|[_-])(?:ti|bt|biaoti)(?:$|[_-])|con-tit|h1", re.IGNORECASE)
_SITE_PARTS = re.compile(r"\s*(?:[_|｜]|-{1,3}|—{1,2}|–)\s*")
_SITE_NAME = re.compile(r"(?:网|网站|平台|政府|门户|委员会|[局厅部署办院会中心])$")
_SHORTEST_TITLE, _LONGEST_TITLE = 4, 200
_ORGANISATION = re.compile(
    r"[\u4e00-\u9fff（）()]{2,40}(?:[局府厅部委办院处署站队]|委员会|中心|办公室|管委会|协会|银行|联合会|海关|总会)"
)
_NEWS = re.compile(r"新华|人民日报|日报|晚报|新闻|电视|报社|记者|微信|客户端")
_BUILT = re.compile(r"(?:生成|制作|归档|更新|修改|访问|打印|当前|今天|今日|现在)[^\n]{0,6}$")
_PUBLISHED = re.compile(r"(?:发布|公开|发表)(?:时间|日期)")
_LONGEST_COLUMN = 6
_NEAR = 1500
_LONGEST_DATE_LINE = 120
_FEWEST_LINKS = 5
_LONGEST_MARKED = 1000
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class PageReading:
    """The notice of a page, and for each known field from which part of the page it came."""

    notice: Notice
    sources: dict[str, str]


@dataclass(frozen=True, slots=True)
class Fragment:
    """The text of a notice that came without its page, and the files linked in it."""

    body: str | None
    attachments: tuple[Attachment, ...] = ()


def read_page(content: bytes, url: str, *, content_type: str | None = None) -> PageReading:
    """
    Return the notice on a page, and where each field was read.

    Args:
        content: The page as it came.
        url: Its address, which relative links start from.
        content_type: What the header of the answer says of it, if there was one.

    Raises:
        RefusedPageError: If it is no page with a notice: a challenge, a log-in, an error, a shell
            that a script would fill, a list, or nothing.
    """
    text = decode_page(content, content_type)
    root = parse(text)
    config = config_of(text)
    if config is None or root is None:
        refuse_if_no_page(text, root)
    assert root is not None  # noqa: S101 (refused else)
    return _Page(root, url, text, config or {}).read()


def read_fragment(html: str, url: str) -> Fragment:
    """Return the text and the files of a body that an interface gives without its page."""
    root = parse(html)
    if root is None:
        return Fragment(None)
    return Fragment(body_text(root) or None, attachments_near(None, root, url))


class _Page:
    """One page while it is read."""

    def __init__(self, root: HtmlElement, url: str, text: str, config: dict[str, Any]) -> None:
        self._root = root
        self._config = config
        self._url = url
        self._text = text
        self._metas = metas(root)
        self._found: dict[str, tuple[str, str]] = {}

    def read(self) -> PageReading:
        """Return the notice."""
        body, how = find_body(self._root)
        if body is None and self._root.find(".//title") is None:
            # A part of a page, cut out by whoever saved it.
            body, how = self._root, "all of it"
        text = "" if body is None else body_text(body)
        files = attachments_near(body, self._root, self._url)
        if not text and (inside := config_body(self._config)):
            fragment = read_fragment(inside, self._url)
            text, how = fragment.body or "", "script content"
            files = fragment.attachments or files
        if not text and not files:
            links = sum(1 for _ in self._root.iter("a"))
            if links >= _FEWEST_LINKS:
                raise RefusedPageError("listing", f"it has no text of its own, but {links} links.")
            raise RefusedPageError("empty", "no text of a notice was found on it.")
        self._label(body)
        for name, pair in config_values(self._config).items():
            self._note(name, *pair)
        for name, pair in meta_values(self._metas).items():
            self._note(name, *pair)
        self._note("title", *self._title())
        self._note("published_on", *self._near_title(body))
        notice = Notice(url=self._url, body=text or None, attachments=files, **self._values())
        sources = {name: source for name, (_, source) in self._found.items()}
        return _finished(notice, {**sources, "url": "address", "body": how, "attachments": "links"})

    def _note(self, name: str, value: str, source: str) -> None:
        """Keep a value of a field, unless a better place has given one."""
        if value and name not in self._found and self._is_usable(name, value):
            self._found[name] = (value, source)

    def _is_usable(self, name: str, value: str) -> bool:
        """Return whether a value is one of its field."""
        if name in DATE_FIELDS:
            return read_labelled_date(value) is not None
        if name == "issuing_body":
            return "meta" not in value and not _NEWS.search(value)
        return True

    def _label(self, body: HtmlElement | None) -> None:
        """Read the labels of the page that stand neither in the text nor in the page's tools."""

        def elsewhere(element: HtmlElement) -> bool:
            return element is body or (element.tag != "body" and is_chrome(element))

        for name, (value, source) in labelled(self._root, skip=elsewhere).items():
            self._note(name, value, source)

    def _values(self) -> dict[str, Any]:
        """Return the fields as a notice holds them."""
        values: dict[str, Any] = {}
        for name, (value, _) in self._found.items():
            if name in DATE_FIELDS:
                values[name] = read_labelled_date(value)
            elif name == "document_number":
                printed = _BLANKS.sub("", value)
                values[name] = read_document_number(printed) or printed
            elif name == "index_number":
                values[name] = _BLANKS.sub("", value)
            elif name == "issuing_body" and self._found[name][1].startswith("meta"):
                if _ORGANISATION.fullmatch(value):
                    values[name] = value
            else:
                values[name] = value
        return values

    def _title(self) -> tuple[str, str]:
        """Return the title and where it stands."""
        head = " ".join((self._root.findtext(".//title") or "").split())
        marked = self._marked_title()
        if marked:
            return marked, "comments of the CMS"
        normal = _BLANKS.sub("", head)
        best = ("", "")
        for element in self._root.iter():
            if not is_element(element) or not self._may_be_title(element):
                continue
            text = tidy_title(short_text(element))
            if not _SHORTEST_TITLE <= len(text) <= _LONGEST_TITLE:
                continue
            place = f"{element.tag}" + (f"#{element.get('id')}" if element.get("id") else "")
            if _BLANKS.sub("", text) in normal and len(text) > len(best[0]):
                best = text, place
        bare = self._bare_title(head)
        if best[0] and (len(best[0]) >= len(bare) // 2 or not bare):
            return best
        named = next(
            (
                (text, f"#{element.get('id')}")
                for name in ("ti", "ivs_title", "title", "Title", "artitle")
                for element in self._root.xpath("//*[@id=$name]", name=name)
                if _SHORTEST_TITLE <= len(text := tidy_title(short_text(element))) <= _LONGEST_TITLE
            ),
            None,
        )
        if named is not None:
            return named
        heading = self._heading()
        if heading and (not bare or bare in self._metas.get("sitename", "") or self._is_site(bare)):
            return heading, "h1"
        return (bare, "title") if bare and not self._is_site(bare) else (heading, "h1")

    def _may_be_title(self, element: HtmlElement) -> bool:
        """Return whether an element may hold the title: a heading, or named like one."""
        if element.tag in {"h1", "h2", "h3", "h4"}:
            return True
        if element.tag not in {"div", "p", "span", "td", "strong", "b", "font"}:
            return False
        named = f"{element.get('id') or ''} {element.get('class') or ''}"
        return bool(_TITLE_NAMES.search(named)) and len(element.text_content()) < 2 * _LONGEST_TITLE

    def _heading(self) -> str:
        """Return the only heading of the first rank that there is, if there is just one."""
        for tag in ("h1", "h2"):
            texts = [tidy_title(short_text(e)) for e in self._root.iter(tag) if not is_chrome(e)]
            good = [text for text in texts if _SHORTEST_TITLE < len(text) <= _LONGEST_TITLE]
            if len(good) == 1:
                return good[0]
        return ""

    def _is_site(self, text: str) -> bool:
        """Return whether a title is only the site's."""
        site = self._metas.get("sitename", "")
        return text == site or bool(re.fullmatch(r".{0,20}(?:网站|门户网|政府网|信息公开)", text))

    def _bare_title(self, head: str) -> str:
        """Return the title of the window without the names of the site and the column."""
        site = self._metas.get("sitename", "")
        parts = [part for part in _SITE_PARTS.split(head) if part]
        if len(parts) <= 1:
            return head
        seps = _SITE_PARTS.findall(head)
        column = self._metas.get("columnname", "")
        while len(parts) > 1 and (parts[-1] in {site, column} or _is_added(parts)):
            parts.pop()
        if len(parts) > 1 and (parts[0] in {site, column}):
            return "".join(parts[1:])
        bare = parts[0]
        for sep, part in zip(seps, parts[1:], strict=False):
            bare += f"{sep.strip()}{part}"
        return bare

    def _marked_title(self) -> str:
        """Return what stands between the marks of a CMS around the title, or in its element."""
        for element in self._root.iter("ucaptitle"):
            if title := tidy_title(short_text(element)):
                return title
        for begin, end in _TITLE_MARKS:
            start = self._text.find(f"<!--{begin}-->")
            stop = self._text.find(f"<!--{end}-->", start)
            if 0 <= start < stop and stop - start < _LONGEST_MARKED:
                inside = parse(self._text[start + len(begin) + 7 : stop])
                title = "" if inside is None else tidy_title(short_text(inside))
                if title:
                    return title
        return ""

    def _near_title(self, body: HtmlElement | None) -> tuple[str, str]:
        """Return a date between title and text, where pages say when they were published."""
        for element in self._root.iter("publishtime"):
            return short_text(element), "publishtime"
        title = _BLANKS.sub("", self._found.get("title", ("", ""))[0])
        lines: list[str] = []
        for element in self._root.iter():
            if element is body:
                break
            if not is_element(element) or element.tag in {
                "script",
                "style",
                "head",
                "title",
                "meta",
            }:
                continue
            own = " ".join((element.text or "").split())
            if title and title in _BLANKS.sub("", own):
                lines = []
            lines.append(own)
            lines.append(" ".join((element.tail or "").split()))
        near = "\n".join(line for line in lines if line)[-_NEAR:]
        named = _PUBLISHED.search(near)
        for part in ([near[named.start() :]] if named else []) + [near]:
            for line in part.split("\n"):
                found = read_date(line) if len(line) <= _LONGEST_DATE_LINE else None
                if found is not None and not _BUILT.search(line[:12]):
                    return found.isoformat(), "near the title"
        return "", ""


def _is_added(parts: list[str]) -> bool:
    """Return whether the last part of a window's title names a site or a column, not the notice."""
    short = len(parts[-1]) <= _LONGEST_COLUMN and len(parts[0]) > 2 * _LONGEST_COLUMN
    return short or bool(_SITE_NAME.search(parts[-1]))


def _finished(notice: Notice, sources: Mapping[str, str]) -> PageReading:
    """Return a notice with what its own text says as well, and the sources of what is known."""
    whole = complete(notice)
    known = {
        name: sources.get(name, "text")
        for name in Notice.__dataclass_fields__
        if getattr(whole, name) not in (None, ())
    }
    if not notice.attachments and whole.attachments:
        known["attachments"] = "text"
    return PageReading(replace(whole, url=notice.url), known)
