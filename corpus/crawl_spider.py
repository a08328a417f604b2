"""
The spider: from a site's lists to its notices, newest first, into the corpus.

The corpus is the frontier. What it holds is not asked for again, and a run that was broken off, by
whatever, is taken up where it was: at the next start every entry of every list is compared with
what is stored, until a run has come through to the end. From then on two pages of known entries
end a list.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import scrapy
from scrapy.exceptions import IgnoreRequest

from corpus.attached import says_little
from corpus.crawl_families import Found, ListPage, ask_for, first_asks, read_detail, read_list
from corpus.crawl_manners import COOL_DOWN
from corpus.crawl_memory import END, Visit
from corpus.document_process import read_document_apart
from corpus.errors import CorpusError, RefusedPageError, UnreadableDocumentError
from corpus.identity import canonical_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from scrapy import Request
    from scrapy.http import Response

    from corpus.crawl_families import Ask
    from corpus.crawl_memory import CrawlMemory
    from corpus.crawl_report import SiteReport
    from corpus.notice import Notice
    from corpus.sites import Site
    from corpus.store import Corpus

_BY = "crawl"
_KNOWN_PAGES = 2
_BATCH = 50
_SECONDS_A_BATCH = 0.2
_MOST_FILES = 5
_OK, _NOT_CHANGED, _REDIRECT, _ERROR = 200, 304, 300, 400
_GONE = frozenset({404, 410})
_DETAIL_FIRST = 10
# What a firewall answers instead of JSON or of the page, with status 200.
_CHALLENGE = re.compile(
    rb"__jsl_clearance|acw_sc__v2|FSSBBIl1UgzbN7N80|\$_ts\s*=\s*window|C3VK|EO_Bot"
)
_CHALLENGE_WITHIN = 20_000


@dataclass(frozen=True, slots=True)
class Plan:
    """
    How a site is to be read.

    Attributes:
        since: Notices published before are left.
        limit: At most so many notices are fetched.
        deep: Read everything again, also what is known, and see what is gone.
        dry_run: Look at the lists and store nothing.
    """

    since: date | None = None
    limit: int | None = None
    deep: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class _Kept:
    """A notice on its way into the corpus."""

    notice: Notice
    visit: Visit
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)


class NoticesSpider(scrapy.Spider):
    """Gathers the notices of one site."""

    name = "notices"

    def __init__(
        self,
        *,
        site: Site,
        plan: Plan,
        corpus: Corpus,
        memory: CrawlMemory,
        report: SiteReport,
        progress: Callable[[SiteReport], None],
        quiet_now: Callable[[], bool],
    ) -> None:
        super().__init__()
        self.site = site
        self.plan = plan
        self.corpus = corpus
        self.memory = memory
        self.report = report
        self.left_alone: dict[str, str] = {}
        self._progress = progress
        self._quiet_now = quiet_now
        self._began = datetime.now(UTC)
        self._asked: set[str] = set()
        self._known_pages: Counter[int] = Counter()
        self._fetched = 0
        self._broken_off = False
        self._waiting: list[_Kept] = []
        self._notes: list[Visit] = []
        self._trusted = _trusts(memory, site.name, plan.since, dry_run=plan.dry_run)
        self._checked_gone = False

    async def start(self) -> AsyncIterator[Any]:
        """Yield the questions that the lists begin with."""
        self.crawler.signals.connect(self._when_idle, scrapy.signals.spider_idle)
        self._timer = asyncio.ensure_future(self._now_and_then())
        for number, ask in enumerate(first_asks(self.site)):
            yield self._ask_list(ask, number)

    async def _now_and_then(self) -> None:
        """Keep what waits, show how far it is, and stop when quiet hours begin."""
        while True:
            await asyncio.sleep(_SECONDS_A_BATCH)
            self.flush()
            self._progress(self.report)
            if self._quiet_now():
                self._stop("quiet hours have begun; the next run goes on.")

    def _stop(self, why: str) -> None:
        """End the run before its time."""
        self._broken_off = True
        self.report.add(why)
        task = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="stopped"))
        task.add_done_callback(lambda _: None)

    def closed(self, reason: str) -> None:
        """Keep what is left when the run ends."""
        self._timer.cancel()
        self.flush()
        if not self._asked:
            self._broken_off = True
            if not self.report.problems:
                self.report.add("no list names any notice: see whether they have moved.")
        # What failed is looked for again, however far down its list it stands.
        if reason == "finished" and not self._broken_off and not self.report.counts["failed"]:
            self.report.reached = self.plan.since.isoformat() if self.plan.since else END

    # Lists.

    def _ask_list(self, ask: Ask, chain: int) -> Request:
        return scrapy.Request(
            ask.url,
            method=ask.method,
            body=ask.body or b"",
            headers=dict(ask.headers),
            callback=self.parse_list,
            errback=self._list_failed,
            dont_filter=True,
            cb_kwargs={"ask": ask, "chain": chain},
        )

    async def parse_list(self, response: Response, ask: Ask, chain: int) -> AsyncIterator[Any]:
        """Yield the questions for the notices of a list that are wanted, and for its next page."""
        self.report.counts["lists"] += 1
        page = self._read_list(response, ask)
        if page is None:
            return
        for number, more in enumerate(page.more, start=1):
            yield self._ask_list(more, 1000 * (chain + 1) + number)
        fresh = [found for found in page.found if self._canonical(found) not in self._asked]
        # A list that only repeats itself is at its end, however many pages it pretends to have.
        repeats = bool(page.found) and not fresh
        self._asked.update(map(self._canonical, fresh))
        known = self.memory.known(map(self._canonical, fresh))
        self._known_pages[chain] = (
            self._known_pages[chain] + 1 if fresh and len(known) == len(fresh) else 0
        )
        old = [found for found in fresh if self._is_too_old(found)]
        for found in fresh:
            if found in old or (self._canonical(found) in known and not self.plan.deep):
                continue
            if self.plan.limit is not None and self._fetched >= self.plan.limit:
                self._broken_off = True
                return
            self._fetched += 1
            if self.plan.dry_run:
                self.report.counts["pages"] += 1
                continue
            yield self._ask_detail(found)
        ended = repeats or (bool(old) and len(old) == len(fresh))
        if not self.plan.deep and self._trusted and self._known_pages[chain] >= _KNOWN_PAGES:
            ended = True
        if page.following is not None and not ended:
            if ask.page + 1 >= self.site.pages:
                self.report.add(f"a list has more than {self.site.pages} pages; the rest was left.")
                return
            yield self._ask_list(page.following, chain)

    def _read_list(self, response: Response, ask: Ask) -> ListPage | None:
        """Return a page of a list, ``None`` where it ends."""
        beginning = ask.page == 0
        if response.status >= _REDIRECT:
            if beginning or response.status not in _GONE:
                self.report.counts["failed"] += 1
                self._broken_off = True
                self.report.add(f"a list cannot be read: {ask.url} answered {response.status}.")
            return None
        if self._is_challenge(response):
            return None
        asked = replace(ask, url=response.url) if ask.method == "GET" else ask
        try:
            return read_list(self.site, asked, response.body, _content_type(response))
        except RefusedPageError as error:
            if error.kind == "challenge":
                self.leave_alone(response.url, "it asks whether a browser is there", COOL_DOWN)
            elif beginning:
                self._broken_off = True
                self.report.add(f"a list is not understood: {ask.url}: {error.reason}")
            # Behind the last page many sites answer with a stub.
            return None

    def _is_too_old(self, found: Found) -> bool:
        """Return whether a notice was published before the days that are wanted."""
        since, day = self.plan.since, found.known.published_on or found.known.written_on
        return since is not None and day is not None and day < since

    def _list_failed(self, failure: Any) -> None:
        """Note that a list could not be read."""
        self._broken_off = True
        self.report.counts["failed"] += 1
        self.report.add(f"a list cannot be read: {failure.request.url}: {_words(failure)}")

    # Notices.

    def _canonical(self, found: Found) -> str:
        return canonical_url(found.url) or found.url

    def _ask_detail(self, found: Found) -> Request:
        ask = found.ask
        headers = dict(ask.headers)
        if self.plan.deep:
            headers.update(self.memory.validators(self._canonical(found)))
        return scrapy.Request(
            ask.url,
            method=ask.method,
            body=ask.body or b"",
            headers=headers,
            callback=self.parse_detail,
            errback=self._detail_failed,
            dont_filter=True,
            priority=_DETAIL_FIRST,
            cb_kwargs={"found": found},
        )

    async def parse_detail(self, response: Response, found: Found) -> None:
        """Read a notice and keep it, with its files where it says little itself."""
        self.report.counts["pages"] += 1
        url = self._canonical(found)
        if response.status == _NOT_CHANGED:
            self.report.counts["unchanged"] += 1
            self._keep_note(Visit(url, *_validators(response, found, self.memory)))
            return
        if response.status in _GONE:
            self._gone(url)
            return
        if response.status >= _REDIRECT:
            self._fail(url, f"{response.url} answered {response.status}.")
            return
        if self._is_challenge(response):
            return
        try:
            notice = read_detail(
                self.site, found, response.url, response.body, _content_type(response)
            )
        except RefusedPageError as error:
            if error.kind == "challenge":
                self.leave_alone(response.url, "it asks whether a browser is there", COOL_DOWN)
                return
            self.report.counts["refused"] += 1
            self._keep_note(Visit(url, failed=True))
            return
        kept = _Kept(
            notice, Visit(url, _header(response, "ETag"), _header(response, "Last-Modified"))
        )
        if says_little(notice) and notice.attachments:
            kept.texts = await self._read_files(notice)
        self.report.see(notice)
        self._waiting.append(kept)
        if len(self._waiting) >= _BATCH:
            self.flush()

    def _gone(self, url: str) -> None:
        """Note that a notice is not there any more; what is stored of it stays."""
        if url in self.memory.known([url]):
            self.report.counts["gone"] += 1
            self._keep_note(Visit(url, gone=True))
        else:
            self.report.counts["failed"] += 1
            self._keep_note(Visit(url, failed=True))

    def _fail(self, url: str, why: str) -> None:
        """Note that a page could not be fetched, for which the page is not to blame."""
        self.report.counts["failed"] += 1
        self.logger.info("%s: %s", url, why)

    def _detail_failed(self, failure: Any) -> None:
        """Note that a notice could not be fetched."""
        found: Found = failure.request.cb_kwargs["found"]
        if (
            failure.check(IgnoreRequest)
            and urlsplit(failure.request.url).hostname in self.left_alone
        ):
            # The host is to blame, not the page.
            self.report.counts["failed"] += 1
            self._broken_off = True
            return
        self._fail(self._canonical(found), _words(failure))

    async def _read_files(self, notice: Notice) -> dict[str, tuple[str, str]]:
        """Return digests and texts of a notice's files by their addresses."""
        texts: dict[str, tuple[str, str]] = {}
        for file in notice.attachments[:_MOST_FILES]:
            if file.url is None or urlsplit(file.url).hostname not in self.site.hosts:
                continue
            try:
                response = await self.crawler.engine.download_async(scrapy.Request(file.url))
                if response.status != _OK:
                    continue
                document = await asyncio.to_thread(read_document_apart, response.body, file.name)
            except (UnreadableDocumentError, IgnoreRequest):
                continue
            except Exception as error:  # noqa: BLE001 (a file that cannot be had is no loss of the notice)
                self.logger.info("%s: %s", file.url, error)
                continue
            self.report.counts["files"] += 1
            texts[file.url] = hashlib.sha256(response.body).hexdigest(), document.text
        return texts

    # Keeping.

    def _keep_note(self, visit: Visit) -> None:
        self._notes.append(visit)

    def flush(self) -> None:
        """Store what waits; it is counted once it is safe."""
        waiting, self._waiting = self._waiting, []
        notes, self._notes = self._notes, []
        try:
            if waiting:
                changes = self.corpus.add_all((kept.notice for kept in waiting), by=_BY)
                for kept, change in zip(waiting, changes, strict=True):
                    self.report.counts[change.what] += 1
                    for url, (digest, text) in kept.texts.items():
                        self.corpus.keep_attachment(
                            change.id, url, digest=digest, text=text, by=_BY
                        )
            visits = [*(kept.visit for kept in waiting), *notes]
            if visits:
                self.memory.note(self.site.name, visits)
        except CorpusError as error:
            # Nothing that was counted is lost; what waits is fetched again by the next run.
            self._stop(str(error))

    # What is gone, and who says no.

    def _when_idle(self) -> None:
        """When a deep reading has met all lists, ask for what none of them named."""
        if not self.plan.deep or self._checked_gone or self._broken_off or self.plan.dry_run:
            return
        self._checked_gone = True
        self.flush()
        for request in self._unlisted():
            self.crawler.engine.crawl(request)

    def _unlisted(self) -> Iterator[Request]:
        """Yield questions for the pages that were known and that no list names any more."""
        for url in self.memory.not_seen_since(self.site.name, self._began):
            ask = ask_for(self.site, url)
            if url not in self._asked and ask is not None:
                yield self._ask_detail(Found(url, ask))

    def _is_challenge(self, response: Response) -> bool:
        """Return whether an answer asks for a browser; its host is then left alone."""
        if len(response.body) > _CHALLENGE_WITHIN or not _CHALLENGE.search(response.body):
            return False
        self.leave_alone(response.url, "it asks whether a browser is there", COOL_DOWN)
        return True

    def leave_alone(self, url: str, reason: str, pause: timedelta) -> None:
        """Ask a host nothing more, in this run and until some time after it."""
        host = urlsplit(url).hostname or ""
        self._broken_off = True
        if host in self.left_alone:
            return
        until = datetime.now(UTC) + pause
        self.left_alone[host] = reason
        self.memory.leave_alone(host, until, reason)
        self.report.add(f"{host} is left alone until {until:%Y-%m-%d %H:%M} UTC: {reason}.")


def _trusts(memory: CrawlMemory, site: str, since: date | None, *, dry_run: bool) -> bool:
    """
    Return whether the run before came as far as this one is to come, so that this one may stop.

    Only that one counts: what a run that was broken off has left out lies between what it has
    stored and what was known before.
    """
    # The run that is going on has its row already, unless nothing is to be stored.
    earlier = memory.runs(site, limit=2)[0 if dry_run else 1 :]
    if not earlier or earlier[0].reached is None:
        return False
    reached = earlier[0].reached
    return reached == END or (since is not None and date.fromisoformat(reached) <= since)


def _content_type(response: Response) -> str | None:
    return _header(response, "Content-Type")


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")


def _validators(
    response: Response, found: Found, memory: CrawlMemory
) -> tuple[str | None, str | None]:
    """Return what an unchanged page is asked by the next time: as it says, else as before."""
    before = memory.validators(canonical_url(found.url) or found.url)
    return (
        _header(response, "ETag") or before.get("If-None-Match"),
        _header(response, "Last-Modified") or before.get("If-Modified-Since"),
    )


def _words(failure: Any) -> str:
    """Return in words why a request failed."""
    return str(failure.getErrorMessage() or failure.type.__name__)[:200]
