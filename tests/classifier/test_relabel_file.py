"""A file comes out with all its columns, in order, and the themes behind them; whole or not."""

from __future__ import annotations

import csv
import gzip
import json

import openpyxl
import pytest

from classifier import file_pieces
from classifier.file_parts import ADDED, Reading
from classifier.relabel_file import relabel_file
from classifier.workers import Workers
from corpus.errors import DamagedFileError, UnusableFileError

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
_ROADS = "青溪县关于加强农村公路养护的意见"
_SCHOOLS = "青溪县关于义务教育招生的通知"


@pytest.fixture
def reading(model_folder):
    """Return what reads: the small model."""
    return Reading(str(model_folder), "rjieba")


@pytest.fixture
def small_pieces(monkeypatch):
    """Cut files into pieces of a few rows."""
    monkeypatch.setattr(file_pieces, "PIECE", 2000)
    monkeypatch.setattr(file_pieces, "_ROWS", 3)
    monkeypatch.setattr(file_pieces, "_FEWEST_ROWS", 7)


def _jsonl(path, rows):
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, "utf-8")
    return path


def _read(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_columns_are_kept_in_order(tmp_path, reading):
    """Whatever else a row holds stays as it is; the themes come last."""
    rows = [
        {"z": [1, {"a": None}], "title": _ROADS, "编号": 7, "body": None},
        {"标题": _SCHOOLS, "a": 1.5},
        {"title": ""},
    ]

    report = relabel_file(_jsonl(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl", reading)

    found = _read(tmp_path / "out.jsonl")
    assert [list(row)[-5:] for row in found] == [list(ADDED)] * 3
    assert [dict(list(row.items())[:-5]) for row in found] == rows
    assert [list(row)[:-5] for row in found] == [list(row) for row in rows]
    assert [row["topic"] for row in found] == ["0707", "1102", None]
    assert found[0]["topic_label"] == "工业、交通-公路"
    assert (found[0]["verdict"], found[2]["verdict"]) == ("accept", "abstain")
    assert found[0]["probability"] > found[0]["alternatives"][0]["probability"]
    assert (report.rows, report.rejected) == (3, 0)


def test_a_column_called_like_ours_is_kept_beside_it(tmp_path, reading):
    """What the file said of the topic is not lost."""
    source = _jsonl(tmp_path / "in.jsonl", [{"topic": "22", "title": _ROADS}])

    report = relabel_file(source, tmp_path / "out.jsonl", reading)

    (row,) = _read(tmp_path / "out.jsonl")
    assert report.renamed == {"topic": "topic_before"}
    assert (row["topic_before"], row["topic"]) == ("22", "0707")


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("name", ["in.jsonl", "in.jsonl.gz", "in.csv", "in.xlsx", "in.parquet"])
@pytest.mark.parametrize("out", ["o.jsonl", "o.csv", "o.csv.gz", "o.xlsx", "o.parquet"])
def test_every_kind_becomes_every_kind(tmp_path, reading, archive, name, out):
    """With the same topics in the same order."""
    rows = [{"序号": str(n), "title": one.title, "body": one.body} for n, one in enumerate(archive)]
    source = _made(tmp_path / name, rows[:40])

    report = relabel_file(source, tmp_path / out, reading)

    found = _columns(tmp_path / out)
    assert report.rows == 40
    assert list(found) == ["序号", "title", "body", *ADDED]
    assert found["序号"] == [row["序号"] for row in rows[:40]]
    assert found["title"] == [row["title"] for row in rows[:40]]
    assert set(found["topic"][:5]) == {"0707"}
    assert float(found["probability"][0]) > 0.5
    assert list(tmp_path.iterdir()) in ([source, tmp_path / out], [tmp_path / out, source])


def _made(path, rows):
    """Write rows as a file of the kind of its name, in a way of its own."""
    names = list(rows[0])
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([names, *(list(row.values()) for row in rows)])
    elif path.suffix == ".xlsx":
        workbook = openpyxl.Workbook()
        workbook.active.append(names)
        for row in rows:
            workbook.active.append(list(row.values()))
        workbook.save(path)
    elif path.suffix == ".parquet":
        parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=25)
    else:
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def _columns(path):
    """Return the columns of a file, read in a way of its own."""
    if path.suffix == ".jsonl":
        rows = _read(path)
        return {name: [row[name] for row in rows] for name in rows[0]}
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pydict()
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).active
        return {column[0].value: [cell.value for cell in column[1:]] for column in sheet.columns}
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    names, *rows = csv.reader(text.splitlines(keepends=True))
    return {name: list(cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)}


@pytest.mark.usefixtures("small_pieces")
def test_two_processes_write_the_same_bytes(tmp_path, reading, archive):
    """Who does the work leaves no trace."""
    rows = [{"title": notice.title, "body": notice.body} for notice in archive]
    source = _jsonl(tmp_path / "in.jsonl", rows)

    for jobs in (1, 2):
        relabel_file(source, tmp_path / f"{jobs}.jsonl.gz", reading, workers=Workers(jobs))

    alone, both = ((tmp_path / f"{jobs}.jsonl.gz").read_bytes() for jobs in (1, 2))
    assert alone == both
    assert len(gzip.decompress(alone).splitlines()) == len(rows)


def test_cells_of_csv_stay_as_they_stand(tmp_path, reading):
    """Formulas, dashes, line breaks and heads that come twice or not at all."""
    text = f'标题,备注,备注,,x\r\n{_ROADS},--,"甲\n乙",\'=1,=1\r\n'
    (tmp_path / "in.csv").write_bytes(text.encode("gb18030"))

    relabel_file(tmp_path / "in.csv", tmp_path / "out.csv", reading)

    columns = _columns(tmp_path / "out.csv")
    assert list(columns)[:5] == ["标题", "备注", "column 3", "column 4", "x"]
    assert [cells[0] for cells in columns.values()][:5] == [_ROADS, "--", "甲\n乙", "'=1", "=1"]


def test_types_of_parquet_stay(tmp_path, reading):
    """A column that is none of a notice's keeps its type."""
    table = pyarrow.table(
        {"n": pyarrow.array([1, None], "int16"), "title": [_ROADS, _SCHOOLS], "l": [[1], []]}
    )
    parquet.write_table(table, tmp_path / "in.parquet")

    relabel_file(tmp_path / "in.parquet", tmp_path / "out.parquet", reading)

    found = parquet.read_table(tmp_path / "out.parquet")
    assert found.select(["n", "title", "l"]).equals(table)
    assert found["topic"].to_pylist() == ["0707", "1102"]


@pytest.mark.usefixtures("small_pieces")
def test_rows_that_cannot_be_read_are_told(tmp_path, reading):
    """With their line, and kept beside the new file; all others are written."""
    good = json.dumps({"title": _ROADS, "body": "养护" * 300}) + "\n"
    (tmp_path / "in.jsonl").write_text(good * 4 + "\n{broken\n" + good, "utf-8")
    warnings = []

    report = relabel_file(
        tmp_path / "in.jsonl", tmp_path / "out.jsonl", reading, warn=warnings.append
    )

    assert (report.rows, report.rejected) == (5, 1)
    assert "in.jsonl, line 6: the text is not JSON" in warnings[0]
    (rejected,) = _read(report.rejects)
    assert (rejected["text"], rejected["row"]) == ("{broken", 6)


def test_a_bad_row_of_csv_is_told(tmp_path, reading):
    """Too many cells under the heads."""
    (tmp_path / "in.csv").write_text(f"title,body\n{_ROADS},x\na,b,c\n", "utf-8")

    report = relabel_file(tmp_path / "in.csv", tmp_path / "out.csv", reading)

    assert (report.rows, report.rejected) == (1, 1)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_breaks_off_leaves_nothing(tmp_path, reading, jobs):
    """What stood under the name stays, and no piece is left behind."""
    data = gzip.compress(
        "".join(json.dumps({"title": f"{_ROADS}{n}" * 9}) + "\n" for n in range(900)).encode()
    )
    (tmp_path / "in.jsonl.gz").write_bytes(data[: len(data) // 2])
    (tmp_path / "out.jsonl").write_text("old", "utf-8")

    with pytest.raises(DamagedFileError, match=r"in\.jsonl\.gz"):
        relabel_file(
            tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl", reading, workers=Workers(jobs)
        )

    assert (tmp_path / "out.jsonl").read_text("utf-8") == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl.gz", "out.jsonl"}


def test_what_is_no_table_of_notices_is_refused(tmp_path, reading):
    """Before anything is written."""
    (tmp_path / "in.csv").write_text("a,b\n1,2\n", "utf-8")

    with pytest.raises(UnusableFileError, match="heads"):
        relabel_file(tmp_path / "in.csv", tmp_path / "out.csv", reading)

    assert not (tmp_path / "out.csv").exists()
