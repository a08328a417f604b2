"""``zhuti relabel`` and ``zhuti batches``: what they print, write and refuse."""

from __future__ import annotations

import csv
import json
import re

import openpyxl
import pytest

from corpus.notice import Notice
from corpus.store import Corpus
from corpus.stored import Source

_TITLES = (
    "关于加强农村公路养护的意见",
    "关于做好义务教育招生工作的通知",
    "关于加强增值税申报的意见",
)
_PRINTED = ("其他", None, "科技、教育-教育")


@pytest.fixture
def url(tmp_path):
    """Return the address of a corpus of a few notices."""
    address = f"sqlite:///{tmp_path / 'zhuti.db'}"
    notices = [
        Notice(
            id=f"n{number}",
            url=f"https://a.example/{number}",
            title=f"青溪县{_TITLES[number % 3]}",
            index_number=f"QX{number:03}",
            declared_topic=_PRINTED[number % 3],
            issuing_body="<青溪县>人民政府",
        )
        for number in range(9)
    ]
    with Corpus.open(address) as corpus:
        list(corpus.add_all(notices, by="test"))
    return address


@pytest.fixture
def run(zhuti, url, model_folder, monkeypatch):
    """Return a function that runs a command on that corpus with the small model."""
    monkeypatch.setenv("ZHUTI_DATABASE", url)
    monkeypatch.setenv("ZHUTI_MODEL", str(model_folder))
    return zhuti


def test_a_plan_is_told_and_printed(run, tmp_path):
    """JSON on stdout, figures on stderr, the summary as a page and as a workbook."""
    html, xlsx = tmp_path / "plan.html", tmp_path / "plan.xlsx"

    ran = run("relabel", "plan", "--json", "--html", html, "--xlsx", xlsx)

    found = ran.json
    assert ran.code == 0
    assert {name: found[name] for name in ("batch", "notices", "changes", "from_other")} == {
        "batch": "relabel-1", "notices": 9, "changes": 6, "from_other": 3,
    }  # fmt: skip
    assert found["to_review"] == 3
    assert found["model"]["name"] == "small"
    assert "3  其他 → 工业、交通-公路" in ran.err
    text = html.read_text("utf-8")
    assert "<script" not in text
    assert not re.search(r"""(?:src|href)=["'](?!https://a\.example/)""", text)
    assert "<svg" in text
    assert "&lt;青溪县&gt;人民政府" in text
    assert "https://a.example/0" in text
    flips = openpyxl.load_workbook(xlsx)["主题变化"]
    assert [[cell.value for cell in row] for row in flips.rows][1:] == [
        ["（无主题或无法识别）", "科技、教育-教育", 3],
        ["其他", "工业、交通-公路", 3],
    ]


def test_plan_apply_undo_leave_the_export_as_it_was(run, url, tmp_path):
    """And the list of batches tells of each."""
    run("export", tmp_path / "before.jsonl")
    batch = run("relabel", "plan", "--json").json["batch"]

    applied = run("relabel", "apply", batch, "--json", "--by", "甲").json
    run("export", tmp_path / "applied.jsonl")
    again = run("relabel", "apply", batch, "--json").json
    undone = run("relabel", "undo", batch, "--json").json
    run("export", tmp_path / "after.jsonl")

    assert (applied["applied"], applied["state"], applied["skipped"]) == (6, "applied", [])
    assert (again["applied"], undone["undone"], undone["state"]) == (0, 6, "undone")
    before = (tmp_path / "before.jsonl").read_bytes()
    assert (tmp_path / "after.jsonl").read_bytes() == before
    assert (tmp_path / "applied.jsonl").read_bytes() != before
    (listed,) = run("batches", "--json").json
    assert (listed["batch"], listed["state"], listed["counts"]["undone"]) == (batch, "undone", 6)
    assert {"by", "at", "model", "where"} <= listed.keys()
    with Corpus.open(url) as corpus:
        assert {tag.by for tag in corpus.tags("n0") if tag.topic and tag.batch} == {"甲"}


def test_what_is_skipped_is_listed(run, url):
    """With the reason in words; and it is in the list for the site's own system."""
    batch = run("relabel", "plan", "--json").json["batch"]
    with Corpus.open(url) as corpus:
        corpus.tag("n0", "0402", source=Source.REVIEWER, by="乙")

    ran = run("relabel", "apply", batch, "--json")

    assert ran.json["skipped"] == [{"id": "n0", "reason": "decided"}]
    assert "skipped n0: somebody has chosen its theme." in ran.err


def test_one_notice_is_undone_by_its_address(run, url):
    """All others keep their new theme."""
    batch = run("relabel", "plan", "--json").json["batch"]
    run("relabel", "apply", batch)

    ran = run("relabel", "undo", batch, "--notice", "https://a.example/0", "--json")

    assert (ran.json["undone"], ran.json["state"]) == (1, "applied")
    with Corpus.open(url) as corpus:
        assert corpus.get("n0").topic == "22"
        assert corpus.get("n3").topic == "0707"


def test_a_batch_is_written_for_the_site(run, tmp_path):
    """Address, index number, old and new theme, as CSV and xlsx."""
    batch = run("relabel", "plan", "--json").json["batch"]

    ran = run("batches", "export", batch, tmp_path / "out.csv", "--json")
    run("batches", "export", batch, tmp_path / "out.xlsx")

    assert ran.json["notices"] == 6
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.DictReader(file))
    assert {name: first[name] for name in ("url", "index_number", "old_topic", "topic")} == {
        "url": "https://a.example/0", "index_number": "QX000", "old_topic": "22", "topic": "0707",
    }  # fmt: skip
    assert (first["old_topic_label"], first["topic_label"]) == ("其他", "工业、交通-公路")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").active.max_row == 7


@pytest.mark.parametrize(
    ("where", "count"),
    [
        (["topic=教育"], 3),
        (["topic=11"], 3),
        (["other"], 6),
        (["source=issuer"], 6),
        (["issuing-body=<青溪县>人民政府", "other"], 6),
        (["issuing-body=x"], 0),
        (["year=2020-"], 0),
        (["type=意见", "type=通知"], 0),
    ],
)
def test_filters_are_those_of_the_search(run, where, count):
    """Any value of one key, all keys."""
    options = [part for one in where for part in ("--where", one)]

    assert run("relabel", "plan", "--json", *options).json["notices"] == count


@pytest.mark.parametrize(
    "where", ["x=1", "topic", "topic=", "other=1", "source=me", "year=abc", ""]
)
def test_a_filter_that_cannot_be_read_is_wrong_usage(run, where):
    """Exit code 2, and what was expected."""
    ran = run("relabel", "plan", "--where", where)

    assert ran.code == 2
    assert "expected" in ran.err


def test_a_file_is_labelled_without_a_corpus(run, tmp_path):
    """In two processes, with a summary as JSON."""
    source = tmp_path / "in.jsonl"
    rows = [{"k": number, "title": _TITLES[number % 3]} for number in range(9)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")

    ran = run("relabel", "file", source, tmp_path / "out.jsonl", "--jobs", 2, "--json")

    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["k"] for row in found] == list(range(9))
    assert [row["topic"] for row in found][:3] == ["0707", "1102", "0402"]
    assert ran.json["rows"] == ran.json["accept"] + ran.json["review"] + ran.json["abstain"] == 9


def test_rejected_rows_of_a_file_end_in_exit_code_1(run, tmp_path):
    """The others are written."""
    (tmp_path / "in.jsonl").write_text('{"title": "甲"}\n[1]\n', "utf-8")

    ran = run("relabel", "file", tmp_path / "in.jsonl", tmp_path / "out.jsonl", "--json")

    assert (ran.code, ran.json["rows"], ran.json["rejected"]) == (1, 1, 1)
    assert "line 2" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("apply", "relabel-9"), 1, "There is no batch 'relabel-9'"),
        (("undo", "nonsense"), 1, "There is no batch 'nonsense'"),
        (("plan", "--precision", "0.2"), 1, "Precision 0.2 cannot be promised"),
        (("plan", "--scheduler", "nonsense://x"), 1, "dask scheduler"),
        (("file", "in.jsonl", "out.xyz"), 2, "does not say what to write"),
        (("file", "no-such.jsonl", "out.jsonl"), 1, "no-such.jsonl"),
        (("file", "same.jsonl", "same.jsonl"), 2, "is the file that is read"),
    ],
)
def test_what_cannot_be_done_is_said(run, arguments, code, said):
    """Never a traceback."""
    ran = run("relabel", *arguments)

    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err.replace("\n", " ")
