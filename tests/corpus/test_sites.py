"""Profiles of sites are checked, runs judged, hosts left alone for as long as they ask."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from email.utils import format_datetime

import pytest

from corpus.crawl_memory import Run
from corpus.crawl_report import SiteReport, fallen, quiet, unread
from corpus.errors import InvalidSiteError, UnknownSiteError
from corpus.notice import Notice
from corpus.sites import FAMILIES, choose, load_sites, read_sites, shipped_sites

pytest.importorskip("scrapy")
from corpus.crawl import Manner
from corpus.crawl_manners import COOL_DOWN, is_private, pause_of

GOOD = 'title = "青溪"\nfamily = "trs"\nlists = ["https://www.qingxi.example/zw/"]\n'


def test_the_shipped_profiles_are_of_each_family():
    """All can be read, and none claims to have been tried that was not."""
    sites = shipped_sites()

    assert set(FAMILIES) - {site.family for site in sites.values()} <= {"generic", "ucap"}
    assert sites["shanghai-chongming"].options["site_id"] == "0085"
    assert len([site for site in sites.values() if site.family == "shanghai"]) == 17
    assert not any(site.private for site in sites.values())


def test_a_file_of_profiles_goes_before_the_shipped_ones(tmp_path):
    """A site may be replaced, or added."""
    file = tmp_path / "sites.toml"
    file.write_text(f"[ndrc]\n{GOOD}[mine]\n{GOOD}", "utf-8")

    sites = load_sites(file)

    assert sites["ndrc"].title == "青溪"
    assert sites["mine"].hosts == ("www.qingxi.example",)
    assert "mee" in sites


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a", "not valid TOML"),
        ("a = 1", "expected a table"),
        ("[A]\n" + GOOD, "small letters"),
        ('[a]\ntitle = "x"\n', "family is missing"),
        (f'[a]\n{GOOD}colour = "red"\n', "unknown key 'colour'"),
        (f"[a]\n{GOOD.replace('trs', 'cms')}", "family is 'cms'; expected one of trs"),
        (f"[a]\n{GOOD.replace('https://www.', 'ftp://')}", "no http"),
        (f"[a]\n{GOOD}delay = -1\n", "delay is -1"),
        (f'[a]\n{GOOD}delay = "slow"\n', "expected seconds"),
        (f"[a]\n{GOOD}private = 1\n", "expected true or false"),
        (f'[a]\n{GOOD}detail = "("\n', "no regular expression"),
        (f'[a]\n{GOOD}verified_on = "soon"\n', "expected YYYY-MM-DD"),
    ],
)
def test_a_profile_that_cannot_be_used_is_refused(text, problem):
    """Which file, which profile, what was found and what was expected."""
    with pytest.raises(InvalidSiteError, match=problem):
        read_sites(text, source="sites.toml")


def test_an_unknown_site_is_told_the_nearest():
    """Or where all of them are listed."""
    with pytest.raises(UnknownSiteError, match="Did you mean ndrc"):
        choose(shipped_sites(), "ndcr")
    with pytest.raises(UnknownSiteError, match="zhuti sites"):
        choose(shipped_sites(), "火星")


def _report(with_body: int, without: int) -> SiteReport:
    report = SiteReport("a")
    for number in range(with_body + without):
        report.see(Notice(title="通知", body="正文" if number < with_body else None))
    return report


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [((10, 0), (0, 10), 1), ((10, 0), (6, 4), 0), ((2, 8), (0, 10), 0), ((10, 0), (0, 3), 0)],
)
def test_a_field_that_is_not_read_any_more_is_reported(before, now, found):
    """Only where most notices had it, and where enough notices tell."""
    earlier = [Run("end", {}, dict(_report(*before).fill))]

    problems = fallen(Counter(_report(*now).fill), earlier)

    assert len([problem for problem in problems if problem.startswith("body")]) == found


def test_small_runs_are_taken_together():
    """Three notices a day tell as much as twenty a week."""
    before = [Run("end", {}, dict(_report(3, 0).fill)) for _ in range(4)]
    bad = Run("end", {}, dict(_report(0, 3).fill))

    assert fallen(Counter(_report(0, 3).fill), before) == []
    assert len(fallen(Counter(_report(0, 3).fill), [bad, *before])) == 1
    wrong = Run("end", {"problems": 1}, dict(_report(0, 30).fill))
    assert len(fallen(Counter(_report(0, 3).fill), [bad, wrong, *before])) == 1


@pytest.mark.parametrize(
    ("refused", "failed", "pages", "told"),
    [(12, 0, 12, True), (0, 6, 0, True), (4, 0, 4, False), (5, 0, 40, False)],
)
def test_pages_that_cannot_be_read_are_a_problem(refused, failed, pages, told):
    """Where they are many, and most."""
    counts = Counter(refused=refused, failed=failed, pages=pages)

    assert (unread(counts) is not None) is told


def test_a_site_that_has_been_quiet_for_too_long_is_reported():
    """By the day of its newest notice."""
    (site,) = read_sites(f"[a]\n{GOOD}span = 30\n", source="").values()
    today = datetime.now(UTC).date()

    assert quiet(site, today - timedelta(days=29)) is None
    assert "31 days old" in (quiet(site, today - timedelta(days=31)) or "")
    assert quiet(site, None) is None


def test_a_host_is_left_alone_for_as_long_as_it_asks():
    """An hour at least, a week at most; in seconds or until a moment."""
    moment = datetime.now(UTC) + timedelta(hours=3)

    assert pause_of("") == pause_of("5") == pause_of("soon") == COOL_DOWN
    assert pause_of("7200") == timedelta(hours=2)
    assert pause_of("99999999") == timedelta(days=7)
    assert timedelta(hours=2, minutes=59) < pause_of(format_datetime(moment)) <= timedelta(hours=3)


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("192.168.0.1", True),
        ("169.254.169.254", True),
        ("::1", True),
        ("fe80::1", True),
        ("0.0.0.0", True),  # noqa: S104 (an address, not a place to listen)
        ("8.8.8.8", False),
        ("www.qingxi.example", False),
    ],
)
def test_addresses_of_inner_networks_are_known(address, private):
    """Also those of clouds, and of this machine."""
    assert is_private(address) is private


@pytest.mark.parametrize(
    ("begin", "end", "hour", "still"),
    [(8, 18, 0, True), (8, 18, 11, False), (22, 6, 15, True), (22, 6, 2, False)],
)
def test_quiet_hours_go_by_the_clock_of_beijing(begin, end, hour, still):
    """Eight hours ahead of UTC; they may go over midnight."""
    manner = Manner("keeper@office.example", (clock(begin), clock(end)))
    moment = datetime.combine(date(2026, 3, 1), clock(hour), UTC)

    assert manner.is_quiet(moment) is still
    assert not Manner("keeper@office.example").is_quiet(moment)
