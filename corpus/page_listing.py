"""
A list page of a government site to its entries, and to the page behind it.

A list is the element with the most rows that carry a link and a date. What stands inside a row,
such as the links to interpretations of a notice, are no rows of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from corpus.errors import RefusedPageError
from corpus.fields import read_document_number, read_labelled_date
from corpus.notice import DATE_FIELDS
from corpus.page_attachments import absolute
from corpus.page_encoding import decode_page
from corpus.page_labels import label_name, labelled
from corpus.page_refusals import refuse_if_no_page
from corpus.page_text import is_element, parse, readable, short_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from lxml.html import HtmlElement

_ROWS = frozenset({"li", "tr", "dd", "dl", "p", "div", "article", "section"})
_ROW_CLASS = re.compile(r"item|row|list|news|cell|entry", re.IGNORECASE)
# Dates of rows, also without a year's century or with the day above the month.
_DATE = re.compile(
    r"(?:19|20)\d{2}\s{0,3}[-/.年]\s{0,3}\d{1,2}\s{0,3}[-/.月]\s{0,3}\d{1,2}日?"
    r"|(?<!\d)\d{2}-\d{2}-\d{2}(?!\d)"
)
_DAY_ABOVE = re.compile(r"(\d{1,2})\s*((?:19|20)\d{2})[-./年](\d{1,2})月?$")
_IN_ADDRESS = re.compile(
    r"t((?:19|20)\d{2})(\d{2})(\d{2})_|/((?:19|20)\d{2})/(\d{1,2})/(\d{1,2})/|/((?:19|20)\d{2})-?(\d{2})-?(\d{2})/"
)
_OPENED = re.compile(r"linkToNew\s*\(\s*['\"]([\w-]{8,64})['\"]")
_OPENED_ADDRESS = re.compile(r"(?:location(?:\.href)?\s*=|open\s*\()\s*['\"]([^'\"]{2,300})['\"]")
_RECORD, _RECORD_END = re.compile(r"<record>\s*<!\[CDATA\["), "]]>"
_STORE = re.compile(r"dataStore\s*=\s*\[(.*?)\]\s*;", re.DOTALL)
_STORED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'")
_AROUND = re.compile(
    r"(?:^|[\s_-])(?:nav|footer|crumbs?|breadcrumb|crumbsNav)(?:$|[\s_-])", re.IGNORECASE
)
_MOST_ENTRIES = 2000
# More links than this are on no list; looking at each takes its time.
_MOST_LINKS = 3000
_SHORTEST_TITLE = 4
_LONGEST_ROW = 3000
_FEWEST_UNDATED = 3
_LONGEST_NUMBER = 30

# Which page of how many: in the calls and variables of the usual pagers.
_QUOTE = "[\"']"
_PAGER_CALL = re.compile(
    rf"(?<!function )createPage(?:HTML)?\s*\(\s*(?:{_QUOTE}[\w-]+{_QUOTE}\s*,\s*)?"
    rf"{_QUOTE}?(\d{{1,5}}){_QUOTE}?\s*,\s*{_QUOTE}?(\d{{1,5}}){_QUOTE}?\s*,"
    rf"\s*{_QUOTE}([\w-]{{1,60}}){_QUOTE}\s*,\s*{_QUOTE}(\w{{2,6}}){_QUOTE}"
)
_PAGES = re.compile(
    r"(?:countPage|pageCount|totalPage|total_page|nTotalPage)\s*[=:]\s*[\"']?(\d{1,5})|pagination_script_config\s*=\s*\{[^}]{0,300}?total\s*:\s*(\d{1,5})|共\s*(\d{1,5})\s*页"
)
_CURRENT = re.compile(r"(?:currentPage|curPage|current_page|pageIndex)\s*=\s*[\"']?(\d{1,5})")
_NUMBERED = re.compile(r"^(.*?)(?:_(\d{1,5}))?(\.(?:s?html?|jsp|aspx?))$")
_NEXT = re.compile(r"(?:下一?页|后一?页|下页)\s*[>»›]*|[>»›]{1,2}|next", re.IGNORECASE)
_CURRENT_CLASS = re.compile(
    r"(?:^|[\s_-])(?:current|curr?|active|on|now|selected|thisclass)(?:$|[\s_-])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list: the notice that it leads to, and what the row itself tells of it."""

    title: str
    url: str
    published_on: date | None = None
    index_number: str | None = None
    document_number: str | None = None
    issuing_body: str | None = None
    written_on: date | None = None
    effective_on: date | None = None
    expires_on: date | None = None
    validity: str | None = None
    keywords: str | None = None
    declared_topic: str | None = None
    document_type: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries of a list page in their order, and the address of the next page if it has one."""

    entries: tuple[Entry, ...]
    next_page: str | None = None


_FIELDS = frozenset(field.name for field in fields(Entry)) - {"title", "url"}


def read_listing(content: bytes, url: str, *, content_type: str | None = None) -> Listing:
    """
    Return the entries of a list page.

    Args:
        content: The page as it came.
        url: Its address, which relative links start from.
        content_type: What the header of the answer says of it, if there was one.

    Raises:
        RefusedPageError: If it is a challenge, a log-in, an error, a shell, or has no list.
    """
    text = decode_page(content, content_type)
    root = parse(text)
    entries = _of_records(text, url)
    if not entries and root is not None:
        entries = _of_rows(root, url)
    if not entries:
        refuse_if_no_page(text, root)
        raise RefusedPageError("empty", "no list of notices was found on it.")
    return Listing(
        tuple(entries[:_MOST_ENTRIES]), None if root is None else _next_page(root, text, url)
    )


def _of_records(text: str, url: str) -> list[Entry]:
    """Return the entries that a page hands to a script: the datastore of JCMS."""
    if "<record>" not in text and "dataStore" not in text:
        return []
    pieces = list(_records(text))
    if not pieces:
        store = _STORE.search(text)
        quoted = _STORED.finditer(store[1]) if store is not None else ()
        pieces = [
            (one[1] or one[2] or "").replace('\\"', '"').replace("\\/", "/") for one in quoted
        ]
    entries = []
    for piece in pieces[:_MOST_ENTRIES]:
        row = parse(piece)
        entry = None if row is None else _entry(row, url)
        if entry is not None:
            entries.append(entry)
    return entries


def _records(text: str) -> Iterator[str]:
    """Yield what the records of a datastore hold."""
    place = 0
    while (begin := _RECORD.search(text, place)) is not None:
        end = text.find(_RECORD_END, begin.end())
        if end == -1:
            return
        yield text[begin.end() : end]
        place = end


def _of_rows(root: HtmlElement, url: str) -> list[Entry]:
    """Return the entries of the best list of a page."""
    lists: dict[tuple[Any, ...], dict[HtmlElement, None]] = {}
    for link in islice(root.iter("a"), _MOST_LINKS):
        if not _leads_somewhere(link, url):
            continue
        row = _row_of(link)
        if row is None or any(_leads_around(above) for above in (row, *row.iterancestors())):
            continue
        holder = row.getparent()
        if holder is None:
            continue
        outer = holder.getparent()
        kind = (row.tag, holder.tag, holder.get("class"), outer if outer is not None else holder)
        lists.setdefault(kind, {})[row] = None
    best: list[Entry] = []
    best_score = 0.0
    for rows in lists.values():
        entries = [entry for row in rows if (entry := _entry(row, url)) is not None]
        dated = sum(
            entry.published_on is not None or entry.written_on is not None for entry in entries
        )
        long = sum(len(entry.title) >= 8 for entry in entries)  # noqa: PLR2004
        if not dated and (
            len(entries) < _FEWEST_UNDATED
            or long < len(entries) / 2
            or not _look_like_notices(entries)
        ):
            continue
        score = dated + 0.05 * long
        if score > best_score:
            best, best_score = entries, score
    return best


def _look_like_notices(entries: list[Entry]) -> bool:
    """Return whether entries without dates lead to documents rather than to columns."""
    named = sum(
        bool(
            re.search(
                r"\d{4,}|[0-9a-f]{16,}|infoid=|content_",
                urlsplit(entry.url).path + "?" + urlsplit(entry.url).query,
            )
        )
        for entry in entries
    )
    return named >= len(entries) / 2


def _leads_around(element: HtmlElement) -> bool:
    """Return whether an element leads around the site; what merely stands beside one does not."""
    return element.tag in {"nav", "footer"} or bool(_AROUND.search(element.get("class") or ""))


def _leads_somewhere(link: HtmlElement, url: str) -> bool:
    """Return whether a link may be that of an entry."""
    return _address(link, url) is not None


def _address(link: HtmlElement, url: str) -> str | None:
    """Return where a link leads, also one that a script follows."""
    said = f"{link.get('onclick') or ''} {link.get('href') or ''}"
    opened = _OPENED.search(said)
    if opened is not None:
        return urljoin(url, f"/openDetailDynamic.html?infoid={opened[1]}")
    href = link.get("href") or ""
    if not href.lower().startswith("javascript"):
        address = absolute(href, url)
        if address is not None:
            return address
    following = _OPENED_ADDRESS.search(said)
    return absolute(following[1], url) if following is not None else None


def _row_of(link: HtmlElement) -> HtmlElement | None:
    """Return the row that a link stands in: the outermost list item or row of a table around it."""
    row: HtmlElement | None = None
    generic: HtmlElement | None = None
    for above in link.iterancestors():
        if above.tag in {"body", "html", "main", "nav"}:
            break
        if above.tag in {"li", "tr"}:
            # A table that lays the page out has rows with whole lists in them.
            in_list = row is not None and above.tag == "tr" and row.tag == "li"
            if in_list or len(above.text_content()) > _LONGEST_ROW:
                break
            row = above
        elif generic is None and above.tag in _ROWS and _is_row(above):
            generic = above
    return row if row is not None else generic


def _is_row(element: HtmlElement) -> bool:
    """Return whether a block is a row of a list that is made of blocks."""
    parent = element.getparent()
    if parent is None:
        return False
    alike = sum(1 for other in parent if is_element(other) and other.tag == element.tag)
    if alike <= 1:
        return False
    if element.tag in {"dd", "p", "dl"} or _ROW_CLASS.search(element.get("class") or ""):
        return True
    # A block with more text than this is no row, and would take its time at every link inside.
    return _DATE.search(element.text_content()[:_LONGEST_ROW]) is not None


def _entry(row: HtmlElement, url: str) -> Entry | None:
    """Return what a row says; ``None`` if it leads to no notice."""
    link, title = _best_link(row, url)
    if link is None:
        return None
    address = _address(link, url)
    assert address is not None  # noqa: S101 (asked before)
    known: dict[str, Any] = {}
    for name, value in {
        **_of_columns(row),
        **{n: v for n, (v, _) in labelled(row, sure=True).items()},
    }.items():
        if name == "title" and len(value) >= _SHORTEST_TITLE:
            title = value
        elif name in DATE_FIELDS:
            known[name] = read_labelled_date(value)
        elif name == "document_number":
            printed = "".join(value.split())
            known[name] = read_document_number(printed) or printed
        elif name in _FIELDS:
            known[name] = "".join(value.split()) if name == "index_number" else value
    known.setdefault("document_number", _bare_number(row))
    known = {name: value for name, value in known.items() if value}
    known.setdefault("published_on", _date_of(row, link, title, address))
    return Entry(title, address, **known)


def _bare_number(row: HtmlElement) -> str | None:
    """Return the document number that stands in a row on its own, without a label."""
    for cell in readable(row).replace("\t", "\n").split("\n"):
        printed = "".join(cell.split()).strip("[]［］（）()")
        number = read_document_number(printed) if len(printed) <= _LONGEST_NUMBER else None
        if number is not None and number == printed:
            return number
    for element in row.iter("span", "em", "i", "b", "td", "p"):
        printed = "".join((element.text or "").split()).strip("[]［］（）()")
        number = read_document_number(printed) if 0 < len(printed) <= _LONGEST_NUMBER else None
        if number is not None and number == printed:
            return number
    return None


def _best_link(row: HtmlElement, url: str) -> tuple[HtmlElement | None, str]:
    """Return the link of a row that carries its title: the first with enough text."""
    best: tuple[HtmlElement | None, str] = (None, "")
    for link in row.iter("a"):
        if _address(link, url) is None or _is_below(link, row):
            continue
        title = _title_of(link)
        if (best[0] is None and len(title) >= _SHORTEST_TITLE) or (
            best[0] is not None
            and len(title) > len(best[1])
            and _address(link, url) == _address(best[0], url)
        ):
            best = link, title
    return best


def _is_below(link: HtmlElement, row: HtmlElement) -> bool:
    """Return whether a link stands in a list inside the row."""
    for above in link.iterancestors():
        if above is row:
            return False
        if above.tag in {"li", "ul", "ol"}:
            return row.tag in {"li", "tr"}
    return False


def _title_of(link: HtmlElement) -> str:
    """Return the title that a link shows, whole where the page cuts it and tells it elsewhere."""
    heading = next((h for tag in ("h1", "h2", "h3", "h4", "h5") for h in link.iter(tag)), None)
    shown = short_text(heading if heading is not None else link)
    told = " ".join((link.get("title") or "").split())
    bare = re.sub(r"(?:\.{3}|…)+$", "", shown)
    if told and (len(told) >= len(shown) or (bare and told.startswith(bare))):
        shown = told
    shown = (
        _DATE.sub("", shown)
        if len(_DATE.sub("", shown).strip()) >= _SHORTEST_TITLE
        and _DATE.search(shown[-12:] + shown[:12])
        else shown
    )
    return " ".join(re.sub(r"^[·•▪■◆>]+\s*|\s*(?:NEW|new)$", "", shown.strip(" \u3000")).split())


def _date_of(row: HtmlElement, link: HtmlElement, title: str, address: str) -> date | None:
    """Return the date of a row: beside its link, else in it, else in the address."""
    whole = readable(row).replace("\t", "\n")
    shown = short_text(link)
    beside = [line.replace(shown, " ").replace(title, " ") for line in whole.split("\n")]
    for line in reversed(beside):
        found = _DATE.search(line)
        if found is not None:
            return _read(found[0])
    above = _DAY_ABOVE.search(" ".join(" ".join(beside).split()))
    if above is not None:
        return _read(f"{above[2]}-{above[3]}-{above[1]}")
    inside = _DATE.search(shown[-14:]) or _DATE.search(shown[:14])
    if inside is not None:
        return _read(inside[0])
    told = _IN_ADDRESS.search(address)
    return None if told is None else _read("-".join(part for part in told.groups() if part))


def _read(text: str) -> date | None:
    """Return a date that a row shows."""
    if re.fullmatch(r"\d{2}-\d{2}-\d{2}", text):
        text = f"20{text}"
    return read_labelled_date("".join(text.split()))


def _of_columns(row: HtmlElement) -> dict[str, str]:
    """Return the fields that the head of a table gives the cells of a row."""
    if row.tag != "tr":
        return {}
    table = next((above for above in row.iterancestors("table")), None)
    head = (
        None
        if table is None
        else next((r for r in table.iter("tr") if r.find("th") is not None or _is_head(r)), None)
    )
    if head is None or head is row:
        return {}
    names = [
        label_name(short_text(cell)) or _COLUMNS.get("".join(short_text(cell).split()), "")
        for cell in head
        if is_element(cell)
    ]
    cells = [short_text(cell) for cell in row if is_element(cell)]
    if len(cells) != len(names):
        return {}
    # The cell with the link may hold more than the title.
    return {
        name: cell
        for name, cell in zip(names, cells, strict=True)
        if name and cell and name != "title"
    }


_COLUMNS = {
    "发文日期": "written_on",
    "日期": "published_on",
    "发文单位": "issuing_body",
    "文件编号": "document_number",
    "发文号": "document_number",
}


def _is_head(row: HtmlElement) -> bool:
    """Return whether a row of ordinary cells names columns."""
    cells = [short_text(cell) for cell in row if is_element(cell)]
    return len(cells) > 1 and sum(label_name(cell) is not None for cell in cells) >= len(cells) / 2


def _next_page(root: HtmlElement, text: str, url: str) -> str | None:
    """Return the address of the page behind this one: as linked, or as its script makes it."""
    for link in islice(root.iter("a"), _MOST_LINKS):
        if _NEXT.fullmatch(short_text(link)) or _NEXT.fullmatch(
            " ".join((link.get("title") or "").split()) or "-"
        ):
            address = absolute(link.get("href"), url)
            if (
                address is not None
                and address != url
                and not (link.get("href") or "").startswith("javascript")
            ):
                return address
    return _by_script(text, url) or _behind_current(root, url)


def _by_script(text: str, url: str) -> str | None:
    """Return the next page as the script of a pager makes it, index_1.html behind index.html."""
    bare = re.sub(r"(?m)^\s*//.*createPage.*$|<!--.*?-->", "", text)
    call = _PAGER_CALL.search(bare)
    if call is not None:
        count, current, name, ending = int(call[1]), int(call[2]), call[3], call[4]
        return urljoin(url, f"{name}_{current + 1}.{ending}") if current + 1 < count else None
    pages = _PAGES.search(text)
    if pages is None:
        return None
    count = int(pages[1] or pages[2] or pages[3])
    path = urlsplit(url).path
    name = path.rsplit("/", 1)[-1]
    scripted = re.search(
        r"index\\?[\"']?\s*\+?\s*[\"']?_[\"']?\s*\+\s*\w*[nN]ext\w*\s*\+\s*[\"']\.[\"']?\s*\+?\s*[\"']?(\w{3,5})",
        text,
    )
    numbered = _NUMBERED.match(name) or (
        _NUMBERED.match(f"index.{scripted[1]}") if scripted else _NUMBERED.match("index.html")
    )
    if numbered is None:
        return None
    said = _CURRENT.search(text)
    current = int(numbered[2]) if numbered[2] else int(said[1]) if said else 0
    if current + 1 >= count:
        return None
    return urljoin(url, f"{numbered[1]}_{current + 1}{numbered[3]}")


def _behind_current(root: HtmlElement, url: str) -> str | None:
    """Return where the number behind the current one leads."""
    for element in root.iter("li", "span", "a", "em", "b", "strong", "td", "div"):
        number = short_text(element) if _CURRENT_CLASS.search(element.get("class") or "") else ""
        if not number.isascii() or not number.isdigit() or len(number) > 5:  # noqa: PLR2004
            continue
        wanted = str(int(number) + 1)
        holder = element.getparent()
        for _ in range(2):
            if holder is None:
                break
            for link in holder.iter("a"):
                if short_text(link) == wanted:
                    return absolute(link.get("href"), url)
            holder = holder.getparent()
    return None
