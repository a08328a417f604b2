"""
Feeds of the newest notices, all of them or those of one theme.

Source: RFC 4287, The Atom Syndication Format.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Request, Response

from corpus.errors import UnknownNoticeError, UnknownTopicError
from corpus.found import Query
from service.api.answers import label_of
from service.api.storing import corpus_of, in_thread, index_of
from service.problems import ProblemError
from service.search_pages import notice_address
from service.topics import read_topic

if TYPE_CHECKING:
    from corpus.stored import StoredNotice
    from corpus.taxonomy import Taxonomy

router = APIRouter(include_in_schema=False)

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_MOST_ENTRIES = 50
_SPACE = "http://www.w3.org/2005/Atom"


@router.get("/feeds/newest.atom")
async def newest(request: Request) -> Response:
    """Return the feed of the newest notices."""
    return await _feed(request, (), "最新公文")


@router.get("/feeds/topics/{topic}.atom")
async def newest_of_topic(request: Request, topic: str) -> Response:
    """Return the feed of the newest notices of a theme and of those below it."""
    taxonomy = corpus_of(request).taxonomy
    try:
        found = read_topic(taxonomy, topic)
    except UnknownTopicError as error:
        # Of an address that does not exist a reader of feeds knows what to do.
        near = "、".join(error.suggestions)
        raise ProblemError(
            404,
            f"主题目录中没有“{error.text}”，因此没有它的订阅。"
            + (f"是否指：{near}？" if near else ""),
            f"There is no feed: {error}",
        ) from None
    return await _feed(request, (found.code,), f"最新公文：{taxonomy.print(found)}")


async def _feed(request: Request, topics: tuple[str, ...], title: str) -> Response:
    """Return a feed as an answer."""
    corpus, index = corpus_of(request), index_of(request)
    query = Query(topics=topics, sort="newest", limit=_MOST_ENTRIES)

    def found() -> list[StoredNotice]:
        stored = []
        for hit in index.search(query, corpus).hits:
            # One that is withdrawn just now is left out.
            with suppress(UnknownNoticeError):
                stored.append(corpus.get(hit.id))
        return stored

    stored = await in_thread(request, found)
    site = str(request.base_url).rstrip("/")
    return Response(
        _atom(stored, title, str(request.url), site, corpus.taxonomy), media_type=MEDIA_TYPE
    )


def _atom(
    notices: list[StoredNotice], title: str, address: str, site: str, taxonomy: Taxonomy
) -> bytes:
    """Return the feed of some notices, the newest first."""
    feed = ET.Element("feed", xmlns=_SPACE)
    _add(feed, "id", address)
    _add(feed, "title", title)
    updated = max(
        (stored.changed_at.isoformat() for stored in notices), default="1970-01-01T00:00:00Z"
    )
    _add(feed, "updated", updated)
    ET.SubElement(feed, "link", rel="self", href=address)
    ET.SubElement(feed, "link", rel="alternate", href=f"{site}/search")
    _add(ET.SubElement(feed, "author"), "name", "zhuti")
    for stored in notices:
        entry = ET.SubElement(feed, "entry")
        link = notice_address(site, stored.id)
        _add(entry, "id", link)
        _add(entry, "title", stored.notice.title or "（没有标题）")
        _add(entry, "updated", stored.changed_at.isoformat())
        day = stored.notice.published_on
        _add(entry, "published", f"{day}T00:00:00+08:00" if day else stored.stored_at.isoformat())
        ET.SubElement(entry, "link", rel="alternate", href=link)
        if stored.notice.issuing_body:
            _add(ET.SubElement(entry, "author"), "name", stored.notice.issuing_body)
        if stored.topic:
            label = label_of(taxonomy, stored.topic) or stored.topic
            ET.SubElement(entry, "category", term=stored.topic, label=label)
    text: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text


def _add(parent: ET.Element, name: str, text: str) -> None:
    """Add an element that holds a text."""
    ET.SubElement(parent, name).text = text
