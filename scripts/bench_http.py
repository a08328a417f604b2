"""
How fast the service answers: from its start to the first answer, and 1, 8 and 32 clients at once.

Clients are threads that write and read bytes on a connection kept open: a client of Python's own
library would take as long as the service.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from corpus.exchange import notice_as_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.notice import Notice

REQUESTS = 2000
CLIENTS = (1, 8, 32)
WORKERS = (1, 2)
BODY = 1000


def over_http(notices: Sequence[Notice], model: Path) -> list[dict[str, Any]]:
    """Measure the service with one worker and with two."""
    bodies = [
        json.dumps(notice_as_json(replace(notice, body=(notice.body or "")[:BODY])))
        for notice in notices
    ]
    found = []
    for workers in WORKERS:
        folder = mkdtemp(prefix="zhuti-bench-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        started = time.perf_counter()
        command = [Path(sys.executable).with_name("zhuti"), "serve"]
        service = subprocess.Popen(  # noqa: S603
            [*command, "--port", str(port), "--workers", str(workers), "--model", model],
            stderr=subprocess.DEVNULL,
            # A corpus of its own: indexing somebody's archive would take the time measured.
            env={
                **os.environ,
                "ZHUTI_DATABASE": f"sqlite:///{folder}/zhuti.db",
                "XDG_DATA_HOME": folder,
            },
        )
        try:
            first_answer(port, bodies[0])
            start = time.perf_counter() - started
            print(f"{_named(workers) + ', start to first answer':44} {start:9.2f} s")
            found.append({"workers": workers, "start_seconds": round(start, 3)})
            found.extend({"workers": workers, **_load(port, bodies, n)} for n in CLIENTS)
            own = [_own_memory(process) for process in _processes(service.pid)]
            print(f"{'  own memory (PSS) of each process':44} {', '.join(map(str, own))} MB")
            found.append({"workers": workers, "pss_megabytes": own})
            if workers == 1:
                found.append(_precedents(port, bodies))
        finally:
            service.terminate()
            service.wait(30)
            rmtree(folder)
    return found


def _named(workers: int) -> str:
    """Return what a line of the table is of."""
    return "one worker" if workers == 1 else f"{workers} workers"


def _load(port: int, bodies: Sequence[str], clients: int) -> dict[str, Any]:
    """Ask with several clients at once."""
    requests = [
        f"POST /api/v1/suggest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(data)}\r\n\r\n"
        .encode() + data
        for data in (body.encode() for body in bodies)
    ]  # fmt: skip
    each = REQUESTS // clients
    shares = [
        [requests[(client * each + n) % len(requests)] for n in range(each)]
        for client in range(clients)
    ]
    with ThreadPoolExecutor(clients) as pool:
        started = time.perf_counter()
        seconds = [
            second for one in pool.map(lambda s: list(_ask(port, s)), shares) for second in one
        ]
        taken = time.perf_counter() - started
    cuts = statistics.quantiles(seconds, n=100)
    name = f"  POST /suggest, {BODY:,} characters, {clients} client{'s'[: clients != 1]}"
    print(
        f"{name:44} {len(seconds) / taken:9,.0f}/s  {'':18}  p50 {cuts[49] * 1000:6.2f} ms"
        f"  p99 {cuts[98] * 1000:6.2f} ms"
    )
    return {
        "clients": clients,
        "per_second": round(len(seconds) / taken),
        "p50": round(cuts[49] * 1000, 3),
        "p99": round(cuts[98] * 1000, 3),
    }


def _ask(port: int, requests: Sequence[bytes]) -> Iterator[float]:
    """Yield how long each answer took, on one connection."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            start = time.perf_counter()
            connection.sendall(request)
            _answer(connection)
            yield time.perf_counter() - start


def _answer(connection: socket.socket) -> None:
    """Read one answer to its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, rest = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        msg = f"The service answered {head[:80]!r}, not 200."
        raise ConnectionError(msg)
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    left = length - len(rest)
    while left > 0:
        left -= len(_more(connection))


def _more(connection: socket.socket) -> bytes:
    """Return what comes next."""
    data = connection.recv(1 << 16)
    if not data:
        msg = "The service closed the connection before its answer ended."
        raise ConnectionError(msg)
    return data


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


def _processes(pid: int) -> list[int]:
    """Return a process and its children, where the system tells them."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [pid, *map(int, children.read_text("utf-8").split() if children.exists() else ())]


def _own_memory(pid: int) -> int:
    """Return a process's proportional share of memory in megabytes; 0 where it is not told."""
    path = Path(f"/proc/{pid}/smaps_rollup")
    lines = path.read_text("utf-8").split("\n") if path.exists() else []
    sizes = [line.split()[1] for line in lines if line.startswith("Pss:")]
    return round(int(sizes[0]) / 1024) if sizes else 0


def _precedents(port: int, bodies: Sequence[str]) -> dict[str, Any]:
    """Store all notices and ask for precedents of each."""
    client = HTTPConnection("127.0.0.1", port)
    for number, body in enumerate(bodies):
        _post(client, "notices", json.dumps({**json.loads(body), "id": f"bench-{number}"}))
    _until_found(client, len(bodies))
    seconds = [_post(client, "precedents", body) for body in bodies]
    cuts = statistics.quantiles(seconds, n=100)
    name = f"  POST /precedents, {len(bodies)} notices"
    rate = len(seconds) / sum(seconds)
    print(
        f"{name:44} {rate:9,.0f}/s  {'':18}  p50 {cuts[49] * 1000:6.2f} ms"
        f"  p99 {cuts[98] * 1000:6.2f} ms"
    )
    return {"precedents": len(bodies), "p50": round(cuts[49] * 1000, 3)}


def _post(client: HTTPConnection, what: str, body: str) -> float:
    """Return how long an answer took."""
    start = time.perf_counter()
    client.request("POST", f"/api/v1/{what}", body.encode())
    client.getresponse().read()
    return time.perf_counter() - start


def _until_found(client: HTTPConnection, count: int) -> None:
    """Wait until the index holds all notices, for 30 seconds at most."""
    for _ in range(300):
        client.request("GET", "/api/v1/search?limit=0")
        if json.loads(client.getresponse().read())["total"] >= count:
            return
        time.sleep(0.1)
    msg = "The index did not catch up within 30 seconds."
    raise TimeoutError(msg)
