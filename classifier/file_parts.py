"""
The worker's half of relabelling a file: a piece of it in, the same rows with their themes out.

What comes out is a part of the new file as it will stand there, so that joining the parts is
copying: a stretch of JSON lines or CSV (gzipped by itself where the file is to be), a small Parquet
file, or, for Excel, rows that wait. A part appears under its name when it is whole, so a piece can
be done twice.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any

from classifier.crosswalk import Crosswalk
from classifier.errors import RelabelError
from classifier.file_pieces import Bad, Lines, Rows, read_batches, read_piece
from classifier.model import load
from corpus.cells import as_text, escape, unescape
from corpus.columns import Columns
from corpus.file_kinds import Kind
from corpus.notice import Notice
from corpus.parquet_rows import load_pyarrow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    from classifier.file_pieces import Piece
    from classifier.model import TopicModel
    from classifier.suggestion import Answer, Suggestion

ADDED = ("topic", "topic_label", "probability", "verdict", "alternatives")
# What a model reads of a row.
_READ = ("title", "body", "issuing_body")
_SHOWN = 5
_COMPRESSION = 6
# So many notices are judged together: more gain nothing.
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """
    Which model reads: its folder, the segmenter, and a crosswalk where a site has its list.

    *digest* is that of the model; a worker that has another one refuses.
    """

    model: str
    engine: str
    crosswalk: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of a file and where its part goes: the kind, and the columns where all have them."""

    piece: Piece
    part: str
    kind: Kind
    packed: bool
    names: tuple[str, ...] | None
    reading: Reading


@dataclass(frozen=True, slots=True)
class Part:
    """
    What came of a piece: a part of the new file, counts, and the rows that are not in it.

    *renamed* are columns of the rows that were called like ours.
    """

    task: Task
    lines: int
    verdicts: Mapping[str, int]
    bad: tuple[Bad, ...]
    renamed: Mapping[str, str]


def label_piece(task: Task) -> Part:
    """
    Write the part of a piece, and return what came of it.

    Raises:
        DamagedFileError: If the file is damaged there.
        OSError: If the part cannot be written.
    """
    model = _model(task.reading)
    verdicts: dict[str, int] = {}
    bad: list[Bad] = []
    renamed: dict[str, str] = {}
    with _appearing(Path(task.part)) as file:
        if isinstance(task.piece, Rows) and task.kind is Kind.PARQUET:
            lines = _label_batches(model, task, file, verdicts)
        else:
            rows = _labelled(model, task, verdicts, bad, renamed)
            if task.packed:
                with gzip.GzipFile("", "wb", _COMPRESSION, file, mtime=0) as packed:
                    lines = _write(task, rows, packed)
            else:
                lines = _write(task, rows, file)
    found = () if isinstance(task.piece, Rows) else task.piece.bad
    return Part(task, lines + len(bad), verdicts, (*found, *bad), renamed)


@contextmanager
def _appearing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write that has its name once it is whole; it need not outlast a power cut."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.{get_ident()}")
    with unfinished.open("w+b") as file:
        yield file
    unfinished.replace(path)


def _labelled(
    model: TopicModel,
    task: Task,
    verdicts: dict[str, int],
    bad: list[Bad],
    renamed: dict[str, str],
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a piece with their themes."""
    waiting = _rows(task.piece)
    while some := list(islice(waiting, _AT_ONCE)):
        bad += [one for one in some if isinstance(one, Bad)]
        good = [one for one in some if not isinstance(one, Bad)]
        for (row, _), added in zip(
            good, _added(model, [fields for _, fields in good], verdicts), strict=True
        ):
            if row.keys().isdisjoint(ADDED):
                yield row | added
                continue
            kept = dict(zip(row, kept_names(list(row)), strict=True))
            renamed.update((name, other) for name, other in kept.items() if name != other)
            yield {kept[name]: value for name, value in row.items()} | added


def _rows(piece: Piece) -> Iterator[tuple[dict[str, Any], dict[str, Any]] | Bad]:
    """Yield the rows of a piece and the fields of a notice in each."""
    if isinstance(piece, Lines):
        yield from read_piece(piece)
        return
    for batch in read_batches(piece):
        names = list(batch.schema.names)
        columns = Columns(names)
        for row in batch.to_pylist():
            yield row, columns.fields([row[name] for name in names])


def kept_names(names: Sequence[str]) -> list[str]:
    """Return the columns of an input beside ours: one that is called like ours is renamed."""
    kept: list[str] = []
    for name in names:
        free = name
        while free in ADDED or (free != name and (free in names or free in kept)):
            free += "_before"
        kept.append(free)
    return kept


def _added(
    model: TopicModel, rows: Sequence[Mapping[str, Any]], verdicts: dict[str, int]
) -> list[dict[str, Any]]:
    """Return what is added to some rows, and count their verdicts."""
    answers = model.judge(
        [
            Notice(
                title=_text(row, "title"),
                body=_text(row, "body"),
                issuing_body=_text(row, "issuing_body"),
            )
            for row in rows
        ],
        limit=_SHOWN,
    )
    for answer in answers:
        verdict = answer.verdict.value
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
    return [_of_answer(answer) for answer in answers]


def _text(row: Mapping[str, Any], name: str) -> str | None:
    """Return a text of a row, ``None`` if it is something else."""
    value = row.get(name)
    return value if isinstance(value, str) else None


def _of_answer(answer: Answer) -> dict[str, Any]:
    """Return what is added to a row."""
    verdict = answer.verdict.value
    if not answer.suggestions:
        return dict(zip(ADDED, (None, None, None, verdict, []), strict=True))
    best, *others = answer.suggestions
    return {
        "topic": best.topic.code,
        "topic_label": _label(best),
        "probability": round(best.probability, 4),
        "verdict": verdict,
        "alternatives": [
            {
                "code": other.topic.code,
                "label": _label(other),
                "probability": round(other.probability, 4),
            }
            for other in others
        ],
    }


def _label(suggestion: Suggestion) -> str:
    """Return a topic as a page prints it."""
    parent = suggestion.parent
    label = suggestion.topic.label
    return label if parent is None else f"{parent.label}-{label}"


def _in_a_cell(alternatives: Sequence[Mapping[str, Any]]) -> str:
    """Return the alternatives as a person reads them in a cell."""
    return "；".join(f"{one['label']} {one['probability']:.2f}" for one in alternatives)


def _write(task: Task, rows: Iterator[dict[str, Any]], file: Any) -> int:
    """Write rows as a part of a kind of file; return how many."""
    if task.kind is Kind.JSONL:
        count = 0
        for count, row in enumerate(rows, start=1):  # noqa: B007 (the last one is the number)
            line = json.dumps(row, ensure_ascii=False, default=str)
            file.write(line.encode("utf-8", "replace") + b"\n")
        return count
    assert task.names is not None  # noqa: S101 (every table has columns)
    flat = ({**row, "alternatives": _in_a_cell(row["alternatives"])} for row in rows)
    verbatim = isinstance(task.piece, Lines) and task.piece.escaped
    if task.kind is Kind.CSV:
        return _write_csv(file, flat, task.names, verbatim=verbatim)
    if verbatim:
        flat = ({name: _unescaped(value) for name, value in row.items()} for row in flat)
    if task.kind is Kind.XLSX:
        count = 0
        for count, row in enumerate(flat, start=1):  # noqa: B007
            file.write(json.dumps(row, default=str).encode() + b"\n")
        return count
    return _write_parquet(file, flat, task.names)


def _write_csv(
    file: BinaryIO,
    rows: Iterator[dict[str, Any]],
    names: Sequence[str],
    *,
    verbatim: bool,
) -> int:
    """Write rows without their heads; what stood in a CSV file stands there as it did."""
    text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
    writer = csv.writer(text)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        texts = [as_text(name, row.get(name)) or "" for name in names]
        writer.writerow(texts if verbatim else [escape(cell) for cell in texts])
    text.detach()
    return count


def _unescaped(value: Any) -> Any:
    """Return what a cell of a CSV file says."""
    return unescape(value) if isinstance(value, str) else value


def _write_parquet(file: BinaryIO, rows: Iterator[dict[str, Any]], names: Sequence[str]) -> int:
    """Write rows as a Parquet file, all as text but the probability; return how many."""
    arrow, parquet = load_pyarrow()
    schema = arrow.schema(
        [(name, arrow.float64() if name == "probability" else arrow.string()) for name in names]
    )
    found = [
        {
            name: row.get(name) if name == "probability" else as_text(name, row.get(name))
            for name in names
        }
        for row in rows
    ]
    parquet.write_table(arrow.Table.from_pylist(found, schema), file, compression="zstd")
    return len(found)


def _label_batches(model: TopicModel, task: Task, file: BinaryIO, verdicts: dict[str, int]) -> int:
    """Write the rows of a Parquet file with their themes; all columns keep their types."""
    arrow, parquet = load_pyarrow()
    assert isinstance(task.piece, Rows)  # noqa: S101 (the caller has looked)
    writer = None
    count = 0
    for batch in read_batches(task.piece):
        table = arrow.Table.from_batches([batch])
        columns = Columns(table.column_names)
        known = [name in _fields_read(columns) for name in table.column_names]
        read = [
            column.to_pylist() if wanted else [None] * batch.num_rows
            for column, wanted in zip(batch.columns, known, strict=True)
        ]
        rows = [columns.fields(cells) for cells in zip(*read, strict=True)]
        added = _added(model, rows, verdicts)
        table = table.rename_columns(kept_names(table.column_names))
        for name in ADDED:
            values = [
                _in_a_cell(one[name]) if name == "alternatives" else one[name] for one in added
            ]
            kind = arrow.float64() if name == "probability" else arrow.string()
            table = table.append_column(name, arrow.array(values, kind))
        if writer is None:
            writer = parquet.ParquetWriter(file, table.schema, compression="zstd")
        writer.write_table(table)
        count += batch.num_rows
    if writer is not None:
        writer.close()
    return count


def _fields_read(columns: Columns) -> frozenset[str]:
    """Return the heads of the columns that hold a title or a body."""
    return frozenset(
        columns.heads[place]
        for column, place in columns._known  # noqa: SLF001
        if column.name in _READ
    )


@lru_cache(maxsize=1)
def _model(reading: Reading) -> TopicModel:
    """Return the model that reads; a process that does many pieces loads it once."""
    model = load(Path(reading.model), engine=reading.engine)
    if reading.digest not in {None, model.digest}:
        msg = f"A worker has another model in {reading.model}. Give all workers the same folder."
        raise RelabelError(msg)
    if reading.crosswalk is None:
        return model
    return model.mapped(Crosswalk.read(Path(reading.crosswalk), model.taxonomy))
