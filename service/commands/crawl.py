"""
``zhuti crawl`` and ``zhuti sites``: notices gathered from the sites of offices.
"""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import InvalidCrawlError, MissingLibraryError
from corpus.sites import Site, choose, load_sites
from service.building import open_corpus
from service.commands.database import DatabaseOption
from service.commands.progress import Meter
from service.commands.speaking import print_json, say
from service.settings import Settings, read_settings

if TYPE_CHECKING:
    from corpus.crawl import SiteReport

SitesOption = Annotated[
    Path | None, typer.Option("--sites", help="A file of profiles beside the shipped ones.")
]
sites_app = typer.Typer(
    help="The sites that notices can be gathered from.", invoke_without_command=True
)


def crawl(
    names: Annotated[list[str] | None, typer.Argument(metavar="SITE…")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All sites, for cron.")] = False,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Leave what was published before."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Fetch at most so many.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look at lists, store nothing.")
    ] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read again what is known; see what is gone.")
    ] = False,
    sites: SitesOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reports as JSON.")] = False,
    database: DatabaseOption = None,
) -> None:
    """
    Gather notices from sites into the corpus, newest first; what is stored is not fetched again.

    robots.txt is obeyed, one thing is asked at a time, and a site that says no is left alone.
    Exit code 1 says that something is wrong with a site: it refused, its layout has changed, or
    it has been quiet for too long.
    """
    settings = read_settings(database=database, sites=sites)
    known = load_sites(settings.sites)
    if bool(names) == everything:
        raise typer.BadParameter("name the sites, or give --all.")
    chosen = list(known.values()) if everything else [choose(known, name) for name in names or ()]
    reports = _gather(
        chosen,
        settings,
        since=since and since.date(),
        limit=limit,
        deep=deep,
        dry_run=dry_run,
    )
    if as_json:
        print_json([report.as_json() for report in reports])
    for report in reports:
        _tell(report)
    if any(report.problems for report in reports):
        raise typer.Exit(1)


def _gather(
    chosen: list[Site],
    settings: Settings,
    *,
    since: date | None = None,
    limit: int | None = None,
    deep: bool = False,
    dry_run: bool = False,
) -> list[SiteReport]:
    """Return the reports of a run."""
    if importlib.util.find_spec("scrapy") is None:
        raise MissingLibraryError("Gathering from sites", "scrapy", "crawl")
    from corpus.crawl import Manner, Plan, gather  # noqa: PLC0415 (Scrapy takes time to load)

    manner = Manner(settings.contact, _quiet_hours(settings.quiet_hours))
    plan = Plan(since=since, limit=limit, deep=deep, dry_run=dry_run)
    with open_corpus(settings) as corpus, Meter("pages") as meter:

        def progress(report: SiteReport) -> None:
            counts = report.counts
            done = ", ".join(
                f"{counts[name]} {name}"
                for name in ("new", "changed", "unchanged", "refused")
                if counts[name]
            )
            meter(f"{report.site} ({done or 'lists'})", counts["lists"] + counts["pages"], None)

        return gather(corpus, chosen, manner, plan, progress=progress)


def _quiet_hours(text: str) -> tuple[time, time] | None:
    """Return the hours of a setting such as 08:00-18:00, ``None`` if there are none."""
    if not text:
        return None
    try:
        begin, end = (datetime.strptime(part.strip(), "%H:%M").time() for part in text.split("-"))  # noqa: DTZ007
    except ValueError:
        msg = f"ZHUTI_QUIET_HOURS is {text!r}; expected two times such as 08:00-18:00."
        raise InvalidCrawlError(msg) from None
    return begin, end


def _tell(report: SiteReport) -> None:
    """Say what a run over a site did."""
    counts = report.counts
    rate = (counts["lists"] + counts["pages"]) / report.seconds if report.seconds else 0.0
    say(
        f"{report.site}: {counts['lists']} list pages and {counts['pages']} notices asked for,"
        f" {rate:.1f} a second: {counts['new']} new, {counts['changed']} changed,"
        f" {counts['unchanged']} unchanged, {counts['refused']} refused, {counts['failed']} failed,"
        f" {counts['gone']} gone; {counts['files']} files read."
    )
    for problem in report.problems:
        say(f"  problem: {problem}")


@sites_app.callback()
def list_sites(context: typer.Context, *, sites: SitesOption = None) -> None:
    """List the sites that notices can be gathered from."""
    if context.invoked_subcommand is not None:
        return
    for site in load_sites(read_settings(sites=sites).sites).values():
        tried = f"tried {site.verified_on}" if site.verified_on else "not tried"
        typer.echo(f"{site.name:22}{site.family:10}{tried:18}{site.title}")


@sites_app.command()
def check(
    name: Annotated[str, typer.Argument(metavar="SITE")], *, sites: SitesOption = None
) -> None:
    """Try a profile: one page of its list and one notice; nothing is stored."""
    import tempfile  # noqa: PLC0415

    settings = read_settings(sites=sites)
    site = replace(choose(load_sites(settings.sites), name), pages=1)
    with tempfile.TemporaryDirectory(prefix="zhuti-") as folder:
        tried = read_settings(sites=sites, database=f"sqlite:///{folder}/check.db")
        (report,) = _gather([site], tried, limit=1)
        read = [name for name, count in report.fill.items() if count and name != "notices"]
    say(
        f"{site.name}: {report.counts['lists']} list page, {report.fill['notices']} notice read:"
        f" {', '.join(read) or 'nothing'}."
    )
    problems = [problem for problem in report.problems if "pages; the rest" not in problem]
    for problem in problems:
        say(f"  problem: {problem}")
    if problems or not report.fill["notices"]:
        raise typer.Exit(1)
