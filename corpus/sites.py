"""
The sites that notices are gathered from: profiles in TOML, read and checked.

A profile says where a site's lists begin, by which system they are made (its *family*), and how to
be polite there; sites.toml explains each key.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from corpus.errors import InvalidSiteError, UnknownSiteError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FAMILIES = (
    "trs", "static", "jcms", "jpaas", "epoint", "ucap", "gkmlpt", "gov_cn", "shanghai", "generic",
)  # fmt: skip
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
_LONGEST_DELAY = 600.0


@dataclass(frozen=True, slots=True)
class Site:
    """
    The profile of a site.

    Attributes:
        name: By which it is asked for.
        title: What it is called.
        family: By which system its lists are made; one of :data:`FAMILIES`.
        lists: Where its lists begin, newest first.
        hosts: Where it may be asked; those of its lists if none are named.
        detail: What the addresses of its notices look like (a regular expression).
        delay: Seconds between two requests.
        span: After how many days without a notice something must be wrong.
        pages: How many pages of a list are read at most.
        timeout: Seconds after which an answer is given up.
        private: Whether its addresses may be of an inner network.
        options: What its family needs besides.
        verified_on: The day on which the profile was tried against the site; ``None`` if never.
    """

    name: str
    title: str
    family: str
    lists: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    detail: str = ""
    delay: float = 3.0
    span: int = 60
    pages: int = 2000
    timeout: float = 30.0
    private: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    verified_on: date | None = None


def shipped_sites() -> dict[str, Site]:
    """Return the profiles that travel with the project, by name."""
    text = resources.files("corpus").joinpath("sites.toml").read_text("utf-8")
    return read_sites(text, source="sites.toml")


def load_sites(path: Path | None) -> dict[str, Site]:
    """
    Return the shipped profiles and those of a file, which go first.

    Raises:
        InvalidSiteError: If a profile cannot be used.
        OSError: If the file cannot be read.
    """
    known = shipped_sites()
    if path is not None:
        known.update(read_sites(path.read_text("utf-8"), source=str(path)))
    return known


def choose(known: Mapping[str, Site], name: str) -> Site:
    """
    Return the profile of a name.

    Raises:
        UnknownSiteError: If there is none.
    """
    if name not in known:
        raise UnknownSiteError(name, tuple(known))
    return known[name]


def read_sites(text: str, *, source: str) -> dict[str, Site]:
    """
    Return the profiles of a text in TOML.

    Raises:
        InvalidSiteError: If it is no TOML, or a profile cannot be used: which, and why.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidSiteError(source, "", f"it is not valid TOML: {error}") from None
    return {name: _read(name, table, source) for name, table in tables.items()}


def _read(name: str, table: Any, source: str) -> Site:
    """Return one profile."""

    def refuse(problem: str) -> InvalidSiteError:
        return InvalidSiteError(source, name, problem)

    if (problem := _problem(name, table)) is not None:
        raise refuse(problem)
    hosts = _hosts(table, refuse)
    verified = table.get("verified_on", "")
    try:
        re.compile(table.get("detail", ""))
        day = date.fromisoformat(verified) if verified else None
    except re.error as error:
        raise refuse(f"detail is no regular expression: {error}") from None
    except ValueError:
        raise refuse(f"verified_on is {verified!r}; expected YYYY-MM-DD or nothing") from None
    values = {key: value for key, value in table.items() if key != "verified_on"}
    return Site(
        **{
            **values,
            "name": name,
            "lists": tuple(table["lists"]),
            "hosts": hosts,
            "verified_on": day,
        }
    )


def _problem(name: str, table: Any) -> str | None:  # noqa: PLR0911 (one for each thing)
    """Return what keeps a table from being a profile, ``None`` if nothing does."""
    if not _NAME.fullmatch(name):
        return "a name has small letters, digits, - and _ only"
    if not isinstance(table, dict):
        return f"expected a table [{name}]"
    known = {one.name for one in fields(Site)} - {"name"}
    if unknown := table.keys() - known:
        return f"unknown key {min(unknown)!r}; known are {', '.join(sorted(known))}"
    missing = [key for key in ("title", "family", "lists") if not table.get(key)]
    if missing:
        return f"{missing[0]} is missing"
    for key, (kind, words) in _KINDS.items():
        value = table.get(key)
        if value is not None and (
            not isinstance(value, kind) or isinstance(value, bool) != (kind is bool)
        ):
            return f"{key} is {value!r}; expected {words}"
    if table["family"] not in FAMILIES:
        return f"family is {table['family']!r}; expected one of {', '.join(FAMILIES)}"
    if not 0 <= table.get("delay", 3) <= _LONGEST_DELAY:
        return f"delay is {table['delay']}; expected 0 to {_LONGEST_DELAY:.0f} seconds"
    return None


_KINDS: dict[str, tuple[Any, str]] = {
    "title": (str, "text"),
    "family": (str, "text"),
    "lists": (list, "a list of addresses"),
    "hosts": (list, "a list of hosts"),
    "detail": (str, "a regular expression"),
    "delay": ((int, float), "seconds"),
    "span": (int, "days"),
    "pages": (int, "a number of pages"),
    "timeout": ((int, float), "seconds"),
    "private": (bool, "true or false"),
    "options": (dict, "a table"),
    "verified_on": (str, "a date as text"),
}


def _hosts(table: Mapping[str, Any], refuse: Any) -> tuple[str, ...]:
    """Return the hosts of a profile, those of its lists among them."""
    hosts = dict.fromkeys(str(host).lower() for host in table.get("hosts", ()))
    for address in table["lists"]:
        parts = urlsplit(str(address))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise refuse(f"{address!r} in lists is no http(s) address")
        hosts[parts.hostname] = None
    return tuple(hosts)
