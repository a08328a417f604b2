r"""
The closed list of topics, in one level or two, and how printed labels are read.

Pages print a topic as ``一级-二级``, ``一级\二级``, ``一级/二级``, as a bare second level,
misspelt, or not at all. Reading goes from the strict to the lenient: a code, a label exactly as
listed, a label in another spelling (blanks, brackets, a missing 、, an alias), then the two parts
around a separator, and gives up rather than guess.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from corpus.errors import InvalidTaxonomyError, UnknownTopicError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# What a page prints instead of a topic it does not have.
_NOTHING = frozenset({"", "-", "--", "---", "—", "——", "[]", "无", "暂无", "null", "none"})
# The names of a topic that says that nobody chose one.
CATCH_ALL_LABELS = frozenset({"其他", "其它"})
_SEPARATORS = re.compile(r"\s*(?:->|[-—–−‐\\/,>|→:·]|\s)+\s*")
_SEVERAL = re.compile(r"[;；\n]+|\s{2,}")
_BLANKS_AND_COMMAS = re.compile(r"[\s、\"'“”‘’《》〈〉<>]+")
_IN_BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of a taxonomy; *parent* is the code of the first-level topic above it."""

    code: str
    label: str
    parent: str | None = None
    aliases: tuple[str, ...] = ()


class Taxonomy:
    """
    A closed list of topics.

    Attributes:
        name: What the list is called in a model's card.
        topics: All topics, in the order of the list.
        catch_all: The code of the topic that says that nobody chose one, or ``None``.
    """

    def __init__(self, name: str, topics: Iterable[Topic], *, catch_all: str | None) -> None:
        self.name = name
        self.topics = tuple(topics)
        self.catch_all = catch_all
        self._by_code = {topic.code: topic for topic in self.topics}
        self.roots = tuple(topic for topic in self.topics if topic.parent is None)
        self._children: dict[str, tuple[Topic, ...]] = {
            root.code: tuple(topic for topic in self.topics if topic.parent == root.code)
            for root in self.roots
        }
        self._roots_by_name = _Names(self.roots)
        self._leaves_by_name = _Names(topic for topic in self.topics if topic.parent is not None)
        self._children_by_name = {code: _Names(group) for code, group in self._children.items()}

    @property
    def levels(self) -> int:
        """How many levels the list has, 1 or 2."""
        return 2 if any(self._children.values()) else 1

    @property
    def digest(self) -> str:
        """The SHA-256 of all that the list says."""
        text = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def topic(self, code: str) -> Topic:
        """
        Return the topic of a code.

        Raises:
            UnknownTopicError: If the list has no such code.
        """
        try:
            return self._by_code[code]
        except KeyError:
            raise self._unknown(code) from None

    def parent(self, topic: Topic) -> Topic | None:
        """Return the first-level topic above a topic, or ``None`` if it is one itself."""
        return None if topic.parent is None else self._by_code[topic.parent]

    def children(self, code: str) -> tuple[Topic, ...]:
        """Return the topics below a first-level one."""
        return self._children.get(code, ())

    def print(self, topic: Topic, separator: str = "-") -> str:
        """Return a topic as a page prints it: ``一级-二级``, or the first level alone."""
        parent = self.parent(topic)
        return topic.label if parent is None else f"{parent.label}{separator}{topic.label}"

    def read(self, text: str) -> Topic | None:
        """
        Return the topic that a printed text means, or ``None`` if it means none.

        A first level with an unknown second is the first level; a bare second level is read where
        only one topic has that name. Never raises, whatever the text.
        """
        text = text.strip()
        if text.lower() in _NOTHING:
            return None
        found = self._by_code.get(text) or self._read_one(text)
        if found is not None:
            return found
        parts = [part for part in _SEVERAL.split(text) if part.strip()]
        if len(parts) < 2:  # noqa: PLR2004
            return None
        return next(filter(None, map(self._read_one, parts)), None)

    def gold(self, text: str) -> Topic | None:
        """
        Return the topic that somebody gave a notice, ``None`` if the text is empty.

        A code means what it says. A *printed* second-level 其他 only says the first level: the
        second is unknown.

        Raises:
            UnknownTopicError: If the text is no topic of this list.
        """
        text = text.strip()
        if text.lower() in _NOTHING:
            return None
        if text in self._by_code:
            return self._by_code[text]
        topic = self.read(text)
        if topic is None:
            raise self._unknown(text)
        if topic.parent is not None and topic.label in CATCH_ALL_LABELS:
            return self._by_code[topic.parent]
        return topic

    def nearest(self, text: str) -> tuple[str, ...]:
        """Return up to three labels of the list that are spelled nearly like a text."""
        known = {name: None for topic in self.topics for name in (topic.label, self.print(topic))}
        return tuple(difflib.get_close_matches(text[:100], known, n=3, cutoff=0.5))

    def names_root(self, text: str) -> bool:
        """Return whether a text is a first-level label and nothing more, in any spelling."""
        return self._roots_by_name.find(text) is not None

    def as_json(self) -> dict[str, Any]:
        """Return the list as a model's card carries it."""
        return {
            "name": self.name,
            "catch_all": self.catch_all,
            "topics": [
                {key: value for key, value in asdict(topic).items() if value}
                for topic in self.topics
            ],
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Taxonomy:
        """Return the list that a model's card carries."""
        topics = (
            Topic(
                topic["code"],
                topic["label"],
                topic.get("parent"),
                tuple(topic.get("aliases", ())),
            )
            for topic in entry["topics"]
        )
        return cls(entry["name"], topics, catch_all=entry["catch_all"])

    def _read_one(self, text: str) -> Topic | None:
        """Return the topic of one printed label: exactly as listed, else in another spelling."""
        splits = [(text[: cut.start()], text[cut.end() :]) for cut in _separators(text)]
        for find in (_Names.exactly, _Names.find):
            whole = find(self._roots_by_name, text) or find(self._leaves_by_name, text)
            if whole is not None:
                return whole
            for left, right in splits:
                root = find(self._roots_by_name, left)
                child = root and find(self._children_by_name[root.code], right)
                if child:
                    return child
        for left, _ in reversed(splits):
            root = self._roots_by_name.find(left)
            if root is not None:
                return root
        # The first level is misspelt beyond recognition, the second is the only one of its name.
        rights = (self._leaves_by_name.find(right) for _, right in splits)
        return next(filter(None, rights), None)

    def _unknown(self, text: str) -> UnknownTopicError:
        """Return the error for a text that is no topic, with the nearest labels."""
        return UnknownTopicError(text[:100], self.nearest(text))


class _Names:
    """Finds a topic among some by its label or an alias, exactly or in another spelling."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        group = tuple(topics)
        self._exact = _unique(
            (name, topic) for topic in group for name in (topic.label, *topic.aliases)
        )
        self._loose = _unique(
            (key, topic)
            for topic in group
            for name in (topic.label, *topic.aliases)
            for key in _keys(name)
        )

    def exactly(self, name: str) -> Topic | None:
        """Return the only topic with that very name."""
        return self._exact.get(name.strip())

    def find(self, name: str) -> Topic | None:
        """Return the only topic of that name, in any spelling."""
        return self.exactly(name) or self._loose.get(_key(name))


def _separators(text: str) -> Iterator[re.Match[str]]:
    """Yield the places where a printed label may be cut in two."""
    return (
        _SEPARATORS.finditer(unicodedata.normalize("NFKC", text))
        if _same_length(text)
        else _SEPARATORS.finditer(text)
    )


def _same_length(text: str) -> bool:
    """Return whether full-width forms can be folded without moving any character."""
    return len(unicodedata.normalize("NFKC", text)) == len(text)


def _key(name: str) -> str:
    """Return a label as it is compared: width and case folded, blanks and 、 left out."""
    return _BLANKS_AND_COMMAS.sub("", unicodedata.normalize("NFKC", name).casefold())


def _keys(name: str) -> set[str]:
    """Return the spellings under which a label is found: with and without what is in brackets."""
    key = _key(name)
    return {key, _IN_BRACKETS.sub("", key)} - {""}


def _unique(pairs: Iterable[tuple[str, Topic]]) -> dict[str, Topic]:
    """Return the names that mean one topic only."""
    found: dict[str, Topic | None] = {}
    for name, topic in pairs:
        found[name] = topic if found.get(name, topic) == topic else None
    return {name: topic for name, topic in found.items() if topic is not None}


def check(source: str, entries: Sequence[tuple[int | None, Topic]]) -> tuple[Topic, ...]:
    """
    Return the topics of a file once they make a taxonomy.

    Args:
        source: The name of the file.
        entries: Each topic with the line it stands on.

    Raises:
        InvalidTaxonomyError: Naming the line and the remedy.
    """
    if not entries:
        raise InvalidTaxonomyError(source, None, "there are no topics in it. Give at least one.")
    topics: dict[str, Topic] = {}
    for line, topic in entries:
        if topic.code in topics:
            problem = f"code {topic.code!r} comes a second time. Give each topic its own."
            raise InvalidTaxonomyError(source, line, problem)
        topics[topic.code] = topic
    labels: set[tuple[str | None, str]] = set()
    for line, topic in entries:
        if topic.parent is not None:
            _check_parent(source, line, topic, topics)
        if (topic.parent, topic.label) in labels:
            problem = f"label {topic.label!r} comes twice at the same place. Merge the two topics."
            raise InvalidTaxonomyError(source, line, problem)
        labels.add((topic.parent, topic.label))
    return tuple(topics.values())


def _check_parent(source: str, line: int | None, topic: Topic, topics: Mapping[str, Topic]) -> None:
    """Refuse a topic whose parent does not exist or is itself on the second level."""
    parent = topics.get(topic.parent or "")
    if parent is None:
        near = difflib.get_close_matches(topic.parent or "", topics, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else " Leave it empty for a first-level topic."
        raise InvalidTaxonomyError(
            source, line, f"there is no topic {topic.parent!r} to be its parent.{hint}"
        )
    if parent is topic or parent.parent == topic.code:
        problem = f"{topic.code!r} stands above itself. Leave parent empty for a first-level topic."
        raise InvalidTaxonomyError(source, line, problem)
    if parent.parent is not None:
        problem = (
            f"its parent {parent.code!r} is on the second level; a taxonomy has two levels at most."
            f" Put {topic.code!r} below {parent.parent!r}."
        )
        raise InvalidTaxonomyError(source, line, problem)
