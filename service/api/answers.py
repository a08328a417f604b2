"""
Answers as JSON: what the corpus holds, as the interface shows it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from corpus.exchange import notice_as_json

if TYPE_CHECKING:
    from corpus.stored import StoredNotice, Tag
    from corpus.taxonomy import Taxonomy


def json_bytes(answer: dict[str, Any]) -> bytes:
    """Return JSON as it goes over the wire; half a surrogate pair is shown as a question mark."""
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def json_response(content: bytes) -> Response:
    """Return ready JSON as an answer."""
    return Response(content, media_type="application/json")


def label_of(taxonomy: Taxonomy, code: str | None) -> str | None:
    """Return a topic as a page prints it; a code that the list has lost stands for itself."""
    if code is None:
        return None
    return taxonomy.print(taxonomy.topic(code)) if code in taxonomy else code


def theme_as_json(stored: StoredNotice, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return the current theme of a notice."""
    return {
        "topic": stored.topic,
        "topic_label": label_of(taxonomy, stored.topic),
        "topic_source": None if stored.topic_source is None else stored.topic_source.value,
    }


def stored_as_json(stored: StoredNotice, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return a notice of the corpus with its current theme."""
    return {
        "notice": {**notice_as_json(stored.notice), "id": stored.id},
        **theme_as_json(stored, taxonomy),
        "state": stored.state.value,
        "revision": stored.revision,
        "stored_at": stored.stored_at.isoformat(),
        "changed_at": stored.changed_at.isoformat(),
    }


def tag_as_json(tag: Tag, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return what was said of a notice's theme."""
    return {**tag.as_json(), "topic_label": label_of(taxonomy, tag.topic)}


def change_as_json(stored: StoredNotice, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return what a follower needs to know of a notice that changed."""
    return {
        "id": stored.id,
        "url": stored.notice.url,
        "revision": stored.revision,
        "state": stored.state.value,
        **theme_as_json(stored, taxonomy),
    }
