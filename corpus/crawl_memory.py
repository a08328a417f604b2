"""
What gathering remembers between its runs, in the corpus itself.

Which notices are known, the notices say. Here stands what a next visit needs besides: what a page
was last like, how often it failed, how far back a run came, which host asked to be left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from corpus.identity import canonical_url
from corpus.schema import CRAWL_HOSTS, CRAWL_PAGES, CRAWL_RUNS, NOTICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from corpus.database import Database

# A page that was no notice so often is not asked for again for some time.
MOST_FAILURES = 3
_GIVEN_UP_FOR = timedelta(days=30)
END = "end"


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of asking for a page; *url* is its canonical address."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    failed: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """An earlier run: how far back it came, what it counted, how many had each field."""

    reached: str | None
    counts: Mapping[str, int]
    fill: Mapping[str, int]


class CrawlMemory:
    """What is remembered of sites, pages and hosts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Pages.

    def known(self, urls: Iterable[str]) -> set[str]:
        """Return those of some canonical addresses that are stored, or have failed too often."""
        asked = list(urls)
        table = CRAWL_PAGES.c
        with self._database.reading() as connection:
            stored = connection.execute(
                select(NOTICES.c.identity).where(NOTICES.c.identity.in_(asked))
            ).scalars()
            failed = connection.execute(
                select(table.url).where(
                    table.url.in_(asked),
                    table.failures >= MOST_FAILURES,
                    table.seen_at > _now() - _GIVEN_UP_FOR,
                )
            ).scalars()
            return {*stored, *failed}

    def validators(self, url: str) -> dict[str, str]:
        """Return the headers by which a page is only sent if it has changed."""
        table = CRAWL_PAGES.c
        query = select(table.etag, table.last_modified).where(table.url == url)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return {}
        pairs = (("If-None-Match", row.etag), ("If-Modified-Since", row.last_modified))
        return {name: value for name, value in pairs if value}

    def note(self, site: str, visits: Iterable[Visit]) -> None:
        """Keep what came of asking for some pages."""
        with self._database.writing() as connection:
            for visit in visits:
                _note(connection, site, visit)

    def not_seen_since(self, site: str, moment: datetime) -> list[str]:
        """Return the pages of a site that were there before a moment and not met since."""
        table = CRAWL_PAGES.c
        query = select(table.url).where(
            table.site == site,
            table.seen_at < moment,
            table.gone_at.is_(None),
            table.failures < MOST_FAILURES,
        )
        with self._database.reading() as connection:
            return list(connection.execute(query.order_by(table.url)).scalars())

    def gone_at(self, url: str) -> datetime | None:
        """Return when a page was found to be gone from its site, ``None`` if it was not."""
        name = canonical_url(url) or url
        with self._database.reading() as connection:
            moment: datetime | None = connection.execute(
                select(CRAWL_PAGES.c.gone_at).where(CRAWL_PAGES.c.url == name)
            ).scalar()
        return moment

    def newest(self, site: str) -> date | None:
        """Return the day of the newest notice of a site."""
        query = (
            select(func.max(NOTICES.c.published_on))
            .join(CRAWL_PAGES, CRAWL_PAGES.c.url == NOTICES.c.identity)
            .where(CRAWL_PAGES.c.site == site)
        )
        with self._database.reading() as connection:
            day: date | None = connection.execute(query).scalar()
        return day

    # Runs.

    def begin(self, site: str) -> int:
        """Note that a run begins, and return its number."""
        with self._database.writing() as connection:
            number: int = connection.execute(
                insert(CRAWL_RUNS)
                .values(site=site, started_at=_now(), counts={}, fill={})
                .returning(CRAWL_RUNS.c.id)
            ).scalar_one()
        return number

    def end(
        self,
        number: int,
        *,
        reached: str | None,
        counts: Mapping[str, int],
        fill: Mapping[str, int],
    ) -> None:
        """Note how a run ended; *reached* is nothing where it was broken off."""
        with self._database.writing() as connection:
            connection.execute(
                update(CRAWL_RUNS)
                .where(CRAWL_RUNS.c.id == number)
                .values(ended_at=_now(), reached=reached, counts=dict(counts), fill=dict(fill))
            )

    def runs(self, site: str, *, limit: int = 50) -> list[Run]:
        """Return the last runs of a site that have begun, the newest first."""
        table = CRAWL_RUNS.c
        query = (
            select(table.reached, table.counts, table.fill)
            .where(table.site == site)
            .order_by(table.id.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [Run(*row) for row in connection.execute(query)]

    # Hosts.

    def leave_alone(self, host: str, until: datetime, reason: str) -> None:
        """Note that a host is not to be asked before a moment."""
        values: dict[str, Any] = {"host": host, "left_alone_until": until, "reason": reason}
        with self._database.writing() as connection:
            connection.execute(delete(CRAWL_HOSTS).where(CRAWL_HOSTS.c.host == host))
            connection.execute(insert(CRAWL_HOSTS).values(**values))

    def left_alone(self, hosts: Sequence[str]) -> dict[str, tuple[datetime, str]]:
        """Return which of some hosts are not to be asked now: until when, and why."""
        table = CRAWL_HOSTS.c
        query = select(table.host, table.left_alone_until, table.reason).where(
            table.host.in_(list(hosts)), table.left_alone_until > _now()
        )
        with self._database.reading() as connection:
            return {host: (until, reason) for host, until, reason in connection.execute(query)}


def _note(connection: Connection, site: str, visit: Visit) -> None:
    """Keep what came of asking for a page."""
    table = CRAWL_PAGES
    now = _now()
    failures = connection.execute(select(table.c.failures).where(table.c.url == visit.url)).scalar()
    count = (failures or 0) + 1 if visit.failed else 0
    values: dict[str, Any] = {"site": site, "failures": count, "seen_at": now}
    if not visit.failed:
        values["gone_at"] = now if visit.gone else None
    if not visit.failed and not visit.gone:
        values |= {"etag": visit.etag, "last_modified": visit.last_modified}
    if failures is None:
        connection.execute(insert(table).values(url=visit.url, **values))
    else:
        connection.execute(update(table).where(table.c.url == visit.url).values(**values))


def _now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)
