"""
How the lists of each family of sites are asked for and read: pure, nothing is fetched here.

A list answers with entries and with the question for its next page; an entry leads to a page to
be read, or to an interface that gives the notice as JSON.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from corpus.errors import RefusedPageError
from corpus.fields import read_date, read_document_number
from corpus.notice import Attachment, Notice
from corpus.page import decode_page, read_fragment, read_page
from corpus.page_attachments import absolute
from corpus.page_listing import Entry, read_listing
from corpus.paste import complete

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from corpus.sites import Site

_CHINA = timezone(timedelta(hours=8))
_TAGS = re.compile(r"<[^>]{0,200}>")
_CONFIG_SID = re.compile(r"[\"']?SID[\"']?\s*:\s*[\"']?(\w{1,40})")
_CONFIG_TREE = re.compile(
    r"[\"']?TREE[\"']?\s*:\s*(\[.*?\])\s*[,}]\s*(?:\n|[\"']?[A-Z_]+[\"']?\s*:|;)", re.DOTALL
)
_CATEGORY = re.compile(r"[\"']?id[\"']?\s*:\s*[\"']?(\d{1,12})")
_QUERY_DATA = re.compile(r"queryData\s*=\s*(\"[^\"]{10,2000}\"|'[^']{10,2000}')")
_PAIR = re.compile(r"['\"](\w{2,30})['\"]\s*:\s*['\"]([^'\"]{0,200})['\"]")
_JPAGE = re.compile(r"(webid|unitid|columnid|perpage)\s*[=:]\s*['\"]?([\w-]{1,40})", re.IGNORECASE)
_TOTAL = re.compile(
    r"totalRecord\s*[=:]\s*['\"]?(\d{1,8})|<totalrecord>\s*(\d{1,8})", re.IGNORECASE
)
_PAGE_OF = re.compile(r"^(.*?)(?:_(\d{1,5}))?(\.(?:s?html?|jsp))$")
_PAGE_SIZE = 50
_LONGEST_TITLE = 200
_INFOID = re.compile(r"[?&]infoid=([\w-]{8,64})")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to a site: an address, and what is sent with it."""

    url: str
    method: str = "GET"
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    # Which page of its list, counted from nought.
    page: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """
    An entry of a list.

    *url* names the notice, *ask* fetches it; *known* is what the list itself tells of it.
    """

    url: str
    ask: Ask
    known: Notice = field(default_factory=Notice)


@dataclass(frozen=True, slots=True)
class ListPage:
    """What a page of a list holds, and the question for the next one."""

    found: tuple[Found, ...]
    following: Ask | None = None
    more: tuple[Ask, ...] = ()


def first_asks(site: Site) -> list[Ask]:
    """Return the questions that the lists of a site begin with."""
    begin = _FIRST.get(site.family)
    return begin(site) if begin else [Ask(address) for address in site.lists]


def read_list(site: Site, ask: Ask, content: bytes, content_type: str | None) -> ListPage:
    """
    Return what a page of a list holds.

    Raises:
        RefusedPageError: If it is no list of this family.
    """
    reader = _LISTS.get(site.family, _of_page)
    try:
        return reader(site, ask, content, content_type)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, RefusedPageError):
            raise
        raise RefusedPageError(
            "listing", f"it is not what the lists of the family {site.family} look like ({error})."
        ) from None


def read_detail(
    site: Site, found: Found, url: str, content: bytes, content_type: str | None
) -> Notice:
    """
    Return the notice that an entry leads to, with what its list tells where the page does not.

    Raises:
        RefusedPageError: If it is no notice.
    """
    if site.family == "shanghai":
        notice = _shanghai_notice(found, content)
    elif content.lstrip()[:1] == b"{":
        notice = _notice_of_json(content, url)
    else:
        notice = read_page(content, url, content_type=content_type).notice
    return merged(notice, found)


def ask_for(site: Site, url: str) -> Ask | None:
    """Return the question for a notice of which only the address is known; ``None`` if none is."""
    if site.family == "shanghai" or urlsplit(url).hostname not in site.hosts:
        return None
    return _detail_ask(site, url, site.lists[0])


def merged(notice: Notice, found: Found) -> Notice:
    """Return a notice under the address that its list gives, with what only the list tells."""
    changes: dict[str, Any] = {"url": found.url}
    for name in Notice.__dataclass_fields__:
        value = getattr(found.known, name)
        if value not in (None, ()) and getattr(notice, name) in (None, ()):
            changes[name] = value
    return replace(notice, **changes)


# Lists that are pages.


def _of_page(site: Site, ask: Ask, content: bytes, content_type: str | None) -> ListPage:
    """Read a list as people see it."""
    listing = read_listing(content, ask.url, content_type=content_type)
    following = listing.next_page or _numbered(site, ask)
    return ListPage(
        _entries(site, listing.entries, ask.url),
        None if following is None else Ask(following, page=ask.page + 1),
    )


def _numbered(site: Site, ask: Ask) -> str | None:
    """Return the next page by its number, for families whose pages are numbered in the address."""
    if site.family not in {"trs", "static"}:
        return None
    parts = urlsplit(ask.url)
    folder, _, name = parts.path.rpartition("/")
    match = _PAGE_OF.match(name or f"index.{site.options.get('ending', 'html')}")
    if match is None:
        return None
    first = 1 if site.family == "trs" else 2
    number = int(match[2]) + 1 if match[2] else first
    return urlunsplit(parts._replace(path=f"{folder}/{match[1]}_{number}{match[3]}"))


def _entries(site: Site, entries: tuple[Entry, ...], url: str) -> tuple[Found, ...]:
    """Return the entries of a list that lead to notices of the site."""
    pattern = re.compile(site.detail) if site.detail else None
    found = []
    for entry in entries:
        if urlsplit(entry.url).hostname not in site.hosts:
            continue
        if pattern is not None and not pattern.search(entry.url):
            continue
        found.append(Found(entry.url, _detail_ask(site, entry.url, url), _told(entry)))
    return tuple(found)


def _told(entry: Entry) -> Notice:
    """Return what a row tells of its notice."""
    names = [name for name in Entry.__slots__ if name != "url"]
    return Notice(**{name: getattr(entry, name) for name in names})


def _detail_ask(site: Site, address: str, referer: str) -> Ask:
    """Return the question for the page of a notice; Epoint fills its own by a script."""
    info = _INFOID.search(address) if site.family == "epoint" else None
    if info is not None:
        query = urlencode({"cmd": "getOpenDetail", "infoid": info[1], **_strings(site.options)})
        address = urljoin(address, f"/EpointWebBuilder/zNJSAction.action?{query}")
    return Ask(address, headers=(("Referer", referer),))


def _strings(options: Any) -> dict[str, str]:
    """Return the options of a family as text."""
    return {name: str(value) for name, value in options.items()}


def _jcms(site: Site, ask: Ask, content: bytes, content_type: str | None) -> ListPage:
    """Read a column of JCMS: the first rows are in the page, further ones come by dataproxy."""
    text = decode_page(content, content_type)
    listing = read_listing(content, ask.url, content_type=content_type)
    found = _entries(site, listing.entries, ask.url)
    query = dict(parse_qsl(urlsplit(ask.url).query))
    names = {"webid", "unitid", "columnid", "perpage"}
    told = {name.lower(): value for name, value in _JPAGE.findall(text)}
    known = {**told, **{k: v for k, v in _strings(site.options).items() if k in names}, **query}
    column = re.search(r"/col/col(\d+)/", ask.url)
    if column is not None:
        known.setdefault("columnid", column[1])
    if not {"webid", "unitid", "columnid"} <= known.keys() or not listing.entries:
        return ListPage(found)
    size = int(known.get("perpage") or len(listing.entries))
    start = int(query.get("endrecord", len(listing.entries))) + 1
    total = _TOTAL.search(text)
    if total is not None and start > int(total[1] or total[2]):
        return ListPage(found)
    asked = {
        "startrecord": start,
        "endrecord": start + size - 1,
        "perpage": size,
        **{name: known[name] for name in ("columnid", "unitid", "webid")},
    }
    address = urljoin(ask.url, f"/module/web/jpage/dataproxy.jsp?{urlencode(asked)}")
    referer = dict(ask.headers).get("Referer", ask.url)
    return ListPage(found, Ask(address, headers=(("Referer", referer),), page=ask.page + 1))


def _jpaas(site: Site, ask: Ask, content: bytes, content_type: str | None) -> ListPage:
    """Read a column of jpaas: its page names the unit, which comes as JSON with HTML in it."""
    if content.lstrip()[:1] != b"{":
        text = unescape(decode_page(content, content_type))
        data = _QUERY_DATA.search(text)
        told = dict(_PAIR.findall(data[1][1:-1])) if data is not None else {}
        told.update({k: v for k, v in _strings(site.options).items() if k != "rows"})
        if not told:
            raise RefusedPageError("listing", "the column names no unit (queryData).")
        rows = str(site.options.get("rows", 20))
        return ListPage((), _jpaas_ask(ask, {**told, "pageNo": "1", "rows": rows}))
    data = json.loads(content)
    html = _first_text(data, ("html",))
    listing = read_listing(html.encode(), ask.url, content_type="text/html; charset=utf-8")
    query = dict(parse_qsl(urlsplit(ask.url).query))
    query["pageNo"] = str(int(query.get("pageNo", "1")) + 1)
    return ListPage(_entries(site, listing.entries, ask.url), _jpaas_ask(ask, query))


def _jpaas_ask(ask: Ask, query: dict[str, str]) -> Ask:
    """Return the question for a page of a unit."""
    path = "/api-gateway/jpaas-publish-server/front/page/build/unit"
    referer = dict(ask.headers).get("Referer", ask.url)
    address = urljoin(ask.url, f"{path}?{urlencode(query)}")
    return Ask(address, headers=(("Referer", referer),), page=ask.page + 1)


# Lists that are interfaces.


def _ucap_first(site: Site) -> list[Ask]:
    return [
        Ask(_with(address, page="1", _pageSize="15", _isAgg="true", _isJson="true"))
        for address in site.lists
    ]


def _ucap(site: Site, ask: Ask, content: bytes, content_type: str | None) -> ListPage:
    """Read a channel of UCAP."""
    data = json.loads(decode_page(content, content_type))["data"]
    found = []
    for row in data["results"]:
        address = absolute(row.get("url"), ask.url)
        if address is None or urlsplit(address).hostname not in site.hosts:
            continue
        told = {
            pair.get("key"): pair.get("value")
            for group in row.get("domainMetaList") or ()
            for pair in group.get("resultList") or ()
        }
        known = Notice(
            title=_plain(row.get("title")),
            published_on=_day(told.get("pubdate") or row.get("publishedTimeStr")),
            written_on=_day(told.get("writedate")),
            document_number=_number(told.get("refno")),
            index_number=_plain(told.get("indexnumber")),
            declared_topic=_plain(told.get("theme")),
            issuing_body=_plain(told.get("source")),
        )
        found.append(Found(address, Ask(address, headers=(("Referer", ask.url),)), known))
    return ListPage(tuple(found), _next_by(ask, "page") if found else None)


def _gkmlpt(site: Site, ask: Ask, content: bytes, content_type: str | None) -> ListPage:
    """Read the directory platform of Guangdong: its first page names the categories."""
    text = decode_page(content, content_type)
    if not text.lstrip().startswith("{"):
        sid = _CONFIG_SID.search(text)
        if sid is None:
            raise RefusedPageError("listing", "the platform names no site (SID).")
        chosen = site.options.get("categories")
        tree = _CONFIG_TREE.search(text)
        categories = (
            [str(one) for one in chosen] if chosen else _CATEGORY.findall(tree[1] if tree else "")
        )
        asks = tuple(
            Ask(urljoin(ask.url, f"/gkmlpt/api/all/{category}?page=1&sid={sid[1]}"))
            for category in dict.fromkeys(categories)
        )
        if not asks:
            raise RefusedPageError("listing", "the platform names no categories (TREE).")
        return ListPage((), more=asks)
    found = []
    for row in json.loads(text)["articles"]:
        address = absolute(row.get("url"), ask.url)
        if address is None or urlsplit(address).hostname not in site.hosts:
            continue
        expired = bool(row.get("is_expired") or row.get("is_abolished"))
        known = Notice(
            title=_plain(row.get("title")),
            document_number=_number(row.get("document_number")),
            index_number=_plain(row.get("identifier")),
            issuing_body=_plain(row.get("publisher")),
            keywords=_plain(row.get("keywords")),
            written_on=_day(row.get("date")),
            published_on=_day(row.get("display_publish_time") or row.get("created_at")),
            declared_topic=_plain(row.get("classify_theme_name")),
            validity=("废止" if row.get("is_abolished") else "失效") if expired else None,
            attachments=_files(row.get("attachment"), ask.url),
        )
        found.append(Found(address, Ask(address, headers=(("Referer", ask.url),)), known))
    return ListPage(tuple(found), _next_by(ask, "page") if found else None)


def _gov_cn_first(site: Site) -> list[Ask]:
    """Return the first page, and the one before it: some say that pages are counted from nought."""
    library = str(site.options.get("library", "zhengcelibrary_gw"))
    query = {"t": library, "q": "", "n": str(_PAGE_SIZE), "sort": "pubtime", "sortType": "1"}
    referer = (("Referer", "https://sousuo.www.gov.cn/zcwjk/policyDocumentLibrary"),)
    return [
        Ask(_with(address, **query, p=number), headers=referer, page=page)
        for address in site.lists
        for number, page in (("1", 0), ("0", 1))
    ]


def _gov_cn(site: Site, ask: Ask, content: bytes, content_type: str | None) -> ListPage:
    """Read the policy library of the State Council."""
    data = json.loads(decode_page(content, content_type))
    if data.get("code") == 1001:  # noqa: PLR2004 (the interface's word for "nothing more")
        return ListPage(())
    answer = data["searchVO"]
    groups = (
        [answer]
        if answer.get("listVO") is not None
        else list((answer.get("catMap") or {}).values())
    )
    found = []
    for row in (row for group in groups for row in group.get("listVO") or ()):
        address = absolute(row.get("url"), ask.url)
        if address is None or urlsplit(address).hostname not in site.hosts:
            continue
        topic = "\\".join(
            filter(None, (_plain(row.get("childtype")), _plain(row.get("subchildtype"))))
        )
        known = Notice(
            title=_plain(row.get("title")),
            document_number=_number(row.get("pcode")),
            index_number=_plain(row.get("index")),
            issuing_body=_plain(row.get("puborg")),
            written_on=_day(row.get("ptime")),
            published_on=_day(row.get("pubtime") or row.get("pubtimeStr")),
            declared_topic=topic or None,
        )
        found.append(Found(address, Ask(address, headers=(("Referer", ask.url),)), known))
    following = _next_by(ask, "p") if found else None
    return ListPage(tuple(found), following)


def _shanghai_first(site: Site) -> list[Ask]:
    return [_shanghai_ask(site, address, 1) for address in site.lists]


def _shanghai_ask(site: Site, address: str, page: int) -> Ask:
    asked = {"siteIdList": [str(site.options["site_id"])], "pageNo": page, "pageSize": _PAGE_SIZE}
    return Ask(
        address,
        "POST",
        json.dumps(asked).encode(),
        (("Content-Type", "application/json"),),
        page - 1,
    )


def _shanghai(site: Site, ask: Ask, content: bytes, content_type: str | None) -> ListPage:
    """Read the policy platform of Shanghai."""
    data = json.loads(decode_page(content, content_type))["data"]
    found = []
    for row in data["records"]:
        key = {"siteId": str(row["siteId"]), "businessId": str(row["businessId"])}
        address = urljoin(ask.url, f"/zhengce/detail?{urlencode(key)}")
        detail = Ask(
            urljoin(ask.url, "/gwk/policy/detail"),
            "POST",
            json.dumps(key).encode(),
            (("Content-Type", "application/json"),),
        )
        known = Notice(
            title=_plain(row.get("title")),
            published_on=_day(row.get("publishDate") or row.get("displayDate")),
            document_number=_number(row.get("docNum")),
            issuing_body=_plain((row.get("attrs") or {}).get("agency")),
        )
        found.append(Found(address, detail, known))
    last = int(data.get("totalPage") or 0) <= ask.page + 1
    following = None if last or not found else _shanghai_ask(site, ask.url, ask.page + 2)
    return ListPage(tuple(found), following)


def _shanghai_notice(found: Found, content: bytes) -> Notice:
    """Return the notice that the platform of Shanghai gives as JSON."""
    try:
        data = json.loads(content)["data"]
        html = data["txt"] or ""
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedPageError("error", f"the interface answers otherwise ({error}).") from None
    attrs = data.get("attrs") or {}
    fragment = read_fragment(html, found.url)
    attached = absolute(attrs.get("zwPDFUrl"), found.url)
    files = fragment.attachments or ((Attachment("正文.pdf", attached),) if attached else ())
    parts = (data.get("docType"), data.get("docYear"), data.get("docNo"))
    number = "{}〔{}〕{}号".format(*parts) if all(parts) else None
    if not fragment.body and not files:
        raise RefusedPageError("empty", "the interface gives no text.")
    return complete(
        Notice(
            title=_plain(data.get("title")),
            body=fragment.body,
            attachments=files,
            index_number=_plain(data.get("indexNo")),
            document_number=number,
            document_type=_plain(data.get("genre")),
            published_on=_day(data.get("publishDate")),
            issuing_body=_plain(attrs.get("agency")),
            declared_topic=_plain(attrs.get("theme")),
            validity=_plain(str(data["effectiveFlag"]))
            if data.get("effectiveFlag") in {"有效", "失效", "废止"}
            else None,
        )
    )


def _notice_of_json(content: bytes, url: str) -> Notice:
    """Return the notice of an interface that gives its body as HTML, under whatever name."""
    try:
        data = json.loads(content)
    except ValueError as error:
        raise RefusedPageError("error", f"it is neither a page nor JSON ({error}).") from None
    texts = sorted(_texts(data), key=lambda pair: -len(pair[1]))
    fragment = read_fragment(texts[0][1], url) if texts else None
    if fragment is None or not fragment.body:
        raise RefusedPageError("empty", "the interface gives no text.")
    title = next(
        (value for name, value in texts if "title" in name.lower() and len(value) < _LONGEST_TITLE),
        None,
    )
    day = next(
        (value for name, value in texts if "date" in name.lower() and read_date(value)), None
    )
    return complete(
        Notice(
            title=_plain(title),
            body=fragment.body,
            attachments=fragment.attachments,
            published_on=_day(day),
        )
    )


def _texts(data: Any) -> Iterator[tuple[str, str]]:
    """Yield all texts of a JSON value with their names."""
    waiting: list[tuple[str, Any]] = [("", data)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((name, one) for one in value)


def _first_text(data: Any, names: tuple[str, ...]) -> str:
    """Return the first text of a name in a JSON value."""
    return next((value for name, value in _texts(data) if name in names), "")


def _with(address: str, **query: str) -> str:
    """Return an address with parameters."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **query})))


def _next_by(ask: Ask, name: str) -> Ask:
    """Return the question for the next page of an interface that numbers its pages."""
    query = dict(parse_qsl(urlsplit(ask.url).query, keep_blank_values=True))
    number = int(query.get(name, "1")) + 1
    parts = urlsplit(ask.url)
    address = urlunsplit(parts._replace(query=urlencode({**query, name: str(number)})))
    return replace(ask, url=address, page=ask.page + 1)


def _plain(value: object) -> str | None:
    """Return a value of an interface as text without markup; ``None`` for nothing."""
    if value is None:
        return None
    return " ".join(unescape(_TAGS.sub("", str(value))).split()) or None


def _number(value: object) -> str | None:
    """Return a document number."""
    printed = "".join((_plain(value) or "").split())
    return (read_document_number(printed) or printed) or None


def _day(value: object) -> date | None:
    """Return a date: as text, or as milliseconds since 1970."""
    text = str(value or "").strip()
    if text.isdigit() and len(text) in {10, 13}:
        seconds = int(text) / (1000 if len(text) == 13 else 1)  # noqa: PLR2004
        return datetime.fromtimestamp(seconds, UTC).astimezone(_CHINA).date()
    return read_date(text)


def _files(value: object, url: str) -> tuple[Attachment, ...]:
    """Return the files that an interface lists."""
    files = []
    for one in value if isinstance(value, list) else ():
        address = (
            absolute(one.get("url") or one.get("path"), url) if isinstance(one, dict) else None
        )
        name = _plain(one.get("name") or one.get("title")) if isinstance(one, dict) else None
        if name or address:
            files.append(Attachment(name or "附件", address))
    return tuple(files)


_FIRST: dict[str, Callable[[Site], list[Ask]]] = {
    "ucap": _ucap_first,
    "gov_cn": _gov_cn_first,
    "shanghai": _shanghai_first,
}
_LISTS: dict[str, Callable[[Site, Ask, bytes, str | None], ListPage]] = {
    "jcms": _jcms,
    "jpaas": _jpaas,
    "ucap": _ucap,
    "gkmlpt": _gkmlpt,
    "gov_cn": _gov_cn,
    "shanghai": _shanghai,
}
