"""
The database below the corpus: how it is reached, and what its refusals mean in words.

SQLite takes one writer at a time and says at once whether it may (BEGIN IMMEDIATE), so that no
transaction finds out at its end that it was in vain. PostgreSQL's writers wait for the one row of
the revision. Either way writers stand in a line, and none waits longer than the timeout.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Engine, create_engine, event, make_url, select, text, update
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from corpus.errors import (
    ForeignStoreError,
    InvalidStoreUrlError,
    StoreError,
    StoreUnavailableError,
)
from corpus.folders import data_folder
from corpus.schema import REVISION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_ALONE = "zhuti_alone"
_FREE = "zhuti_free"
_CONNECT_TIMEOUT = 10
# Where a notice's words stand.
_VACUUM = "VACUUM notices, attachments, review_questions, review_decisions"
# The beginnings of codes, what they mean, what helps.
_Reasons = tuple[tuple[tuple[str, ...], str, str], ...]
_SQLITE_REASONS: _Reasons = (
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED"),
        "another process holds it locked",
        "Wait for that process to end, then try again.",
    ),
    (
        ("SQLITE_FULL",),
        "the disk is full",
        "Make room on that disk, then try again; what was confirmed is safe.",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH"),
        "the file or its folder may not be written",
        "Give the user of this process the right to write both.",
    ),
    (
        ("SQLITE_CANTOPEN",),
        "the file cannot be opened",
        "See that the folder exists and that the user of this process may read and write it.",
    ),
    (
        ("SQLITE_CORRUPT",),
        "the file is damaged",
        "Restore it from a backup, or export what can still be read and import it anew.",
    ),
    (
        ("SQLITE_IOERR",),
        "the disk reports an error",
        "See that the disk is there, has room and is sound, then try again.",
    ),
)
_POSTGRESQL_REASONS: _Reasons = (
    (
        ("55P03", "57014", "40001", "40P01"),
        "another process holds it locked",
        "Wait for that process to end, then try again.",
    ),
    (
        ("53100",),
        "the server's disk is full",
        "Make room on that disk, then try again; what was confirmed is safe.",
    ),
    (
        ("25006", "42501"),
        "the database may not be written",
        "Give its user the right to read and write, or name the server that takes writes.",
    ),
    (
        (PoolTimeout.__name__,),
        "all connections of this process are in use",
        "Ask for less at once, then try again.",
    ),
    (("53300",), "the server has no connection left", "Raise max_connections, then try again."),
    (("XX001", "XX002"), "its files are damaged", "Restore it from a backup."),
    (
        ("08", "57P"),
        "the server is gone, starting, or refuses the connection",
        "See that it runs, with this database and this user; what was confirmed is safe.",
    ),
)


def default_url() -> str:
    """Return where a corpus is kept if nobody says."""
    return f"sqlite:///{data_folder() / 'zhuti.db'}"


def file_of(url: str) -> Path | None:
    """
    Return the file in which a corpus at an address is kept, ``None`` if it is on a server.

    Raises:
        InvalidStoreUrlError: If no notices can be kept at that address.
    """
    read = _read_url(url)
    return Path(read.database or "") if read.get_backend_name() == "sqlite" else None


class Database:
    """
    A database that is read and written by short transactions.

    Attributes:
        name: Its address without a password, for messages.
        engine: SQLAlchemy's, for the migrations.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self.url = _read_url(url)
        self.name = self.url.render_as_string(hide_password=True)
        if self.is_sqlite:
            self.name = str(self.url.database)
        self.engine = _open_engine(self.url, timeout)
        # SQLite's transactions see one state anyway.
        self._readers = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        )

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the database for as long as it is open."""
        with self.in_words(), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def alone(self, *, free: bool = False) -> Iterator[Connection]:
        """
        Yield a connection that writes; all of it is kept at the end, or nothing.

        With *free*, SQLite checks no foreign keys: tables can be made anew under other ones.
        """
        options = {_ALONE: True, _FREE: free}
        try:
            with (
                self.in_words(),
                self.engine.connect().execution_options(**options) as connection,
                connection.begin(),
            ):
                yield connection
        finally:
            if free:
                self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """
        Yield a connection that writes, once all other writers are done.

        What it reads is the newest state, and nobody changes it before the end.
        """
        with self.alone() as connection:
            connection.execute(select(REVISION.c.value).with_for_update())
            yield connection

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Turn what a database driver raises into an error that a person can act on."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise self._unavailable(error) from error

    def erase_traces(self) -> bool:
        """
        Remove what the database still keeps of rows that were changed or deleted.

        Returns:
            Whether nothing is left; another process may still read the state before.
        """
        with self.in_words():
            if not self.is_sqlite:
                free = self.engine.execution_options(isolation_level="AUTOCOMMIT")
                with free.connect() as connection:
                    connection.execute(text(_VACUUM))
                return True
            # Deleted pages are zeros already; older ones stand in the write-ahead log.
            return not self.ask_sqlite("PRAGMA wal_checkpoint(TRUNCATE)")

    def ask_sqlite(self, pragma: str) -> Any:
        """Return what SQLite says to a pragma, outside of any transaction."""
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(pragma)
            row = cursor.fetchone()
            return None if row is None else row[0]
        finally:
            connection.close()

    def _unavailable(self, error: Exception) -> StoreError:
        """Return an error of a driver in words."""
        original = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(original, "sqlite_errorname", None)
        reasons = _SQLITE_REASONS
        if code == "SQLITE_NOTADB":
            found = "the file is no SQLite database, or its beginning is damaged"
            return ForeignStoreError(self.name, found)
        if code is None:
            # Without a state the connection itself failed.
            code = getattr(original, "sqlstate", None) or "08"
            reasons = _POSTGRESQL_REASONS
            if not isinstance(error, DBAPIError):
                code = type(error).__name__
        for beginnings, reason, remedy in reasons:
            if code.startswith(beginnings):
                return StoreUnavailableError(self.name, f"{reason} ({_line(original)})", remedy)
        return StoreUnavailableError(
            self.name, f"it answered: {_line(original)}", "This should not happen; report it."
        )

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def take_revisions(connection: Connection, count: int) -> int:
    """Return the first of some new revisions, taken by the transaction that writes."""
    last: int = connection.execute(
        update(REVISION).values(value=REVISION.c.value + count).returning(REVISION.c.value)
    ).scalar_one()
    return last - count + 1


def _read_url(text: str) -> URL:
    """Return the address of a database we can use."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise InvalidStoreUrlError(text, "it is no address of a database") from None
    shown = url.render_as_string(hide_password=True)
    backend = url.get_backend_name()
    if backend == "postgresql":
        if url.drivername not in {"postgresql", "postgresql+psycopg"}:
            raise InvalidStoreUrlError(shown, "the driver for PostgreSQL is psycopg")
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise InvalidStoreUrlError(shown, f"{url.drivername} is neither SQLite nor PostgreSQL")
    if url.database in {None, "", ":memory:"} or url.database.startswith("file:"):
        raise InvalidStoreUrlError(shown, "it names no file")
    return url


def _open_engine(url: URL, timeout: float) -> Engine:
    """Return the engine of an address; nothing is connected yet."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": timeout})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(
            url,
            # A server may have been restarted since a connection was last used.
            pool_pre_ping=True,
            connect_args={"connect_timeout": _CONNECT_TIMEOUT, "application_name": "zhuti"},
        )
    except (ImportError, NoSuchModuleError):
        problem = "psycopg is not installed (pip install 'zhuti[postgresql]')"
        raise InvalidStoreUrlError(url.render_as_string(hide_password=True), problem) from None

    def prepare(connection: Any, _record: object) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = {int(timeout * 1000)}")
        connection.execute("SET TIME ZONE 'UTC'")
        connection.autocommit = False

    event.listen(engine, "connect", prepare)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Set up a new connection to SQLite: what it checks, and what it leaves behind."""
    # Transactions begin where we say so, not where the driver thinks they should.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # A commit is on the disk before it is confirmed.
    connection.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten with zeros.
    connection.execute("PRAGMA secure_delete = ON")


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; one that will write takes its place in the line at once."""
    options = connection.get_execution_options()
    if options.get(_FREE):
        # It has no effect once the transaction has begun.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_ALONE) else "BEGIN")


def _line(error: object) -> str:
    """Return the first line of an error's own words."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
