"""Gathering against a web of our own, end to end: what is found is stored, once, and politely."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from corpus.store import Corpus

_SPEC = importlib.util.spec_from_file_location("fake_web", Path(__file__).with_name("fake_web.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
fake_web = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(fake_web)
pytest.importorskip("scrapy")

ZHUTI = Path(sys.executable).with_name("zhuti")
PATIENCE = 120
LISTS = {
    "trs": "/trs/",
    "static": "/static/index.html",
    "jcms": "/jcms/col/col12/index.html",
    "jpaas": "/jpaas/col/col12/index.html",
    "epoint": "/epoint/1.html",
    "ucap": "/ucap/common/search/abc",
    "gkmlpt": "/gkmlpt/index",
    "gov_cn": "/search-gov/data",
    "shanghai": "/gwk/policy/page",
}


@pytest.fixture
def web():
    with fake_web.serving() as running:
        yield running


def _family(name):
    return {"nameless": "jpaas"}.get(name, name if name in LISTS else "trs")


def _run(
    web, folder, names, *, options=(), database=None, private=True, contact="keeper@office.example"
):
    """Crawl sites of the web; return exit code, reports by site, and what was said."""
    profiles = "".join(
        f'["{name}"]\ntitle = "{name}"\nfamily = "{_family(name)}"\n'
        f'lists = ["{web.url}{LISTS.get(name, f"/{name}/")}"]\ndelay = 0\nspan = 3650\ntimeout = 3\n'
        f'private = {str(private).lower()}\noptions = {{ site_id = "0085" }}\n'
        for name in names
    )
    file = folder / "sites.toml"
    file.write_text(profiles)
    ran = subprocess.run(
        [ZHUTI, "crawl", *names, "--json", "--sites", file, "--database",
         database or f"sqlite:///{folder / 'zhuti.db'}", *options],
        env={**os.environ, "ZHUTI_CONTACT": contact},
        capture_output=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert b"Traceback" not in ran.stderr, ran.stderr.decode()
    reports = json.loads(ran.stdout) if ran.stdout else []
    return ran.returncode, {report["site"]: report for report in reports}, ran.stderr.decode()


@pytest.fixture
def crawl(web, tmp_path):
    """Return a function that crawls sites of the web of a test."""
    return lambda *names, **how: _run(web, tmp_path, names, **how)


@pytest.fixture
def stored(tmp_path):
    """Return a function that returns what is stored, by title."""

    def read(database=None):
        with Corpus.open(database or f"sqlite:///{tmp_path / 'zhuti.db'}") as corpus:
            return {found.notice.title: found.notice for found in corpus.iterate()}

    return read


def _titles(count=12):
    return {fake_web.title(number) for number in range(1, count + 1)}


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    """Return what came of gathering a site of each family twice: reports, notices, questions."""
    folder = tmp_path_factory.mktemp("families")
    with fake_web.serving() as web:
        first = _run(web, folder, list(LISTS))
        asked = sum(web.asked.values())
        second = _run(web, folder, list(LISTS))
        asked = sum(web.asked.values()) - asked
    with Corpus.open(f"sqlite:///{folder / 'zhuti.db'}") as corpus:
        notices = [found.notice for found in corpus.iterate()]
    return first, second, notices, asked, web


PREFIXES = {
    "epoint": "/openDetailDynamic",
    "gov_cn": "/search-gov",
    "shanghai": "/zhengce/detail",
}


@pytest.mark.parametrize("family", LISTS)
def test_each_family_is_gathered_whole(family, families):
    """All pages of the list, each notice once, with what list and page tell."""
    (code, reports, said), _, notices, *_ = families

    path = PREFIXES.get(family, f"/{family}")
    mine = [notice for notice in notices if path in (notice.url or "")]
    one = next(notice for notice in mine if notice.title == fake_web.title(7))
    assert (code, reports[family]["problems"]) == (0, []), said
    assert sorted(notice.title or "" for notice in mine) == sorted(_titles())
    assert fake_web.SENTENCE in (one.body or "")
    assert one.published_on == date.fromisoformat(fake_web.day(7))
    assert (reports[family]["new"], reports[family]["reached"]) == (12, "end")


def test_what_is_known_is_not_asked_for_again(families):
    """The second time only a few list pages are read."""
    _, (code, reports, said), _, asked, _ = families

    assert code == 0, said
    assert [(report["new"], report["pages"]) for report in reports.values()] == [(0, 0)] * len(
        LISTS
    )
    assert asked <= 5 * len(LISTS)


def test_one_thing_is_asked_at_a_time_under_a_name(families):
    """With an address where we can be reached."""
    *_, web = families

    assert web.most_at_once == 1
    assert all("zhuti/" in agent and "keeper@office.example" in agent for agent in web.agents)


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("/ucap", "document_number", "青政发〔2026〕7号"),
        ("/ucap", "declared_topic", "工业、交通"),
        ("/gkmlpt", "document_number", "青府〔2026〕7号"),
        ("/gkmlpt", "declared_topic", "公路"),
        ("/search-gov", "document_number", "国发〔2026〕7号"),
        ("/zhengce", "index_number", "AA7"),
        ("/zhengce", "validity", "有效"),
        ("/openDetailDynamic", "index_number", "QX/2026-00007"),
    ],
)
def test_what_only_an_interface_tells_is_kept(path, field, value, families):
    """Numbers and themes that the page itself does not show."""
    _, _, notices, *_ = families

    one = next(n for n in notices if path in (n.url or "") and n.title == fake_web.title(7))
    assert getattr(one, field) == value


def test_new_notices_are_found_and_old_ones_left(web, crawl, stored):
    """Newest first, until two pages are known."""
    web.count = 40
    crawl("trs")
    web.count = 43
    before = dict(web.asked)

    _, reports, _ = crawl("trs")

    asked = {path: count - before.get(path, 0) for path, count in list(web.asked.items())}
    assert reports["trs"]["new"] == 3
    assert reports["trs"]["lists"] == 3
    assert sum(count for path, count in asked.items() if "t2026" in path) == 3
    assert stored().keys() == _titles(43)


def test_a_run_that_stopped_early_is_taken_up(web, crawl, stored):
    """What is known ends a list only once a run has come through to its end."""
    web.count = 40
    crawl("trs", options=["--limit", "13"])
    assert len(stored()) == 13

    code, reports, _ = crawl("trs")

    assert (code, reports["trs"]["new"]) == (0, 27)
    assert max(count for path, count in list(web.asked.items()) if "t2026" in path) == 1


def test_a_later_run_that_stopped_early_is_taken_up_as_well(web, crawl, stored):
    """What it left out lies between what it stored and what was known before."""
    crawl("trs")
    web.count = 52
    crawl("trs", options=["--limit", "13"])

    crawl("trs")
    _, reports, _ = crawl("trs")

    assert stored().keys() == _titles(52)
    assert reports["trs"]["lists"] == 2


def test_pages_that_are_not_understood_any_more_do_not_go_unnoticed(web, crawl, stored):
    """Most of them refused, or none to be had, is a problem; and no server's fault loses a page."""
    web.trouble = True
    code, reports, _ = crawl("trs")
    for _ in range(3):
        crawl("trs")
    web.trouble = False
    _, later, _ = crawl("trs")

    assert code == 1
    assert "12 could not be fetched" in reports["trs"]["problems"][0]
    assert later["trs"]["new"] == 12
    assert stored().keys() == _titles()


def test_since_leaves_what_is_older(crawl, stored):
    """By the days that the list shows, without asking for the notices."""
    _, reports, _ = crawl("trs", options=["--since", fake_web.day(9)])

    assert stored().keys() == {fake_web.title(number) for number in (9, 10, 11, 12)}
    assert reports["trs"]["pages"] == 4


def test_a_dry_run_stores_nothing(web, crawl, stored):
    """It says what it would ask for, and asks for no notice."""
    _, reports, _ = crawl("trs", options=["--dry-run"])

    assert reports["trs"]["pages"] == 12
    assert stored() == {}
    assert not any("t2026" in path for path in list(web.asked))


def test_a_deep_run_sees_what_changed_and_what_is_gone(web, crawl, stored, tmp_path):
    """Unchanged pages are not sent again; gone ones are marked and reported, never deleted."""
    crawl("trs")
    web.extra[5] = "补充规定。"
    web.gone = {3}

    code, reports, _ = crawl("trs", options=["--deep"])

    counts = reports["trs"]
    assert (code, counts["changed"], counts["unchanged"], counts["gone"]) == (0, 1, 10, 1)
    assert "补充规定" in (stored()[fake_web.title(5)].body or "")
    assert stored().keys() == _titles()
    with Corpus.open(f"sqlite:///{tmp_path / 'zhuti.db'}") as corpus:
        memory = corpus.crawl_memory()
        assert memory.gone_at(f"{web.url}/trs/t20260101_3.html") is not None
        assert memory.gone_at(f"{web.url}/trs/t20260101_4.html") is None
        assert len(corpus.versions(f"{web.url}/trs/t20260101_5.html")) == 1


def test_the_same_into_postgresql(crawl, stored, postgresql_url):
    """Both databases hold the same."""
    code, _, said = crawl("trs", "shanghai", database=postgresql_url)

    assert code == 0, said
    assert stored(postgresql_url).keys() == _titles()


def test_a_host_that_says_no_is_left_alone(web, crawl, tmp_path):
    """In this run and the next, for as long as it asks; and the run says so."""
    code, reports, _ = crawl("refusing")
    asked = sum(web.asked.values())

    assert code == 1
    assert "left alone until" in reports["refusing"]["problems"][0]
    assert sum(count for path, count in list(web.asked.items()) if "t2026" in path) == 1
    code, reports, _ = crawl("refusing")
    assert (code, sum(web.asked.values())) == (1, asked)
    with Corpus.open(f"sqlite:///{tmp_path / 'zhuti.db'}") as corpus:
        ((until, _),) = corpus.crawl_memory().left_alone(["127.0.0.1"]).values()
    assert 6000 < (until - datetime.now(UTC)).total_seconds() <= 7200


def test_a_challenge_is_never_solved(crawl, stored):
    """The host is left alone."""
    code, reports, _ = crawl("challenge")

    assert code == 1
    assert "browser" in reports["challenge"]["problems"][0]
    assert stored() == {}


def test_what_goes_wrong_stops_nothing(web, crawl, tmp_path):
    """Errors, cut answers, wrong encodings, ways out to an inner network; a list without end."""
    web.count = 5
    code, reports, _ = crawl("broken", "loop")

    with Corpus.open(f"sqlite:///{tmp_path / 'zhuti.db'}") as corpus:
        found = [one.notice for one in corpus.iterate()]
    notices = {notice.title for notice in found if "/broken" in (notice.url or "")}
    assert reports["loop"]["lists"] == 2
    assert fake_web.title(2) in notices
    assert fake_web.title(4) in notices
    assert fake_web.title(5) not in notices
    assert reports["broken"]["failed"] >= 2
    assert reports["broken"]["reached"] is None
    assert code == 0


def test_robots_are_obeyed(web, crawl):
    """What is disallowed is not asked for; a page where robots.txt should be allows all."""
    code, _, _ = crawl("secret")
    assert code == 1
    assert not any(path.startswith("/secret") for path in list(web.asked))

    web.robots = "<html><body>首页</body></html>"
    crawl("secret")
    assert any(path.startswith("/secret") for path in list(web.asked))


@pytest.mark.parametrize("contact", ["", "me"])
def test_without_a_contact_nothing_is_asked(web, crawl, contact):
    """The error says what to set."""
    code, _, said = crawl("trs", contact=contact)

    assert code == 1
    assert "ZHUTI_CONTACT" in said
    assert not web.asked


def test_an_inner_network_is_not_asked(web, crawl):
    """Unless the profile says that it may be."""
    code, reports, _ = crawl("trs", private=False)

    assert code == 1
    assert "inner network" in reports["trs"]["problems"][0]
    assert not web.asked


def test_a_site_that_changed_its_layout_does_not_go_quiet(crawl):
    """A list that is not understood is a problem."""
    code, reports, _ = crawl("changed", "nameless")

    assert code == 1
    assert "not understood" in reports["changed"]["problems"][0]
    assert "no list names any notice" in reports["nameless"]["problems"][0]


def test_a_profile_can_be_tried(web, tmp_path):
    """One page of its list, one notice, and nothing is stored."""
    (tmp_path / "sites.toml").write_text(
        f'[trs]\ntitle = "t"\nfamily = "trs"\nlists = ["{web.url}/trs/"]\ndelay = 0\nspan = 3650\nprivate = true\n'
        f'[old]\ntitle = "o"\nfamily = "trs"\nlists = ["{web.url}/changed/"]\ndelay = 0\nprivate = true\n'
    )

    def check(name):
        return subprocess.run(
            [ZHUTI, "sites", "check", name, "--sites", tmp_path / "sites.toml"],
            env={**os.environ, "ZHUTI_CONTACT": "keeper@office.example", "XDG_DATA_HOME": str(tmp_path)},
            capture_output=True, check=False, timeout=PATIENCE,
        )  # fmt: skip

    good, bad = check("trs"), check("old")

    assert good.returncode == 0, good.stderr.decode()
    assert (
        "1 notice read: title, body, published_on, issuing_body, index_number"
        in good.stderr.decode()
    )
    assert sum("t2026" in path for path in list(web.asked)) == 1
    assert bad.returncode == 1
    assert "not understood" in bad.stderr.decode()
    assert not list(tmp_path.rglob("*.db"))


def test_quiet_hours_are_kept(web, crawl, monkeypatch):
    """From midnight to midnight no site is asked."""
    monkeypatch.setenv("ZHUTI_QUIET_HOURS", "00:00-23:59")

    code, reports, _ = crawl("trs")

    assert (code, reports["trs"]["problems"]) == (1, ["these are quiet hours; nothing was asked."])
    assert not web.asked


def test_files_are_read_where_the_notice_says_little(crawl, tmp_path):
    """Their text is kept beside it."""
    crawl("files")

    with Corpus.open(f"sqlite:///{tmp_path / 'zhuti.db'}") as corpus:
        (found,) = corpus.iterate()
        assert corpus.attached_texts(found.id) == ["附件：养护任务分解表，各乡镇按期完成。"]


def test_a_killed_run_loses_nothing_and_stores_nothing_twice(web, tmp_path, stored):
    """Killed at any moment, again and again; no page that was stored is fetched twice."""
    kills = int(os.environ.get("ZHUTI_TEST_KILLS", "3"))
    web.count, web.size = 30 * kills, 10
    file = tmp_path / "sites.toml"
    file.write_text(
        f'[trs]\ntitle = "t"\nfamily = "trs"\nlists = ["{web.url}/trs/"]\ndelay = 0\nspan = 3650\nprivate = true\n'
    )
    command = [
        ZHUTI,
        "crawl",
        "trs",
        "--sites",
        file,
        "--database",
        f"sqlite:///{tmp_path / 'zhuti.db'}",
    ]
    environment = {**os.environ, "ZHUTI_CONTACT": "keeper@office.example"}
    for round_ in range(kills):
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        goal = 25 * (round_ + 1)
        while process.poll() is None and sum("t2026" in path for path in list(web.asked)) < goal:
            time.sleep(0.01)
        process.kill()
        process.wait()
    done = {path: count for path, count in list(web.asked.items()) if "t2026" in path}
    known = stored()

    subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, check=True)

    again = [
        path
        for path, count in list(web.asked.items())
        if count > done.get(path, 0) and "t2026" in path
    ]
    numbers = {fake_web.title(int(path.split("_")[1].split(".")[0])) for path in again}
    assert stored().keys() == _titles(30 * kills)
    assert numbers.isdisjoint(known)
