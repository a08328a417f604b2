"""
Notices with the themes that somebody stored for them, as an audit reads them.

Unlike training it keeps apart a first level that is known alone from a printed second-level 其他,
since the latter may be a theme that nobody cared to choose; and it keeps what cannot be read, or
can be read in half only, with its nearest spelling.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zlib import crc32

from classifier.errors import TrainingError
from classifier.rows import LabelledNotice
from corpus.errors import CorpusError, UnknownTopicError
from corpus.exchange import notice_from_json, read_lines
from corpus.stored import Source
from corpus.taxonomy import CATCH_ALL_LABELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from corpus.notice import Notice
    from corpus.stored import StoredNotice
    from corpus.taxonomy import Taxonomy, Topic

# Dates may be of any spelling here, and files are none of an audit's business.
_READ = ("id", "url", "title", "body", "issuing_body", "document_number")
_LONGEST_SPELLING = 200
# One more than the greatest checksum.
_ALL = 2**32


@dataclass(frozen=True, slots=True)
class ThemedNotice:
    """
    A notice and its stored theme.

    *printed_other* says that the theme is a second-level 其他 that was printed, not chosen by a
    reader: only its first level is known, and *topic* is that.
    """

    notice: Notice
    topic: Topic
    alternative: Topic | None = None
    printed_other: bool = False

    @property
    def labelled(self) -> LabelledNotice:
        """The notice as training takes it."""
        return LabelledNotice(self.notice, self.topic, self.alternative)


@dataclass(frozen=True, slots=True)
class Spelling:
    """
    A theme that the list does not have as it is spelled.

    Attributes:
        text: As it stands in the notices.
        count: In how many of them.
        read_as: The first level that could be read of it, or ``None``.
        nearest: The labels of the list that are nearest to it.
    """

    text: str
    count: int
    read_as: Topic | None
    nearest: tuple[str, ...]


@dataclass(slots=True)
class ThemedNotices:
    """
    What an audit has to look at.

    Attributes:
        rows: The notices that have a theme.
        unthemed: How many have none.
        spellings: Themes outside the list, most frequent first.
        problems: What could not be read, in one sentence each.
    """

    rows: list[ThemedNotice] = field(default_factory=list)
    unthemed: int = 0
    spellings: tuple[Spelling, ...] = ()
    problems: list[str] = field(default_factory=list)


def read_files(
    paths: Sequence[Path],
    taxonomy: Taxonomy,
    *,
    name: str = "topic",
    progress: Callable[[str], None] = lambda _: None,
) -> ThemedNotices:
    """
    Return the notices of some JSONL files with the theme that each holds in the field *name*.

    Raises:
        TrainingError: If no row has a theme that the taxonomy has.
        OSError: If a file cannot be opened.
    """
    found, texts = ThemedNotices(), Counter[str]()
    for path in paths:
        progress(f"Reading {path.name} …")
        for entry in read_lines(path):
            try:
                fields = entry.fields()
                said = _text(fields.get(name))
                printed = _text(fields.get("declared_topic"))
                texts.update({text for text in (said, printed) if text is not None})
                topic, printed_other = _theme(said, taxonomy)
                if topic is None:
                    found.unthemed += 1
                    continue
                alternative, _ = _theme(_text(fields.get("alternative")), taxonomy)
                notice = notice_from_json(
                    {key: fields.get(key) for key in _READ}, where=entry.where
                )
            except CorpusError as error:
                problem = str(error)
                found.problems.append(
                    problem if entry.where in problem else f"{entry.where}: {problem}"
                )
                continue
            found.rows.append(
                ThemedNotice(notice, topic, alternative if name == "topic" else None, printed_other)
            )
    found.spellings = spellings(texts, taxonomy)
    if not found.rows:
        files = ", ".join(map(str, paths))
        msg = (
            f"No row of {files} holds a theme of {taxonomy.name} in its field {name!r}."
            " Name another field with --field."
        )
        raise TrainingError(msg)
    return found


def read_corpus(
    stored: Iterable[StoredNotice],
    taxonomy: Taxonomy,
    *,
    share: float = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> ThemedNotices:
    """
    Return the notices of a corpus with their current themes.

    Args:
        stored: The notices.
        taxonomy: The list that their themes belong to.
        share: How many of them to keep, 0 to 1: always the same ones. Spellings are counted in all.
        progress: Called now and then with a line.

    Raises:
        TrainingError: If none has a theme.
    """
    found, texts = ThemedNotices(), Counter[str]()
    for number, one in enumerate(stored):
        if number % 5000 == 0:
            progress(f"Read {number} notices …")
        if one.notice.declared_topic is not None:
            texts[one.notice.declared_topic] += 1
        if one.topic is None or one.topic not in taxonomy:
            found.unthemed += 1
            continue
        if crc32(one.identity.encode("utf-8", "replace")) >= share * _ALL:
            continue
        topic = taxonomy.topic(one.topic)
        printed = one.topic_source is Source.ISSUER and is_second_level_other(topic)
        known = taxonomy.topic(topic.parent) if printed and topic.parent else topic
        found.rows.append(ThemedNotice(one.notice, known, None, printed))
    found.spellings = spellings(texts, taxonomy)
    if not found.rows:
        msg = (
            f"The corpus has no notice with a theme of {taxonomy.name} ({found.unthemed} without)."
            " Import some, or give files with --notices."
        )
        raise TrainingError(msg)
    return found


def spellings(texts: Counter[str], taxonomy: Taxonomy) -> tuple[Spelling, ...]:
    """Return the texts that the list does not have as a whole, most frequent first."""
    found = [
        Spelling(text[:_LONGEST_SPELLING], count, *outside)
        for text, count in texts.items()
        if (outside := _outside(text, taxonomy)) is not None
    ]
    return tuple(sorted(found, key=lambda one: (-one.count, one.text)))


def is_second_level_other(topic: Topic) -> bool:
    """Return whether a topic is the 其他 below a named theme."""
    return topic.parent is not None and topic.label in CATCH_ALL_LABELS


def _outside(text: str, taxonomy: Taxonomy) -> tuple[Topic | None, tuple[str, ...]] | None:
    """Return what could be read of a text and what is near to it; ``None`` if it is in the list."""
    try:
        topic = taxonomy.gold(text[:_LONGEST_SPELLING])
    except UnknownTopicError as error:
        return None, error.suggestions
    # A first level with an unknown second is read as the first level: half of it is lost.
    lost = topic is not None and topic.parent is None and taxonomy.read(text) == topic
    if not lost or text.strip() in taxonomy or taxonomy.names_root(text):
        return None
    return topic, taxonomy.nearest(text)


def _theme(text: str | None, taxonomy: Taxonomy) -> tuple[Topic | None, bool]:
    """Return the topic that a text means, and whether it is a printed second-level 其他."""
    topic = None if text is None else taxonomy.gold(text)
    if topic is None or text is None or text.strip() in taxonomy:
        return topic, False
    read = taxonomy.read(text)
    return topic, read is not None and is_second_level_other(read)


def _text(value: object) -> str | None:
    """Return what a field holds as text."""
    return None if value is None else str(value)
