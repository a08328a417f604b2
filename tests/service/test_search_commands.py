"""``zhuti search``, ``zhuti index``, and what hides notices."""

from __future__ import annotations

import json

import pytest

from corpus.store import Corpus
from service.commands.choosing import read_years

_ROWS = [
    {
        "id": "roads",
        "title": "关于做好农村公路养护工作的通知",
        "body": "及时修补路面。",
        "published_on": "2019-05-01",
        "issuing_body": "青溪县交通运输局",
    },
    {
        "id": "schools",
        "title": "义务教育招生办法",
        "body": "就近招生。",
        "published_on": "2021-03-04",
    },
]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch, zhuti):
    """Return a home of the test's own, with two notices in its corpus."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _ROWS), "utf-8")
    assert zhuti("import", rows).code == 0
    return tmp_path / "home"


def _ids(zhuti, *arguments: object) -> list[str]:
    ran = zhuti("search", *arguments, "--json")
    assert ran.code == 0, ran.err
    return [hit["id"] for hit in ran.json["hits"]]


def test_search_finds_what_was_just_imported(zhuti):
    """The index is made and followed first; stdout holds JSON only."""
    ran = zhuti("search", "公路养护", "--json")

    assert ran.json["total"] == 1
    assert set(ran.json) >= {"total", "hits", "facets"}
    assert "highlights" in ran.json["hits"][0]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["schools", "roads"]),
        (["--year", "2019"], ["roads"]),
        (["--year", "2020-2022"], ["schools"]),
        (["--year", "2020-"], ["schools"]),
        (["--year", "-2020"], ["roads"]),
        (["--type", "通知"], ["roads"]),
        (["--issuing-body", "青溪县交通运输局"], ["roads"]),
        (["--topic", "0707"], []),
        (["--validity", "expired"], []),
        (["--source", "reviewer"], []),
        (["--sort", "oldest"], ["roads", "schools"]),
        (["--limit", "1"], ["schools"]),
        (["--limit", "1", "--offset", "1"], ["roads"]),
    ],
)
def test_each_option_narrows_orders_or_pages(zhuti, options, expected):
    """As the parameters of the interface do."""
    assert _ids(zhuti, *options) == expected


def test_a_person_sees_titles_facts_and_counts(zhuti):
    """Hits on stdout, counts on stderr."""
    ran = zhuti("search", "公路")

    assert "关于做好农村公路养护工作的通知" in ran.out
    assert "青溪县交通运输局 · 2019-05-01 · roads" in ran.out
    assert "1 found" in ran.err


@pytest.mark.parametrize("text", ["soon", "", "-", "2018-2019-2020", "19"])
def test_years_that_are_none_are_wrong_usage(zhuti, text):
    """The message says what is expected."""
    ran = zhuti("search", f"--year={text}")

    assert ran.code == 2
    assert "2018-2020" in ran.err


def test_years_are_read_with_either_end_open():
    """One year is both ends."""
    assert read_years("--year", "2019") == (2019, 2019)
    assert read_years("--year", "2018-2020") == (2018, 2020)
    assert read_years("--year", "2018-") == (2018, None)
    assert read_years("--year", "-2020") == (None, 2020)


def test_an_unknown_topic_is_refused_with_near_ones(zhuti):
    """Rather than finding nothing in silence."""
    ran = zhuti("search", "--topic", "公路交通")

    assert ran.code == 1
    assert "no topic" in ran.err


def test_a_withdrawn_notice_is_not_found_until_it_is_restored(zhuti):
    """Both say what they did, and what was so already."""
    assert "is withdrawn" in zhuti("withdraw", "roads", "--reason", "误发").err
    assert _ids(zhuti) == ["schools"]
    assert "already" in zhuti("withdraw", "roads", "--reason", "误发").err

    assert "shown again" in zhuti("restore", "roads").err
    assert _ids(zhuti) == ["schools", "roads"]
    assert "not withdrawn" in zhuti("restore", "roads").err


def test_the_audit_trail_names_who_and_why(zhuti, home):
    """As given, in place of the login name."""
    zhuti("withdraw", "roads", "--reason", "误发", "--by", "王主任")

    with Corpus.open(f"sqlite:///{home / 'zhuti' / 'zhuti.db'}") as corpus:
        last = corpus.events("roads")[-1]
    assert (last.action, last.by, last.detail["reason"]) == ("withdrawn", "王主任", "误发")


def test_a_purge_erases_for_good(zhuti, home):
    """The text is gone, the audit row stays, and it cannot be restored."""
    assert zhuti("purge", "roads", "--reason", "隐私", "--yes").code == 0

    assert _ids(zhuti) == ["schools"]
    assert zhuti("restore", "roads").code == 1
    assert "养护".encode() not in (home / "zhuti" / "zhuti.db").read_bytes()


def test_a_purge_that_nobody_confirms_erases_nothing(zhuti):
    """Where there is no terminal --yes is needed."""
    ran = zhuti("purge", "roads", "--reason", "隐私")

    assert ran.code == 2
    assert "--yes" in ran.err
    assert len(_ids(zhuti)) == 2


@pytest.mark.parametrize(("answer", "code", "left"), [(b"y\n", 0, 1), (b"n\n", 1, 2)])
def test_a_terminal_is_asked_before_a_purge(zhuti, monkeypatch, answer, code, left):
    """Only a yes erases."""
    monkeypatch.setattr("service.commands.hiding._can_be_asked", lambda: True)

    ran = zhuti("purge", "roads", "--reason", "隐私", stdin=answer)

    assert ran.code == code
    assert len(_ids(zhuti)) == left


@pytest.mark.parametrize("command", ["withdraw", "purge"])
def test_hiding_needs_a_reason(zhuti, command):
    """An empty one is none."""
    assert zhuti(command, "roads").code == 2
    assert zhuti(command, "roads", "--reason", " ").code == 2


@pytest.mark.parametrize(
    "arguments", [["withdraw", "no", "--reason", "x"], ["restore", "no"],
                  ["purge", "no", "--reason", "x", "--yes"]],
)  # fmt: skip
def test_an_unknown_notice_is_refused_in_words(zhuti, arguments):
    """Exit code 1, and how to name it."""
    ran = zhuti(*arguments)

    assert ran.code == 1
    assert "no notice 'no'" in ran.err


def test_the_index_says_how_far_behind_it_is_and_is_made_again(zhuti):
    """Nothing is followed by asking; a rebuild brings it up to date."""
    before = zhuti("index", "status", "--json").json
    rebuilt = zhuti("index", "rebuild", "--json").json
    after = zhuti("index", "status", "--json").json

    assert before["behind"] > 0
    assert rebuilt["rebuilt"]
    assert (after["behind"], after["notices"]) == (0, 2)
    assert "2 notices" in zhuti("index", "status").out


def test_the_index_stands_where_the_option_says(zhuti, tmp_path):
    """A folder of its own, for search as well."""
    zhuti("index", "rebuild", "--index", tmp_path / "own")

    assert zhuti("index", "status", "--index", tmp_path / "own", "--json").json["behind"] == 0
    assert zhuti("search", "公路", "--index", tmp_path / "own", "--json").json["total"] == 1
