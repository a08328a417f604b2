"""
Notices with the topic somebody gave them: what a model is trained and measured on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from classifier.errors import TrainingError
from corpus.errors import CorpusError
from corpus.exchange import notice_from_json, read_lines
from corpus.fields import read_date
from corpus.taxonomy import CATCH_ALL_LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from corpus.notice import Notice
    from corpus.taxonomy import Taxonomy, Topic

# What a model learns from. A date that is no date in some other field is none of its business.
_READ = ("id", "title", "body", "issuing_body")


@dataclass(frozen=True, slots=True)
class LabelledNotice:
    """
    A notice and its topic.

    *topic* may be a first-level one, when the second level is not known, or the taxonomy's
    catch-all (其他), which says that nobody chose.

    Attributes:
        alternative: A topic that a reader could well have chosen instead.
        second_reader: What a second reader chose, without having seen the first's choice.
        source: Where the notice was taken from, such as one site or one collection.
        day: The day it was published, or else written.
        printed_other: The 其他 of the second level that was printed, where that is all we know:
            the *topic* is then the first level above it.
    """

    notice: Notice
    topic: Topic
    alternative: Topic | None = None
    second_reader: Topic | None = None
    source: str | None = None
    day: date | None = None
    printed_other: Topic | None = None

    def other(self, taxonomy: Taxonomy) -> Topic | None:
        """Return the 其他 of either level that was chosen for the notice, or ``None``."""
        if self.topic.code == taxonomy.catch_all or self.topic.label in CATCH_ALL_LABELS:
            return self.topic
        return self.printed_other


@dataclass(frozen=True, slots=True)
class LabelledNotices:
    """What could be read of some files, and what could not: one sentence for each bad row."""

    rows: tuple[LabelledNotice, ...]
    unlabelled: int
    problems: tuple[str, ...]


def read_labelled(
    paths: Sequence[Path],
    taxonomy: Taxonomy,
    *,
    field: str = "topic",
    level_one_field: str | None = None,
) -> LabelledNotices:
    """
    Return the notices of some JSONL files that say their topic.

    Args:
        paths: JSONL files, plain or gzipped.
        taxonomy: The list that the topics belong to.
        field: Where a row holds its topic, as a code or as printed.
        level_one_field: Where a row whose *field* is empty may hold a topic that is trusted at
            level one only, such as the one its issuer printed.

    Raises:
        TrainingError: If no row of the files holds a topic that the taxonomy has.
        OSError: If a file cannot be opened.
    """
    found: list[LabelledNotice] = []
    problems: list[str] = []
    unlabelled = 0
    seen: set[str] = set()
    for path in paths:
        for entry in read_lines(path):
            try:
                row = entry.fields()
                seen.update(row)
                labelled = _labelled(row, taxonomy, field, level_one_field, entry.where)
            except CorpusError as error:
                said = str(error)
                problems.append(said if entry.where in said else f"{entry.where}: {said}")
                continue
            if labelled is None:
                unlabelled += 1
            else:
                found.append(labelled)
    if not found:
        raise TrainingError(_nothing_found(paths, field, seen, problems))
    return LabelledNotices(tuple(found), unlabelled, tuple(problems))


def _labelled(
    fields: Mapping[str, Any],
    taxonomy: Taxonomy,
    field: str,
    level_one_field: str | None,
    where: str,
) -> LabelledNotice | None:
    """Return one row with its topic, or ``None`` if it names none."""
    topic = _gold(fields.get(field), taxonomy)
    if topic is None and level_one_field is not None:
        printed = _gold(fields.get(level_one_field), taxonomy)
        topic = printed and (taxonomy.parent(printed) or printed)
    if topic is None:
        return None
    # Both were given by those who gave `topic`, under the same guide.
    alternative = _gold(fields.get("alternative"), taxonomy) if field == "topic" else None
    second = _gold(fields.get("second_reader"), taxonomy) if field == "topic" else None
    read = {name: fields.get(name) for name in _READ}
    return LabelledNotice(
        notice_from_json(read, where=where),
        topic,
        alternative,
        second,
        _source(fields.get("source")),
        _day(fields.get("published_on")) or _day(fields.get("written_on")),
        _printed_other(fields.get(field), topic, taxonomy),
    )


def _source(value: object) -> str | None:
    """Return the source that a value names; what is no text names none."""
    return value.strip() or None if isinstance(value, str) else None


def _day(value: object) -> date | None:
    """Return the day that a value names; what is no day names none, and nothing is said of it."""
    return read_date(value) if isinstance(value, str) else None


def _printed_other(value: object, topic: Topic, taxonomy: Taxonomy) -> Topic | None:
    """Return the second-level 其他 that a value prints, where *topic* is the level above it."""
    printed = None if value is None or topic.parent is not None else taxonomy.read(str(value))
    below = printed is not None and printed.parent == topic.code
    return printed if below else None


def _gold(value: object, taxonomy: Taxonomy) -> Topic | None:
    """Return the topic that a value names, ``None`` if it is empty."""
    return None if value is None else taxonomy.gold(str(value))


def _nothing_found(
    paths: Sequence[Path], field: str, seen: set[str], problems: Sequence[str]
) -> str:
    """Say why no row of the files can be used."""
    files = ", ".join(map(str, paths))
    if problems:
        return f"No row of {files} could be used; the first: {problems[0]}"
    if field not in seen:
        known = ", ".join(sorted(seen)) or "no fields at all"
        return (
            f"No row of {files} has a field {field!r}; there are: {known}. Name one with --field."
        )
    return f"Field {field!r} is empty in every row of {files}. Name another with --field."
