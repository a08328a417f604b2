"""
Text to words: the only file that imports a segmenter.

rjieba cuts, some twenty times faster than jieba, which is the reference and can be chosen
instead: the two agree on Chinese text and differ on runs such as 2018-09-28 (a test counts
where). Each keeps its own dictionary with our domain words; jieba's global one is left alone.
"""

from __future__ import annotations

import hashlib
import logging
import re
from functools import lru_cache
from importlib import metadata, resources
from typing import Literal, Protocol, get_args

from corpus.errors import CorpusError

Engine = Literal["rjieba", "jieba"]

# Frequent enough that the word wins over its parts in any sentence.
_DOMAIN_FREQUENCY = 100_000
_LONG_NUMBER = re.compile(r"\d{5}")
_LETTER = re.compile(r"[^\W\d_]")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
# What the reference takes as the end of a number or a Latin word, and rjieba as a part of it.
_JOINTS = "-_&"
_POINT = re.compile(r"\.(?:(?![0-9])|(?<![0-9A-Za-z]\.))")
_SECOND_POINT = re.compile(r"([0-9A-Za-z]\.[0-9]+)\.")


class SegmenterMissingError(CorpusError, ImportError):
    """The chosen segmenter is not installed, or there is none of that name."""


class Segmenter(Protocol):
    """Cuts text into words."""

    @property
    def version(self) -> str:
        """The engine, its version and the digest of the domain words."""

    def segment(self, text: str) -> list[str]:
        """Return the pieces of a text in order; joined, they are the text again."""


class _Rjieba:
    """The Rust implementation of jieba's algorithm."""

    def __init__(self) -> None:
        import rjieba  # noqa: PLC0415 (only the chosen engine is loaded)

        self._jieba = rjieba.Jieba()
        for word in domain_words():
            self._jieba.add_word(word, _DOMAIN_FREQUENCY, "n")
        self.version = _version("rjieba")

    def segment(self, text: str) -> list[str]:
        """Return the pieces of a text."""
        pieces: list[str] = self._jieba.cut(text)
        return pieces


class _Jieba:
    """The reference implementation."""

    def __init__(self) -> None:
        try:
            import jieba  # noqa: PLC0415
        except ImportError:
            msg = "The segmenter jieba is not installed. Run: pip install 'zhuti[jieba]'"
            raise SegmenterMissingError(msg) from None
        jieba.setLogLevel(logging.WARNING)
        self._jieba = jieba.Tokenizer()
        # jieba would read its dictionary from a pickle in the shared temporary folder, where
        # anybody could have put it. Reading the dictionary itself takes a second, once.
        self._jieba.FREQ, self._jieba.total = self._jieba.gen_pfdict(self._jieba.get_dict_file())
        self._jieba.initialized = True
        for word in domain_words():
            self._jieba.add_word(word, _DOMAIN_FREQUENCY)
        self.version = _version("jieba")

    def segment(self, text: str) -> list[str]:
        """Return the pieces of a text."""
        pieces: list[str] = self._jieba.lcut(text)
        return pieces


@lru_cache(maxsize=2)
def open_segmenter(engine: str = "rjieba") -> Segmenter:
    """
    Return the segmenter of that name, ready to cut; it is made once.

    Raises:
        SegmenterMissingError: If there is no such engine or it is not installed.
    """
    if engine not in get_args(Engine):
        msg = f"There is no segmenter {engine!r}. Choose one of: {', '.join(get_args(Engine))}."
        raise SegmenterMissingError(msg)
    return _Rjieba() if engine == "rjieba" else _Jieba()


@lru_cache(maxsize=1)
def domain_words() -> tuple[str, ...]:
    """Return the words of official language that a general dictionary cuts apart."""
    return _read_list("words.txt")


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Return the words that carry no theme."""
    return frozenset(_read_list("stopwords.txt"))


def search_pieces(text: str) -> list[str]:
    """
    Return the pieces of a text in jieba's search mode.

    A long word comes behind the words that stand in it, so that 农业 finds 中国农业发展银行. The
    dictionary is jieba's own: a word of official language typed whole is still found where only
    its parts stand, and an index does not grow old when our list of such words is edited.
    """
    import rjieba  # noqa: PLC0415 (only who searches needs it)

    for joint in _JOINTS:
        text = text.replace(joint, " ")
    if "." in text:
        text = _POINT.sub(" ", text)
        if text.count(".") > 1:
            text = _SECOND_POINT.sub(r"\1 ", text)
    pieces: list[str] = rjieba.cut_for_search(text)
    return pieces


def search_words(text: str) -> list[str]:
    """Return the pieces of a text in jieba's search mode that hold a letter or a digit."""
    return [piece for piece in search_pieces(text) if _LETTER_OR_DIGIT.search(piece)]


def plain_words(text: str) -> list[str]:
    """Return the pieces of a text by jieba's own dictionary; joined, they are the text again."""
    import rjieba  # noqa: PLC0415

    pieces: list[str] = rjieba.cut(text)
    return pieces


def search_version() -> str:
    """Return what an index must know of the words it was made of."""
    return f"rjieba {metadata.version('rjieba')}"


def is_word(piece: str) -> bool:
    """
    Return whether a piece may tell topics apart.

    It has a letter, carries a theme, and holds no run of five or more digits: those are telephone
    numbers, account numbers and dates, which would name a person and never come back.
    """
    return (
        _LETTER.search(piece) is not None
        and _LONG_NUMBER.search(piece) is None
        and piece not in stop_words()
    )


def _read_list(name: str) -> tuple[str, ...]:
    """Return the words of a data file: one or more a line, ``#`` begins a remark."""
    text = resources.files("corpus").joinpath(name).read_text("utf-8")
    lines = (line.partition("#")[0] for line in text.splitlines())
    return tuple(dict.fromkeys(word for line in lines for word in line.split()))


def _version(engine: str) -> str:
    """Return what a model must know of the segmenter it was trained with."""
    words = hashlib.sha256("\n".join(domain_words()).encode()).hexdigest()[:12]
    return f"{engine} {metadata.version(engine)}, words {words}"
