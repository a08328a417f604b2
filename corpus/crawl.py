"""
Gathering: the notices of some sites into the corpus, one site after the other.

Scrapy asks and waits; what is asked for, and what is done with the answers, is ours. Sites are
read one by one, since several profiles may be of one host, which is asked one thing at a time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from importlib import metadata
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerProcess

from corpus.crawl_manners import PRIVATE_HOSTS
from corpus.crawl_report import SiteReport, fallen, quiet, unread
from corpus.crawl_spider import NoticesSpider, Plan
from corpus.errors import InvalidCrawlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from corpus.sites import Site
    from corpus.store import Corpus

__all__ = ["Manner", "Plan", "SiteReport", "gather"]

_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
_LARGEST = 30_000_000
_RETRIES = 2
_SLOWEST = 60.0
_CHINA = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Manner:
    """
    How we appear to the sites.

    Attributes:
        contact: A mail or web address where a site's keeper reaches us.
        quiet: From and to, by the clock of Beijing: no site is read then; ``None`` for never.
    """

    contact: str
    quiet: tuple[clock, clock] | None = None

    def __post_init__(self) -> None:
        """Refuse to appear without a name."""
        if len(self.contact.strip()) < 5 or not set("@/") & set(self.contact):  # noqa: PLR2004
            raise InvalidCrawlError(
                "no contact is set. Sites are only read by somebody whom their keepers can reach:"
                " set ZHUTI_CONTACT to a mail or web address of yours."
            )

    @property
    def agent(self) -> str:
        """What the sites see of us."""
        return f"zhuti/{metadata.version('zhuti')} (+{self.contact.strip()})"

    def is_quiet(self, moment: datetime | None = None) -> bool:
        """Return whether no site is to be read at a moment (UTC)."""
        if self.quiet is None:
            return False
        now = ((moment or datetime.now(UTC)) + _CHINA).time()
        begin, end = self.quiet
        return begin <= now < end if begin <= end else now >= begin or now < end


def gather(
    corpus: Corpus,
    sites: Sequence[Site],
    manner: Manner,
    plan: Plan,
    *,
    progress: Callable[[SiteReport], None] = lambda _: None,
) -> list[SiteReport]:
    """
    Gather the notices of some sites, and return a report of each; to be called once in a process.

    Args:
        corpus: Where the notices go.
        sites: Where they come from.
        manner: How we appear there.
        plan: How the sites are to be read.
        progress: Called several times a second with the report of the site that is being read.

    Raises:
        StoreError: If the corpus cannot be used.
    """
    reports = [SiteReport(site.name) for site in sites]
    logging.getLogger("scrapy").setLevel(logging.CRITICAL)
    process = AsyncCrawlerProcess(_settings(manner, sites))
    turn = _Turn(process, corpus, manner=manner, plan=plan, progress=progress)
    pairs = iter(list(zip(sites, reports, strict=True)))
    turn.next(pairs)
    if turn.going:
        process.start(stop_after_crawl=False)
    return reports


class _Turn:
    """Takes the sites in turn."""

    def __init__(
        self,
        process: AsyncCrawlerProcess,
        corpus: Corpus,
        *,
        manner: Manner,
        plan: Plan,
        progress: Callable[[SiteReport], None],
    ) -> None:
        self.going = False
        self._process = process
        self._corpus = corpus
        self._memory = corpus.crawl_memory()
        self._manner = manner
        self._plan = plan
        self._progress = progress

    def next(self, pairs: Iterator[tuple[Site, SiteReport]]) -> None:
        """Begin with the next site that may be read; stop the process when there is none."""
        for site, report in pairs:
            if self._may_begin(site, report):
                self._begin(site, report, pairs)
                return
        if self.going:
            # There is one only now.
            from twisted.internet import reactor  # noqa: PLC0415

            reactor.stop()  # type: ignore[misc]

    def _may_begin(self, site: Site, report: SiteReport) -> bool:
        """Return whether a site may be read now."""
        for host, (until, reason) in self._memory.left_alone(site.hosts).items():
            report.add(f"{host} is left alone until {until:%Y-%m-%d %H:%M} UTC: {reason}.")
        if self._manner.is_quiet():
            report.add("these are quiet hours; nothing was asked.")
        return not report.problems

    def _begin(
        self, site: Site, report: SiteReport, pairs: Iterator[tuple[Site, SiteReport]]
    ) -> None:
        """Read a site, then go on."""
        self.going = True
        earlier = self._memory.runs(site.name)
        number = None if self._plan.dry_run else self._memory.begin(site.name)
        started = time.monotonic()
        crawler = self._process.create_crawler(NoticesSpider)
        crawler.settings.setdict(_settings_of(site), priority="cmdline")
        task = self._process.crawl(
            crawler,
            site=site,
            plan=self._plan,
            corpus=self._corpus,
            memory=self._memory,
            report=report,
            progress=self._progress,
            quiet_now=self._manner.is_quiet,
        )

        def ended(done: Any) -> None:
            error = done.exception()
            if error is not None:
                report.reached = None
                report.add(f"the run broke off ({type(error).__name__}: {error}).")
            report.seconds = time.monotonic() - started
            for problem in (*fallen(report.fill, earlier), unread(report.counts)):
                if problem is not None:
                    report.add(problem)
            silence = None if report.problems else quiet(site, self._memory.newest(site.name))
            if silence is not None and not self._plan.dry_run:
                report.add(silence)
            if number is not None:
                counts = {**report.counts, "problems": len(report.problems)}
                self._memory.end(number, reached=report.reached, counts=counts, fill=report.fill)
            # The next site may be of the same host.
            asyncio.get_running_loop().call_later(site.delay, self.next, pairs)

        task.add_done_callback(ended)


def _settings(manner: Manner, sites: Sequence[Site]) -> dict[str, Any]:
    """Return what holds for all sites."""
    return {
        "TWISTED_REACTOR": _REACTOR,
        "USER_AGENT": manner.agent,
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": "zhuti",
        # What has been handed over would still be sent after a refusal.
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_MAXSIZE": _LARGEST,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOADER_MIDDLEWARES": {"corpus.crawl_manners.Manners": 80},
        "DNS_RESOLVER": "corpus.crawl_manners.Resolver",
        PRIVATE_HOSTS: [host for site in sites if site.private for host in site.hosts],
        "HTTPERROR_ALLOW_ALL": True,
        "RETRY_TIMES": _RETRIES,
        "RETRY_HTTP_CODES": [500, 502, 503, 504, 522, 524, 408],
        "REDIRECT_MAX_TIMES": 5,
        "COOKIES_ENABLED": True,
        "TELNETCONSOLE_ENABLED": False,
        "LOGSTATS_INTERVAL": 0,
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "EXTENSIONS": {"scrapy.extensions.memusage.MemoryUsage": None},
    }


def _settings_of(site: Site) -> dict[str, Any]:
    """Return what holds for one site."""
    return {
        "DOWNLOAD_DELAY": site.delay,
        "DOWNLOAD_TIMEOUT": site.timeout,
        "AUTOTHROTTLE_ENABLED": site.delay > 0,
        "AUTOTHROTTLE_START_DELAY": site.delay,
        "AUTOTHROTTLE_MAX_DELAY": max(_SLOWEST, site.delay),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
    }
