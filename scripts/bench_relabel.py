"""
How fast an archive is relabelled, beside cutting its words alone; one process and two.

    scripts/bench relabel [--notices 10000 100000] [--no-store]

Notices are those beside the project, over and over with ids of their own, else made up here. The
floor is cutting title and body into words in one process, measured before and after each run; the
memory is what a process holds that are no files, at its most.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generate import make_notices, read_parts

from corpus.exchange import notice_from_json
from corpus.segmentation import open_segmenter
from corpus.store import Corpus

if TYPE_CHECKING:
    from collections.abc import Iterator

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "notices.jsonl.gz"
ZHUTI = Path(sys.executable).with_name("zhuti")
_SAMPLE = 1500
_DIFFERENT = 12_000
_JOBS = (1, 2)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--no-store", action="store_true", help="only files")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhuti-bench-") as name:
        for count in chosen.notices:
            _measure(Path(name), count, store=not chosen.no_store)


def _measure(folder: Path, count: int, *, store: bool) -> None:
    """Measure with so many notices."""
    source = folder / f"{count}.jsonl"
    with source.open("w", encoding="utf-8") as file:
        for entry in _entries(count):
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    sample = [notice for _, notice in zip(range(_SAMPLE), _entries(count), strict=False)]
    texts = [f"{entry.get('title')}\n{entry.get('body')}" for entry in sample]
    size = sum(map(len, texts)) / len(texts)
    print(f"{count:,} notices of {size:,.0f} characters")
    base: dict[str, float] = {}
    for jobs in _JOBS:
        out = folder / "out.jsonl"
        _run(base, "relabel file", jobs, count, texts, ["relabel", "file", source, out])
    if not store:
        return
    url = f"sqlite:///{folder / f'{count}.db'}"
    started = time.perf_counter()
    with Corpus.open(url) as corpus:
        for _ in corpus.add_all(map(notice_from_json, _entries(count)), by="bench"):
            pass
    print(f"  {'storing them':28} {count / (time.perf_counter() - started):8,.0f}/s", flush=True)
    at = ["--database", url]
    for jobs in _JOBS:
        _run(base, "relabel plan", jobs, count, texts, ["relabel", "plan", *at])
    for verb in ("apply", "undo"):
        _run(base, f"relabel {verb}", 1, count, texts, ["relabel", verb, "relabel-1", *at])


def _run(  # noqa: PLR0917
    base: dict[str, float],
    name: str,
    jobs: int,
    count: int,
    texts: list[str],
    arguments: list[Any],
) -> None:
    """Run a command between two looks at the floor, and print how fast it was."""
    before = _floor(texts)
    options = ["--jobs", str(jobs)] if jobs > 1 else []
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [ZHUTI, *arguments, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0
    while process.poll() is None:
        peak = max([peak, *map(_memory, _family(process.pid))])
        time.sleep(0.2)
    seconds = time.perf_counter() - started
    if process.returncode:
        sys.exit(f"zhuti {' '.join(map(str, arguments))} failed; run it to see why.")
    floor = (before + _floor(texts)) / 2
    base.setdefault(name, seconds)
    print(
        f"  {name}, {jobs} process{'es' if jobs > 1 else '':2}"
        f" {count / seconds:8,.0f}/s  {floor * count / seconds / jobs:5.2f} of the floor a process"
        f"  {base[name] / seconds:5.2f} x one  {peak / 1024:5,.0f} MB a process at most",
        flush=True,
    )


def _entries(count: int) -> Iterator[dict[str, Any]]:
    """Yield notices as JSON."""
    if BESIDE.is_file():
        with gzip.open(BESIDE, "rt", encoding="utf-8") as lines:
            different = [json.loads(line) for line in islice(lines, _DIFFERENT)]
    else:
        different = list(make_notices(min(count, _DIFFERENT), seed=1, parts=read_parts(None)))
    for number, entry in zip(range(count), cycle(different), strict=False):
        yield {**entry, "id": f"bench-{number}", "url": None}


def _floor(texts: list[str]) -> float:
    """Return how many seconds cutting one text into words takes."""
    segmenter = open_segmenter()
    started = time.perf_counter()
    for text in texts:
        segmenter.segment(text)
    return (time.perf_counter() - started) / len(texts)


def _family(process: int) -> list[int]:
    """Return a process and those that it has started."""
    found = [process]
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, parent = re.match(r"(\d+) \(.*\) \S (\d+)", path.read_text("utf-8")).groups()  # type: ignore[union-attr]
        except (OSError, AttributeError):
            continue
        if int(parent) in found:
            found.append(int(number))
    return found


def _memory(process: int) -> int:
    """Return how many kB a process holds that are no files; nothing if it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii")
    except OSError:
        return 0
    found = re.search(r"RssAnon:\s+(\d+)", status)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()
