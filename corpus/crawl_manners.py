"""
Manners towards the sites: only what the profile names is asked, and who says no is left alone.

Addresses of inner networks are refused where names become addresses, so that the address that was
checked is the one that is connected to.
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

# What says: not you, not now. 521 and 412 are how firewalls of these sites say it.
REFUSALS = frozenset({403, 405, 412, 429, 521})
COOL_DOWN = timedelta(hours=1)
_LONGEST_COOL_DOWN = timedelta(days=7)
PRIVATE_HOSTS = "ZHUTI_PRIVATE_HOSTS"


class Manners:
    """Keeps a spider to the hosts of its profile, and away from those that have refused."""

    @classmethod
    def from_crawler(cls, crawler: Any) -> Manners:
        """Return the manners of a crawler."""
        manners = cls()
        manners.crawler = crawler
        return manners

    crawler: Any

    def process_request(self, request: Request) -> None:
        """
        Let a request through, or not; redirected ones come by as well.

        Raises:
            IgnoreRequest: If it leads elsewhere, or to a host that is left alone.
        """
        spider = self.crawler.spider
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"} or host not in spider.site.hosts:
            raise IgnoreRequest(
                f"{host or request.url[:80]} is not among the hosts of the profile."
            )
        if not spider.site.private and is_private(host):
            raise IgnoreRequest(f"{host} is an address of an inner network.")
        if host in spider.left_alone:
            raise IgnoreRequest(f"{host} is left alone: {spider.left_alone[host]}")

    def process_response(self, request: Request, response: Response) -> Response:
        """
        Return an answer, unless it is a refusal.

        Raises:
            IgnoreRequest: If the host says no; it is not asked again.
        """
        robots = urlsplit(request.url).path == "/robots.txt"
        if response.status in REFUSALS and not (robots and response.status != 429):  # noqa: PLR2004
            header = (response.headers.get("Retry-After") or b"").decode("latin-1")
            reason = f"it answered {response.status}"
            self.crawler.spider.leave_alone(response.url, reason, pause_of(header))
            raise IgnoreRequest(reason)
        return response


def pause_of(header: str) -> timedelta:
    """Return for how long a host wants to be left alone: an hour at least, a week at most."""
    pause = COOL_DOWN
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:  # noqa: PLR2004
        pause = timedelta(seconds=int(text))
    elif text:
        with suppress(ValueError, TypeError):
            pause = parsedate_to_datetime(text) - datetime.now(UTC)
    return min(max(pause, COOL_DOWN), _LONGEST_COOL_DOWN)


def is_private(address: str) -> bool:
    """Return whether an address is one of an inner network; a name is none."""
    try:
        return not ipaddress.ip_address(address).is_global
    except ValueError:
        return False


class Resolver(CachingThreadedResolver):
    """Turns names into addresses, and refuses those of inner networks."""

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Resolver:
        """Return the resolver of a process."""
        made: Resolver = super().from_crawler(crawler, reactor)
        made.private_hosts = frozenset(crawler.settings.getlist(PRIVATE_HOSTS))
        return made

    private_hosts: frozenset[str] = frozenset()

    def getHostByName(self, name: str, timeout: Any = ()) -> Any:  # noqa: N802 (Twisted's name)
        """Return the address of a name, to come."""
        return super().getHostByName(name, timeout).addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        """Return an address that may be connected to."""
        if name not in self.private_hosts and is_private(address):
            raise DNSLookupError(f"{name} leads into an inner network ({address}).")
        return address
