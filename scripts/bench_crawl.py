"""
How fast gathering is, and whether it loses its place: against the tests' own web, with no delay.

    scripts/bench crawl [--notices 10000] [--kills 20]

Prints pages a second, the memory of the process at its peak, and, with kills, whether every notice
is there once. The web runs beside it on the same machine, so this is less than one core can do.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from corpus.store import Corpus

ROOT = Path(__file__).parents[1]
ZHUTI = Path(sys.executable).with_name("zhuti")
_PROFILE = """[trs]
title = "t"
family = "trs"
lists = ["{url}/trs/"]
delay = 0
span = 3650
private = true
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    spec = importlib.util.spec_from_file_location("fake_web", ROOT / "tests/corpus/fake_web.py")
    assert spec is not None  # noqa: S101
    assert spec.loader is not None  # noqa: S101
    fake_web = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fake_web)
    with tempfile.TemporaryDirectory(prefix="zhuti-bench-") as name, fake_web.serving() as web:
        web.count, web.size = chosen.notices, 50
        print(json.dumps(_measure(web, Path(name), chosen)))


def _measure(web: Any, folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of a run that is killed so many times before it may end."""
    (folder / "sites.toml").write_text(_PROFILE.format(url=web.url))
    chance = random.Random(chosen.seed)  # noqa: S311 (nothing is secret here)
    url = f"sqlite:///{folder / 'zhuti.db'}"
    command = [ZHUTI, "crawl", "trs", "--json", "--sites", folder / "sites.toml", "--database", url]
    started = time.perf_counter()
    for _ in range(chosen.kills):
        process = _start(command)
        time.sleep(4 + chance.random() * 6)
        process.kill()
        process.wait()
    process = _start(command)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(0.2)
    seconds = time.perf_counter() - started
    assert process.stdout is not None  # noqa: S101
    (report,) = json.load(process.stdout)
    with Corpus.open(url) as corpus:
        titles = [found.notice.title for found in corpus.iterate()]
    fetched = {path: count for path, count in web.asked.items() if "t2026" in path}
    pages = report["lists"] + report["pages"]
    return {
        "notices": len(titles),
        "different": len(set(titles)),
        "fetched more than once": sum(count > 1 for count in fetched.values()),
        "seconds": round(seconds, 1),
        "pages a second in the last run": round(pages / report["seconds"], 1),
        "peak MB": peak // 1024,
        "problems": report["problems"],
    }


def _start(command: list[Any]) -> subprocess.Popen[bytes]:
    """Start a run."""
    environment = {**os.environ, "ZHUTI_CONTACT": "bench@office.example"}
    return subprocess.Popen(  # noqa: S603 (our own command)
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def _memory(process: int) -> int:
    """Return how many kB a process holds; nothing if it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii")
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()
