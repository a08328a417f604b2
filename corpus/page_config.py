"""
Notices that a page holds as JSON for its own script, as the directory platform of Guangdong does.
"""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

_BEGIN = re.compile(r"[\"']?DETAIL[\"']?\s*[:=]\s*(?=\{)")
# The platform's names of the fields to ours.
CONFIG_FIELDS = {
    "title": "title",
    "document_number": "document_number",
    "identifier": "index_number",
    "publisher": "issuing_body",
    "keywords": "keywords",
    "date": "written_on",
    "display_publish_time": "published_on",
    "created_at": "published_on",
    "classify_theme_name": "declared_topic",
}


def config_of(text: str) -> dict[str, Any] | None:
    """Return what a page's script knows of its notice, ``None`` if it knows of none."""
    begin = _BEGIN.search(text)
    if begin is None:
        return None
    try:
        found, _ = json.JSONDecoder().raw_decode(text, begin.end())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def config_values(config: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the fields that it tells: the value, and by which name."""
    values: dict[str, tuple[str, str]] = {}
    for name, field in CONFIG_FIELDS.items():
        value = config.get(name)
        if isinstance(value, str) and value.strip():
            values.setdefault(field, (" ".join(unescape(value).split()), f"script {name}"))
    return values


def config_body(config: dict[str, Any]) -> str:
    """Return the text of the notice as HTML; it may be escaped once more."""
    content = config.get("content")
    html = content if isinstance(content, str) else ""
    return unescape(html) if "&lt;" in html and "<" not in html else html
