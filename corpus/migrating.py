"""
Brings a database to the tables this version knows: from nothing, or from an earlier version.

Every step runs in the one transaction that also writes down how far it came, behind a lock, so
that two processes may open a new corpus at once and a kill leaves the old tables or the new ones.
What is not ours is recognised before anything is written.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table, text

from corpus.errors import (
    ForeignStoreError,
    InvalidStoreUrlError,
    NewerStoreError,
    StoreUnavailableError,
)
from corpus.schema import VERSION_TABLE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from corpus.database import Database

_VERSION = table(VERSION_TABLE, column("version_num"))
# Alembic keeps what it is doing in one place for the whole process.
_one_at_a_time = threading.Lock()
_ADVISORY_LOCK = 0x7A68757469  # "zhuti"
_WAIT = 0.02


@lru_cache(maxsize=1)
def known_versions() -> tuple[str, ...]:
    """Return the steps this version has, in order; file names tell, Alembic is not loaded."""
    folder = resources.files("corpus.migrations").joinpath("versions")
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name[:4] for name in names if name[:4].isdecimal()))


def bring_up_to_date(database: Database, *, timeout: float) -> None:
    """
    Give a database the tables of this version.

    Raises:
        ForeignStoreError: If it holds something else.
        NewerStoreError: If a later version has changed it.
        StoreUnavailableError: If it cannot be read or written.
    """
    if database.is_sqlite:
        _make_folder(database)
    newest = known_versions()[-1]
    with database.reading() as connection:
        found = _version(connection, database)
    if found != newest:
        _upgrade(database)
    if database.is_sqlite:
        _write_ahead(database, timeout)


def _make_folder(database: Database) -> None:
    """Make the folder of a new file."""
    folder = Path(str(database.url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(
            database.name,
            f"its folder cannot be made ({error.strerror})",
            "Make it yourself, or give a place where this user may write.",
        ) from None


def _version(connection: Connection, database: Database) -> str | None:
    """Return how far a database has come: a known step, or ``None`` if it is empty."""
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        if tables:
            shown = ", ".join(sorted(tables)[:5])
            raise ForeignStoreError(database.name, f"it has the tables {shown}")
        return None
    known = known_versions()
    found: str | None = connection.execute(select(_VERSION.c.version_num)).scalar()
    if found is not None and found not in known:
        raise NewerStoreError(database.name, found, known[-1])
    return found


def _upgrade(database: Database) -> None:
    """Run the steps that are missing, unless another process has just done so."""
    # Loading Alembic takes longer than opening a corpus that needs no step.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    with _one_at_a_time, database.alone(free=True) as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            _check_encoding(connection, database)
        if _version(connection, database) == known_versions()[-1]:
            return
        with resources.as_file(resources.files("corpus.migrations")) as folder:
            config = Config(attributes={"connection": connection})
            # Alembic takes % for the beginning of a variable.
            config.set_main_option("script_location", str(folder).replace("%", "%%"))
            command.upgrade(config, "head")


def _check_encoding(connection: Connection, database: Database) -> None:
    """Refuse a database that could not hold Chinese."""
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        problem = f"its encoding is {encoding}. Make one with 'createdb -E UTF8 -T template0'"
        raise InvalidStoreUrlError(database.name, problem)


def _write_ahead(database: Database, timeout: float) -> None:
    """Let readers go on while somebody writes (WAL); a file remembers it once it is set."""
    end = time.monotonic() + timeout
    while database.ask_sqlite("PRAGMA journal_mode") != "wal":
        try:
            database.ask_sqlite("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # SQLite does not wait for others here.
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > end:
                raise
            time.sleep(_WAIT)
