"""A sheet goes out with the open questions and comes back with decisions; later ones hold."""

from __future__ import annotations

from itertools import count, islice

import pytest
from openpyxl import load_workbook

from corpus.errors import UnusableFileError
from corpus.notice import Notice
from corpus.review_draw import is_reserved
from corpus.review_records import Proposal, Question, Why
from corpus.review_sheet import DECISION, ID, REMARK, SAME, read_sheet, write_sheet
from corpus.stored import Source


def _names(*, reserved):
    return (name for number in count() if is_reserved(name := f"n{number}") is reserved)


PLAIN = list(islice(_names(reserved=False), 12))
RESERVED = next(_names(reserved=True))
PROPOSAL = Proposal("0707", 0.41, (("0708", 0.3), ("1102", 0.1)), ("养护",), "d" * 64)


@pytest.fixture
def sheet(corpus, tmp_path):
    """Return the path of a sheet with six questions, the first of which settles three notices."""
    for name in (*PLAIN[:7], RESERVED):
        notice = Notice(
            id=name,
            title=f"=关于{name}的通知",
            issuing_body="青溪县交通运输局",
            url=f"https://www.qingxi.gov.cn/{name}.html",
            declared_topic="其他-其他",
        )
        corpus.add(notice, by="导入")
    leader = corpus.get(PLAIN[0]).key
    corpus.review().push(
        Question(
            corpus.get(name).key,
            Why.DOUBT,
            PROPOSAL,
            priority=9.0 - number,
            group=leader if number < 3 else None,
        )
        for number, name in enumerate((*PLAIN[:7], RESERVED))
    )
    path = tmp_path / "待审.xlsx"
    assert write_sheet(corpus, path) == 6
    return path


def _rows(path):
    """Return the rows of a sheet by their heads."""
    heads, *rows = load_workbook(path)["待审"].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def _fill_in(path, decisions, *, remarks=()):
    """Write decisions into a sheet, as somebody in Excel does."""
    workbook = load_workbook(path)
    sheet = workbook["待审"]
    heads = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        name = row[heads.index(ID)].value
        row[heads.index(DECISION)].value = dict(decisions).get(name)
        row[heads.index(REMARK)].value = dict(remarks).get(name)
    workbook.save(path)


def _report(corpus, path, by="李"):
    report = read_sheet(corpus, path, by=by)
    return report.decided, report.flagged, report.unchanged, report.empty, len(report.problems)


def test_a_sheet_shows_what_a_reviewer_needs(sheet):
    """In the order of the questions; what begins like a formula is none."""
    rows = _rows(sheet)

    assert [row[ID] for row in rows] == [PLAIN[0], *PLAIN[3:7], RESERVED]
    first = rows[0]
    assert first["标题"] == f"'=关于{PLAIN[0]}的通知"
    assert (first["发文机关"], first["主题分类"]) == ("青溪县交通运输局", "其他-其他")
    assert first["建议主题"] == "工业、交通-公路（41%）"
    assert first["备选主题"].startswith("工业、交通-水运（30%）；科技、教育-教育")
    assert first[SAME] == "\n".join(PLAIN[1:3])
    assert first[DECISION] is None


def test_a_blind_question_comes_without_its_proposal(sheet):
    """Neither the proposal nor the alternatives."""
    blind = _rows(sheet)[-1]

    assert (blind["建议主题"], blind["备选主题"]) == (None, None)


def test_themes_can_be_chosen_from_a_list(sheet, taxonomy):
    """The cell offers all of them, and takes what is typed besides."""
    workbook = load_workbook(sheet)

    (choice,) = workbook["待审"].data_validations.dataValidation
    listed = [row[0] for row in workbook["主题表"].iter_rows(values_only=True)]
    assert choice.formula1 == f"主题表!$A$1:$A${len(listed)}"
    assert not choice.showErrorMessage
    assert [taxonomy.read(label).code for label in listed] == [t.code for t in taxonomy.topics]


@pytest.mark.parametrize(
    "typed",
    [
        "1102",
        "科技、教育-教育",
        "科技、教育\\教育",
        " 教育 ",
        "科技教育/教育",
        "科技、教育-教育（41%）",
    ],
)
def test_a_decision_is_read_in_any_spelling(corpus, sheet, typed):
    """It is said of the near-duplicates as well, in the name of whoever imports it."""
    _fill_in(sheet, {PLAIN[0]: typed}, remarks={PLAIN[0]: "见附件"})

    assert _report(corpus, sheet) == (1, 0, 0, 5, 0)

    for name in PLAIN[:3]:
        stored = corpus.get(name)
        assert (stored.topic, stored.topic_source) == ("1102", Source.REVIEWER)
    (decision,) = corpus.review().decisions(PLAIN[1])
    assert (decision.by, decision.remark, decision.settled) == ("李", "见附件", 3)


def test_the_same_sheet_again_changes_nothing(corpus, sheet):
    """Decided once; the second time it is known."""
    _fill_in(sheet, {PLAIN[0]: "1102", PLAIN[3]: "无合适主题：低空经济", RESERVED: "0707"})

    assert _report(corpus, sheet) == (2, 1, 0, 3, 0)
    before = corpus.revision()
    assert _report(corpus, sheet, by="王") == (0, 0, 3, 3, 0)
    assert corpus.revision() == before


@pytest.mark.parametrize("later", ["decided", "undone", "chosen", "imported otherwise"])
def test_a_later_decision_is_never_overwritten(corpus, sheet, later):
    """Whatever happened since the sheet was written holds, and the row is named."""
    review = corpus.review()
    if later == "chosen":
        corpus.tag(PLAIN[3], "1301", source=Source.PUBLISHER, by="发布人")
    elif later == "imported otherwise":
        _fill_in(sheet, {PLAIN[3]: "1301"})
        read_sheet(corpus, sheet, by="李")
    else:
        review.decide(PLAIN[3], "1301", by="王")
        if later == "undone":
            review.undo(by="王")
    _fill_in(sheet, {PLAIN[3]: "1102"})

    report = read_sheet(corpus, sheet, by="李")

    assert (report.decided, len(report.problems)) == (0, 1)
    assert "row 3" in report.problems[0]
    assert corpus.get(PLAIN[3]).topic == ("22" if later == "undone" else "1301")


def test_a_sheet_goes_before_who_has_only_looked(corpus, sheet):
    """What is decided is decided; who has it before him is told when he decides."""
    corpus.review().next("王", count=9)
    _fill_in(sheet, {PLAIN[3]: "1102"})

    assert _report(corpus, sheet)[0] == 1


def test_groups_that_have_changed_settle_what_the_sheet_said(corpus, sheet):
    """Those of the row that still wait, and nothing that came into the group since."""
    corpus.add(Notice(id=PLAIN[8], title="新"), by="导入")
    key = corpus.get(PLAIN[0]).key
    corpus.review().push(
        [
            Question(corpus.get(PLAIN[8]).key, Why.DOUBT, group=key),
            Question(corpus.get(PLAIN[1]).key, Why.DOUBT),
        ]
    )
    corpus.withdraw(PLAIN[2], by="管理员", reason="误发")
    _fill_in(sheet, {PLAIN[0]: "1102"})

    read_sheet(corpus, sheet, by="李")

    assert [corpus.get(name, hidden=True).topic == "1102" for name in PLAIN[:3]] == [
        True, True, False,
    ]  # fmt: skip
    assert corpus.get(PLAIN[8]).topic != "1102"


def test_each_row_that_cannot_be_read_is_told(corpus, sheet):
    """By its number, with what was found; the others are taken."""
    _fill_in(
        sheet, {PLAIN[0]: "没有这个", PLAIN[3]: "公路交通类", PLAIN[4]: "1102", PLAIN[5]: "跳过"}
    )
    workbook = load_workbook(sheet)
    workbook["待审"].append(["nowhere", *[None] * 7, "1102"])
    workbook["待审"].append([None, "x", *[None] * 6, "1102"])
    workbook.save(sheet)

    report = read_sheet(corpus, sheet, by="李")

    assert (report.read, report.decided, report.empty) == (8, 1, 3)
    assert [problem.partition(":")[0].rpartition(", ")[2] for problem in report.problems] == [
        "row 2", "row 3", "row 8", "row 9",
    ]  # fmt: skip
    assert "没有这个" in report.problems[0]
    assert "'nowhere'" in report.problems[2]


def test_a_blind_row_is_a_blind_decision(corpus, sheet):
    """Nobody saw a proposal in the sheet either."""
    _fill_in(sheet, {RESERVED: "1102", PLAIN[4]: "1102"})

    read_sheet(corpus, sheet, by="李")

    made = {one.notice: (one.blind, one.shown) for one in corpus.review().decisions()}
    assert made == {RESERVED: (True, False), PLAIN[4]: (False, True)}


@pytest.mark.usefixtures("sheet")
def test_a_sheet_saved_as_csv_is_read_too(corpus, tmp_path):
    """Some offices have no Excel."""
    path = tmp_path / "a.csv"
    path.write_text(f"{ID},{DECISION}\n{PLAIN[4]},1102\n{PLAIN[5]},\n", "utf-8-sig")

    assert _report(corpus, path) == (1, 0, 0, 1, 0)


@pytest.mark.parametrize("heads", ["唯一标识,标题", "标题,您的决定"])
def test_another_table_is_refused(corpus, tmp_path, heads):
    """Nothing is guessed."""
    path = tmp_path / "a.csv"
    path.write_text(f"{heads}\na,b\n", "utf-8")

    with pytest.raises(UnusableFileError, match="it has no column"):
        read_sheet(corpus, path, by="李")


def test_an_empty_line_of_questions_makes_an_empty_sheet(corpus, tmp_path):
    """Heads and nothing below them; reading it does nothing."""
    path = tmp_path / "a.xlsx"

    assert write_sheet(corpus, path) == 0
    assert _rows(path) == []
    assert read_sheet(corpus, path, by="李").read == 0


@pytest.mark.usefixtures("sheet")
def test_a_limit_takes_the_first(corpus, tmp_path):
    """Those that would be asked first."""
    path = tmp_path / "few.xlsx"

    assert write_sheet(corpus, path, limit=2) == 2
    assert [row[ID] for row in _rows(path)] == [PLAIN[0], PLAIN[3]]
