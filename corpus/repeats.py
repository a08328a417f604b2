"""
The same document more than once in one import.

Fourteen pairs of paragraphs in the notices we learn from come from one page each. Taken one by
one, the second of a pair changes what the first has just written, and with every further import
both change again, though nobody changed anything. So an import first counts the names of all
rows, holds those back that come again, and takes them in their order at the end, unless the
corpus already says what they say together.
"""

from __future__ import annotations

import json
import tempfile
from array import array
from dataclasses import fields
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from corpus.errors import UnknownNoticeError
from corpus.exchange import notice_as_json, notice_from_json
from corpus.identity import identity
from corpus.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from corpus.store import Corpus

_BYTES = 8
# An id and an address name a document; they are not what it says.
_SAID = tuple(field.name for field in fields(Notice) if field.name not in {"id", "url"})


class Names:
    """The names of documents that were met: 8 bytes for each, so that millions fit."""

    def __init__(self) -> None:
        self._met = array("Q")

    def meet(self, notice: Notice) -> None:
        """Note a document."""
        self._met.append(_short(notice))

    def repeated(self) -> frozenset[int]:
        """Return which were met more than once."""
        names = np.frombuffer(self._met, np.uint64) if self._met else np.empty(0, np.uint64)
        ordered = np.sort(names)
        return frozenset(ordered[1:][ordered[1:] == ordered[:-1]].tolist())


class Repeats:
    """
    Rows that are held back, in a temporary file.

    Args:
        names: Which documents come more than once.
    """

    def __init__(self, names: frozenset[int]) -> None:
        self._names = names
        self._places: dict[str, list[int]] = {}
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the object)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def hold(self, notice: Notice, said: Mapping[str, Any]) -> bool:
        """Return whether a notice comes more than once and was held back with what is *said*."""
        if _short(notice) not in self._names:
            return False
        place = self._file.tell()
        line = json.dumps([notice_as_json(notice), said]).encode()
        self._file.write(line + b"\n")
        self._places.setdefault(identity(notice), []).append(place)
        return True

    def documents(self) -> Iterator[list[int]]:
        """Yield where the rows of each document were put, in their order."""
        yield from self._places.values()

    def row(self, place: int) -> tuple[Notice, dict[str, Any]]:
        """Return a notice that was held back, and what was said with it."""
        self._file.seek(place)
        entry, said = json.loads(self._file.readline())
        return notice_from_json(entry), said


def in_rounds(documents: Sequence[Sequence[int]]) -> Iterator[int]:
    """
    Yield the first row of each document, then all second ones, and so on.

    The corpus takes many different documents at once, but one after the other if they are the same.
    """
    for round_ in count():
        rows = [places[round_] for places in documents if len(places) > round_]
        if not rows:
            return
        yield from rows


def is_said_already(corpus: Corpus, notices: Sequence[Notice]) -> bool:
    """Return whether a corpus already holds what arrivals of one document say together."""
    try:
        stored = corpus.get(identity(notices[0]), hidden=True).notice
    except UnknownNoticeError:
        return False
    said: dict[str, Any] = {}
    for notice in notices:
        said.update((name, value) for name in _SAID if (value := getattr(notice, name)))
    return all(getattr(stored, name) == value for name, value in said.items())


def _short(notice: Notice) -> int:
    """Return the name of a document in 8 bytes; two documents hardly ever share one."""
    digest = blake2b(identity(notice).encode("utf-8", "surrogatepass"), digest_size=_BYTES)
    return int.from_bytes(digest.digest(), "big")
