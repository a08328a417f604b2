"""The commands parse, call and print: data on stdout, all else on stderr, and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpus.notice import Notice
from service.building import open_corpus
from service.cli import app, main
from service.commands.progress import Meter, in_words
from service.settings import describe, read_settings

_ROWS = '{"id": "a", "title": "甲", "topic": "0707"}\n{"id": "b", "title": "乙"}\n'


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    """Keep the corpus, and files made in passing, in the folder of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ZHUTI_DATABASE", raising=False)
    monkeypatch.chdir(tmp_path)


def _run(*arguments: str, stdin: str | bytes | None = None):
    return CliRunner().invoke(app, arguments, input=stdin)


def _file(name: str, text: str) -> Path:
    Path(name).write_text(text, "utf-8")
    return Path(name)


def test_import_prints_a_summary_as_json_only():
    """One object on stdout; what people read goes to stderr."""
    _file("a.jsonl", _ROWS)

    answer = _run("import", "a.jsonl", "--json")

    assert answer.exit_code == 0
    summary = json.loads(answer.stdout)
    assert {name: summary[name] for name in ("read", "new", "changed", "rejected")} == {
        "read": 2, "new": 2, "changed": 0, "rejected": 0,
    }  # fmt: skip
    assert "2 rows read: 2 new, 0 changed" in answer.stderr
    assert "--topics-as" in answer.stderr


def test_a_second_import_says_that_nothing_changed():
    """0 changed, in words too."""
    _file("a.jsonl", _ROWS)
    _run("import", "a.jsonl")

    answer = _run("import", "a.jsonl")

    assert answer.stdout == ""
    assert "0 new, 0 changed, 2 unchanged, 0 rejected" in answer.stderr


def test_the_corpus_stands_where_the_setting_says(tmp_path, monkeypatch):
    """An option before the environment before the user's data folder."""
    _file("a.jsonl", _ROWS)
    monkeypatch.setenv("ZHUTI_DATABASE", f"sqlite:///{tmp_path}/environment.db")

    _run("import", "a.jsonl", "--database", f"sqlite:///{tmp_path}/option.db")
    _run("import", "a.jsonl")
    monkeypatch.delenv("ZHUTI_DATABASE")
    _run("import", "a.jsonl")

    assert (tmp_path / "option.db").is_file()
    assert (tmp_path / "environment.db").is_file()
    assert (tmp_path / "home" / "zhuti" / "zhuti.db").is_file()


def test_the_database_is_among_the_settings():
    """``zhuti --help`` shows it with its default."""
    shown = {name: default for name, default, _ in describe()}

    assert shown["ZHUTI_DATABASE"] == "sqlite:///$XDG_DATA_HOME/zhuti/zhuti.db"
    assert read_settings().database is None


def test_rejected_rows_end_in_exit_code_1():
    """Some of the input was refused, and the message says where it went."""
    _file("a.jsonl", _ROWS + "{broken\n" * 9)

    answer = _run("import", "a.jsonl", "--json")

    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["rejects"] == ["a.jsonl.rejects.jsonl"]
    assert answer.stderr.count("line ") >= 5
    assert "… and more." in answer.stderr
    assert len(Path("a.jsonl.rejects.jsonl").read_text("utf-8").splitlines()) == 9


@pytest.mark.parametrize("data", [_ROWS, "id,标题\na,甲\nb,乙\n"])
def test_standard_input_is_read(data):
    """JSON lines, or any other kind: it is told by its first bytes."""
    answer = _run("import", "-", "--json", stdin=data)

    assert json.loads(answer.stdout)["new"] == 2


def test_rejects_of_standard_input_stay_here():
    """There is no file to put them beside."""
    answer = _run("import", "-", "--json", stdin=_ROWS + "{broken\n")

    assert json.loads(answer.stdout)["rejects"] == ["stdin.rejects.jsonl"]
    assert Path("stdin.rejects.jsonl").is_file()


def test_topics_are_kept_where_that_is_asked_for():
    """The batch is named, so that it can be found again."""
    _file("a.jsonl", _ROWS)

    answer = _run("import", "a.jsonl", "--topics-as", "reviewer", "--by", "wang", "--json")

    summary = json.loads(answer.stdout)
    assert (summary["tagged"], summary["topics_ignored"]) == (1, 0)
    assert summary["batch"].startswith("import-")
    _run("export", "out.jsonl", "--history")
    first = json.loads(Path("out.jsonl").read_text("utf-8").splitlines()[0])
    assert (first["topic"], first["topic_source"], first["tags"][0]["by"]) == (
        "0707", "reviewer", "wang",
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ("import",),
        ("import", "a.jsonl", "--topics-as", "issuer"),
        ("export",),
        ("export", "out.docx"),
        ("export", "-", "--json"),
        ("export", "out.csv", "--since", "yesterday"),
    ],
)
def test_wrong_usage_ends_in_exit_code_2(arguments):
    """As everywhere."""
    _file("a.jsonl", _ROWS)

    assert _run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "PDF"),
        ("missing.csv", None, "No such file"),
        ("folder", None, "directory"),
    ],
)
def test_a_refused_file_ends_in_exit_code_1(name, data, said, capsys, monkeypatch):
    """The message names the file and what is wrong with it; there is no traceback."""
    if data is not None:
        Path(name).write_bytes(data)
    elif name == "folder":
        Path(name).mkdir()
    monkeypatch.setattr(sys, "argv", ["zhuti", "import", name])

    with pytest.raises(SystemExit) as stopped:
        main()

    assert stopped.value.code == 1
    error = capsys.readouterr().err
    assert name in error
    assert said in error


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "csv", "xlsx", "parquet"])
def test_what_is_exported_can_be_imported(kind):
    """In every kind, and back into the same corpus it changes nothing."""
    _file("a.jsonl", _ROWS)
    _run("import", "a.jsonl")

    exported = _run("export", f"out.{kind}", "--json")
    imported = _run("import", f"out.{kind}", "--json")

    assert json.loads(exported.stdout) == {"notices": 2, "file": f"out.{kind}"}
    assert json.loads(imported.stdout)["unchanged"] == 2


def test_export_to_standard_output_is_json_lines():
    """Nothing else is mixed into them."""
    _file("a.jsonl", _ROWS)
    _run("import", "a.jsonl")

    answer = _run("export", "-")

    assert [json.loads(line)["id"] for line in answer.stdout.splitlines()] == ["a", "b"]
    assert "2 notices written" in answer.stderr


def test_a_pipe_is_read_and_written(tmp_path):
    """As a shell joins commands; one process for each."""
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-c", "from service.cli import main; main()"]
    _file("a.jsonl", _ROWS)

    subprocess.run([*command, "import", "a.jsonl"], check=True, env=environment)
    out = subprocess.run(
        [*command, "export", "-"], check=True, env=environment, capture_output=True
    )
    back = subprocess.run(
        [*command, "import", "-", "--json"],
        check=True, env=environment, capture_output=True, input=out.stdout,
    )  # fmt: skip

    assert json.loads(back.stdout)["unchanged"] == 2


def test_an_interruption_says_what_is_stored(monkeypatch):
    """Ctrl-C ends in exit code 1, with the summary of what is safe."""
    _file("a.jsonl", "".join(f'{{"id": "{n}", "title": "甲"}}\n' for n in range(700)))

    def interrupt(_: Meter, step: str, done: int, __: int | None) -> None:
        if (step, done) == ("Importing", 600):
            raise KeyboardInterrupt

    monkeypatch.setattr(Meter, "__call__", interrupt)
    answer = _run("import", "a.jsonl", "--json")

    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["new"] == 500
    assert json.loads(answer.stdout)["stopped"] == "it was interrupted"
    assert "500 rows are stored for good" in answer.stderr


@pytest.mark.parametrize(
    ("seconds", "total", "said"),
    [
        (0.0, 1000, "Importing: 100 of 1,000 rows, 0 a second"),
        (10.0, None, "Importing: 100 rows, 10 a second"),
        (10.0, 1000, "Importing: 100 of 1,000 rows, 10 a second, 2 min left"),
        (10.0, 250, "Importing: 100 of 250 rows, 10 a second, 15 s left"),
        (10.0, 100_000, "Importing: 100 of 100,000 rows, 10 a second, 2 h 46 min left"),
    ],
)
def test_progress_says_rate_and_time_left(seconds, total, said):
    """Where the number of rows is known."""
    assert in_words("Importing", 100, total, seconds, "rows") == said


def test_a_log_gets_a_line_every_few_seconds(capsys):
    """Not one for each row, and none for a command that is done at once."""
    now = iter(range(100))
    meter = Meter("rows", clock=lambda: float(next(now)))

    with meter:
        for done in range(1, 20):
            meter("Importing", done, 20)

    lines = capsys.readouterr().err.splitlines()
    assert 2 <= len(lines) <= 5
    assert all(line.startswith("Importing: ") for line in lines)


def test_printed_themes_are_read_by_the_models_list(tmp_path, zhuti):
    """A site with a list of its own finds its own themes, in commands as in the service."""
    topics = tmp_path / "topics.csv"
    topics.write_text("code,label,parent\nroad,修路,\nschool,办学,\n", "utf-8")
    rows = [
        {"title": f"{place}{what}的通知", "topic": code}
        for place in ("青溪", "云岭", "白鹭", "石桥")
        for what, code in (("修补路面", "road"), ("招收学生", "school"))
    ]
    notices = tmp_path / "rows.jsonl"
    notices.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    model = tmp_path / "model"
    assert zhuti("train", "--notices", notices, "--taxonomy", topics, "--out", model).code == 0
    settings = read_settings(model=model, database=f"sqlite:///{tmp_path / 'own.db'}")

    with open_corpus(settings) as corpus:
        corpus.add(Notice(id="n", title="修桥", declared_topic="修路"), by="test")
        assert corpus.get("n").topic == "road"
