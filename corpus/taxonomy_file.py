"""
Taxonomy files: CSV and TOML to a Taxonomy, refused with the line and the remedy.

CSV has the columns ``code,label,parent`` and optionally ``aliases`` (split by ``|``) and
``catch_all`` (any mark). TOML has the same fields as ``[[topic]]`` tables, and ``name`` and
``catch_all`` (a code) above them. A first-level topic called 其他 is the catch-all where nothing
else is marked.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from corpus.errors import InvalidTaxonomyError
from corpus.taxonomy import CATCH_ALL_LABELS, Taxonomy, Topic, check
from corpus.text import decode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_COLUMNS = ("code", "label", "parent")
_TOPIC_TABLE = re.compile(r"^[ \t]*\[\[\s*topic\s*\]\]", re.MULTILINE)

Entry = tuple[int | None, Topic]


def read_taxonomy(path: Path) -> Taxonomy:
    """
    Return the taxonomy of a CSV or TOML file.

    Raises:
        InvalidTaxonomyError: If the file is broken.
        UnreadableTextError: If it is no text.
        OSError: If it cannot be opened.
    """
    text = decode(path.read_bytes(), source=str(path))
    if path.suffix.lower() == ".toml":
        return _from_toml(text, source=str(path), name=path.stem)
    return _from_csv(text, source=str(path), name=path.stem)


@lru_cache(maxsize=1)
def state_council() -> Taxonomy:
    """Return the list of the State Council's policy library: 22 topics and 121 below them."""
    name = "state_council.toml"
    text = resources.files("corpus.taxonomies").joinpath(name).read_text("utf-8")
    return _from_toml(text, source=name, name="state_council")


def _from_csv(text: str, *, source: str, name: str) -> Taxonomy:
    """Return the taxonomy of a CSV text."""
    reader = csv.DictReader(
        io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True, strict=True
    )
    columns = [column.strip() for column in reader.fieldnames or ()]
    missing = [column for column in _COLUMNS if column not in columns]
    if missing:
        problem = (
            f"column {', '.join(missing)} is missing; found: {', '.join(columns) or 'nothing'}."
            " The first line must be: code,label,parent (and, if you like, aliases)."
        )
        raise InvalidTaxonomyError(source, 1, problem)
    reader.fieldnames = columns
    entries: list[Entry] = []
    marked: list[str] = []
    try:
        for row in reader:
            if not any((value or "").strip() for key, value in row.items() if key):
                continue
            if row.get(None):
                extra = ", ".join(map(repr, row[None]))
                problem = f"there are more cells than columns: {extra}. Put quotes around a comma."
                raise InvalidTaxonomyError(source, reader.line_num, problem)
            aliases = tuple(filter(None, map(str.strip, (row.get("aliases") or "").split("|"))))
            topic = _topic(row, aliases, source, reader.line_num)
            entries.append((reader.line_num, topic))
            if (row.get("catch_all") or "").strip():
                marked.append(topic.code)
    except csv.Error as error:
        # The reader counts rows that it could read; the bad one begins on the next line.
        problem = f"it is not CSV: {error}. Look for a quotation mark without its partner."
        raise InvalidTaxonomyError(source, reader.line_num + 1, problem) from None
    return _taxonomy(source, name, entries, marked)


def _from_toml(text: str, *, source: str, name: str) -> Taxonomy:
    """Return the taxonomy of a TOML text."""
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidTaxonomyError(source, None, f"it is not TOML: {error}.") from None
    tables = document.get("topic", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problem = "topic must be [[topic]] tables with code, label and parent."
        raise InvalidTaxonomyError(source, None, problem)
    places = [text.count("\n", 0, found.start()) + 1 for found in _TOPIC_TABLE.finditer(text)]
    lines: Sequence[int | None] = places if len(places) == len(tables) else [None] * len(tables)
    entries = [
        (line, _topic(table, _aliases(table, source, line), source, line))
        for line, table in zip(lines, tables, strict=True)
    ]
    mark = document.get("catch_all", "")
    return _taxonomy(source, str(document.get("name", name)), entries, [mark] if mark else [])


def _topic(
    fields: Mapping[str, Any], aliases: tuple[str, ...], source: str, line: int | None
) -> Topic:
    """Return one topic; codes stay text, so leading zeros are kept."""
    values: dict[str, str] = {}
    for column in _COLUMNS:
        value = fields.get(column) or ""
        if not isinstance(value, str):
            problem = f'{column} is {value!r}, not text. Put it between quotes: "{value}".'
            raise InvalidTaxonomyError(source, line, problem)
        values[column] = value.strip()
        if "\n" in values[column]:
            problem = f"{column} {values[column]!r} runs over two lines. Look for an open quote."
            raise InvalidTaxonomyError(source, line, problem)
    for column in ("code", "label"):
        if not values[column]:
            raise InvalidTaxonomyError(
                source, line, f"the {column} is empty. Every topic needs one."
            )
    return Topic(values["code"], values["label"], values["parent"] or None, aliases)


def _aliases(table: Mapping[str, Any], source: str, line: int | None) -> tuple[str, ...]:
    """Return the aliases of a TOML table."""
    aliases = table.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        problem = f'aliases is {aliases!r}; write a list of texts: aliases = ["…", "…"].'
        raise InvalidTaxonomyError(source, line, problem)
    return tuple(aliases)


def _taxonomy(source: str, name: str, entries: Sequence[Entry], marked: Sequence[str]) -> Taxonomy:
    """Put a checked taxonomy together."""
    topics = check(source, entries)
    if len(marked) > 1:
        problem = f"{len(marked)} topics are marked catch_all; mark one at most."
        raise InvalidTaxonomyError(source, None, problem)
    if marked and marked[0] not in {topic.code for topic in topics}:
        problem = f"catch_all is {marked[0]!r}, which is no code of this list."
        raise InvalidTaxonomyError(source, None, problem)
    named = [
        topic.code for topic in topics if topic.parent is None and topic.label in CATCH_ALL_LABELS
    ]
    return Taxonomy(name, topics, catch_all=next(iter([*marked, *named]), None))
