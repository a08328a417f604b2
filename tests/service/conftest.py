"""
What the tests of the doors share: the small model behind HTTP, a command line, a real server.

Nothing here is timed, and no port or folder is fixed.
"""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from starlette.testclient import TestClient

from corpus.search import SearchIndex
from corpus.store import Corpus
from service import cli
from service.app import create_app
from service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from classifier.model import TopicModel
    from classifier.rows import LabelledNotice

# Words that the small model knows, in a page as somebody pastes it.
PAGE = """索引号: QX0012345672024000156 主题分类: 其他-其他
发布机构: 青溪县交通运输局
发文字号: 青交〔2024〕56号 发布日期: 2024-03-12
关于做好2024年农村公路养护工作的通知
各乡镇人民政府：
为做好农村公路养护和公路路面大修，治理超限超载，现将有关事项通知如下。
"""
FEW_TITLES = (
    "关于做好农村公路养护工作的通知",
    "关于义务教育招生的意见",
    "增值税申报管理办法",
)
ZHUTI = Path(sys.executable).with_name("zhuti")
PATIENCE = 60


@pytest.fixture(scope="session", autouse=True)
def _no_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the settings and the corpus of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))
        for name in [name for name in os.environ if name.startswith("ZHUTI_")]:
            if not name.startswith("ZHUTI_TEST_"):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def client(model: TopicModel) -> Iterator[TestClient]:
    """Return the door of the small model; what fails inside fails the test."""
    with TestClient(create_app(model, Settings())) as opened:
        yield opened


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    """Return an empty corpus in the folder of the test."""
    with Corpus.open(f"sqlite:///{tmp_path / 'zhuti.db'}") as opened:
        yield opened


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    """Return an index in the folder of the test; it follows nothing by itself."""
    with SearchIndex.open(tmp_path / "index") as opened:
        yield opened


@pytest.fixture
def door(model: TopicModel, corpus: Corpus, index: SearchIndex) -> Iterator[TestClient]:
    """Return the door of a service with a corpus, which its index follows."""
    with TestClient(create_app(model, Settings(), corpus, index)) as opened:
        yield opened


def wait_until(condition: Callable[[], object]) -> None:
    """Return once a condition holds; fail if it never does."""
    ends = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > ends:
            pytest.fail("It never came to that.")
        time.sleep(0.02)


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Return a function that waits for a condition, for as long as patience lasts."""
    return wait_until


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """All of stdout as one JSON value."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Each line of stdout as a JSON value."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def zhuti(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Return a function that runs a command as the shell would, without starting a process."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    def run(*arguments: object, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["zhuti", *map(str, arguments)])
        stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin)), "utf-8")
        monkeypatch.setattr(sys, "stdin", stream)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def suggest(zhuti: Callable[..., Ran], model_folder: Path) -> Callable[..., Ran]:
    """Return a function that runs ``zhuti suggest`` with the small model."""

    def run(*arguments: object, stdin: bytes = b"") -> Ran:
        return zhuti("suggest", *arguments, "--model", model_folder, stdin=stdin)

    return run


@pytest.fixture(scope="session")
def labelled_file(
    small_rows: list[LabelledNotice], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the notices of the small model as a file, with their topics as codes."""
    path = tmp_path_factory.mktemp("labelled") / "notices.jsonl"
    lines = (
        {
            "id": row.notice.id,
            "title": row.notice.title,
            "body": row.notice.body,
            "topic": row.topic.code,
        }
        for row in small_rows
    )
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return path


@pytest.fixture
def jsonl(tmp_path: Path) -> Path:
    """Return a file of three notices, one a line."""
    path = tmp_path / "notices.jsonl"
    lines = [json.dumps({"title": title}, ensure_ascii=False) for title in FEW_TITLES]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def free_port() -> int:
    """Return a port on which nobody listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Server:
    """A running ``zhuti serve``, and what it said on stderr so far."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """All that it printed."""
        return self.log.read_text("utf-8")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Return the exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(folder: Path, *options: object) -> Iterator[Server]:
    """Start ``zhuti serve`` in an empty *folder* and hand it over once it is ready."""
    port = free_port()
    log = folder / "serve.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [ZHUTI, "serve", "--port", str(port), *map(str, options)],
            cwd=folder,
            env={**os.environ, "XDG_DATA_HOME": str(folder / "home")},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
    server = Server(process, port, log)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(PATIENCE)


def _wait_until_ready(server: Server) -> None:
    """Return once a server answers; fail with its own words if it never does."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and server.process.poll() is None:
        with suppress(URLError, ConnectionError), urlopen(f"{server.url}/readyz") as answer:  # noqa: S310 (our own server)
            answer.read()
            return
        time.sleep(0.02)
    pytest.fail(f"The server did not start:\n{server.said}")


@pytest.fixture
def serve(model_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """
    Return a function that starts a real server with options of the test's own.

    Each keeps its data, and so its index, in a folder of its own, as on another machine.
    """
    with ExitStack() as running:
        numbers = count()

        def start(*options: object) -> Server:
            folder = tmp_path / f"server-{next(numbers)}"
            folder.mkdir()
            return running.enter_context(serving(folder, "--model", model_folder, *options))

        yield start


@pytest.fixture(scope="session")
def server(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a real server with the small model, one for all tests."""
    with serving(tmp_path_factory.mktemp("server"), "--model", model_folder) as running:
        yield running
