"""
How fast suggesting is beside cutting words alone, and over HTTP: one run, one table.

Floor and suggestions take turns on the same notices, so that their ratio holds on a noisy machine;
the figures are medians of several rounds. The HTTP part starts the service on a free port of this
machine, asks a bounded number of times, and stops it.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from classifier.artefact import default_folder
from classifier.model import load
from corpus.exchange import notice_as_json, read_lines
from corpus.notice import Notice
from corpus.segmentation import open_segmenter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BESIDE = Path(__file__).parents[2] / "shared" / "data" / "notices.jsonl.gz"
MOST_NOTICES = 400
ROUNDS = 5
REQUESTS = 500
SENTENCES = (
    "各乡镇人民政府、局属各单位要把农村公路日常养护列入年度计划。",
    "对符合条件的小微企业按规定减免房产税和城镇土地使用税。",
    "学校食堂实行每餐留样制度，留样时间不少于四十八小时。",
    "河长每月至少巡河一次，发现问题及时交办并跟踪整改。",
    "新建住宅小区应当同步规划建设充电设施和无障碍通道。",
    "用人单位不得以任何形式拖欠农民工工资，违者列入失信名单。",
)


def main() -> None:
    """Measure and print."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else BESIDE
    notices = from_file(path) if path.exists() else made_up()
    size = sum(len(notice.body or "") for notice in notices) / len(notices)
    print(f"{len(notices)} notices of {size:,.0f} characters; {platform.machine()},"
          f" Python {platform.python_version()}, {os.cpu_count()} cores")  # fmt: skip
    in_process(notices)
    over_http(notices)


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


def in_process(notices: Sequence[Notice]) -> None:
    """Measure the floor and the suggestions, turn by turn."""
    segmenter, model = open_segmenter(), load(default_folder())
    titles = [Notice(title=notice.title) for notice in notices]
    tasks: dict[str, Callable[[Notice], object]] = {
        "cutting words alone (the floor)": lambda notice: segmenter.segment(
            f"{notice.title}\n{notice.body}"
        ),
        "suggest, with evidence": model.suggest,
        "suggest, answer as JSON": lambda notice: json.dumps(model.suggest(notice).as_json()),
    }
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    of_a_title: list[float] = []
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            start = time.perf_counter()
            for notice in notices:
                task(notice)
            seconds[name].append(time.perf_counter() - start)
        for title in titles:
            start = time.perf_counter()
            model.suggest(title)
            of_a_title.append(time.perf_counter() - start)
    floor = statistics.median(seconds["cutting words alone (the floor)"])
    for name, rounds in seconds.items():
        middle = statistics.median(rounds)
        print(f"{name:34} {len(notices) / middle:8,.0f}/s  {floor / middle:5.2f} of the floor")
    print(f"{'one title':34} {of_percentiles(of_a_title)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory of this process':34} {peak:8,.0f} MB")


def over_http(notices: Sequence[Notice]) -> None:
    """Measure the service from its start to its answers, one client on one connection."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = mkdtemp(prefix="zhuti-bench-")
    started = time.perf_counter()
    service = subprocess.Popen(  # noqa: S603
        [Path(sys.executable).with_name("zhuti"), "serve", "--port", str(port)],
        stderr=subprocess.DEVNULL,
        # A corpus of its own: indexing somebody's archive would take the time that is measured.
        env={
            **os.environ,
            "ZHUTI_DATABASE": f"sqlite:///{folder}/zhuti.db",
            "XDG_DATA_HOME": folder,
        },
    )
    try:
        bodies = [
            json.dumps(notice_as_json(replace(notice, body=(notice.body or "")[:1000])))
            for notice in notices
        ]
        first_answer(port, bodies[0])
        print(f"{'start to first answer':34} {time.perf_counter() - started:8.2f} s")
        client = HTTPConnection("127.0.0.1", port)
        seconds = [ask(client, "suggest", bodies[n % len(bodies)])[0] for n in range(REQUESTS)]
        print(f"{'POST /suggest, 1,000 characters':34} {of_percentiles(seconds)}")
        for number, body in enumerate(bodies):
            ask(client, "notices", json.dumps({**json.loads(body), "id": f"bench-{number}"}))
        until_found(client, len(bodies))
        seconds = [ask(client, "precedents", body)[0] for body in bodies]
        print(
            f"{'POST /precedents, ' + str(len(bodies)) + ' notices':34} {of_percentiles(seconds)}"
        )
    finally:
        service.terminate()
        service.wait(10)
        rmtree(folder)


def ask(client: HTTPConnection, what: str, body: str) -> tuple[float, bytes]:
    """Return how long an answer took, and the answer."""
    start = time.perf_counter()
    client.request("POST", f"/api/v1/{what}", body.encode())
    answer = client.getresponse().read()
    return time.perf_counter() - start, answer


def until_found(client: HTTPConnection, count: int) -> None:
    """Wait until the index holds all notices, for 30 seconds at most."""
    for _ in range(300):
        client.request("GET", "/api/v1/search?limit=0")
        if json.loads(client.getresponse().read())["total"] >= count:
            return
        time.sleep(0.1)
    msg = "The index did not catch up within 30 seconds."
    raise TimeoutError(msg)


def first_answer(port: int, body: str) -> None:
    """Ask until the service answers, for 30 seconds at most."""
    for _ in range(3000):
        try:
            client = HTTPConnection("127.0.0.1", port)
            client.request("POST", "/api/v1/suggest", body.encode())
            client.getresponse().read()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return
    msg = "The service did not answer within 30 seconds."
    raise TimeoutError(msg)


def of_percentiles(seconds: Sequence[float]) -> str:
    """Return the median and the 99th percentile in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1000:6.2f} ms   p99 {cuts[98] * 1000:6.2f} ms"


if __name__ == "__main__":
    main()
