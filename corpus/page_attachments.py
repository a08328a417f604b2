"""
The files that a page offers with its notice: their printed names and whole addresses.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from corpus.notice import Attachment
from corpus.page_body import is_chrome
from corpus.page_text import is_element, short_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|wps|et|dps|pptx?|zip|rar|7z|ofd|ceb|txt|csv|rtf|tiff?)$", re.IGNORECASE
)
_DOWNLOAD = re.compile(
    r"/downfile\.jsp|attachAction/getContent|/gwk/resource/file|/downloadFile|attach(?:ment)?/down"
    r"|/module/download/|DownloadAttach|filedown",
    re.IGNORECASE,
)
_HOLDERS = re.compile(r"attach|fujian|appendix|(?:^|[_-])fj(?:$|[_-])", re.IGNORECASE)
# Words that name no file: then its title or its address may.
_NO_NAME = re.compile(
    r"[\[【(（]?(?:点击|点此|立即|文件|附件)*(?:下载|查看|打开|预览|浏览)?(?:附件|文件|全文|此处)?[\]】)）]?[:：]?"
)
_LONGEST_NAME = 200
_MOST = 200
_MOST_LINKS = 3000
_LONGEST_ADDRESS = 2000
# How far above the text's own element its files may stand.
_STEPS_UP = 3


def attachments_near(
    body: HtmlElement | None, root: HtmlElement, url: str
) -> tuple[Attachment, ...]:
    """Return the files linked in the text or beside it, in the order of the page, each once."""
    area = root if body is None else body
    for _ in range(_STEPS_UP):
        above = area.getparent()
        if above is None or above.tag in {"html", "body"}:
            break
        area = above
    found: dict[str, Attachment] = {}
    for link in islice(area.iter("a"), _MOST_LINKS):
        address = absolute(link.get("href"), url)
        if address is None or not _is_file(link, address) or address in found:
            continue
        if body is not None and _is_elsewhere(link, body, area):
            continue
        found[address] = Attachment(_name_of(link, address), address)
        if len(found) >= _MOST:
            break
    return tuple(found.values())


def absolute(href: str | None, url: str) -> str | None:
    """Return a link as a whole http(s) address, ``None`` if it leads nowhere."""
    address = (href or "").strip()
    if not address or address.startswith("#") or len(address) > _LONGEST_ADDRESS:
        return None
    try:
        whole = urljoin(
            url, "".join(address.split()) if " " not in address else address.replace(" ", "%20")
        )
        scheme = urlsplit(whole).scheme
    except ValueError:
        return None
    return whole if scheme in {"http", "https"} else None


def _is_file(link: HtmlElement, address: str) -> bool:
    """Return whether a link leads to a file."""
    parts = urlsplit(address)
    if _FILE.search(parts.path) or _DOWNLOAD.search(address):
        return True
    if (link.get("appendix") or "").lower() == "true" or link.get("needdownload"):
        return True
    if _FILE.search(link.get("download") or ""):
        return True
    # /down?id=7, whose name is that of a file.
    return bool(_FILE.search(short_text(link))) and not parts.path.endswith(
        (".html", ".shtml", ".htm")
    )


def _is_elsewhere(link: HtmlElement, body: HtmlElement, area: HtmlElement) -> bool:
    """Return whether a link beside the text belongs to the page: to its tools, to other notices."""
    for above in link.iterancestors():
        if above is body:
            return False
        if above is area:
            return False
        if is_element(above) and is_chrome(above):
            said = f"{above.get('class') or ''} {above.get('id') or ''}"
            return not _HOLDERS.search(said)
    return False


def _name_of(link: HtmlElement, address: str) -> str:
    """Return the name of a file: as printed, else as its title or its address has it."""
    query = parse_qs(urlsplit(address).query)
    last = unquote(urlsplit(address).path.rsplit("/", 1)[-1])
    names = [
        short_text(link),
        " ".join((link.get("title") or "").split()),
        (link.get("download") or "").strip(),
        *(name for key in ("filename", "fileName", "name") for name in query.get(key, [])),
        last,
    ]
    good = (name for name in names if name and not _NO_NAME.fullmatch(name))
    return next(good, last or "附件")[:_LONGEST_NAME]
