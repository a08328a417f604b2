"""
How fast suggesting is beside cutting words alone, beside plain peers, and over HTTP: one run.

    scripts/bench [FILE] [--model FOLDER] [--rounds 5] [--peers] [--json OUT.json]

All that is compared takes turns on the same notices, so that ratios hold on a noisy machine; the
figures are medians of several rounds. The HTTP part starts the service on a free port of this
machine, asks a bounded number of times, and stops it. --peers trains a few lines of scikit-learn on
the same notices as we do, and says how often each is right on others; that takes minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_http import over_http
from bench_peers import beside_peers

from classifier.artefact import default_folder
from classifier.model import load
from corpus.exchange import read_lines
from corpus.notice import Notice
from corpus.segmentation import open_segmenter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from classifier.model import TopicModel

BESIDE = Path(__file__).parents[2] / "shared" / "data" / "notices.jsonl.gz"
LIBRARIES = ("zhuti", "numpy", "scipy", "scikit-learn", "rjieba")
MOST_NOTICES = 400
FLOOR = "cutting words alone (the floor)"
SENTENCES = (
    "各乡镇人民政府、局属各单位要把农村公路日常养护列入年度计划。",
    "对符合条件的小微企业按规定减免房产税和城镇土地使用税。",
    "学校食堂实行每餐留样制度，留样时间不少于四十八小时。",
    "河长每月至少巡河一次，发现问题及时交办并跟踪整改。",
    "新建住宅小区应当同步规划建设充电设施和无障碍通道。",
    "用人单位不得以任何形式拖欠农民工工资，违者列入失信名单。",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """How fast one thing was: in all, and how long single calls took (milliseconds)."""

    name: str
    per_second: float
    of_floor: float | None = None
    p50: float | None = None
    p99: float | None = None

    def __str__(self) -> str:
        """Return a row of the table."""
        of_floor = "" if self.of_floor is None else f"{self.of_floor:5.2f} of the floor"
        calls = "" if self.p50 is None else f"  p50 {self.p50:6.2f} ms  p99 {self.p99:6.2f} ms"
        return f"{self.name:44} {self.per_second:9,.0f}/s  {of_floor:18}{calls}"


def main() -> None:
    """Measure, print, and write down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, default=BESIDE, help="JSONL of notices")
    parser.add_argument("--model", type=Path, default=default_folder(), help="a model folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", action="store_true", help="train peers and compare with them")
    parser.add_argument("--step", type=int, default=1, help="peers: every so many-th notice only")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    given = parser.parse_args()
    notices = from_file(given.file) if given.file.exists() else made_up()
    conditions = describe(notices, given.model)
    print(
        f"{conditions['data']['notices']} notices of {conditions['data']['characters']:,}"
        f" characters; {conditions['machine']['processor']},"
        f" Python {conditions['versions']['python']}, {conditions['machine']['cores']} cores"
    )
    found: dict[str, Any] = {**conditions, "in_process": in_process(notices, given)}
    found["http"] = over_http(notices, given.model)
    if given.peers:
        found["peers"] = beside_peers(given.file, notices, step=given.step, rounds=given.rounds)
    if given.json is not None:
        given.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


def describe(notices: Sequence[Notice], folder: Path) -> dict[str, Any]:
    """Return what the figures depend on."""
    text = "\n".join(f"{notice.title}\n{notice.body}" for notice in notices)
    size = sum(len(notice.body or "") for notice in notices) / len(notices)
    return {
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
        },
        "versions": {"python": platform.python_version()}
        | {library: metadata.version(library) for library in LIBRARIES},
        "data": {
            "notices": len(notices),
            "characters": round(size),
            "digest": hashlib.sha256(text.encode()).hexdigest(),
        },
        "model_megabytes": round(sum(f.stat().st_size for f in folder.iterdir()) / 1e6, 1),
    }


def _processor() -> str:
    """Return the name of the processor, where the system tells it."""
    lines = Path("/proc/cpuinfo").read_text("utf-8") if Path("/proc/cpuinfo").exists() else ""
    names = (line.partition(":")[2].strip() for line in lines.split("\n") if "model name" in line)
    return next(names, platform.machine())


def from_file(path: Path) -> list[Notice]:
    """Return the first notices of a file that have a body of some length."""
    entries = (entry.notice() for entry in read_lines(path))
    return list(islice((n for n in entries if n.title and len(n.body or "") > 500), MOST_NOTICES))  # noqa: PLR2004


def made_up() -> list[Notice]:
    """Return notices recombined from a few sentences."""
    return [
        Notice(
            title=f"青溪县关于做好第{number}号工作的通知",
            body="\n".join(SENTENCES[(number * 7 + n * n) % len(SENTENCES)] for n in range(120)),
        )
        for number in range(MOST_NOTICES)
    ]


def in_process(notices: Sequence[Notice], given: argparse.Namespace) -> list[dict[str, Any]]:
    """Measure the floor and the suggestions, turn by turn, in one process and in two."""
    segmenter, model, whole = open_segmenter(), load(given.model), load(given.model)
    # Not read from the card: how fast it would be if nothing of a body were left out.
    whole._body_limit = None  # noqa: SLF001
    titles = [Notice(title=notice.title) for notice in notices]
    tasks: dict[str, tuple[Callable[[Notice], object], Sequence[Notice]]] = {
        FLOOR: (lambda notice: segmenter.segment(f"{notice.title}\n{notice.body}"), notices),
        "full notices, one by one": (model.suggest, notices),
        "full notices, answer as JSON": (
            lambda notice: json.dumps(model.suggest(notice).as_json()),
            notices,
        ),
        "full notices, best topic only": (lambda n: model.suggest(n, limit=1), notices),
        "full notices, probabilities only": (lambda n: model.probabilities(model.cut(n)), notices),
        "all of each body, best topic only": (lambda n: whole.suggest(n, limit=1), notices),
        "all of each body, probabilities only": (
            lambda n: whole.probabilities(whole.cut(n)),
            notices,
        ),
        "titles, one by one": (model.suggest, titles),
    }
    seconds: dict[str, list[list[float]]] = {name: [] for name in tasks}
    for _ in range(given.rounds):
        for name, (task, inputs) in tasks.items():
            seconds[name].append([_timed(task, notice) for notice in inputs])
    floor = statistics.median(map(sum, seconds[FLOOR]))
    figures = [figure(name, rounds, floor) for name, rounds in seconds.items()]
    figures += in_processes(notices, given)
    for one in figures:
        print(one)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory of this process':44} {peak:9,.0f} MB")
    return [asdict(one) for one in figures] + [{"name": "peak memory", "megabytes": round(peak)}]


def figure(name: str, rounds: Sequence[Sequence[float]], floor: float | None = None) -> Figure:
    """Return the median of some rounds, and the percentiles of all their calls."""
    whole = statistics.median(map(sum, rounds))
    cuts = statistics.quantiles([second for one in rounds for second in one], n=100)
    of_floor = None if floor is None or name.startswith("titles") else floor / whole
    return Figure(name, len(rounds[0]) / whole, of_floor, cuts[49] * 1000, cuts[98] * 1000)


def in_processes(notices: Sequence[Notice], given: argparse.Namespace) -> list[Figure]:
    """Measure batches in one and in two processes, each on all of the notices."""
    figures = []
    for count in (1, 2):
        with ProcessPoolExecutor(count, initializer=_open, initargs=(given.model, notices)) as pool:
            list(pool.map(_batch, [0] * count))
            for what, number in (("full notices", 0), ("titles", 1)):
                seconds = []
                for _ in range(given.rounds):
                    started = time.perf_counter()
                    list(pool.map(_batch, [number] * count))
                    seconds.append(time.perf_counter() - started)
                rate = count * len(notices) / statistics.median(seconds)
                processes = "1 process" if count == 1 else f"{count} processes"
                figures.append(Figure(f"{what} in batches, {processes}", rate))
    return figures


_of_process: tuple[TopicModel, tuple[Sequence[Notice], Sequence[Notice]]]


def _open(folder: Path, notices: Sequence[Notice]) -> None:
    """Load the model in a process of its own."""
    global _of_process  # noqa: PLW0603 (a process of a pool has no other place)
    _of_process = load(folder), (notices, [replace(notice, body=None) for notice in notices])


def _batch(which: int) -> None:
    """Answer all notices, or all titles."""
    model, inputs = _of_process
    for _ in model.suggest_all(inputs[which]):
        pass


def _timed(task: Callable[[Notice], object], notice: Notice) -> float:
    """Return how long one call took."""
    start = time.perf_counter()
    task(notice)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
