"""The corpus goes out as it is, always in the same bytes, and comes in again as it was."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from importlib import import_module
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import UnknownTopicError
from corpus.exchange import FIELDS
from corpus.exporting import export_file
from corpus.importing import import_files
from corpus.notice import Attachment, Notice
from corpus.row_files import read_rows
from corpus.store import Corpus
from corpus.stored import Source
from corpus.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("jsonl", "jsonl.gz", "csv", "csv.gz", "xlsx", "parquet")
_TEXTS = st.none() | st.text(min_size=1).map(clean).filter(bool)
_DATES = st.none() | st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))
_NOTICES = st.builds(
    Notice,
    title=st.text(min_size=1).map(clean).filter(bool),
    attachments=st.lists(
        st.builds(Attachment, st.text().map(clean), _TEXTS), max_size=2
    ).map(tuple),
    **{
        name: _DATES if name.endswith("_on") else _TEXTS
        for name in FIELDS
        if name not in {"title", "attachments"}
    },
)  # fmt: skip


@pytest.fixture
def filled(corpus: Corpus) -> Corpus:
    """Return a corpus of each kind with a few notices and themes."""
    corpus.add(
        Notice(
            id="b",
            title="=1+1",
            body="正" * 40_000,
            written_on=date(2024, 3, 1),
            published_on=date(2024, 3, 2),
            attachments=(Attachment("附件1", "https://example.gov.cn/1.pdf"),),
        ),
        by="li",
    )
    corpus.add(Notice(id="a", title="乙", body="正文", declared_topic="公路"), by="li")
    corpus.add(
        Notice(url="https://example.gov.cn/c", title="丙", written_on=date(2023, 1, 1)), by="li"
    )
    corpus.add(Notice(title="丁", body="没有网址，也没有标识"), by="li")
    corpus.tag("b", "1102", source=Source.REVIEWER, by="wang")
    corpus.add(Notice(id="d", title="撤回"), by="li")
    corpus.withdraw("d", by="li", reason="误发")
    return corpus


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_comes_in_again_and_changes_nothing(filled, tmp_path, kind):
    """Into the corpus it came from; also for notices whose id was made by us."""
    path = tmp_path / f"out.{kind}"
    revision = filled.revision()

    assert export_file(filled, path) == 4
    report = import_files(filled, [path], by="li")

    assert (report.read, report.unchanged) == (4, 4)
    assert filled.revision() == revision


@pytest.mark.parametrize("kind", KINDS)
@settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(notices=st.lists(_NOTICES, min_size=1, max_size=12))
def test_any_notice_survives_the_way_into_another_corpus(kind, notices):
    """Out of one corpus, into a file, into a fresh corpus: nothing is lost or added."""
    notices = [replace(notice, id=f"{n}", url=None) for n, notice in enumerate(notices)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"out.{kind}"
        with Corpus.open(f"sqlite:///{folder}/one.db") as one:
            list(one.add_all(notices, by="li"))
            export_file(one, path)
            before = [(stored.id, stored.notice) for stored in one.export_order()]
        with Corpus.open(f"sqlite:///{folder}/two.db") as two:
            report = import_files(two, [path], by="li")
            after = [(stored.id, stored.notice) for stored in two.export_order()]

        assert report.complete
        assert after == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("history", [False, True])
def test_two_exports_of_one_state_are_the_same_bytes(filled, tmp_path, kind, history, monkeypatch):
    """Whenever they are made."""
    export_file(filled, tmp_path / f"one.{kind}", history=history)
    clock = count(2_000_000_000)
    monkeypatch.setattr("time.time", lambda: float(next(clock)))

    export_file(filled, tmp_path / f"two.{kind}", history=history)

    one, two = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("one", "two"))
    assert one == two


def test_an_export_says_what_is_so_and_not_when(filled):
    """All fields, the current theme and who says so; hidden notices, moments and numbers not."""
    out = io.BytesIO()

    export_file(filled, out)

    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [row["title"] for row in rows] == ["乙", "=1+1", "丙", "丁"]
    assert all(list(row) == [*FIELDS, "topic", "topic_source"] for row in rows)
    assert [(row["topic"], row["topic_source"]) for row in rows] == [
        ("0707", "issuer"), ("1102", "reviewer"), (None, None), (None, None),
    ]  # fmt: skip


def test_order_does_not_depend_on_who_came_first(sqlite_url):
    """Two corpora with the same notices give the same export."""
    notices = [Notice(id=name, title=name) for name in "cabé一Z"]
    outs = []
    for place, order in enumerate((notices, notices[::-1])):
        with Corpus.open(sqlite_url.replace("zhuti.db", f"{place}.db")) as corpus:
            list(corpus.add_all(order, by="li"))
            out = io.BytesIO()
            export_file(corpus, out)
            outs.append(out.getvalue())

    assert outs[0] == outs[1]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_history_adds_tags_and_events(filled, tmp_path, kind):
    """Who said what when, and what was done; in tables as JSON."""
    path = tmp_path / f"out.{kind}"

    export_file(filled, path, history=True)

    row = next(row.original for row in read_rows(path) if row.original["id"] == "b")
    tags, events = row["tags"], row["events"]
    if kind == "csv":
        tags, events = json.loads(tags), json.loads(events)
    assert [(tag["topic"], tag["source"], tag["by"]) for tag in tags] == [
        ("1102", "reviewer", "wang")
    ]
    assert [event["action"] for event in events] == ["added", "tagged"]


def test_an_export_can_be_limited(filled):
    """To a topic with those below it, and to a day."""
    counts = {}
    for name, options in {
        "first level": {"topics": ["11"]},
        "second level": {"topics": ["0707"]},
        "both": {"topics": ["11", "0707"]},
        "day": {"since": date(2024, 3, 2)},
        "older": {"since": date(2023, 1, 1)},
    }.items():
        counts[name] = export_file(filled, io.BytesIO(), **options)

    assert counts == {"first level": 1, "second level": 1, "both": 2, "day": 1, "older": 2}
    with pytest.raises(UnknownTopicError):
        export_file(filled, io.BytesIO(), topics=["99"])


@pytest.fixture
def many(sqlite_url: str) -> Iterator[Corpus]:
    """Return a corpus of some hundred notices."""
    with Corpus.open(sqlite_url) as corpus:
        list(corpus.add_all((Notice(id=f"{n}", title="甲") for n in range(250)), by="li"))
        yield corpus


def test_progress_tells_of_how_many(many):
    """The number of live notices is known from the start."""
    told: list[tuple[str, int, int | None]] = []

    export_file(many, io.BytesIO(), progress=lambda *step: told.append(step))

    assert told == [("Exporting", 100, 250), ("Exporting", 200, 250)]


def test_an_interrupted_export_leaves_the_old_file(many, tmp_path):
    """Half a file under the right name would be taken for a whole one."""
    path = tmp_path / "out.csv"
    path.write_text("before")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_file(many, path, progress=interrupt)

    assert path.read_text() == "before"
    assert not list(tmp_path.glob(".out*"))


def test_an_excel_sheet_that_is_full_says_so(many, tmp_path, monkeypatch):
    """Over a million rows do not fit, and the error names kinds that hold them."""
    monkeypatch.setattr(import_module("corpus.xlsx_writing"), "_MOST_ROWS", 100)

    with pytest.raises(ValueError, match="CSV, JSONL or Parquet"):
        export_file(many, tmp_path / "out.xlsx")
