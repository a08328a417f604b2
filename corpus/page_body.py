"""
The text of a notice within its page: the right element, without what belongs to the page.

The containers that the systems behind government sites use are tried in a fixed order, then the
marks that they leave in comments, then the element with the most running text: sentences count,
links count against it (after Kohlschütter, Fankhauser and Nejdl, Boilerplate Detection using
Shallow Text Features, 2010).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.page_text import is_element, is_hidden, readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

# In the order of trust: an id or a class, in small letters; an element's name in angle brackets.
_CONTAINERS = (
    "ucap-content", "<ucapcontent>", "zoomcon", "trs_editor_view", "trs_ueditor", "trs_editor",
    "zoom", "ivs_content", "article_content", "wenzhang-content", "detailcontent", "dochtmlcon",
    "bodylabel", "vf_detail_content", "my_conboxzw", "xxgk-content", "artile_zw", "main-txt",
    "maintext", "maintextbox", "mainText", "view trs_uedi", "trs_preappend", "custom_unionstyle",
    "pages_content", "gkmlpt-content", "content_body_box", "moe-detail-box", "art-con",
    "article_con", "article-con", "article-content", "article_text", "article-text",
    "articlecontent", "three_xilan_07", "detail-content", "detail_content", "detail-news",
    "detil-new-cont", "news_content", "newscontent", "news-content", "bt_content", "bt-content",
    "wzcon", "xl-bk", "zwxl-content", "zw", "view", "text wide", "content1", "info-content",
    "infocontent", "content-box", "content_box", "content-main", "content-body", "content-text",
    "contenttext", "conttext", "con_text", "text_content", "textcontent", "ewb-article-content",
    "ewb-info-content", "ewb-article-info", "rich_media_content", "article-body", "article_body",
    "pub-det", "wz-content", "wzxq_content", "xl_content", "scroll_cont", "cont_text", "nr",
    "articlebody", "article", "detail", "content", "<article>",
)  # fmt: skip
_MARKS = (
    ("ZJEG_RSS.content.begin", "ZJEG_RSS.content.end"),
    ("<$[信息内容]>begin", "<$[信息内容]>end"),
    ("enpcontent", "/enpcontent"),
)
# What belongs to the page though it stands in the text's element: by id and class.
_CHROME = re.compile(
    r"share|jiathis|social-|qr-?code|erweima|(?:^|[_-])ewm|saoyisao|print|dayin|font-?size|fontset"
    r"|switchsize|crumb|dqwz|now-site|position-txt|prenext|prev-?next|pre-?next|pagination|pagebar"
    r"|pager(?:$|[_-])|xgfj-none|relat|xgwz|xgzc|xgjd|xglj|recommend|comment|pinglun|pingjia|zrbj"
    r"|pagesource|jiucuo|toolbar|copyright|(?:^|[_-])foot(?:er)?(?:$|[_-])|topbar|top_link"
    r"|(?:^|[_-])nav(?:bar|igation)?(?:$|[_-])|login|search|popbox|close-btn|bottom-?tool|tjyd"
    r"|visit|counter|hits-?num|siteurl",
    re.IGNORECASE,
)
_CHROME_TAGS = frozenset({"nav", "footer", "aside"})
# Lines that only the page says, wherever they stand: of the text's own nothing looks like them.
_CHROME_LINES = re.compile(
    r"(?:[\[【(（]?(?:打印(?:本页)?|关闭(?:窗口|本页)?|收藏(?:本页)?|返回(?:顶部|上一页)?|下载|复制链接|我要纠错|纠错|分享|大|中|小|默认|特大)[\]】)）]?[\s|｜]*)+"
    r"|(?:分享到?|字[体号]|扫一扫).{0,40}|(?:上|下|前|后)一[篇条页则]\s*[:：].{0,120}|[（(]?责任编辑\s*[:：].{0,20}[)）]?"
    r"|编辑\s*[:：].{0,10}|(?:浏览|阅读|访问|点击)(?:次数|量|数)\s*[:：]?\s*[\d\s次]*|您?(?:当前|现在)?的?位置\s*[:：].{0,120}"
    r"|(?:>|&gt;|›|»)+|相关(?:附件|链接|文档|阅读|信息|解读|文章|稿件)\s*[:：]?|附件下载\s*[:：]?|用微信扫.{0,30}"
)
# Behind such a line comes nothing of the notice.
_END_LINES = re.compile(
    r"(?:相关(?:链接|阅读|解读|文章|稿件|信息|文档|新闻|报道|政策(?:与|和|及)?(?:解读)?)|延伸阅读|上一[篇条]|下一[篇条]|友情链接|版权所有|主办单位\s*[:：].{0,40}承办).{0,80}"
)
# Head lines that tell the page's own facts: when, from where, how often read.
_HEAD_LINES = re.compile(
    r"(?:(?:发布|发表|更新|公开)?(?:时间|日期)\s*[:：]?\s*)?(?:19|20)\d{2}[-./年]\d{1,2}[-./月]\d{1,2}日?"
    r"(?:\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?(?:\s*(?:来源|信息来源|作者|浏览|阅读|字号|字体|打印|分享|【|\[|点击).{0,80})?"
    r"|(?:信息)?来源\s*[:：].{0,60}|作者\s*[:：].{0,20}"
)
_LEAST_TEXT = 30
_SENTENCE = re.compile(r"[。；！？，]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_MOST_LINKS = 0.5
_MOST_HEAD_LINES = 8


def find_body(root: HtmlElement) -> tuple[HtmlElement | None, str]:
    """Return the element that holds the text of a notice, and how it was found."""
    best: tuple[HtmlElement | None, str] = (None, "")
    for element, name in _known_containers(root):
        text = body_text(element)
        if len(_HAN.findall(text)) >= _LEAST_TEXT and _link_share(element) < _MOST_LINKS:
            return element, name
        if best[0] is None and text and _link_share(element) < _MOST_LINKS:
            best = element, name
    marked = _between_marks(root)
    if marked is not None:
        return marked, "comments of the CMS"
    dense = _densest(root)
    if dense is not None and best[0] is None:
        return dense, "density of text"
    if dense is not None and len(body_text(dense)) > 10 * max(1, len(body_text(best[0]))):
        return dense, "density of text"
    return best


def body_text(element: HtmlElement) -> str:
    """Return the text of a notice in the element that holds it, without what the page adds."""
    text = readable(element, skip=is_chrome)
    kept: list[str] = []
    for number, line in enumerate(text.split("\n")):
        bare = line.strip()
        if kept and _END_LINES.fullmatch(bare):
            break
        if _CHROME_LINES.fullmatch(bare):
            continue
        if number < _MOST_HEAD_LINES and _HEAD_LINES.fullmatch(bare) and not _is_signed(kept):
            continue
        kept.append(line)
    return "\n".join(kept)


def _is_signed(lines: list[str]) -> bool:
    """Return whether so much text stands above that a date is the notice's own."""
    return sum(map(len, lines)) > 2 * _LEAST_TEXT


def is_chrome(element: HtmlElement) -> bool:
    """Return whether an element belongs to the page rather than to its text."""
    if element.tag in _CHROME_TAGS:
        return True
    said = f"{element.get('class') or ''} {element.get('id') or ''}"
    if not said.strip() or not _CHROME.search(said):
        return False
    # Some makers call the whole article print-content; what holds the text is not the page's.
    return len(_SENTENCE.findall(element.text_content()[:4000])) <= 6  # noqa: PLR2004


def _known_containers(root: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Yield the elements of known containers in the order of trust, the longest of each first."""
    places: dict[str, list[HtmlElement]] = {}
    for element in root.iter():
        if not is_element(element) or element.tag in {"body", "html", "a", "input", "li", "img"}:
            continue
        tokens = {element.get("id") or "", *(element.get("class") or "").split()}
        names = {token.lower() for token in tokens if token} | {f"<{element.tag.lower()}>"}
        for name in names:
            places.setdefault(name, []).append(element)
    for container in _CONTAINERS:
        name = container.lower()
        found = places.get(name, [])
        if " " in name:
            first, *others = name.split()
            found = [
                element
                for element in places.get(first, [])
                if all(other in (element.get("class") or "").lower() for other in others)
            ]
        ordered = sorted(found, key=lambda element: -len(element.text_content()))
        for element in ordered[:3]:
            if not _in_chrome(element) and not is_hidden(element):
                yield element, container


def _in_chrome(element: HtmlElement) -> bool:
    """Return whether an element stands in a part of the page that holds no notice."""
    return any(is_chrome(above) for above in element.iterancestors() if above.tag != "body")


def _between_marks(root: HtmlElement) -> HtmlElement | None:
    """Return the parent of what stands between the marks of a CMS, if it holds text."""
    for comment in root.iter():
        if is_element(comment) or not isinstance(comment.text, str):
            continue
        said = comment.text.strip()
        if any(said == begin for begin, _ in _MARKS):
            parent: HtmlElement | None = comment.getparent()
            if parent is not None and parent.tag not in {"body", "html"} and body_text(parent):
                return parent
    return None


def _link_share(element: HtmlElement) -> float:
    """Return which share of an element's text are links."""
    whole = len(element.text_content().strip()) or 1
    return sum(len(link.text_content()) for link in element.iter("a")) / whole


def _densest(root: HtmlElement) -> HtmlElement | None:
    """Return the element whose paragraphs hold the most running text, if there is any."""
    scores: dict[HtmlElement, float] = {}
    for element in root.iter("p", "div", "td", "span", "section", "br"):
        block = element.getparent() if element.tag == "br" else element
        if block is None or _in_chrome(block):
            continue
        own = (element.tail or "") if element.tag == "br" else _own_text(element)
        marks = len(_SENTENCE.findall(own))
        if not marks or len(own) < _LEAST_TEXT // 2:
            continue
        score = marks + min(len(own) / 100, 3)
        holder = block if element.tag in {"br", "td", "div", "section"} else block.getparent()
        for share in (1.0, 0.5):
            if holder is None or holder.tag == "html":
                break
            scores[holder] = scores.get(holder, 0.0) + share * score
            holder = holder.getparent()
    good = [
        (score, element)
        for element, score in scores.items()
        if _link_share(element) < _MOST_LINKS
        and len(_HAN.findall(element.text_content())) >= _LEAST_TEXT
    ]
    best = max(good, key=lambda pair: pair[0], default=(0.0, None))[1]
    return None if best is None else _whole_table(best)


def _whole_table(element: HtmlElement) -> HtmlElement:
    """Return the table of rows and cells that the most text was found in, if it holds values."""
    found = element
    while found.tag in {"p", "span", "td", "th", "tr", "tbody"}:
        above = found.getparent()
        if above is None or above.tag not in {"td", "th", "tr", "tbody", "table"}:
            break
        found = above
    rows = [row for row in found.iter("tr") if len(row) > 1]
    return found if found.tag == "table" and rows else element


def _own_text(element: HtmlElement) -> str:
    """Return the text of a paragraph, or of a block without the blocks inside it."""
    if element.tag == "p":
        return str(element.text_content())
    parts = [element.text or ""]
    parts.extend(child.tail or "" for child in element)
    if element.tag in {"td", "div", "section"}:
        parts.extend(
            child.text_content()
            for child in element
            if is_element(child) and child.tag in {"span", "font", "b", "strong"}
        )
    return "".join(parts)
