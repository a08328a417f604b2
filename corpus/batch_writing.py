"""
A batch into the notices and out again, some hundred at a time.

The tag of a notice and the note that it has it are one transaction. What is already done is never
done again, so a run that was killed is simply started once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from corpus import themes
from corpus.batches import batch_row, name_of
from corpus.records import tags_of
from corpus.schema import BATCH_ITEMS, NOTICES
from corpus.stored import Source, State, Tag
from corpus.tagging import append, now
from corpus.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from corpus.database import Database

CHUNK = 200
_NOT_YET = 0
_DIGITS_OF_A_MODEL = 12


@dataclass(frozen=True, slots=True)
class Step:
    """
    What one transaction did.

    *last* is the key of its last notice, ``None`` if there was none left; *skipped* are the ids of
    notices that were left alone, with the reason.
    """

    last: int | None
    written: int
    skipped: tuple[tuple[str, str], ...] = ()


def apply_some(
    database: Database, name: str, *, by: str, after: int = 0, only: int | None = None
) -> Step:
    """
    Tag the next notices of a batch behind a key, and return what came of it.

    A notice that was held back alone is only tagged where *only* names it. One that is not as it
    was when the plan was made is skipped for good.
    """
    wanted = ("planned", "undone") if only is None else ("planned", "undone", "held")
    with database.writing() as connection:
        batch = batch_row(connection, name)
        items = _items(connection, batch.id, wanted, after, only)
        fit, skipped, updates = [], [], []
        for item in items:
            reason = _why_not(item)
            if reason is None:
                fit.append(item)
            else:
                skipped.append((item.id, reason))
                updates.append(_note(item, "skipped", skipped=reason))
        model = f"{batch.model_name} {batch.model_digest[:_DIGITS_OF_A_MODEL]}"
        tags = append(connection, fit, [_tag(item, batch.id, model, by) for item in fit], "tagged")
        updates += [_note(item, "applied", tag=tag.id) for item, tag in zip(fit, tags, strict=True)]
        _write(connection, batch.id, updates)
    return Step(items[-1].key if items else None, len(fit), tuple(skipped))


def undo_some(
    database: Database, name: str, *, by: str, after: int = 0, only: int | None = None
) -> Step:
    """
    Take back the next tags of a batch behind a key, and return what came of it.

    Whatever else was said of these notices since stays, and counts as it would have without them.
    """
    with database.writing() as connection:
        batch = batch_row(connection, name)
        items = _items(connection, batch.id, ("applied",), after, only)
        said = tags_of(connection, [item.key for item in items])
        held = {tag.id for tags in said.values() for tag in themes.effective(tags)}
        holding = [item for item in items if item.tag in held]
        retractions = [
            Tag(
                id=_NOT_YET,
                topic=None,
                source=Source.MODEL,
                by=clean(by),
                at=now(),
                batch=name_of(batch.id),
                retracts=item.tag,
            )
            for item in holding
        ]
        append(connection, holding, retractions, "retracted")
        state = "undone" if only is None else "held"
        _write(connection, batch.id, [_note(item, state) for item in items])
    return Step(items[-1].key if items else None, len(holding))


def _items(
    connection: Connection, number: int, states: Sequence[str], after: int, only: int | None
) -> list[Any]:
    """Return the next notices of a batch that are to be changed, as they are now."""
    table, notice = BATCH_ITEMS.c, NOTICES.c
    query = (
        select(
            notice.key,
            notice.id,
            notice.state,
            notice.digest.label("digest_now"),
            notice.topic.label("topic_now"),
            notice.topic_source.label("source_now"),
            table.digest,
            table.old_topic,
            table.old_source,
            table.topic,
            table.probability,
            table.tag,
        )
        .join(NOTICES, notice.key == table.notice_key)
        .where(
            table.batch == number,
            table.notice_key > after,
            table.action == "change",
            table.state.in_(states),
        )
        .order_by(table.notice_key)
        .limit(CHUNK)
    )
    if only is not None:
        query = query.where(table.notice_key == only)
    return list(connection.execute(query))


def _why_not(item: Row[Any]) -> str | None:
    """Return why a notice is not to be changed any more, ``None`` if it is as it was."""
    if item.state != State.LIVE:
        return "hidden"
    if item.source_now in themes.CHOOSERS:
        return "decided"
    if (item.topic_now, item.source_now) != (item.old_topic, item.old_source):
        return "theme changed"
    if item.digest_now != item.digest:
        return "text changed"
    return None


def _tag(item: Row[Any], number: int, model: str, by: str) -> Tag:
    """Return the tag that a batch gives a notice."""
    return Tag(
        id=_NOT_YET,
        topic=item.topic,
        source=Source.MODEL,
        by=clean(by),
        at=now(),
        model=model,
        probability=item.probability,
        batch=name_of(number),
    )


def _note(
    item: Row[Any], state: str, *, tag: int | None = None, skipped: str | None = None
) -> dict[str, Any]:
    """Return what is noted of a notice of a batch."""
    return {"this": item.key, "then": state, "by_tag": tag or item.tag, "why_not": skipped}


def _write(connection: Connection, number: int, updates: Sequence[dict[str, Any]]) -> None:
    """Note what became of some notices."""
    if updates:
        table = BATCH_ITEMS.c
        connection.execute(
            update(BATCH_ITEMS)
            .where(table.batch == number, table.notice_key == bindparam("this"))
            .values(state=bindparam("then"), tag=bindparam("by_tag"), skipped=bindparam("why_not")),
            list(updates),
        )
