"""
How fast the search index is made and how fast it answers, beside SQLite's FTS5 on the same words.

    scripts/bench search --notices 100000 [--folder KEPT] [--rounds 5]

Prints a table, then the same figures as one line of JSON. Times of queries are medians of rounds;
each takes in everything from the typed text to twenty hits with their snippets and all counts.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import rjieba
from generate import SHARED, make_notices, read_parts

from corpus.everyday import everyday_words
from corpus.exchange import notice_from_json
from corpus.folding import fold
from corpus.query import read_query
from corpus.search import Query, SearchIndex
from corpus.segmentation import search_words, stop_words
from corpus.store import Corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SAMPLE = 20_000
_FACETS = ("topic", "issuing_body", "year", "document_type", "expired", "source")
_MICRO = 1e6
_MILLI = 1e3


class Fts:
    """The same words in SQLite: an FTS5 table, and a table of what is counted."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._path = path
        self._connection = sqlite3.connect(path)
        self._connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "CREATE VIRTUAL TABLE cut USING fts5(words, content='', tokenize='unicode61');"
            f"CREATE TABLE facets(key INTEGER PRIMARY KEY, {', '.join(_FACETS)})"
        )

    def fill(self, corpus: Corpus) -> None:
        """Take over the whole corpus."""
        today = time.strftime("%Y-%m-%d")
        stream = corpus.iterate()
        while page := list(islice(stream, 1000)):
            texts, facets = [], []
            for stored in page:
                notice = stored.notice
                words = rjieba.cut_for_search(fold(f"{notice.title}\n{notice.body}"))
                texts.append((stored.key, " ".join(words)))
                day = notice.published_on
                facets.append(
                    (
                        stored.key,
                        stored.topic,
                        notice.issuing_body,
                        None if day is None else day.year,
                        notice.document_type,
                        notice.expires_on is not None and notice.expires_on.isoformat() < today,
                        stored.topic_source,
                    )
                )
            with self._connection as writing:
                writing.executemany("INSERT INTO cut(rowid, words) VALUES (?, ?)", texts)
                marks = ", ".join("?" * (len(_FACETS) + 1))
                writing.executemany(f"INSERT INTO facets VALUES ({marks})", facets)  # noqa: S608

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self._path.stat().st_size

    def search(self, corpus: Corpus, words: list[str]) -> int:
        """Return how many notices hold all words, once the best are fetched and all is counted."""
        text = " ".join(f'"{word}"' for word in words)
        ask = self._connection.execute
        best = ask("SELECT rowid FROM cut WHERE cut MATCH ? ORDER BY rank LIMIT 20", [text])
        corpus.get_many([key for (key,) in best])
        total: int = ask("SELECT count(*) FROM cut WHERE cut MATCH ?", [text]).fetchone()[0]
        for facet in _FACETS:
            ask(
                f"SELECT {facet}, count(*) FROM facets WHERE key IN"  # noqa: S608
                f" (SELECT rowid FROM cut WHERE cut MATCH ?) GROUP BY {facet}",
                [text],
            ).fetchall()
        return total


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where to keep what is made")
    parser.add_argument("--no-fts", action="store_true", help="leave SQLite's FTS5 out")
    chosen = parser.parse_args()
    kept = chosen.folder
    folder = kept or Path(tempfile.mkdtemp(prefix="zhuti-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with Corpus.open(f"sqlite:///{folder / 'zhuti.db'}") as corpus:
            figures = _measure(corpus, folder, chosen)
    finally:
        if kept is None:
            shutil.rmtree(folder)
    print(json.dumps(figures, ensure_ascii=False))


def _measure(corpus: Corpus, folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Return all figures, and print them as they come."""
    figures: dict[str, Any] = {"notices": chosen.notices}
    if corpus.revision() < chosen.notices:
        seconds = _store(corpus, chosen)
        _row(figures, "store", "storing, µs a notice", seconds / chosen.notices * _MICRO)
    texts = _texts(corpus)
    size = sum(len(text.encode()) for text in texts) / len(texts) * chosen.notices
    cuts = [_cut(texts)]
    path = folder / "index"
    shutil.rmtree(path, ignore_errors=True)
    with SearchIndex.open(path) as index:
        seconds, memory = _index(index, corpus)
    cuts.append(_cut(texts))
    cut, made = median(cuts) * _MICRO, seconds / chosen.notices * _MICRO
    _row(figures, "cut", "cutting into search words alone, µs a notice", cut)
    _row(figures, "index", "indexing, µs a notice", made)
    _row(figures, "ratio", "  of cutting alone (at least 0.4)", cut / made)
    _row(figures, "memory", "  memory of its own at most, MB", memory)
    _row(figures, "size", "index, of the text (at most 1.5)", _size(path) / size)
    fts = None if chosen.no_fts else Fts(folder / "fts.db")
    if fts is not None:
        started = time.perf_counter()
        fts.fill(corpus)
        seconds = time.perf_counter() - started
        _row(figures, "fts_index", "FTS5: indexing, µs a notice", seconds / chosen.notices * _MICRO)
        _row(figures, "fts_size", "FTS5: size, of the text", fts.size / size)
    with SearchIndex.open(path) as index:
        for kind, queries in _queries(texts, chosen).items():
            _queried(figures, kind, queries, index, corpus, chosen.rounds)
            if fts is not None and kind in {"one word", "two words", "three words"}:
                _beside(figures, kind, queries[: chosen.queries // 10], fts, corpus, chosen.rounds)
        _row(figures, "reading", "memory of its own while searching, MB", _memory())
    return figures


def _store(corpus: Corpus, chosen: argparse.Namespace) -> float:
    """Fill a corpus; return the seconds."""
    parts = read_parts(SHARED if SHARED.is_file() else None)
    entries = make_notices(chosen.notices, seed=chosen.seed, parts=parts)
    started = time.perf_counter()
    for _ in corpus.add_all(map(notice_from_json, entries), by="bench"):
        pass
    return time.perf_counter() - started


def _texts(corpus: Corpus) -> list[str]:
    """Return the first texts of a corpus."""
    stream = islice(corpus.iterate(), _SAMPLE)
    return [f"{stored.notice.title}\n{stored.notice.body}" for stored in stream]


def _cut(texts: list[str]) -> float:
    """Return how many seconds cutting one text into search words takes."""
    started = time.perf_counter()
    for text in texts:
        rjieba.cut_for_search(text)
    return (time.perf_counter() - started) / len(texts)


def _index(index: SearchIndex, corpus: Corpus) -> tuple[float, float]:
    """Return the seconds that an index takes to be made, merging included, and its memory."""
    most = [0.0]
    before = _memory()

    def look(*_: int) -> None:
        most[0] = max(most[0], _memory() - before)

    started = time.perf_counter()
    index.follow(corpus, progress=look)
    index.close()
    return time.perf_counter() - started, most[0]


def _memory() -> float:
    """Return how many MB this process holds that are no files."""
    status = Path("/proc/self/status").read_text("ascii")
    found = re.search(r"RssAnon:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def _size(path: Path) -> int:
    """Return how many bytes a folder takes."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _queries(texts: list[str], chosen: argparse.Namespace) -> dict[str, list[Query]]:
    """Return what is asked, by kind: words of titles, which is what readers look for."""
    chance = random.Random(chosen.seed)  # noqa: S311

    def words(count: int) -> str:
        while True:
            title = chance.choice(texts).partition("\n")[0]
            found = [
                word
                for word in dict.fromkeys(search_words(fold(title)))
                if len(word) > 1 and word not in stop_words() and not word.isascii()
            ]
            if len(found) >= count:
                return " ".join(chance.sample(found, count))

    def phrase() -> str:
        text = chance.choice(texts)
        start = chance.randrange(max(1, len(text) - 8))
        return f"“{text[start : start + chance.randrange(4, 9)]}”"

    def filtered() -> Query:
        return Query(
            words(1),
            topics=(chance.choice(["04", "10", "0902", "1502"]),),
            years=(2015, 2024),
            validity="in_force",
        )

    everyday = list(everyday_words())
    makers: dict[str, Callable[[], Query]] = {
        "one word": lambda: Query(words(1)),
        "two words": lambda: Query(words(2)),
        "three words": lambda: Query(words(3)),
        "one word, newest first": lambda: Query(words(1), sort="newest"),
        "a word and three filters": filtered,
        "a word without another": lambda: Query(f"{words(1)} -{words(1)}"),
        "an everyday word": lambda: Query(chance.choice(everyday)),
        "a phrase": lambda: Query(phrase()),
        "安全": lambda: Query("安全"),
        "nothing": Query,
    }
    few = {"安全", "nothing"}
    return {
        kind: [make() for _ in range(1 if kind in few else chosen.queries)]
        for kind, make in makers.items()
    }


def _queried(  # noqa: PLR0917
    figures: dict[str, Any],
    kind: str,
    queries: list[Query],
    index: SearchIndex,
    corpus: Corpus,
    rounds: int,
) -> None:
    """Ask the index."""

    def ask(query: Query) -> None:
        # Counts are remembered for the next page; here every question is a new one.
        index._counts.clear()  # noqa: SLF001
        index.search(query, corpus)

    figures[kind] = _times(f"{kind} ({_found(index, corpus, queries)} found)", ask, queries, rounds)


def _found(index: SearchIndex, corpus: Corpus, queries: list[Query]) -> int:
    """Return how many notices a question finds, in the middle."""
    return round(median(index.search(query, corpus).total for query in queries))


def _beside(  # noqa: PLR0917
    figures: dict[str, Any],
    kind: str,
    queries: list[Query],
    fts: Fts,
    corpus: Corpus,
    rounds: int,
) -> None:
    """Ask FTS5 the same."""
    everyday = everyday_words()

    def words_of(query: Query) -> list[str]:
        typed = read_query(query.words, everyday)
        return [word for term in typed.wanted for word in term.readings[0]]

    asked = [words_of(query) for query in queries]
    label = f"  FTS5, {len(asked)} of them"
    figures[f"FTS5: {kind}"] = _times(label, lambda w: fts.search(corpus, w), asked, rounds)


def _times(
    label: str, ask: Callable[[Any], object], questions: list[Any], rounds: int
) -> dict[str, float]:
    """Return the median and the 99th percentile in milliseconds, as medians of some rounds."""
    found = [_round(ask, questions) for _ in range(rounds)]
    p50, p99 = (median(values) * _MILLI for values in zip(*found, strict=True))
    print(f"{label:58} p50 {p50:8.2f} ms   p99 {p99:8.2f} ms", flush=True)
    return {"p50_ms": round(p50, 3), "p99_ms": round(p99, 3)}


def _round(ask: Callable[[Any], object], questions: list[Any]) -> tuple[float, float]:
    """Return the median and the 99th percentile of one round in seconds."""
    times = list(_timed(ask, questions))
    return median(times), quantiles([*times, times[-1]], n=100, method="inclusive")[98]


def _timed(ask: Callable[[Any], object], questions: list[Any]) -> Iterator[float]:
    """Yield how long each question takes."""
    for question in questions:
        started = time.perf_counter()
        ask(question)
        yield time.perf_counter() - started


def _row(figures: dict[str, Any], name: str, label: str, value: float) -> None:
    """Note one figure and print it."""
    figures[name] = round(value, 3)
    print(f"{label:58} {value:12.2f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
