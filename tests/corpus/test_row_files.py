"""Rows are read from every kind of file, and what is wrong with a file or a row is said."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
import sys
import tracemalloc
import warnings
import zipfile
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.cells import attachments_as_text, escape, excel_cells, from_excel, read_attachments
from corpus.cells import unescape as unescaped
from corpus.columns import read_head
from corpus.errors import (
    CorpusError,
    DamagedFileError,
    MissingLibraryError,
    UnusableFileError,
)
from corpus.exchange import FIELDS, notice_as_json
from corpus.notice import Attachment, Notice
from corpus.row_files import read_rows
from corpus.row_writing import write_rows
from corpus.rows import BadRow, Row
from corpus.text import clean

KINDS = ("jsonl", "jsonl.gz", "csv", "xlsx", "parquet")
_SIGNS = st.sampled_from(["=1+1", "+86", "-1", "@me", "'=1", "''-", "_x000D_", "#N/A", " ", "无"])
_TEXTS = st.none() | (st.text(min_size=1) | _SIGNS).map(clean).filter(bool)
_DATES = st.none() | st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))
_ATTACHMENTS = st.lists(
    st.builds(
        Attachment,
        (st.text() | _SIGNS).map(clean),
        _TEXTS | st.just("https://example.gov.cn/附件.pdf"),
    ),
    max_size=3,
).map(tuple)
NOTICES = st.builds(
    Notice,
    **{
        field.name: _DATES if field.name.endswith("_on") else _TEXTS
        for field in fields(Notice)
        if field.name != "attachments"
    },
    attachments=_ATTACHMENTS,
)


def _rows(path: Path) -> list[Row | BadRow]:
    return list(read_rows(path))


def _notices(path: Path) -> list[Notice]:
    return [row.notice() for row in read_rows(path)]


def _csv(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def _workbook(path: Path, *sheets: list[list[object]]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for number, rows in enumerate(sheets):
        sheet = workbook.create_sheet(f"sheet{number}")
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=40)
@given(notices=st.lists(NOTICES, min_size=1, max_size=4))
def test_a_notice_survives_every_kind_of_file(kind, notices):
    """What is written as a row is read as it was, whatever it says."""
    # A row that says nothing at all is no row of a table.
    notices = [notice for notice in notices if notice != Notice()]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"notices.{kind}"
        write_rows(path, FIELDS, map(notice_as_json, notices))

        assert _notices(path) == notices


@given(st.text() | _SIGNS)
def test_an_escaped_cell_is_no_formula_and_comes_back(text):
    """No cell begins with a sign that a spreadsheet runs, and nothing is lost."""
    cell = escape(text)

    assert cell[:1] not in set("=+-@\t\r\n＝＋－＠")
    assert unescaped(cell) == text


@given(st.text() | st.from_regex(r"(_x[0-9A-F]{4}_?){1,3}", fullmatch=True))
def test_a_text_survives_the_spelling_of_excel(text):
    """What XML cannot hold is spelt as Excel does it."""
    assert "".join(map(from_excel, excel_cells(text))) == text


@pytest.mark.parametrize("text", ["公" * 32_767, "公" * 70_000, "=" * 40_000, "𠮷" * 33_000])
def test_no_cell_of_excel_is_too_long(text):
    """A long text goes on in further cells, counted as Excel counts."""
    cells = list(excel_cells(text))

    assert all(len(cell.encode("utf-16-le")) // 2 <= 32_767 for cell in cells)
    assert "".join(map(from_excel, cells)) == text


def test_a_body_too_long_for_a_cell_is_joined_again(tmp_path):
    """Excel's limit of 32,767 characters costs further columns, not text."""
    path = tmp_path / "long.xlsx"
    notices = [Notice(id="a", body="长" * 100_000), Notice(id="b", body="短")]

    write_rows(path, FIELDS, map(notice_as_json, notices))

    heads = next(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert [head for head in heads if head.startswith("body")] == [
        "body", "body_2", "body_3", "body_4",
    ]  # fmt: skip
    assert _notices(path) == notices


def test_excel_keeps_dates_as_dates(tmp_path):
    """A spreadsheet can sort and filter by them."""
    path = tmp_path / "dates.xlsx"

    write_rows(path, FIELDS, [notice_as_json(Notice(id="a", written_on=date(2024, 3, 1)))])

    heads, cells = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    assert dict(zip(heads, cells, strict=True))["written_on"] == datetime(2024, 3, 1)  # noqa: DTZ001


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_rows_give_the_same_bytes(tmp_path, kind, monkeypatch):
    """Nothing in a file tells when it was written."""
    rows = [notice_as_json(Notice(id=str(n), title="关于公路的通知")) for n in range(3)]
    write_rows(tmp_path / f"one.{kind}", FIELDS, rows)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)

    write_rows(tmp_path / f"two.{kind}", FIELDS, rows)

    one, two = (tmp_path / f"{name}.{kind}" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_writing_leaves_the_old_file(tmp_path, kind):
    """What stood there before is still there, and no half of the new one."""
    path = tmp_path / f"notices.{kind}"
    path.write_bytes(b"before")

    def rows():
        yield {"id": "a"}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rows(path, FIELDS, rows())

    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["notices", "notices.docx", "notices.xlsx.gz", "a.json"])
def test_a_name_that_tells_no_kind_is_refused(tmp_path, name):
    """Nobody guesses what an unknown ending should become."""
    with pytest.raises(UnusableFileError, match=name):
        write_rows(tmp_path / name, FIELDS, [])


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("title", "title"), ("Title ", "title"), ("标题", "title"), ("标  题：", "title"),
        ("【索 引 号】", "index_number"), ("*主题分类", "declared_topic"),
        ("发布机构（必填）", "issuing_body"),
        ("发文字号", "document_number"), ("成文日期", "written_on"), ("正文", "body"),
        ("内容", "body"),
        ("来源网址", "url"), ("附件", "attachments"), ("\ufeff标题", "title"), ("topic", "topic"),
        ("发布时间", "published_on"),
    ],
)  # fmt: skip
def test_heads_are_known_in_any_spelling(head, name):
    """Padding, colons, stars, brackets and remarks make no difference."""
    assert read_head(head).name == name


@pytest.mark.parametrize("head", ["", "组配分类", "来源", "备注", "body_", "title_x", "其他"])
def test_other_heads_are_nobodys(head):
    """What is no field of ours is left alone."""
    assert read_head(head) is None


_TABLE = '标题,正 文,索引号,成文日期\r\n甲,"第一行\n第二行，“引”",A1,2024年3月1日\r\n乙,丙,,\r\n'
_EXPECTED = [
    Notice(title="甲", body="第一行\n第二行，“引”", index_number="A1", written_on=date(2024, 3, 1)),
    Notice(title="乙", body="丙"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_office_is_read(tmp_path, encoding, delimiter):
    """Encoding and delimiter are recognised; line breaks may stand in quoted cells."""
    path = _csv(tmp_path / "a.csv", _TABLE.replace(",", delimiter), encoding)

    assert _notices(path) == _EXPECTED


def test_csv_may_be_gzipped(tmp_path):
    """A packed table is a table."""
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(_TABLE.encode()))

    assert _notices(path) == _EXPECTED


def test_an_encoding_is_recognised_behind_much_ascii(tmp_path):
    """The first Chinese character may come late."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,title\n" + b"1,a\n" * 60_000 + "2,关于公路的通知\n".encode("gb18030"))

    *_, last = read_rows(path)

    assert last.notice().title == "关于公路的通知"


def test_a_damaged_line_spoils_itself_only(tmp_path):
    """Bytes of another encoding in one row do not change how the others are read."""
    path = tmp_path / "a.csv"
    path.write_bytes("id,title\n1,公路\n2,".encode() + b"\xb9\xab\xc2\n" + "3,养护\n".encode())

    first, second, third = _rows(path)

    assert (first.notice().title, third.notice().title) == ("公路", "养护")
    assert isinstance(second, BadRow)
    assert second.number == 3
    assert "not UTF-8" in second.reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2,b,c", "3 cells under 2 heads"),
        ("2", "1 cells under 2 heads"),
        ('2,"他说"你好""', "must be doubled"),
    ],
)
def test_a_row_that_does_not_fit_is_told_and_the_next_is_read(tmp_path, line, reason):
    """A row repaired by guesswork would be a notice with half its text."""
    path = _csv(tmp_path / "a.csv", f"id,title\n1,a\n{line}\n3,c\n")

    first, second, third = _rows(path)

    assert isinstance(second, BadRow)
    assert "row 3 (line 3)" in second.reason
    assert reason in second.reason
    assert (first.number, second.number, third.number) == (2, 3, 4)


def test_csv_that_ends_inside_a_cell_is_damaged(tmp_path):
    """A body cut off in the middle is not stored as if it were whole."""
    path = _csv(tmp_path / "a.csv", 'id,body\n1,a\n2,"cut off in the mid')
    rows = read_rows(path)

    assert next(rows).notice().id == "1"
    with pytest.raises(DamagedFileError, match="row 3"):
        next(rows)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_huge_cell_is_read(tmp_path, encoding):
    """The csv module's own limit of 131,072 characters is none for an archive."""
    path = _csv(tmp_path / "a.csv", f'id,body\n1,"{"长" * 300_000}"\n', encoding)

    assert len(_notices(path)[0].body) == 300_000


def test_heads_may_stand_below_a_title(tmp_path):
    """Offices put the name of the table above it."""
    path = _workbook(tmp_path / "a.xlsx", [["政府信息公开目录"], ["序号", "标题"], [1, "甲"]])

    (row,) = _rows(path)

    assert (row.number, row.notice().title) == (3, "甲")


def test_excel_values_are_taken_as_shown(tmp_path):
    """Dates, numbers and booleans become what a person reads in the cell."""
    path = _workbook(
        tmp_path / "a.xlsx",
        [
            ["标题", "索引号", "成文日期", "发布日期", "关键词", "正文"],
            ["甲", 20240001, datetime(2024, 3, 1, 12), date(2024, 3, 2), 1.5, True],  # noqa: DTZ001
            [None] * 6,
            ["乙_x000D_\n丙"],
        ],
    )

    first, second = _rows(path)

    assert first.notice() == Notice(
        title="甲", index_number="20240001", written_on=date(2024, 3, 1),
        published_on=date(2024, 3, 2), keywords="1.5", body="TRUE",
    )  # fmt: skip
    assert (second.number, second.notice().title) == (4, "乙\n丙")


def test_a_formula_is_never_taken(tmp_path):
    """Only the result that the file stores counts; where it stores none, the cell is empty."""
    path = _workbook(tmp_path / "a.xlsx", [["标题", "正文"], ["甲", '=HYPERLINK("http://x")']])

    assert _notices(path) == [Notice(title="甲")]


def test_all_sheets_with_heads_are_read_and_others_are_told(tmp_path):
    """A sheet a year is common; a sheet of instructions is no table."""
    told: list[str] = []
    path = _workbook(
        tmp_path / "a.xlsx", [["标题"], ["甲"]], [["填写说明"], ["请勿修改"]], [["title"], ["乙"]]
    )

    titles = [row.notice().title for row in read_rows(path, warn=told.append)]

    assert titles == ["甲", "乙"]
    assert ["sheet1" in line for line in told] == [True]


def _with_part(path: Path, name: str, data: bytes) -> Path:
    _workbook(path, [["title"], ["a"]])
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in (parts | {name: data}).items():
            archive.writestr(part, content)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    """A small file that unpacks to a huge one is no table of notices."""
    path = _with_part(tmp_path / "a.xlsx", "xl/media/a.bin", bytes(80 << 20))

    with pytest.raises(UnusableFileError, match="unpacks"):
        _rows(path)


def test_entities_in_excel_are_refused(tmp_path):
    """No document type of anybody's own: it could grow without end."""
    path = _with_part(tmp_path / "a.xlsx", "xl/styles.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>')

    with pytest.raises(UnusableFileError, match="document type"):
        _rows(path)


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_file_that_can_only_be_read_whole_says_so(tmp_path, kind, share):
    """Cut in the middle, nothing of it is guessed."""
    path = tmp_path / f"a.{kind}"
    write_rows(path, FIELDS, [{"id": str(n), "title": f"公路{n}"} for n in range(500)])
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    with pytest.raises(DamagedFileError, match="cut off or damaged"):
        _rows(path)


def test_a_gzip_file_that_breaks_off_gives_what_stands_before(tmp_path):
    """Rows before the break are read; then the break is told."""
    path = tmp_path / "a.jsonl.gz"
    write_rows(path, FIELDS, [{"id": str(n * 7919), "title": f"公路{n}"} for n in range(5000)])
    path.write_bytes(path.read_bytes()[:-5000])
    rows = read_rows(path)

    read = list(_until_the_break(rows))

    assert len(read) > 1000
    assert [row.number for row in read] == list(range(1, len(read) + 1))


def _until_the_break(rows):
    """Yield rows until the file breaks off, as it must."""
    with pytest.raises(DamagedFileError, match="cut off or damaged"):
        yield from rows


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n", "PDF"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Save it as .xlsx"),
        ("a.csv", b"", "heads of columns"),
        ("a", b"", "empty"),
        ("a.csv", "甲,乙\n1,2\n".encode(), "heads of columns"),
        ("a.xlsx", b"title\na\n", "its name says XLSX"),
        ("a.parquet", b"", "empty"),
        ("a.json", b'[{"title": "a"}]', "one notice a line"),
        ("a.jsonl.gz", b"\x1f\x8b\x08", "cut off or damaged"),
    ],
)
def test_other_kinds_of_files_are_refused_in_words(tmp_path, name, data, said):
    """The error says what the file is and what was expected."""
    path = tmp_path / name
    path.write_bytes(data)

    with pytest.raises(CorpusError, match=said):
        _rows(path)


def test_a_word_file_is_refused_by_name(tmp_path):
    """Not every zip archive is a workbook."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "")

    with pytest.raises(UnusableFileError, match="Word"):
        _rows(path)


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.jsonl", "a.xlsx", "a.parquet", "a"]))
@settings(deadline=None)
def test_no_bytes_crash_the_reader(data, name):
    """Whatever a file holds is read, or refused by one of our own errors."""
    with TemporaryDirectory() as folder, contextlib.suppress(CorpusError):
        path = Path(folder) / name
        path.write_bytes(data)
        for row in read_rows(path):
            assert isinstance(row, Row | BadRow)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_read_or_refused(workbook_bytes, place, patch):
    """Bytes changed anywhere in an Excel file never end in a traceback."""
    place %= len(workbook_bytes)
    data = workbook_bytes[:place] + patch + workbook_bytes[place + len(patch) :]
    with TemporaryDirectory() as folder, contextlib.suppress(CorpusError):
        path = Path(folder) / "a.xlsx"
        path.write_bytes(data)
        list(read_rows(path))


@pytest.fixture(scope="module")
def workbook_bytes(tmp_path_factory):
    path = tmp_path_factory.mktemp("workbook") / "a.xlsx"
    write_rows(path, FIELDS, [{"id": str(n), "title": f"公路{n}"} for n in range(20)])
    return path.read_bytes()


def test_json_lines_may_have_chinese_names(tmp_path):
    """The same table of names holds for every kind; our own names win."""
    path = tmp_path / "a.jsonl"
    path.write_text(
        json.dumps({"标题": "甲", "文号": "无", "附件": "表 <http://x/1>", "名称": "乙"})
        + "\n"
        + json.dumps({"标题": "丙", "title": "丁"}),
        "utf-8",
    )

    assert _notices(path) == [
        Notice(title="甲", attachments=(Attachment("表", "http://x/1"),)),
        Notice(title="丁"),
    ]


@pytest.mark.parametrize("line", ["{broken", "[1]", '"text"', '{"title": {"a": 1}}'])
def test_a_bad_line_of_json_is_a_bad_row(tmp_path, line):
    """It keeps its number, and what stood there."""
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"title": "a"}}\n{line}\n{{"title": "c"}}\n', "utf-8")

    first, second, third = _rows(path)

    assert second.number == 2
    assert (first.notice().title, third.notice().title) == ("a", "c")
    if isinstance(second, BadRow):
        assert second.original == {"text": line}
    else:
        with pytest.raises(CorpusError, match="line 2"):
            second.notice()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("附件1 <http://x/1.pdf>\n附件2", [("附件1", "http://x/1.pdf"), ("附件2", None)]),
        ("https://x/y/表.xlsx", [("表.xlsx", "https://x/y/表.xlsx")]),
        ('[{"name": "a", "url": null}]', [("a", None)]),
        ("[附件]说明", [("[附件]说明", None)]),
    ],
)
def test_attachments_are_read_from_a_cell(text, expected):
    """Line by line with their addresses, or as JSON."""
    assert [(file["name"], file["url"]) for file in read_attachments(text)] == expected


@given(_ATTACHMENTS)
def test_attachments_survive_a_cell(attachments):
    """Readable lines where that loses nothing, else JSON."""
    files = [{"name": file.name, "url": file.url} for file in attachments]

    assert read_attachments(attachments_as_text(files)) == files


@pytest.mark.parametrize("text", ["2023-11", "2023年11月", "2023", "2023年"])
def test_a_date_without_a_day_is_unknown(text):
    """Nobody makes up a day, and nobody loses a notice for want of one."""
    row = Row(1, "here", {"title": "a", "published_on": text}, {})

    assert row.notice() == Notice(title="a")
    assert row.dates_without_day == ("published_on",)


@pytest.mark.parametrize("text", ["2023-13", "2023-11-31", "soon"])
def test_a_date_that_is_none_is_refused(text):
    """What is in no calendar is an error of the row."""
    with pytest.raises(CorpusError, match="published_on"):
        Row(1, "here", {"published_on": text}, {}).notice()


def test_parquet_of_others_is_read(tmp_path):
    """Time stamps, dictionaries, lists and numbers become text; other columns are left alone."""
    arrow = pytest.importorskip("pyarrow", reason="needs the extra 'parquet'")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra 'parquet'")
    path = tmp_path / "a.parquet"
    table = arrow.table(
        {
            "标题": arrow.array(["甲", None]).dictionary_encode(),
            "published_on": arrow.array([datetime(2024, 3, 1, 8), None]),  # noqa: DTZ001
            "index_number": [1, 2],
            "keywords": [["公路", "养护"], []],
            "embedding": [[0.1], [0.2]],
        }
    )
    parquet.write_table(table, path)

    first, second = _notices(path)

    assert first == Notice(
        title="甲", published_on=date(2024, 3, 1), index_number="1", keywords="公路;养护"
    )
    assert second == Notice(index_number="2")


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    """The error names the extra."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + bytes(20))
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(MissingLibraryError, match=r"zhuti\[parquet\]"):
        _rows(path)


@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_flat(tmp_path, kind):
    """Ten times the rows take no more memory to read."""
    peaks = []
    # A CSV file is sampled at its start.
    for count in (100, 1000) if kind == "xlsx" else (400, 4000):
        path = tmp_path / f"{count}.{kind}"
        write_rows(path, FIELDS, ({"id": str(n), "body": f"{n}" * 300} for n in range(count)))
        for _ in read_rows(path):
            pass
        tracemalloc.start()
        for _ in read_rows(path):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] + 1_000_000


def test_csv_written_for_excel_opens_in_excel(tmp_path):
    """The mark of UTF-8 stands before the heads, and other programs can read it."""
    path = tmp_path / "a.csv"
    write_rows(path, ("id", "title"), [{"id": "1", "title": "=1+1"}])

    assert path.read_bytes().startswith(b"\xef\xbb\xbfid,title\r\n")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1] == ["1", "'=1+1"]


def test_openpyxl_warns_nobody(tmp_path):
    """What openpyxl passes over in a workbook concerns no user of ours."""
    path = _workbook(tmp_path / "a.xlsx", [["title", "published_on"], ["a", None]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        assert len(_rows(path)) == 1
