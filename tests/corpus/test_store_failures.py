"""Disks fill, rights are missing, servers go: it is said, and nothing confirmed is lost."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from corpus.errors import ForeignStoreError, StoreUnavailableError
from corpus.notice import Notice
from corpus.store import Corpus

_NOBODY = 65534
_ALL_PAGES = 1_073_741_823


def _notices(prefix, length=20_000):
    return (Notice(id=f"{prefix}-{n}", body=f"{n}号" + "文" * length) for n in count())


def _load(corpus, notices, *, chunk=5):
    """Load until it fails; return the ids that were confirmed, and the error."""
    confirmed = []
    try:
        for change in corpus.add_all(notices, by="导入", chunk=chunk):
            confirmed.append(change.id)  # noqa: PERF401
    except StoreUnavailableError as error:
        return confirmed, error
    return confirmed, None


def test_a_full_disk_is_said_and_nothing_confirmed_is_lost(sqlite_store):
    """What was confirmed before the disk filled is there; with room again, loading goes on."""
    with Corpus.open(sqlite_store) as corpus:
        corpus._database.ask_sqlite("PRAGMA max_page_count = 300")

        confirmed, error = _load(corpus, _notices("a"))

        assert error.reason.startswith("the disk is full")
        assert "Make room" in error.remedy
        assert confirmed == [notice.id for notice in corpus.iterate()] != []
        corpus._database.ask_sqlite(f"PRAGMA max_page_count = {_ALL_PAGES}")
        assert corpus.add(Notice(id="more"), by="导入").what == "new"
        assert len(corpus.events()) == corpus.revision() == len(confirmed) + 1


@contextmanager
def _powerless():
    """Be a user to whom rights apply, should the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder():
    """Return a folder that other users may enter, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path
        path.chmod(0o755)


def test_a_file_that_may_not_be_written_is_said(open_folder):
    """A read-only folder and file are refused at the door; with the rights back, all is there."""
    path = open_folder / "zhuti.db"
    with Corpus.open(f"sqlite:///{path}") as corpus:
        corpus.add(Notice(id="n"), by="导入")
    path.chmod(0o444)
    open_folder.chmod(0o555)

    with (
        _powerless(),
        pytest.raises(StoreUnavailableError, match=r"may not be written|cannot be opened"),
        Corpus.open(f"sqlite:///{path}") as corpus,
    ):
        corpus.add(Notice(id="m"), by="导入")

    path.chmod(0o644)
    open_folder.chmod(0o755)
    with Corpus.open(f"sqlite:///{path}") as corpus:
        assert [notice.id for notice in corpus.iterate()] == ["n"]


@pytest.mark.parametrize("place", ["zhuti.db", "deeper/zhuti.db"])
def test_a_folder_that_may_not_be_written_is_said(open_folder, place):
    """No new corpus can be made there; the error names the file and the remedy."""
    open_folder.chmod(0o555)

    with _powerless(), pytest.raises(StoreUnavailableError, match=r"zhuti\.db cannot be used"):
        Corpus.open(f"sqlite:///{open_folder / place}")


def test_a_folder_is_no_file(tmp_path):
    """An address that names a folder is refused in words."""
    with pytest.raises(StoreUnavailableError, match="cannot be opened"):
        Corpus.open(f"sqlite:///{tmp_path}")


def test_a_lock_is_waited_for_and_then_said(store_url):
    """Whoever waits longer than the timeout is told so, and may try again."""
    with Corpus.open(store_url) as holder, Corpus.open(store_url, timeout=0.1) as corpus:
        with holder._database.writing():
            with pytest.raises(StoreUnavailableError, match="another process holds it locked"):
                corpus.add(Notice(id="n"), by="导入")
            # Reading goes on.
            assert list(corpus.iterate()) == []

        assert corpus.add(Notice(id="n"), by="导入").what == "new"


def test_a_damaged_file_is_said(sqlite_store):
    """Noise in the middle of a file is found when it is read, and called by its name."""
    path = Path(sqlite_store.removeprefix("sqlite:///"))
    with Corpus.open(sqlite_store) as corpus:
        _load(corpus, (next(_notices(str(n))) for n in range(20)))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 2 * 4096))

    with (
        pytest.raises(StoreUnavailableError, match=r"is damaged .* backup"),
        Corpus.open(sqlite_store) as corpus,
    ):
        list(corpus.iterate())


def test_a_file_whose_beginning_is_damaged_is_not_taken_for_ours(sqlite_store):
    """Without its header a file cannot be told from any other, and is not touched."""
    path = Path(sqlite_store.removeprefix("sqlite:///"))
    with path.open("r+b") as file:
        file.write(bytes(100))
    before = path.read_bytes()

    with pytest.raises(ForeignStoreError, match="beginning is damaged"):
        Corpus.open(sqlite_store)

    assert path.read_bytes() == before


def test_a_lost_connection_is_replaced(postgresql_store):
    """A server that dropped all connections is asked again over new ones, without an error."""
    with Corpus.open(postgresql_store) as corpus, Corpus.open(postgresql_store) as other:
        corpus.add(Notice(id="n"), by="导入")
        with other._database.reading() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                    " datname = current_database() AND pid != pg_backend_pid()"
                )
            )

        assert corpus.get("n").id == "n"
        assert corpus.add(Notice(id="m"), by="导入").what == "new"


class Cluster:
    """A PostgreSQL server of our own, as a user who is not root."""

    def __init__(self, folder):
        self.data = folder / "data"
        self._programs = _programs()
        self._user = "postgres" if os.geteuid() == 0 else None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "--no-sync")
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"
        self.start()

    def start(self):
        # A crash of the server leaves the system's own memory of the files as it is.
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self.data}"
        log = str(self.data / "log")
        self._run("pg_ctl", "-D", str(self.data), "-l", log, "-w", "-o", options, "start")

    def stop(self, how="immediate"):
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", how, "stop")

    def _run(self, program, *arguments):
        subprocess.run(
            [str(self._programs / program), *arguments],
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )


def _programs():
    """Return the folder of PostgreSQL's programs, or skip the test."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").is_file():
            return folder
    if os.environ.get("ZHUTI_TEST_REQUIRE_POSTGRESQL") == "1":
        pytest.fail("needs PostgreSQL's programs (initdb, pg_ctl), which are not here")
    pytest.skip("needs PostgreSQL's programs (initdb, pg_ctl)")


@pytest.fixture
def cluster():
    """Return a server that may be crashed."""
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
        server = Cluster(Path(folder))
        yield server
        server.stop()


def test_a_server_that_crashes_during_a_load_loses_nothing(cluster):
    """The load ends with an error; when the server is back, the same corpus goes on with it."""
    pytest.importorskip("psycopg")
    enough = threading.Event()

    def counted(notices):
        for number, notice in enumerate(notices):
            if number == 30:
                enough.set()
            yield notice

    with Corpus.open(cluster.url, timeout=5) as corpus:
        found = []
        load = threading.Thread(
            target=lambda: found.append(_load(corpus, counted(_notices("a", 2000))))
        )
        load.start()
        enough.wait(20)
        cluster.stop("immediate")
        load.join()
        confirmed, error = found[0]
        with pytest.raises(StoreUnavailableError, match="is gone, starting"):
            corpus.add(Notice(id="meanwhile"), by="导入")
        cluster.start()

        assert "See that it runs" in error.remedy
        assert len(confirmed) >= 25
        assert set(confirmed) <= {notice.id for notice in corpus.iterate()}
        assert corpus.add(Notice(id="after"), by="导入").what == "new"
        assert len(corpus.events(limit=100_000)) == corpus.revision()
