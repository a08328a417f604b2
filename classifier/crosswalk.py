"""
A site's own list of topics, and which of the model's topics each stands for.

A crosswalk is a CSV file with the columns ``from,to``: *from* is a code or printed label of the
model's taxonomy, *to* the site's topic as it prints it (``一级-二级``, or one level). A
first-level *from* covers the topics below it that have no row of their own; an empty *to* says
that a topic is never shown.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.errors import InvalidCrosswalkError
from corpus.taxonomy import Topic
from corpus.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from corpus.taxonomy import Taxonomy

_COLUMNS = ("from", "to")
_LEVELS = re.compile(r"\s*[-\\/＞>－／＼]+\s*")


@dataclass(frozen=True, slots=True)
class Target:
    """A topic of the site's list, with the one above it if it has two levels."""

    topic: Topic
    parent: Topic | None


class Crosswalk:
    """Leads from the model's topics to the site's."""

    def __init__(self, taxonomy: Taxonomy, targets: Mapping[str, Target | None]) -> None:
        self._taxonomy = taxonomy
        self._targets = dict(targets)

    @classmethod
    def read(cls, path: Path, taxonomy: Taxonomy) -> Crosswalk:
        """
        Return the crosswalk of a CSV file.

        Raises:
            InvalidCrosswalkError: If a row cannot be used, naming its line and the remedy.
            UnreadableTextError: If the file is no text.
            OSError: If it cannot be opened.
        """
        source = str(path)
        text = decode(path.read_bytes(), source=source)
        targets: dict[str, Target | None] = {}
        for line, origin, destination in _rows(text, source):
            topic = taxonomy.read(origin)
            if topic is None:
                problem = (
                    f"{taxonomy.name} has no topic {origin!r}. Run 'zhuti topics' for the list."
                )
                raise InvalidCrosswalkError(source, line, problem)
            target = _target(destination)
            if targets.get(topic.code, target) != target:
                problem = f"{origin!r} already leads elsewhere. Keep one row for each topic."
                raise InvalidCrosswalkError(source, line, problem)
            targets[topic.code] = target
        if not any(targets.values()):
            problem = "no topic leads anywhere. Give at least one row with both from and to."
            raise InvalidCrosswalkError(source, None, problem)
        return cls(taxonomy, targets)

    def to(self, code: str) -> Target | None:
        """Return the site's topic for one of the model's, or ``None`` if it has none."""
        if code in self._targets:
            return self._targets[code]
        parent = self._taxonomy.topic(code).parent
        return None if parent is None else self._targets.get(parent)

    @property
    def without_counterpart(self) -> tuple[Topic, ...]:
        """The model's topics that lead nowhere, those with topics below them left out."""
        return tuple(
            topic
            for topic in self._taxonomy.topics
            if not self._taxonomy.children(topic.code)
            if topic.code != self._taxonomy.catch_all and self.to(topic.code) is None
        )


def _rows(text: str, source: str) -> Iterator[tuple[int, str, str]]:
    """Yield line number, origin and destination of each row that is not empty."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    columns = [column.strip() for column in reader.fieldnames or ()]
    missing = [column for column in _COLUMNS if column not in columns]
    if missing:
        found = ", ".join(columns) or "nothing"
        problem = (
            f"column {', '.join(missing)} is missing; found: {found}."
            " The first line must be: from,to"
        )
        raise InvalidCrosswalkError(source, 1, problem)
    reader.fieldnames = columns
    try:
        for row in reader:
            origin, destination = ((row.get(column) or "").strip() for column in _COLUMNS)
            if origin:
                yield reader.line_num, origin, destination
            elif destination:
                problem = (
                    f"{destination!r} has no topic before it. Write a code or label under from."
                )
                raise InvalidCrosswalkError(source, reader.line_num, problem)
    except csv.Error as error:
        raise InvalidCrosswalkError(source, reader.line_num, f"it is not CSV: {error}.") from None


def _target(text: str) -> Target | None:
    """Return the site's topic of a printed text; its code is the text itself."""
    if not text:
        return None
    parts = [part for part in _LEVELS.split(text, maxsplit=1) if part]
    if len(parts) < 2:  # noqa: PLR2004
        return Target(Topic(text, text), None)
    parent = Topic(parts[0], parts[0])
    return Target(Topic(text, parts[1], parent.code), parent)
