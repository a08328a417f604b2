"""
Notices with the topic somebody gave them: what a model is trained and measured on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from classifier.errors import TrainingError
from corpus.errors import CorpusError
from corpus.exchange import notice_from_json, read_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from corpus.notice import Notice
    from corpus.taxonomy import Taxonomy, Topic

# What a model learns from. A date that is no date in some other field is none of its business.
_READ = ("id", "title", "body")


@dataclass(frozen=True, slots=True)
class LabelledNotice:
    """
    A notice and its topic.

    *topic* may be a first-level one, when the second level is not known, or the taxonomy's
    catch-all (其他), which says that nobody chose. *alternative* is a topic that a reader could
    well have chosen instead.
    """

    notice: Notice
    topic: Topic
    alternative: Topic | None = None


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
    alternative = _gold(fields.get("alternative"), taxonomy) if field == "topic" else None
    read = {name: fields.get(name) for name in _READ}
    return LabelledNotice(notice_from_json(read, where=where), topic, alternative)


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
