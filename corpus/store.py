"""
The corpus: where notices are kept, with all that was ever said of them.

It is the only truth; indexes and feeds follow it by revision. Every change takes the next revision
from one row that the same transaction holds until its end, so revisions become visible in their
order, and who has seen one has seen all before it. (A sequence is taken before the commit: a
follower may then pass by a number whose commit is late, and never see it.)

Nothing is held open between two pages of a long reading, and nothing is confirmed before it is
safe on the disk.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import delete, func, or_, select, update

from corpus import themes
from corpus.arrivals import Arrival, Arrivals
from corpus.batch_writing import Step, apply_some, undo_some
from corpus.batches import Batches
from corpus.crawl_memory import CrawlMemory
from corpus.database import Database, default_url
from corpus.errors import (
    StoreUnavailableError,
    UnknownAttachmentError,
    UnknownNoticeError,
    UnknownTagError,
)
from corpus.identity import canonical_url
from corpus.migrating import bring_up_to_date
from corpus.records import (
    COLUMNS,
    event_of,
    index_key,
    nothing_left,
    number_key,
    stored_notices,
    tags_of,
)
from corpus.review import Review, forget
from corpus.schema import ATTACHMENTS, BATCH_ITEMS, EVENTS, NOTICES, REVISION, VERSIONS
from corpus.stored import Change, Source, State, Tag, Version
from corpus.tagging import Said, append, append_news, change, now
from corpus.taxonomy_file import state_council
from corpus.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from types import TracebackType

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from corpus.notice import Notice
    from corpus.stored import Event, StoredNotice
    from corpus.taxonomy import Taxonomy

# Seconds to wait for another writer: a chunk of long notices takes a fraction of one.
TIMEOUT = 30.0
# A chunk ends before its texts take too much memory, however few they are.
_LONGEST_CHUNK = 16_000_000
_MOST_IN_A_CHUNK = 2000
_PAGE = 1000
# The first page of a long reading, how fast pages grow, and the characters one may hold.
_FIRST_PAGE = 100
_GROWTH = 4
_LONGEST_PAGE = 8_000_000
# The database numbers tags.
_NOT_YET = 0
# No printed theme is longer; what is, is not read.
_LONGEST_THEME = 200


class Corpus:
    """
    Notices, their topics and their history, in a database.

    It may be used by several threads; a process that forks opens its own.

    Attributes:
        taxonomy: The list that printed themes are read by and tags are taken from.
        url: The address of the database, without its password.
    """

    def __init__(self, database: Database, taxonomy: Taxonomy) -> None:
        self._database = database
        self.taxonomy = taxonomy
        self.url = database.url.render_as_string(hide_password=True)
        self._topic_of = _reader(taxonomy)

    @classmethod
    def open(
        cls,
        url: str | None = None,
        *,
        taxonomy: Taxonomy | None = None,
        timeout: float = TIMEOUT,
    ) -> Corpus:
        """
        Return the corpus at an address, made or brought up to date where necessary.

        Args:
            url: ``sqlite:///FILE`` or ``postgresql+psycopg://…``; a file in the user's data
                folder if it is not given.
            taxonomy: The site's own list; the State Council's if it is not given.
            timeout: How many seconds a writer waits for others.

        Raises:
            InvalidStoreUrlError: If no notices can be kept at that address.
            ForeignStoreError: If something else is there.
            NewerStoreError: If a later version of zhuti has written it.
            StoreUnavailableError: If it cannot be reached, read or written.
        """
        database = Database(url or default_url(), timeout=timeout)
        try:
            with database.in_words():
                bring_up_to_date(database, timeout=timeout)
        except BaseException:
            database.close()
            raise
        return cls(database, state_council() if taxonomy is None else taxonomy)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()

    # Notices come in.

    def add(self, notice: Notice, *, by: str) -> Change:
        """
        Keep a notice, and return what that changed once it is safe.

        A known document takes over what the arrival knows and keeps the rest. One that was
        withdrawn stays so; one that was purged stays erased, and the arrival changes nothing.
        """
        return self._take([Arrival.of(notice)], by)[0]

    def add_all(self, notices: Iterable[Notice], *, by: str, chunk: int = 500) -> Iterator[Change]:
        """
        Yield what each notice changed, in order, once it is safe.

        Notices are taken *chunk* at a time, each chunk in one transaction.
        """
        chunk = max(1, min(chunk, _MOST_IN_A_CHUNK))
        waiting: list[Arrival] = []
        length = 0
        for notice in notices:
            waiting.append(Arrival.of(notice))
            length += len(notice.body or "")
            if len(waiting) >= chunk or length >= _LONGEST_CHUNK:
                yield from self._take(waiting, by)
                waiting, length = [], 0
        if waiting:
            yield from self._take(waiting, by)

    def _take(self, arrivals: list[Arrival], by: str) -> list[Change]:
        """Keep some arrivals in one transaction."""
        with self._database.writing() as connection:
            return Arrivals(connection, by=clean(by), at=now(), topic_of=self._topic_of).take(
                arrivals
            )

    # Notices go out.

    def get(self, name: str, *, hidden: bool = False) -> StoredNotice:
        """
        Return a notice by its id, its identity or its address.

        Args:
            name: What it is asked for by.
            hidden: Return it also if it was withdrawn or purged.

        Raises:
            UnknownNoticeError: If there is none.
        """
        with self._database.reading() as connection:
            row = _row(connection, name, hidden=hidden)
            return stored_notices(connection, [row])[0]

    def get_many(self, keys: Sequence[int]) -> list[StoredNotice]:
        """Return the live notices among some keys, in any order."""
        # The state is looked at here: asked for it in SQL, SQLite reads every live notice by its
        # index on the state (100 ms instead of 0.7 at a million notices).
        with self._database.reading() as connection:
            rows = connection.execute(select(*COLUMNS).where(NOTICES.c.key.in_(keys))).all()
            found = stored_notices(connection, rows)
        return [notice for notice in found if notice.state is State.LIVE]

    @property
    def made_at(self) -> datetime:
        """When the corpus was made (UTC): tells it from another one at the same address."""
        with self._database.reading() as connection:
            made: datetime = connection.execute(select(REVISION.c.created_at)).scalar_one()
        return made

    def iterate(
        self,
        *,
        states: Iterable[State] = (State.LIVE,),
        after_key: int = 0,
        batch: int = 1000,
    ) -> Iterator[StoredNotice]:
        """Yield the notices of some states, oldest arrival first; only a batch is held."""
        wanted = NOTICES.c.state.in_([State(state).value for state in states])
        query = select(*COLUMNS).where(wanted)
        key = NOTICES.c.key
        return self._pages(query, key, lambda found: found.key, after=after_key, batch=batch)

    def export_order(self) -> Iterator[StoredNotice]:
        """Yield the live notices by identity: the same order in every database."""
        query = select(*COLUMNS).where(NOTICES.c.state == State.LIVE.value)
        name = NOTICES.c.identity
        return self._pages(query, name, lambda found: found.identity, after="", batch=_PAGE)

    def changes(self, since: int, *, limit: int = 1000) -> list[StoredNotice]:
        """
        Return the notices that changed after a revision, in the order of their newest change.

        Withdrawn and purged ones are among them: that is a change too. Whoever asks again with
        the last revision of the answer misses nothing.
        """
        query = (
            select(*COLUMNS)
            .where(NOTICES.c.revision > since)
            .order_by(NOTICES.c.revision)
            .limit(limit)
        )
        return self._page(query)

    def revision(self) -> int:
        """Return the newest revision."""
        with self._database.reading() as connection:
            revision: int = connection.execute(select(REVISION.c.value)).scalar_one()
            return revision

    def copies(self, name: str) -> list[StoredNotice]:
        """
        Return the other live notices with the same index number or document number.

        Brackets, blanks and leading zeros make no difference.
        """
        with self._database.reading() as connection:
            row = _row(connection, name)
            same: list[ColumnElement[bool]] = []
            if (key := index_key(row.index_number)) is not None:
                same.append(NOTICES.c.index_key == key)
            if (key := number_key(row.document_number)) is not None:
                same.append(NOTICES.c.number_key == key)
            if not same:
                return []
            rows = connection.execute(
                select(*COLUMNS)
                .where(or_(*same), NOTICES.c.key != row.key, NOTICES.c.state == State.LIVE.value)
                .order_by(NOTICES.c.key)
            ).all()
            return stored_notices(connection, rows)

    def counts_by_topic(self) -> dict[str | None, int]:
        """Return how many live notices have each topic as their current theme."""
        table = NOTICES.c
        with self._database.reading() as connection:
            rows = connection.execute(
                select(table.topic, func.count())
                .where(table.state == State.LIVE.value)
                .group_by(table.topic)
                .order_by(table.topic)
            )
            return dict(rows.all())

    def crawl_memory(self) -> CrawlMemory:
        """Return what is remembered of the sites that notices are gathered from."""
        return CrawlMemory(self._database)

    def batches(self) -> Batches:
        """Return the relabelling runs over this corpus."""
        return Batches(self._database, self.taxonomy)

    def apply_some(self, batch: str, *, by: str, after: int = 0, only: int | None = None) -> Step:
        """Tag the next notices of a relabelling run; see :mod:`corpus.batch_writing`."""
        return apply_some(self._database, batch, by=by, after=after, only=only)

    def undo_some(self, batch: str, *, by: str, after: int = 0, only: int | None = None) -> Step:
        """Take back the next tags of a relabelling run; see :mod:`corpus.batch_writing`."""
        return undo_some(self._database, batch, by=by, after=after, only=only)

    def review(self) -> Review:
        """Return what people are asked about the themes of notices, and what they answered."""
        return Review(self._database, self.taxonomy)

    # What is read in their files.

    def attached_texts(self, name: str) -> list[str]:
        """
        Return the texts that were read in the files of a notice, in the order of the page.

        Raises:
            UnknownNoticeError: If there is no such notice, or it is hidden.
        """
        with self._database.reading() as connection:
            row = _row(connection, name)
            rows = connection.execute(
                select(ATTACHMENTS.c.text)
                .where(ATTACHMENTS.c.notice_key == row.key, ATTACHMENTS.c.text.is_not(None))
                .order_by(ATTACHMENTS.c.position)
            )
            return [text for (text,) in rows]

    def keep_attachment(self, name: str, url: str, *, digest: str, text: str, by: str) -> Change:
        """
        Keep the text of a file that a notice carries; the same text again changes nothing.

        Args:
            name: The id, identity or address of the notice.
            url: The address of the file, as the notice has it.
            digest: The SHA-256 of the file, in hexadecimal digits.
            text: What is written in it.
            by: Who read it.

        Raises:
            UnknownNoticeError: If there is no such notice, or it is hidden.
            UnknownAttachmentError: If the notice carries no such file.
        """
        table = ATTACHMENTS.c
        with self._database.writing() as connection:
            row = _row(connection, name)
            here = (table.notice_key == row.key) & (table.url == url)
            known = connection.execute(select(table.digest, table.text).where(here)).first()
            if known is None:
                raise UnknownAttachmentError(row.id, url)
            said = clean(text)
            if (known.digest, known.text) == (digest, said):
                return _unchanged(row)
            connection.execute(update(ATTACHMENTS).where(here).values(digest=digest, text=said))
            detail = {"url": url, "digest": digest}
            return change(connection, row, "attachment read", by=by, detail=detail)

    # What is said of them.

    def tag(
        self,
        name: str,
        topic: str,
        *,
        source: Source,
        by: str,
        model: str | None = None,
        probability: float | None = None,
        batch: str | None = None,
    ) -> Tag:
        """
        Give a notice a topic, and return the tag once it is safe.

        Args:
            name: The id, identity or address of the notice.
            topic: A code of the taxonomy.
            source: Who says so: a publisher, a reviewer, a model.
            by: The name of that person or run.
            model: Which model, where it is one.
            probability: How sure that model is.
            batch: The relabelling run it belongs to.

        Raises:
            UnknownNoticeError: If there is no such notice, or it is hidden.
            UnknownTopicError: If the taxonomy has no such topic.
        """
        said = Said(name, topic, probability)
        tag = self._tag_of(said, source=source, by=by, model=model, batch=batch)
        with self._database.writing() as connection:
            return append(connection, [_row(connection, name)], [tag], "tagged")[0]

    def tag_all(
        self,
        said: Iterable[Said],
        *,
        source: Source,
        by: str,
        model: str | None = None,
        batch: str | None = None,
        chunk: int = 500,
    ) -> Iterator[Tag | None]:
        """
        Give many notices topics; yield each tag, in order, once it is safe.

        They are taken *chunk* at a time, each chunk in one transaction. ``None`` stands for a
        notice that is not there or hidden, and for a topic that the source has given it already.

        Raises:
            UnknownTopicError: If the taxonomy has no such topic; the chunks before are kept.
        """
        waiting = iter(said)
        while some := list(islice(waiting, max(1, min(chunk, _MOST_IN_A_CHUNK)))):
            tags = [
                (one.name, self._tag_of(one, source=source, by=by, model=model, batch=batch))
                for one in some
            ]
            with self._database.writing() as connection:
                kept = append_news(connection, tags)
            yield from kept

    def _tag_of(
        self, said: Said, *, source: Source, by: str, model: str | None, batch: str | None
    ) -> Tag:
        """Return the tag that says something of a notice."""
        return Tag(
            id=_NOT_YET,
            topic=self.taxonomy.topic(said.topic).code,
            source=Source(source),
            by=clean(by),
            at=now(),
            model=None if model is None else clean(model),
            probability=said.probability,
            batch=None if batch is None else clean(batch),
        )

    def retract(self, name: str, tag_id: int, *, by: str) -> Tag:
        """
        Take a tag back, and return the tag that does so.

        What it takes back may be a retraction, and then the tag behind that holds again. A tag
        that was taken back already is left so: the retraction that holds is returned.

        Raises:
            UnknownNoticeError: If there is no such notice, or it is purged.
            UnknownTagError: If the notice has no such tag.
        """
        with self._database.writing() as connection:
            row = _row(connection, name, hidden=True)
            if row.state == State.PURGED:
                raise UnknownNoticeError(name, row.state)
            tags = tags_of(connection, [row.key])[row.key]
            tag = next((tag for tag in tags if tag.id == tag_id), None)
            if tag is None:
                raise UnknownTagError(row.id, tag_id)
            for left in themes.effective(tags):
                if left.retracts == tag_id:
                    return left
            return append(connection, [row], [_retraction(tag, by)], "retracted")[0]

    def undo(self, name: str, *, by: str) -> Tag:
        """
        Take back the last choice of a person, or the last undo of one.

        Raises:
            UnknownNoticeError: If there is no such notice, or it is hidden.
            UnknownTagError: If nobody has chosen anything.
        """
        with self._database.writing() as connection:
            row = _row(connection, name)
            last = themes.last_choice(tags_of(connection, [row.key])[row.key])
            if last is None:
                raise UnknownTagError(row.id, None)
            return append(connection, [row], [_retraction(last, by)], "retracted")[0]

    def tags(self, name: str) -> list[Tag]:
        """Return all that was ever said of a notice's topic, oldest first."""
        with self._database.reading() as connection:
            row = _row(connection, name, hidden=True)
            return tags_of(connection, [row.key])[row.key]

    def versions(self, name: str) -> list[Version]:
        """Return what is left of a notice's earlier states, oldest first."""
        with self._database.reading() as connection:
            row = _row(connection, name, hidden=True)
            rows = connection.execute(
                select(VERSIONS.c.digest, VERSIONS.c.at, VERSIONS.c.revision)
                .where(VERSIONS.c.notice_key == row.key)
                .order_by(VERSIONS.c.revision)
            )
            return [Version(*row) for row in rows]

    def events(self, name: str | None = None, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return the audit trail behind event *after*, of one notice or of all, oldest first."""
        table = EVENTS.c
        query = (
            select(EVENTS, NOTICES.c.id)
            .outerjoin(NOTICES, NOTICES.c.key == table.notice_key)
            .where(table.id > after)
            .order_by(table.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            if name is not None:
                row = _row(connection, name, hidden=True)
                query = query.where(table.notice_key == row.key)
            return [event_of(row._mapping) for row in connection.execute(query)]  # noqa: SLF001

    # Things are published by mistake.

    def withdraw(self, name: str, *, by: str, reason: str) -> Change:
        """
        Hide a notice; its history stays, and it can be restored.

        Raises:
            UnknownNoticeError: If there is no such notice, or it is purged.
        """
        return self._move(name, State.WITHDRAWN, by, {"reason": clean(reason)})

    def restore(self, name: str, *, by: str) -> Change:
        """
        Show a withdrawn notice again.

        Raises:
            UnknownNoticeError: If there is no such notice, or it is purged.
        """
        return self._move(name, State.LIVE, by, {})

    def purge(self, name: str, *, by: str, reason: str) -> Change:
        """
        Erase all that a notice and its attachments say, for good.

        Its id, its identity, its tags and the audit trail stay; the text does not come back
        with another arrival. Purging it again only sees to it that no trace is left in the file.

        Raises:
            UnknownNoticeError: If there is no such notice.
            StoreUnavailableError: If it is erased, but another process still reads the old state.
        """
        with self._database.writing() as connection:
            row = _row(connection, name, hidden=True)
            done = _unchanged(row)
            if row.state != State.PURGED:
                connection.execute(delete(ATTACHMENTS).where(ATTACHMENTS.c.notice_key == row.key))
                forget(connection, row.key)
                # A digest would tell whoever guesses the text that he is right.
                connection.execute(
                    update(VERSIONS).where(VERSIONS.c.notice_key == row.key).values(digest="")
                )
                # The words behind a relabelling are words of the text.
                connection.execute(
                    update(BATCH_ITEMS)
                    .where(BATCH_ITEMS.c.notice_key == row.key)
                    .values(digest="", evidence=[])
                )
                values = {**nothing_left(), "state": State.PURGED.value}
                detail = {"reason": clean(reason)}
                done = change(connection, row, "purged", by=by, detail=detail, values=values)
        self._wipe()
        return done

    def _move(self, name: str, state: State, by: str, detail: dict[str, Any]) -> Change:
        """Bring a notice into another state."""
        with self._database.writing() as connection:
            row = _row(connection, name, hidden=True)
            if row.state == State.PURGED:
                raise UnknownNoticeError(name, row.state)
            if row.state == state:
                return _unchanged(row)
            action = "withdrawn" if state is State.WITHDRAWN else "restored"
            values = {"state": state.value}
            return change(connection, row, action, by=by, detail=detail, values=values)

    def _wipe(self) -> None:
        """Remove what the database still keeps of erased rows, or say who keeps it from that."""
        if not self._database.erase_traces():
            raise StoreUnavailableError(
                self._database.name,
                "the notice is erased, but another process still reads the state before, which"
                " the file beside it (-wal) keeps for it",
                "Purge the notice again when that process is done.",
            )

    def _pages(
        self,
        query: Select[Any],
        column: ColumnElement[Any],
        key_of: Callable[[StoredNotice], Any],
        *,
        after: Any,
        batch: int,
    ) -> Iterator[StoredNotice]:
        """
        Yield the notices of a query page by page, each in a transaction of its own.

        Pages of long notices are shorter, so that none takes much memory.
        """
        size = min(batch, _FIRST_PAGE)
        while page := self._page(query.where(column > after).order_by(column).limit(size)):
            yield from page
            after = key_of(page[-1])
            length = sum(len(stored.notice.body or "") for stored in page) // len(page)
            size = max(1, min(batch, _LONGEST_PAGE // max(1, length), _GROWTH * len(page)))

    def _page(self, query: Select[Any]) -> list[StoredNotice]:
        """Return the notices of a query."""
        with self._database.reading() as connection:
            return stored_notices(connection, connection.execute(query).all())


def _row(connection: Connection, name: str, *, hidden: bool = False) -> Row[Any]:
    """
    Return the row of a notice: by its id, else by its identity, else by its address.

    Raises:
        UnknownNoticeError: If there is none, or it is hidden and should not be.
    """
    query = select(*COLUMNS)
    asked = clean(name)
    for condition in (
        NOTICES.c.id == asked,
        NOTICES.c.identity.in_({asked, canonical_url(asked) or asked}),
    ):
        row = connection.execute(query.where(condition)).first()
        if row is not None:
            if row.state != State.LIVE and not hidden:
                raise UnknownNoticeError(name, row.state)
            return row
    raise UnknownNoticeError(name)


def _retraction(tag: Tag, by: str) -> Tag:
    """Return the tag that takes another back, in the name of the same source."""
    return Tag(id=_NOT_YET, topic=None, source=tag.source, by=clean(by), at=now(), retracts=tag.id)


def _reader(taxonomy: Taxonomy) -> Callable[[str | None], str | None]:
    """Return what tells the code of a printed theme; the same few are printed again and again."""

    @lru_cache(maxsize=4096)
    def topic_of(printed: str | None) -> str | None:
        if printed is None or len(printed) > _LONGEST_THEME:
            return None
        topic = taxonomy.read(printed)
        return None if topic is None else topic.code

    return topic_of


def _unchanged(row: Row[Any]) -> Change:
    """Return that there was nothing to do."""
    return Change("unchanged", row.id, row.revision)
