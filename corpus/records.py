"""
Between the rows of the tables and what the rest of the house knows: notices, tags, events.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from corpus.fields import normal_document_number
from corpus.identity import content_digest
from corpus.notice import Attachment, Notice
from corpus.schema import ATTACHMENTS, EVENTS, NOTICES, TAGS
from corpus.stored import Event, Source, State, StoredNotice, Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Row

# The fields of a notice that stand in its row.
PLAIN = tuple(field.name for field in fields(Notice) if field.name not in {"id", "attachments"})
_STORED = (
    "key",
    "id",
    "identity",
    "digest",
    "state",
    "revision",
    "topic",
    "topic_source",
    "stored_at",
    "changed_at",
)
COLUMNS = tuple(NOTICES.c[name] for name in (*_STORED, *PLAIN))
_FIRST_PLAIN = len(_STORED)
_BLANKS = re.compile(r"\s+")
# Longer ones are sentences in the wrong field.
_LONGEST_NUMBER = 200
# PostgreSQL takes 65,535 values in one statement, SQLite 32,766.
_MOST_KEYS = 10_000

Attachments = dict[int, tuple[Attachment, ...]]


def values_of(notice: Notice, *, digest: str | None = None) -> dict[str, Any]:
    """Return what the row of a notice holds of its words."""
    values = {name: getattr(notice, name) for name in PLAIN}
    values["digest"] = digest or content_digest(notice)
    values["index_key"] = index_key(notice.index_number)
    values["number_key"] = number_key(notice.document_number)
    return values


def nothing_left() -> dict[str, Any]:
    """Return what the row of a purged notice holds of its words."""
    return {**dict.fromkeys(PLAIN), "digest": "", "index_key": None, "number_key": None}


def index_key(text: str | None) -> str | None:
    """Return an index number as it is compared; ``None`` for what stands there in its place."""
    if not text:
        return None
    return _key(_BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper())


def number_key(text: str | None) -> str | None:
    """Return a document number as it is compared, in any brackets; ``None`` if it is none."""
    return _key(normal_document_number(text)) if text else None


def _key(text: str) -> str | None:
    """Return a number that can link notices: dashes, 无 and whole sentences cannot."""
    numbered = any(character.isdecimal() for character in text)
    return text if numbered and len(text) <= _LONGEST_NUMBER else None


def stored_notice(row: Row[Any], attachments: tuple[Attachment, ...]) -> StoredNotice:
    """Return the notice of a row of :data:`COLUMNS`."""
    key, name, identity, digest, state, revision, topic, source, stored_at, changed_at = row[
        :_FIRST_PLAIN
    ]
    plain = dict(zip(PLAIN, row[_FIRST_PLAIN:], strict=True))
    return StoredNotice(
        key=key,
        id=name,
        identity=identity,
        notice=Notice(id=name, attachments=attachments, **plain),
        digest=digest,
        state=State(state),
        revision=revision,
        topic=topic,
        topic_source=None if source is None else Source(source),
        stored_at=stored_at,
        changed_at=changed_at,
    )


def stored_notices(connection: Connection, rows: Sequence[Row[Any]]) -> list[StoredNotice]:
    """Return the notices of some rows of :data:`COLUMNS`, in their order."""
    attachments = attachments_of(connection, [row.key for row in rows])
    return [stored_notice(row, attachments.get(row.key, ())) for row in rows]


def attachments_of(connection: Connection, keys: Sequence[int]) -> Attachments:
    """Return the attachments of some notices, in the order of the page."""
    table = ATTACHMENTS.c
    query = select(table.notice_key, table.name, table.url)
    found: dict[int, list[Attachment]] = {}
    for start in range(0, len(keys), _MOST_KEYS):
        here = table.notice_key.in_(keys[start : start + _MOST_KEYS])
        for key, name, url in connection.execute(
            query.where(here).order_by(table.notice_key, table.position)
        ):
            found.setdefault(key, []).append(Attachment(name, url))
    return {key: tuple(files) for key, files in found.items()}


def tags_of(connection: Connection, keys: Iterable[int]) -> dict[int, list[Tag]]:
    """Return all tags of some notices, oldest first."""
    found: dict[int, list[Tag]] = {key: [] for key in keys}
    rows = connection.execute(
        select(TAGS).where(TAGS.c.notice_key.in_(list(found))).order_by(TAGS.c.id)
    )
    for row in rows.mappings():
        found[row["notice_key"]].append(_tag(row))
    return found


def _tag(row: Mapping[Any, Any]) -> Tag:
    """Return the tag of a row."""
    return Tag(
        id=row["id"],
        topic=row["topic"],
        source=Source(row["source"]),
        by=row["by"],
        at=row["at"],
        model=row["model"],
        probability=row["probability"],
        batch=row["batch"],
        retracts=row["retracts"],
    )


def event_of(row: Mapping[Any, Any]) -> Event:
    """Return the event of a row of the events beside the id of its notice."""
    table = EVENTS.c
    return Event(
        id=row[table.id],
        at=row[table.at],
        by=row[table.by],
        action=row[table.action],
        notice_id=row[NOTICES.c.id],
        revision=row[table.revision],
        detail=row[table.detail],
    )
