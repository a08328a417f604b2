"""``zhuti audit``: files or the corpus in; a list, a table and a report out; nothing changed."""

from __future__ import annotations

import csv
import json
import sys

import pytest
from openpyxl import load_workbook

from corpus.notice import Notice
from corpus.store import Corpus
from corpus.stored import Source
from service.commands import extras


@pytest.fixture
def audit(zhuti, model_folder):
    """Return a function that runs ``zhuti audit`` on one core."""

    def run(*arguments):
        return zhuti("audit", "--model", model_folder, "--jobs", 1, *arguments)

    return run


@pytest.fixture
def doubtful_file(labelled_file, tmp_path):
    """Return a file with a planted error, a lazy 其他, a misspelt theme and a nasty title."""
    lines = labelled_file.read_text("utf-8").splitlines()
    road = next(n for n, line in enumerate(lines) if '"topic": "0707"' in line)
    lines[road] = json.dumps({**json.loads(lines[road]), "topic": "1301"}, ensure_ascii=False)
    added = [
        {"id": "lazy", "title": "青云县关于路政巡查和超限超载治理的通知", "topic": "其他"},
        {"id": "spelt", "title": "青云县关于公路的通知", "topic": "工业、交通-工路"},
        {
            "id": "nasty",
            "title": "=1+1<script>alert(1)</script>税收优惠政策落实",
            "topic": "1102",
            "url": "javascript:alert(1)",
        },
    ]
    lines += [json.dumps(line, ensure_ascii=False) for line in added]
    path = tmp_path / "doubtful.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_an_audit_is_one_object(audit, doubtful_file):
    """All parts are there under the documented keys, and nothing else on stdout."""
    ran = audit("--notices", doubtful_file, "--json")

    assert ran.code == 0, ran.err
    assert list(ran.json) == [
        "notices", "unthemed", "wrong", "other", "twins", "spellings", "inside", "remarks",
    ]  # fmt: skip
    assert ran.json["other"][0]["proposed"] == {"code": "0707", "label": "工业、交通-公路"}
    assert ran.json["spellings"][0]["text"] == "工业、交通-工路"
    wrong = [notice["topic"]["code"] for one in ran.json["wrong"][:3] for notice in one["notices"]]
    assert "1301" in wrong


def test_an_audit_is_read_by_a_person(audit, doubtful_file):
    """Without --json the decisions are printed, at most so many of each kind."""
    ran = audit("--notices", doubtful_file, "--limit", 1)

    assert "Probably wrong:" in ran.out
    assert "其他 → 工业、交通-公路" in " ".join(ran.out.replace("0.00 ", "").split())
    assert ran.out.count("\n   1  ") >= 2
    assert "\n   2  " not in ran.out


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_an_audit_goes_into_a_table(audit, doubtful_file, tmp_path, ending):
    """Each doubtful notice is a row, and no cell is a formula."""
    path = tmp_path / f"doubts.{ending}"

    ran = audit("--notices", doubtful_file, "--out", path)

    assert f"written to {path}" in ran.err
    if ending == "csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    elif ending == "jsonl":
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    else:
        head, *cells = load_workbook(path).active.iter_rows(values_only=True)
        rows = [dict(zip(head, line, strict=True)) for line in cells]
    titles = {row["id"]: row["title"] for row in rows}
    assert titles["nasty"].removeprefix("'") == "=1+1<script>alert(1)</script>税收优惠政策落实"
    assert titles["nasty"].startswith("'") == (ending != "jsonl")
    assert {row["kind"] for row in rows} >= {"wrong", "other"}


def test_the_report_is_one_page_without_scripts(audit, doubtful_file, tmp_path):
    """It loads nothing, runs nothing, and shows foreign markup as text."""
    path = tmp_path / "report.html"

    audit("--notices", doubtful_file, "--html", path)

    text = path.read_text("utf-8")
    assert "可能标错的主题" in text
    assert "工业、交通-工路" in text
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "javascript:" not in text
    assert "src=" not in text
    assert "<link" not in text


@pytest.mark.parametrize(
    ("option", "name", "said"),
    [("--out", "doubts.docx", ".docx"), ("--html", "nowhere/report.html", "There is no folder")],
)
def test_a_file_that_cannot_be_written_is_refused_at_once(
    audit, doubtful_file, tmp_path, option, name, said
):
    """Nobody waits for an audit whose result has no place."""
    ran = audit("--notices", doubtful_file, option, tmp_path / name)

    assert ran.code == 2
    assert said in ran.err.replace("\n│ ", "")
    assert "Fitted" not in ran.err


def test_the_corpus_is_audited_by_its_current_themes(audit, small_rows, taxonomy, tmp_path):
    """Without files the corpus is looked at; nothing in it changes."""
    url = f"sqlite:///{tmp_path}/corpus.db"
    with Corpus.open(url, taxonomy=taxonomy) as corpus:
        for row in small_rows:
            change = corpus.add(row.notice, by="test")
            corpus.tag(change.id, row.topic.code, source=Source.REVIEWER, by="test")
        lazy = Notice(
            id="printed",
            title="青云县关于学前教育普及和助学金发放的通告",
            declared_topic="科技、教育-其他",
        )
        corpus.add(lazy, by="test")
        before = corpus.revision()

    ran = audit("--database", url, "--json")

    found = {
        notice["id"]: (one["proposed"]["code"], notice["topic"]["label"])
        for one in ran.json["other"]
        for notice in one["notices"]
    }
    assert found["printed"] == ("1102", "科技、教育-其他")
    with Corpus.open(url, taxonomy=taxonomy) as corpus:
        assert corpus.revision() == before


def test_an_empty_corpus_is_refused_in_words(audit, tmp_path):
    """There is nothing to audit, and the error says what to do."""
    ran = audit("--database", f"sqlite:///{tmp_path}/empty.db")

    assert ran.code == 1
    assert "Import some" in ran.err
    assert "Traceback" not in ran.err


def test_a_missing_library_is_named(audit, doubtful_file, monkeypatch):
    """Without cleanlab the command says what to install."""
    real = extras.find_spec
    monkeypatch.setattr(
        extras, "find_spec", lambda name: None if name == "cleanlab" else real(name)
    )
    monkeypatch.delitem(sys.modules, "cleanlab", raising=False)

    ran = audit("--notices", doubtful_file)

    assert ran.code == 1
    assert "pip install 'zhuti[train,audit]'" in ran.err
