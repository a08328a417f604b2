"""
The review as a sheet, for offices that work in Excel.

One row a question: what the notice is, what was proposed (nothing where the question is blind),
and two empty columns. The column of the decision offers the list of themes and takes any other
spelling. Each row says which near-duplicates it settles and when it was written: whatever was
decided later elsewhere is never overwritten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from corpus.cells import excel_cells
from corpus.errors import (
    QuestionSettledError,
    UnknownQuestionError,
    UnknownTopicError,
    UnusableFileError,
)
from corpus.review_records import Decision, Kind
from corpus.row_files import read_rows
from corpus.row_writing import replacing
from corpus.rows import BadRow
from corpus.tagging import now
from corpus.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

    from corpus.review import Review
    from corpus.review_records import Asked
    from corpus.rows import Row
    from corpus.store import Corpus
    from corpus.taxonomy import Taxonomy

    Progress = Callable[[str, int, int | None], None]

ID, DECISION, REMARK = "唯一标识", "您的决定", "备注"
SAME, WRITTEN = "同类公文", "导出时间"
# Heads and widths; the first ones are read as those of any table of notices.
_COLUMNS = {
    ID: 14,
    "标题": 60,
    "发文机关": 24,
    "发布日期": 12,
    "网址": 30,
    "主题分类": 24,
    "建议主题": 34,
    "备选主题": 40,
    DECISION: 34,
    REMARK: 24,
    SAME: 14,
    WRITTEN: 14,
}
_THEMES = "主题表"
_MOST_ROWS = 1_048_576
_SKIPS = frozenset({"跳过", "skip"})
_FLAGS = re.compile(r"(?:无合适主题|没有合适的?主题|no topic fits)\s*(?:[:：]\s*(.*))?", re.DOTALL)
_PROMPT = (
    "从列表中选择，或填写代码、名称。没有合适的主题时写：无合适主题：您的叫法。留空则不作决定。"
)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class SheetReport:
    """
    What reading a sheet did.

    *decided* and *flagged* rows are settled now, *unchanged* ones were before, *empty* ones say
    nothing. *problems* has a sentence for each row that could not be taken.
    """

    read: int = 0
    decided: int = 0
    flagged: int = 0
    notices: int = 0
    unchanged: int = 0
    empty: int = 0
    problems: list[str] = field(default_factory=list)


def write_sheet(
    corpus: Corpus,
    path: Path,
    *,
    limit: int | None = None,
    progress: Progress = lambda *_: None,
) -> int:
    """
    Write the open questions to an Excel file, in the order they would be asked; return how many.

    Raises:
        UnusableFileError: If there are more than a sheet holds.
        OSError: If it cannot be written; what stood there before is still there.
    """
    with replacing(path) as file:
        return _write(file, corpus, limit, progress, source=str(path))


def _write(
    file: BinaryIO, corpus: Corpus, limit: int | None, progress: Progress, *, source: str
) -> int:
    """Write a workbook of the questions and, out of sight, the list of themes."""
    workbook = Workbook()
    sheet, themes = workbook.active, workbook.create_sheet(_THEMES)
    themes.sheet_state = "hidden"
    labels = [corpus.taxonomy.print(topic) for topic in corpus.taxonomy.topics]
    for label in labels:
        themes.append([_cell(label)])
    sheet.title = "待审"
    sheet.append(list(_COLUMNS))
    written = now().isoformat()
    count = 0
    for count, asked in enumerate(islice(corpus.review().open(), limit), start=1):
        if count >= _MOST_ROWS:
            problem = f"an Excel sheet holds {_MOST_ROWS:,} rows and no more. Give a --limit."
            raise UnusableFileError(source, problem)
        progress("Writing", count, None)
        sheet.append(_row(asked, corpus.taxonomy, written))
    _dress(sheet, count, len(labels))
    workbook.save(file)
    return count


def _row(asked: Asked, taxonomy: Taxonomy, written: str) -> list[Any]:
    """Return the cells of a question, in the order of the columns."""
    stored, proposal = asked.notice, asked.proposal
    notice = stored.notice
    suggested, others = "", ""
    if proposal is not None:
        suggested = _in_words(taxonomy, proposal.topic, proposal.probability)
        others = "；".join(_in_words(taxonomy, *other) for other in proposal.alternatives)
    day = notice.dated_on
    same = "\n".join(other.id for other in asked.others)
    texts = (
        stored.id,
        notice.title,
        notice.issuing_body,
        None if day is None else day.isoformat(),
        notice.url,
        notice.declared_topic,
        suggested,
        others,
        None,
        None,
        same,
        written,
    )
    return [_cell(text) for text in texts]


def _in_words(taxonomy: Taxonomy, code: str, probability: float) -> str:
    """Return a topic with its probability."""
    label = taxonomy.print(taxonomy.topic(code)) if code in taxonomy else code
    return f"{label}（{probability:.0%}）"


def _cell(text: str | None) -> str | None:
    """Return a text as one cell: no formula, and no longer than Excel takes."""
    return None if not text else next(excel_cells(text))


def _dress(sheet: Worksheet, count: int, n_labels: int) -> None:
    """Make a sheet fit to work in: widths, a head that stays, a list to choose from."""
    sheet.freeze_panes = "C2"
    for place, (head, width) in enumerate(_COLUMNS.items(), start=1):
        cell = sheet.cell(1, place)
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
        if head in {SAME, WRITTEN}:
            sheet.column_dimensions[cell.column_letter].hidden = True
    place = list(_COLUMNS).index(DECISION) + 1
    letter = sheet.cell(1, place).column_letter
    choice = DataValidation(
        type="list",
        formula1=f"{_THEMES}!$A$1:$A${n_labels}",
        allow_blank=True,
        # Codes and other spellings may be typed as well.
        showErrorMessage=False,
        showInputMessage=True,
        promptTitle=DECISION,
        prompt=_PROMPT,
    )
    sheet.add_data_validation(choice)
    choice.add(f"{letter}2:{letter}{max(2, count + 1)}")
    for row in sheet.iter_rows(min_row=2, max_row=count + 1):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def read_sheet(
    corpus: Corpus,
    path: Path,
    *,
    by: str,
    progress: Progress = lambda *_: None,
) -> SheetReport:
    """
    Take the decisions of a sheet, and return what came of each row.

    A row that was taken already changes nothing. What was decided, or taken back, since the sheet
    was written stays as it is and is told.

    Raises:
        UnusableFileError: If the file has no columns of a sheet of the review.
        DamagedFileError: If it breaks off; the rows before that are taken.
        OSError: If it cannot be read.
    """
    report = SheetReport()
    review = corpus.review()
    for row in read_rows(path):
        report.read += 1
        progress("Reading", report.read, None)
        if isinstance(row, BadRow):
            report.problems.append(f"{row.where}: {row.reason}")
            continue
        if report.read == 1:
            _check_heads(path, row.original)
        try:
            _take(review, corpus.taxonomy, row, by, report)
        except (UnknownQuestionError, UnknownTopicError, QuestionSettledError) as error:
            report.problems.append(f"{row.where}: {error}")
    return report


def _check_heads(path: Path, row: Mapping[str, Any]) -> None:
    """Refuse a table that is no sheet of the review."""
    missing = [head for head in (ID, DECISION) if head not in row]
    if missing:
        problem = (
            f"it has no column {' and no column '.join(missing)}; expected a sheet that"
            " 'zhuti review export' has written."
        )
        raise UnusableFileError(str(path), problem)


def _take(review: Review, taxonomy: Taxonomy, row: Row, by: str, report: SheetReport) -> None:
    """Take the decision of a row."""
    text = _text(row, DECISION)
    if not text or text.lower() in _SKIPS:
        report.empty += 1
        return
    name = _text(row, ID)
    if not name:
        raise UnknownQuestionError("")
    flag = _FLAGS.fullmatch(text)
    topic = None if flag else _read_topic(taxonomy, text)
    called = clean(flag[1] or "") or None if flag else None
    written = _moment(_text(row, WRITTEN))
    said = (Kind.FLAG if flag else Kind.TOPIC, topic, called)
    before = _since(review.decisions(name), written)
    if before is not None:
        if before.undone_at is None and (before.kind, before.topic, before.called) == said:
            report.unchanged += 1
            return
        raise QuestionSettledError(
            name, before.undone_by or before.by, before.undone_at or before.at
        )
    others = (other.strip() for other in _text(row, SAME).split("\n"))
    only = [name, *filter(None, others)]
    remark = _text(row, REMARK) or None
    if topic is None:
        decision = review.flag(name, by=by, called=called, remark=remark, only=only, whoever=True)
        report.flagged += 1
    else:
        decision = review.decide(name, topic, by=by, remark=remark, only=only, whoever=True)
        report.decided += 1
    report.notices += decision.settled


def _since(decisions: Iterable[Decision], moment: datetime) -> Decision | None:
    """Return the newest decision that was made, or taken back, after a moment."""
    settling = (decision for decision in decisions if decision.kind is not Kind.SKIP)
    return next((one for one in settling if max(one.at, one.undone_at or one.at) > moment), None)


def _read_topic(taxonomy: Taxonomy, text: str) -> str:
    """Return the code of a topic in any spelling."""
    # Where the proposal was copied as it stands, its probability comes along.
    bare = re.sub(r"\s*[（(]\s*\d{1,3}\s*%\s*[）)]\s*$", "", text)
    topic = taxonomy.read(bare)
    return taxonomy.topic(bare if topic is None else topic.code).code


def _text(row: Row, head: str) -> str:
    """Return what a cell says."""
    value = row.original.get(head)
    return "" if value is None else clean(str(value)).strip()


def _moment(text: str) -> datetime:
    """Return when a row was written; long ago if it does not say."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _NEVER
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
