"""
The search page and the page of a notice: made here, so that they work without any script.

The address holds the whole search, so a link to it can be sent to a colleague; every filter, chip
and sort on the page is a link to the address that the click would lead to.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response

from corpus.errors import UnknownNoticeError, UnknownTopicError
from corpus.query import parts_of
from corpus.stored import Source
from service.api.answers import label_of
from service.api.searching import FARTHEST_OFFSET, read_query
from service.api.storing import corpus_of, in_thread, index_of
from service.page_templates import page, root_of
from service.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from corpus.found import FacetCount, Hit, Query, Result, Span
    from corpus.stored import StoredNotice, Tag
    from corpus.taxonomy import Taxonomy

router = APIRouter(include_in_schema=False)

SOURCES: dict[str, str] = {
    Source.ISSUER: "发文机关所印",
    Source.PUBLISHER: "发布人员所选",
    Source.MODEL: "模型建议",
    Source.REVIEWER: "复核确定",
}
_VALIDITIES = {"in_force": "现行有效", "expired": "已失效"}
_SORTS = (("relevance", "相关"), ("newest", "最新"), ("oldest", "最早"))
_FACETS = (
    ("topic", "主题"),
    ("issuing_body", "发文机关"),
    ("year", "年份"),
    ("document_type", "公文种类"),
    ("validity", "有效性"),
    ("source", "主题来源"),
)
_UNKNOWN = ("没有这篇公文", "这个地址下没有公文。请检查地址。", 404)
# RFC 9110, 15.5.11: what was here and is gone on purpose.
_GONE = {
    "withdrawn": ("公文已撤下", "这篇公文已由发布单位撤下。", 410),
    "purged": ("公文已清除", "这篇公文已清除，不再提供。", 410),
}
_SINGLE = frozenset({"validity", "year_from", "year_to"})
_SHOWN_VALUES = 12
# An index that is being made finds little yet, and whoever searches should know.
_FAR_BEHIND = 500
_FIELDS = (
    ("索引号", "index_number"),
    ("发文字号", "document_number"),
    ("发文机关", "issuing_body"),
    ("公文种类", "document_type"),
    ("成文日期", "written_on"),
    ("发布日期", "published_on"),
    ("生效日期", "effective_on"),
    ("失效日期", "expires_on"),
    ("有效性", "validity"),
    ("主题词", "keywords"),
    ("页面所印主题", "declared_topic"),
)


class _Address:
    """The address of a search, and the addresses a click away from it."""

    def __init__(self, path: str, parameters: Iterable[tuple[str, str]]) -> None:
        self.path = path
        stripped = ((name, value.strip()) for name, value in parameters)
        self.parameters = [(name, value) for name, value in stripped if value]

    def has(self, name: str, value: str) -> bool:
        """Return whether a value is chosen."""
        return all(pair in self.parameters for pair in _pairs(name, value))

    def toggled(self, name: str, value: str, *, instead_of: Collection[str] = ()) -> str:
        """
        Return the address with a value chosen, or no more if it is; from the first hit on.

        A topic is chosen *instead of* those above and below it, or it would narrow nothing.
        """
        changed = _pairs(name, value)
        if self.has(name, value):
            return self.without(changed)
        single = {one for one, _ in changed} & _SINGLE
        left = {(name, other) for other in instead_of}
        kept = [pair for pair in self.parameters if pair[0] not in single and pair not in left]
        return self._to(kept + changed)

    def without(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Return the address without some values."""
        return self._to([pair for pair in self.parameters if pair not in pairs])

    def at(self, name: str, value: object) -> str:
        """Return the address with a parameter that has one value only."""
        kept = [pair for pair in self.parameters if pair[0] != name]
        return self._to([*kept, (name, str(value))], keep_place=name == "offset")

    def _to(self, parameters: Iterable[tuple[str, str]], *, keep_place: bool = False) -> str:
        kept = [pair for pair in parameters if keep_place or pair[0] != "offset"]
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


def _pairs(name: str, value: str) -> list[tuple[str, str]]:
    """Return the parameters that choose a value of a filter; a year is its own first and last."""
    return [("year_from", value), ("year_to", value)] if name == "year" else [(name, value)]


@router.get("/search")
async def search_page(request: Request) -> Response:
    """Return the hits of a search, with filters beside them."""
    corpus, index = corpus_of(request), index_of(request)
    address = _Address(f"{root_of(request)}/search", request.query_params.multi_items())
    words = request.query_params.get("words", "").strip()
    typed = {"words", "offset", "year_from", "year_to"}
    hidden = [pair for pair in address.parameters if pair[0] not in typed]
    taxonomy = corpus.taxonomy
    frame: dict[str, Any] = {
        "words": words,
        "kept": hidden,
        "chips": _chips(address, taxonomy),
        "years": [request.query_params.get(name, "").strip() for name in ("year_from", "year_to")],
    }
    try:
        query = read_query(request)
    except (ProblemError, UnknownTopicError) as error:
        said = error.detail if isinstance(error, ProblemError) else f"没有主题“{error.text}”。"
        return page(request, "search.html", 422, problem=said, **frame)
    result, status = await in_thread(
        request, lambda: (index.search(query, corpus), index.status(corpus))
    )
    return page(
        request,
        "search.html",
        **frame,
        behind=status.behind if status.behind >= _FAR_BEHIND else 0,
        **_paging(address, query, result),
        hits=[_shown(hit, root_of(request), taxonomy) for hit in result.hits],
        facets=list(filter(None, (_facet(address, *one, result, taxonomy) for one in _FACETS))),
        sorts=[
            {"label": label, "href": address.at("sort", name), "chosen": query.sort == name}
            for name, label in _SORTS
        ],
        widened=result.widened,
        feed=_feed_of(query, root_of(request)),
        loosened=_loosened(address, words, taxonomy),
    )


@router.get("/notices/{name:path}")
async def notice_page(request: Request, name: str) -> Response:
    """Return one notice with its theme, how it came by it, and its text."""
    corpus = corpus_of(request)

    def found() -> tuple[StoredNotice, list[Tag], list[StoredNotice], datetime | None]:
        stored = corpus.get(name)
        gone_at = corpus.crawl_memory().gone_at(stored.identity)
        return stored, list(corpus.tags(stored.id)), list(corpus.copies(stored.id)), gone_at

    try:
        stored, tags, copies, gone_at = await in_thread(request, found)
    except UnknownNoticeError as error:
        title, said, status = _GONE.get(error.state or "", _UNKNOWN)
        return page(request, "notice.html", status, found=False, title=title, problem=said)
    notice = stored.notice
    values = ((label, getattr(notice, field)) for label, field in _FIELDS)
    return page(
        request,
        "notice.html",
        found=True,
        title=notice.title or "（没有标题）",
        fields=[(label, value) for label, value in values if value],
        url=_web_address(notice.url),
        gone_on=gone_at and f"{gone_at:%Y-%m-%d}",
        attachments=[{"name": f.name, "url": _web_address(f.url)} for f in notice.attachments],
        body=notice.body or "",
        topic=label_of(corpus.taxonomy, stored.topic),
        source=stored.topic_source and SOURCES[stored.topic_source],
        history=[_in_words(tag, tags, corpus.taxonomy) for tag in reversed(tags)],
        copies=[
            {
                "title": copy.notice.title or copy.id,
                "href": notice_address(root_of(request), copy.id),
            }
            for copy in copies
        ],
    )


def _feed_of(query: Query, root: str) -> str:
    """Return the address of the feed that goes on with a search: of its one topic, or of all."""
    topics = query.topics
    return f"{root}/feeds/" + (
        f"topics/{quote(topics[0])}.atom" if len(topics) == 1 else "newest.atom"
    )


def notice_address(root: str, name: str) -> str:
    """Return the address of a notice's page."""
    return f"{root}/notices/{quote(name, safe='')}"


def _web_address(url: str | None) -> str | None:
    """Return an address that may be a link; ``javascript:`` and its like may not."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


def _in_words(tag: Tag, tags: Sequence[Tag], taxonomy: Taxonomy) -> str:
    """Return a line of a notice's history."""
    when = f"{tag.at:%Y-%m-%d %H:%M} UTC，{tag.by}"
    if tag.retracts is not None:
        taken, undone = _taken_back(tag, tags)
        what = label_of(taxonomy, taken.topic) if taken and taken.topic else "此前的选择"
        return f"{'恢复' if undone else '撤回'}：{what}（{when}）"
    sure = "" if tag.probability is None else f"，概率 {tag.probability:.2f}"
    return f"{label_of(taxonomy, tag.topic)}，{SOURCES[tag.source]}（{when}{sure}）"


def _taken_back(tag: Tag, tags: Sequence[Tag]) -> tuple[Tag | None, bool]:
    """Return what a retraction is about in the end, and whether it makes that hold again."""
    by_id = {other.id: other for other in tags}
    steps = 0
    found: Tag | None = tag
    while found is not None and found.retracts is not None:
        found = by_id.get(found.retracts)
        steps += 1
    return found, steps % 2 == 0


def _chips(address: _Address, taxonomy: Taxonomy) -> list[dict[str, str]]:
    """Return the chosen filters, each with the address without it."""
    titles = {**dict(_FACETS), "year_from": "不早于", "year_to": "不晚于"}
    return [
        {
            "label": f"{titles[name]}：{_label(name, value, taxonomy)}",
            "href": address.without([(name, value)]),
        }
        for name, value in address.parameters
        if name in titles
    ]


def _loosened(address: _Address, words: str, taxonomy: Taxonomy) -> list[dict[str, str]]:
    """Return what could be left out of a search that found nothing."""
    chips = [
        {"label": f"去掉“{chip['label']}”", "href": chip["href"]}
        for chip in _chips(address, taxonomy)
    ]
    typed = parts_of(words)
    if len(typed) > 1:
        for place, word in enumerate(typed):
            fewer = " ".join([*typed[:place], *typed[place + 1 :]])
            chips.append({"label": f"去掉词语“{word}”", "href": address.at("words", fewer)})
    elif typed and chips:
        chips.append({"label": "去掉词语", "href": address.without([("words", words)])})
    return [*chips, {"label": "看全部公文", "href": address.path}]


def _paging(address: _Address, query: Query, result: Result) -> dict[str, Any]:
    """Return which hits are shown, and the addresses of those before and behind."""
    following = query.offset + query.limit
    # An address past the last page leads back to it.
    before = min(query.offset, result.total) - query.limit
    more = query.limit and following < min(result.total, FARTHEST_OFFSET)
    return {
        "total": result.total,
        "past": query.offset >= result.total > 0,
        "first": query.offset + 1,
        "last": min(following, result.total),
        "previous": query.offset and address.at("offset", max(0, before)),
        "following": more and address.at("offset", following),
    }


def _facet(
    address: _Address, name: str, title: str, result: Result, taxonomy: Taxonomy
) -> dict[str, Any] | None:
    """Return one filter with its values, ``None`` if no notice has any."""
    counts = list(result.facets.get(name, ()))
    if name == "topic":
        counts = _by_root(address, counts, taxonomy)
    entries = [
        {
            "label": _label(name, value, taxonomy, short=True),
            "count": count,
            "href": address.toggled(
                name, value, instead_of=_kin(value, taxonomy) if name == "topic" else ()
            ),
            "chosen": address.has(name, value),
            "below": name == "topic" and value in taxonomy and bool(taxonomy.topic(value).parent),
        }
        for value, count in counts
    ]
    if not entries:
        return None
    shown = [n for n, entry in enumerate(entries) if n < _SHOWN_VALUES or entry["chosen"]]
    return {
        "title": title,
        "entries": [entries[n] for n in shown],
        "more": [entry for n, entry in enumerate(entries) if n not in shown],
    }


def _kin(code: str, taxonomy: Taxonomy) -> set[str]:
    """Return the topics above and below a topic."""
    if code not in taxonomy:
        return set()
    above = {taxonomy.topic(code).parent or ""}
    return above | {child.code for child in taxonomy.children(code)}


def _by_root(
    address: _Address, counts: Sequence[FacetCount], taxonomy: Taxonomy
) -> list[FacetCount]:
    """Return first-level topics, the largest first, with those below the chosen ones behind."""
    parents = {c.value: taxonomy.topic(c.value).parent for c in counts if c.value in taxonomy}
    open_roots = {
        parents.get(value) or value for name, value in address.parameters if name == "topic"
    }
    ordered = []
    for root in counts:
        if parents.get(root.value) is None:
            ordered.append(root)
            if root.value in open_roots:
                ordered.extend(c for c in counts if parents.get(c.value) == root.value)
    return ordered


def _label(name: str, value: str, taxonomy: Taxonomy, *, short: bool = False) -> str:
    """Return what a value is called on the page."""
    if name == "topic":
        topic = taxonomy.topic(value) if value in taxonomy else taxonomy.read(value)
        if topic is None:
            return value
        return topic.label if short else taxonomy.print(topic)
    if name == "source":
        return SOURCES.get(value, value)
    return _VALIDITIES.get(value, value) if name == "validity" else value


def _shown(hit: Hit, root: str, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return a hit as the page shows it."""
    notice = hit.notice
    day = notice.dated_on
    about = (
        label_of(taxonomy, hit.topic),
        notice.issuing_body,
        notice.document_number,
        day and day.isoformat(),
    )
    shown = hit.highlights
    return {
        "href": notice_address(root, hit.id),
        "title": marked(notice.title or "（没有标题）", shown.title if notice.title else ()),
        "snippet": marked(shown.snippet, shown.snippet_spans),
        "about": [part for part in about if part],
    }


def marked(text: str, spans: Sequence[Span]) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether it is a hit; joined, they are the text."""
    cuts = sorted({0, len(text), *(place for span in spans for place in span)})
    inside = {start for start, _ in spans}
    return [(text[start:end], start in inside) for start, end in pairwise(cuts)]
