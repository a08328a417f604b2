"""
A file of notices with their themes beside them, without a corpus.

The file is cut into pieces, workers read them, ask the model and write parts, and the parts are
joined in their order: the new file is the same whoever makes it. It appears under its name when it
is whole. What is in memory is a piece for each worker, however long the file is.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.artefact import read_card
from classifier.file_parts import ADDED, Reading, Task, kept_names, label_piece
from classifier.file_pieces import PIECE, Lines, names_of, open_source
from classifier.workers import Workers, in_order
from corpus.cells import escape
from corpus.errors import CorpusError
from corpus.file_kinds import Kind, is_packed, kind_to_write
from corpus.parquet_rows import load_pyarrow
from corpus.rejects import Rejects
from corpus.row_writing import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from classifier.file_parts import Part
    from classifier.file_pieces import Source

    Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class FileReport:
    """
    What came of a file: its rows, how many got each verdict, and the rows that are not in it.

    *rejects* is the file in which those are, each with its reason; *renamed* are columns of the
    input that were called like ours.
    """

    rows: int
    verdicts: dict[str, int]
    rejected: int
    rejects: Path | None
    renamed: dict[str, str]


def relabel_file(
    source: Path,
    out: Path,
    reading: Reading,
    *,
    workers: Workers | None = None,
    progress: Progress = lambda *_: None,
    warn: Callable[[str], None] = lambda _: None,
) -> FileReport:
    """
    Write a file with the columns of another and, behind them, the theme of every notice.

    Args:
        source: JSONL, plain or gzipped, CSV, xlsx or Parquet.
        out: The new file; its name tells the kind.
        reading: Which model reads.
        workers: Who does it; this process if not given.
        progress: Called with the step, how many rows are done, and of how many.
        warn: Called with what is left out.

    Raises:
        UnusableFileError: If the file is no table of notices, or the name tells no kind.
        DamagedFileError: If the file breaks off; nothing is written then.
        RelabelError: If the workers fail.
        OSError: If a file cannot be read or written.
    """
    kind = kind_to_write(out)
    reading = replace(reading, digest=read_card(Path(reading.model))["digest"])
    if kind is Kind.PARQUET:
        load_pyarrow()
    opened = open_source(source.resolve(), warn=warn)
    names = None if kind is Kind.JSONL else names_of(opened)
    with tempfile.TemporaryDirectory(
        prefix=f".{out.name}.", suffix=".parts", dir=out.resolve().parent
    ) as name:
        job = _Job(opened, out, kind, names, reading, Path(name), progress, warn)
        return job.run(workers or Workers())


class _Job:
    """One file on its way."""

    def __init__(  # noqa: PLR0917
        self,
        source: Source,
        out: Path,
        kind: Kind,
        names: list[str] | None,
        reading: Reading,
        folder: Path,
        progress: Progress,
        warn: Callable[[str], None],
    ) -> None:
        self._source = source
        self._out = out
        self._kind = kind
        self._packed = is_packed(out)
        self._names = None if names is None else (*kept_names(names), *ADDED)
        self._reading = reading
        self._folder = folder
        self._progress = progress
        self._warn = warn
        self._damage: Exception | None = None
        self._rows = self._lines = self._rejected = 0
        self._verdicts: dict[str, int] = {}
        # Parquet's columns are renamed as a whole, those of rows as they come up.
        given = names or source.heads or ()
        self._renamed = {
            name: kept
            for name, kept in zip(given, kept_names(list(given)), strict=True)
            if name != kept
        }

    def run(self, workers: Workers) -> FileReport:
        """Have the pieces labelled, and join the parts."""
        rejects = Rejects(self._out.with_name(f"{self._out.name}.rejects.jsonl"))
        with rejects, replacing(self._out) as file:
            parts = self._counted(in_order(label_piece, self._tasks(), workers), rejects)
            if self._kind is Kind.XLSX:
                self._join_xlsx(file, parts)
            elif self._kind is Kind.PARQUET:
                self._join_parquet(file, parts)
            else:
                self._join(file, parts)
        path = rejects.path if self._rejected else None
        return FileReport(self._rows, self._verdicts, self._rejected, path, self._renamed)

    def _tasks(self) -> Iterator[Task]:
        """
        Yield what the workers have to do.

        joblib asks for it in a thread of its own, where an error would be lost: it is kept.
        """
        numbers = count(1)
        try:
            for piece in self._source.pieces(self._folder):
                part = str(self._folder / f"out-{next(numbers):06}")
                yield Task(piece, part, self._kind, self._packed, self._names, self._reading)
        except (CorpusError, OSError) as error:
            self._damage = error

    def _counted(self, parts: Iterator[Part], rejects: Rejects) -> Iterator[Path]:
        """Yield the parts in their order, and count what is in them."""
        for part in parts:
            self._tell(part, rejects)
            yield Path(part.task.part)
            Path(part.task.part).unlink()
            if isinstance(part.task.piece, Lines) and part.task.piece.spooled:
                Path(part.task.piece.path).unlink()
        if self._damage is not None:
            raise self._damage

    def _tell(self, part: Part, rejects: Rejects) -> None:
        """Note what came of a piece."""
        for bad in part.bad:
            # A line of a piece is counted from its beginning, a row of a table from the heads.
            inside = self._source.heads is None
            number = bad.number + (self._lines_before(part) if inside else 0)
            where = f"{self._source.path}, line {number}: " if inside else ""
            self._warn(f"{where}{bad.reason}")
            rejects.add(str(self._source.path), number, bad.reason, bad.original)
        self._rejected += len(part.bad)
        self._lines += part.lines
        self._renamed.update(part.renamed)
        for verdict, number in part.verdicts.items():
            self._verdicts[verdict] = self._verdicts.get(verdict, 0) + number
        self._rows = sum(self._verdicts.values())
        share = part.task.piece.share
        self._progress("Labelling", self._rows, None if not share else int(self._rows / share))

    def _lines_before(self, part: Part) -> int:
        """Return how many lines stand before a piece; blank ones count where the file is plain."""
        piece = part.task.piece
        if not isinstance(piece, Lines) or piece.spooled:
            return self._lines
        with self._source.path.open("rb") as file:
            starts = range(0, piece.start, PIECE)
            return sum(file.read(min(PIECE, piece.start - start)).count(b"\n") for start in starts)

    def _join(self, file: BinaryIO, parts: Iterator[Path]) -> None:
        """Join parts that are stretches of the new file."""
        if self._names is not None:
            head = ",".join(map(_quoted, self._names)).encode("utf-8", "replace")
            head = b"\xef\xbb\xbf" + head + b"\r\n"
            file.write(gzip.compress(head, mtime=0) if self._packed else head)
        for path in parts:
            with path.open("rb") as part:
                shutil.copyfileobj(part, file, 1 << 20)

    def _join_xlsx(self, file: BinaryIO, parts: Iterator[Path]) -> None:
        """Write a workbook of the rows of all parts."""
        from corpus.xlsx_writing import write_xlsx  # noqa: PLC0415 (each kind loads its own)

        assert self._names is not None  # noqa: S101
        write_xlsx(file, self._names, _lines_of(parts), source=str(self._out))

    @staticmethod
    def _join_parquet(file: BinaryIO, parts: Iterator[Path]) -> None:
        """Write a Parquet file of the row groups of all parts."""
        arrow, parquet = load_pyarrow()
        writer = None
        for path in parts:
            with parquet.ParquetFile(path) as part:
                if writer is None:
                    writer = parquet.ParquetWriter(file, part.schema_arrow, compression="zstd")
                for group in range(part.num_row_groups):
                    writer.write_table(part.read_row_group(group))
        if writer is None:
            writer = parquet.ParquetWriter(file, arrow.schema([(name, "string") for name in ADDED]))
        writer.close()


def _quoted(head: str) -> str:
    """Return the head of a column as CSV writes it."""
    text = escape(head)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\r\n') else text


def _lines_of(parts: Iterator[Path]) -> Iterator[dict[str, Any]]:
    """Yield the rows that wait in parts."""
    for path in parts:
        with path.open("rb") as part:
            for line in part:
                yield json.loads(line)
