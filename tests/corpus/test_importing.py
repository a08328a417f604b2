"""Files of notices come into the corpus: all that can be used, once, and no more than that."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from corpus.errors import UnusableFileError
from corpus.exchange import FIELDS
from corpus.importing import ImportReport, import_files
from corpus.row_writing import write_rows
from corpus.store import Corpus
from corpus.stored import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Corpus]:
    """Return an empty corpus in a file: what is tested here does not depend on the database."""
    with Corpus.open(sqlite_url) as opened:
        yield opened


def _lines(path: Path, *rows: dict[str, Any] | str) -> Path:
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def _import(corpus: Corpus, *paths: Path, **options: Any) -> ImportReport:
    return import_files(corpus, paths, by="li", **options)


def _counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.unchanged, report.rejected


_PAGE = "https://www.example.gov.cn/1.html"


def test_a_second_import_changes_nothing(corpus, tmp_path):
    """The same file again finds everything as it left it."""
    path = _lines(
        tmp_path / "a.jsonl",
        {"url": _PAGE, "title": "甲", "declared_topic": "交通、水运"},
        {"id": "b", "title": "乙"},
        {"title": "丙", "body": "正文"},
    )

    first, second = _import(corpus, path), _import(corpus, path)

    assert _counts(first) == (3, 0, 0, 0)
    assert _counts(second) == (0, 0, 3, 0)
    assert corpus.revision() == 3


def test_one_document_twice_in_a_file_changes_nothing_the_second_time(corpus, tmp_path):
    """Both rows count, in their order, and the next import finds what they say together."""
    path = _lines(
        tmp_path / "a.jsonl",
        {"url": _PAGE, "title": "甲", "body": "第一段", "keywords": "公路"},
        {"url": "https://WWW.example.gov.cn:443/1.html#top", "title": "甲", "body": "第二段"},
        {"url": _PAGE, "title": "甲", "body": "第三段"},
        {"id": "b", "title": "乙"},
    )

    first, second = _import(corpus, path), _import(corpus, path)

    assert _counts(first) == (2, 2, 0, 0)
    assert _counts(second) == (0, 0, 4, 0)
    assert corpus.get(_PAGE).notice.body == "第三段"
    assert len(corpus.versions(_PAGE)) == 2


def test_a_document_that_goes_back_to_what_it_said_is_followed(small, tmp_path):
    """An issuer may take a correction back; that is no repetition."""
    one = _lines(tmp_path / "1.jsonl", {"url": _PAGE, "title": "甲"})
    two = _lines(tmp_path / "2.jsonl", {"url": _PAGE, "title": "乙"})

    changed = [_import(small, path).changed for path in (one, two, one)]

    assert changed == [0, 1, 1]
    assert small.get(_PAGE).notice.title == "甲"


def test_a_bad_row_is_written_down_with_its_reason_and_the_rest_is_stored(small, tmp_path):
    """The rejects file keeps the row as it was, and can be mended and imported itself."""
    path = _lines(
        tmp_path / "a.jsonl",
        {"id": "a", "title": "甲"},
        {"id": "b", "title": "乙", "成文日期": "2024-02-30", "编号": 7},
        "{broken",
        {"id": "d", "title": "丁"},
        {"id": "e"},
        {"remark": "nothing"},
    )
    told: list[str] = []

    report = _import(small, path, warn=told.append)

    rejects = tmp_path / "a.jsonl.rejects.jsonl"
    assert _counts(report) == (2, 0, 0, 4)
    assert report.rejects == (rejects,)
    assert not report.complete
    first, second, third, fourth = map(json.loads, rejects.read_text("utf-8").splitlines())
    assert {name: first[name] for name in ("id", "成文日期", "编号", "row")} == {
        "id": "b", "成文日期": "2024-02-30", "编号": 7, "row": 2,
    }  # fmt: skip
    assert "written_on" in first["reason"]
    assert second["text"] == "{broken"
    assert "neither a title nor a body" in third["reason"]
    assert "no field" in fourth["reason"]
    assert len(told) == 4
    mended = _lines(rejects, first | {"成文日期": "2024-02-29"})
    assert _counts(_import(small, mended)) == (1, 0, 0, 0)


def test_no_bad_row_no_rejects_file(small, tmp_path):
    """An empty file would only make people look into it."""
    _import(small, _lines(tmp_path / "a.jsonl", {"id": "a", "title": "甲"}))

    assert not list(tmp_path.glob("*.rejects.jsonl"))


def test_rejects_of_several_files_may_go_into_one(small, tmp_path):
    """Where the folder of the files cannot be written, another is named."""
    paths = [_lines(tmp_path / f"{n}.jsonl", "{broken") for n in range(2)]
    rejects = tmp_path / "rejects.jsonl"

    report = _import(small, *paths, rejects=rejects)

    files = [json.loads(line)["file"] for line in rejects.read_text("utf-8").splitlines()]
    assert files == [str(path) for path in paths]
    assert report.rejects == (rejects,)


def test_an_older_rejects_file_may_be_imported_beside_its_file(small, tmp_path):
    """A glob gives both names; the old rows are read before new ones take their place."""
    path = _lines(tmp_path / "a.jsonl", "{broken")
    rejects = _lines(tmp_path / "a.jsonl.rejects.jsonl", {"id": "a", "title": "甲"})

    report = _import(small, path, rejects)

    assert _counts(report) == (1, 0, 0, 1)
    assert "broken" in rejects.read_text("utf-8")


def test_rejects_that_cannot_be_written_do_not_stop_the_rest(small, tmp_path):
    """Rows are told and counted all the same."""
    path = _lines(tmp_path / "a.jsonl", "{broken", {"id": "a", "title": "甲"})
    told: list[str] = []

    report = _import(small, path, rejects=tmp_path / "missing" / "r.jsonl", warn=told.append)

    assert _counts(report) == (1, 0, 0, 1)
    assert report.rejects == ()
    assert "not written down" in told[-1]


def test_rejects_never_replace_what_is_imported(small, tmp_path):
    """The rows that were good would be gone."""
    path = _lines(tmp_path / "a.jsonl", "{broken", {"id": "a", "title": "甲"})

    with pytest.raises(UnusableFileError, match="would replace"):
        _import(small, path, rejects=tmp_path / "corpus" / ".." / "a.jsonl")

    assert "broken" in path.read_text("utf-8")


def test_an_import_interrupted_while_it_looks_through_stores_nothing(small, tmp_path):
    """The first reading writes nothing."""
    path = _lines(tmp_path / "a.jsonl", *({"id": f"{n}", "title": "甲"} for n in range(200)))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    report = _import(small, path, progress=interrupt)

    assert (report.read, report.stopped) == (0, "it was interrupted")
    assert small.revision() == 0


def test_a_row_without_text_adds_to_a_known_notice_only(small, tmp_path):
    """A list of dates of expiry is useful; a notice that says nothing is none."""
    _import(small, _lines(tmp_path / "a.jsonl", {"id": "a", "title": "甲", "body": "正文"}))
    path = _lines(
        tmp_path / "b.jsonl",
        {"id": "a", "expires_on": "2025-01-01"},
        {"id": "x", "expires_on": "2025-01-01"},
    )

    report = _import(small, path)

    assert _counts(report) == (0, 1, 0, 1)
    assert small.get("a").notice.body == "正文"
    assert small.get("a").notice.expires_on == date(2025, 1, 1)


def test_topics_are_counted_and_left_alone(small, tmp_path):
    """A column of somebody's labels is no tag unless it is called one."""
    path = _lines(
        tmp_path / "a.jsonl",
        {"id": "a", "title": "甲", "topic": "0707"},
        {"id": "b", "title": "乙", "topic": None},
    )

    report = _import(small, path)

    assert report.topics_ignored == 1
    assert small.get("a").topic is None
    assert report.complete


@pytest.mark.parametrize("source", [Source.REVIEWER, Source.MODEL])
def test_topics_become_tags_where_that_is_asked_for(small, tmp_path, source):
    """Codes and labels are read; the same import again adds no tag."""
    path = _lines(
        tmp_path / "a.jsonl",
        {"id": "a", "title": "甲", "topic": "0707", "probability": 0.9},
        {"id": "b", "title": "乙", "topic": "综合政务-其他"},
        {"id": "c", "title": "丙", "topic": 402},
        {"id": "d", "title": "丁", "topic": "没有的主题"},
        {"id": "e", "title": "戊", "topic": "0707", "topic_source": "issuer"},
    )

    first = _import(small, path, topics_as=source)
    second = _import(small, path, topics_as=source)

    assert (first.tagged, first.rejected, second.tagged) == (3, 1, 0)
    assert [small.get(name).topic for name in "abce"] == ["0707", "0209", "0402", None]
    (tag,) = small.tags("a")
    assert (tag.source, tag.by, tag.batch) == (source, "li", first.batch)
    assert tag.probability == (0.9 if source is Source.MODEL else None)


def test_a_file_of_another_kind_stores_nothing(small, tmp_path):
    """All files are looked through before the first row is stored."""
    good = _lines(tmp_path / "a.jsonl", {"id": "a", "title": "甲"})
    bad = tmp_path / "b.csv"
    bad.write_bytes(b"%PDF-1.7\n\xe2\xe3\xcf\xd3")

    with pytest.raises((UnusableFileError, ValueError), match="PDF"):
        _import(small, good, bad)

    assert small.revision() == 0


def test_a_file_that_breaks_off_is_stored_up_to_there(small, tmp_path):
    """What was read is kept, and the break is told."""
    path = tmp_path / "a.jsonl.gz"
    text = "".join(f'{{"id": "{n * 7919}", "title": "公路{n}"}}\n' for n in range(5000))
    path.write_bytes(gzip.compress(text.encode())[:-3000])
    other = _lines(tmp_path / "b.jsonl", {"id": "b", "title": "乙"})

    report = _import(small, path, other)

    assert report.new == report.read > 1000
    assert sum(small.counts_by_topic().values()) == report.new
    assert "cut off or damaged" in report.damaged[0]
    assert small.get("b").notice.title == "乙"
    assert not report.complete


def test_an_interrupted_import_keeps_what_is_committed_and_goes_on_later(small, tmp_path):
    """Ctrl-C says what is stored; the same command again stores the rest."""
    path = _lines(tmp_path / "a.jsonl", *({"id": f"{n}", "title": f"公路{n}"} for n in range(1500)))

    def interrupt(step: str, done: int, _: int | None) -> None:
        if step == "Importing" and done == 1200:
            raise KeyboardInterrupt

    report = _import(small, path, progress=interrupt)

    assert report.stopped == "it was interrupted"
    assert report.new == sum(small.counts_by_topic().values()) == 1000
    assert _counts(_import(small, path)) == (500, 0, 1000, 0)


def test_progress_tells_of_how_many(small, tmp_path):
    """The first reading counts the rows, so the second knows the end."""
    path = _lines(tmp_path / "a.jsonl", *({"id": f"{n}", "title": f"公路{n}"} for n in range(250)))
    told: list[tuple[str, int, int | None]] = []

    _import(small, path, progress=lambda *step: told.append(step))

    assert told == [
        ("Looking through", 100, None), ("Looking through", 200, None),
        ("Importing", 100, 250), ("Importing", 200, 250),
    ]  # fmt: skip


def test_memory_stays_flat(small, tmp_path):
    """10 MB more of rows, each document twice, take hardly more memory."""
    peaks = []
    for count in (1200, 3600):
        path = tmp_path / f"{count}.jsonl"
        rows = ({"id": str(n // 2 * 2), "body": f"{n:04}" * 1000} for n in range(count))
        write_rows(path, FIELDS, rows)
        tracemalloc.start()
        _import(small, path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] + 2_500_000


def test_the_notices_beside_the_project_come_in_once(small, shared, tmp_path):
    """A second import of real files, with paragraphs of one page among them, changes nothing."""
    names = ("official_paragraphs", "official_titles")
    paths = [shared / "data" / f"{name}.jsonl.gz" for name in names]
    rejects = tmp_path / "rejects.jsonl"

    first = _import(small, *paths, rejects=rejects)
    second = _import(small, *paths, rejects=rejects)

    assert first.complete
    assert (second.new, second.changed, second.unchanged) == (0, 0, first.read)
