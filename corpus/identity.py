"""
What makes two arrivals the same document.

A document is its address; where it has none, the id that its sender gave it; where it has neither,
its own words. Nothing else: index numbers and document numbers are repeated in practice, so they
link notices and never merge them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from corpus.notice import Attachment, Notice
from corpus.text import clean

if TYPE_CHECKING:
    from urllib.parse import SplitResult

DEFAULT_PORTS = {"http": 80, "https": 443}
# PostgreSQL indexes values of up to some 2,700 bytes.
_LONGEST_NAME = 1000
_DIGITS_OF_AN_ID = 20
# How the identity of a document begins that is known by a digest.
OWN_WORDS = "sha256:"
_CONTENT = tuple(sorted(field.name for field in fields(Notice) if field.name not in {"id", "url"}))
_TEXTS = tuple(
    field.name
    for field in fields(Notice)
    if not field.name.endswith("_on") and field.name != "attachments"
)


def canonical_url(text: str | None) -> str | None:
    """
    Return an http(s) address as it is compared, or ``None`` for anything else.

    Scheme and host are lower-cased; the default port and the fragment are dropped, except one
    that a page uses as its path (``#/detail?id=3``, ``#!…``): there it tells documents apart.
    """
    if not text:
        return None
    try:
        parts = urlsplit(clean(text).strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    fragment = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return urlunsplit((parts.scheme, _host(parts, port), parts.path, parts.query, fragment))


def _host(parts: SplitResult, port: int | None) -> str:
    """Return the part of an address between ``//`` and the path, in its shortest spelling."""
    user, at, host = parts.netloc.rpartition("@")
    host = host.lower()
    head, colon, tail = host.rpartition(":")
    if colon and (not tail or tail.isdecimal()):
        host = head if port in {None, DEFAULT_PORTS[parts.scheme]} else f"{head}:{port}"
    return f"{user}{at}{host}"


def identity(notice: Notice) -> str:
    """Return what a notice is known by: its address, its id, or a digest of its words."""
    name = canonical_url(notice.url) or notice.id
    if name is None:
        words = (notice.issuing_body, notice.title, notice.body)
        return OWN_WORDS + _sha256("\0".join(word or "" for word in words))
    return name if _fits(name) else OWN_WORDS + _sha256(name)


def content_digest(notice: Notice) -> str:
    """
    Return the SHA-256 of all that a notice says, but for its id and address.

    Unknown fields leave no trace in it, so that a field we may add later changes no digest.
    """
    known: dict[str, object] = {}
    for name in _CONTENT:
        value = getattr(notice, name)
        if isinstance(value, date):
            known[name] = value.isoformat()
        elif name == "attachments" and value:
            known[name] = [[file.name, file.url] for file in value]
        elif value:
            known[name] = value
    return _sha256(json.dumps(known, ensure_ascii=False))


def public_id(notice: Notice) -> str:
    """Return the name by which others ask for a notice: its own id, or one made of its identity."""
    if notice.id and _fits(notice.id):
        return notice.id
    return made_id(identity(notice))


def made_id(name: str, *, digits: int = _DIGITS_OF_AN_ID) -> str:
    """Return the id that we make for a document that has none of its own."""
    return _sha256(name)[:digits]


def cleaned(notice: Notice) -> Notice:
    """Return a notice whose texts any database can hold; empty texts are unknown."""
    changes: dict[str, object] = {}
    for name in _TEXTS:
        value = getattr(notice, name)
        if value is not None:
            text = clean(value) or None
            if text != value:
                changes[name] = text
    attachments = tuple(
        Attachment(clean(file.name), (clean(file.url) or None) if file.url else None)
        for file in notice.attachments
    )
    if attachments != notice.attachments:
        changes["attachments"] = attachments
    return replace(notice, **changes) if changes else notice  # type: ignore[arg-type]


def _fits(name: str) -> bool:
    """Return whether a database can index a name."""
    return len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME


def _sha256(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
