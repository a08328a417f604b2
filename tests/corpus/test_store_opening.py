"""A corpus is made, brought up to date, or refused in words; what is not ours is left alone."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import column, create_engine, insert, inspect, make_url, table, text, update

from corpus import migrations
from corpus.errors import (
    ForeignStoreError,
    InvalidStoreUrlError,
    NewerStoreError,
    StoreUnavailableError,
)
from corpus.migrating import known_versions
from corpus.notice import Notice
from corpus.schema import ATTACHMENTS, METADATA, VERSION_TABLE
from corpus.store import Corpus


def _execute(url, *statements):
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement) if isinstance(statement, str) else statement)
    engine.dispose()


def test_a_new_corpus_is_made_and_found_again(new_url):
    """The folder, the file and the tables come with the first opening, and stay."""
    with Corpus.open(new_url) as corpus:
        corpus.add(Notice(id="n", title="甲"), by="导入")
        assert corpus.revision() == 1

    with Corpus.open(new_url) as corpus:
        assert corpus.get("n").notice.title == "甲"


def test_a_corpus_is_kept_in_the_users_folder_by_default(monkeypatch, tmp_path):
    """Without an address it is a file where the desktop's rules say data belongs."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    with Corpus.open() as corpus:
        assert corpus.url == f"sqlite:///{tmp_path}/zhuti/zhuti.db"

    assert (tmp_path / "zhuti" / "zhuti.db").is_file()


def test_many_may_open_a_new_corpus_at_once(new_url):
    """One makes the tables, the others wait for it, none fails."""
    with ThreadPoolExecutor(4) as threads:
        opened = list(threads.map(lambda _: Corpus.open(new_url), range(4)))
    for number, corpus in enumerate(opened):
        corpus.add(Notice(id=str(number)), by="导入")

    assert [corpus.revision() for corpus in opened] == [4] * 4
    for corpus in opened:
        corpus.close()


def test_the_migrations_make_the_tables_we_use(new_url):
    """What the steps leave behind is what the code expects: columns, types, keys, indexes."""
    Corpus.open(new_url).close()
    engine = create_engine(new_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        differences = compare_metadata(context, METADATA)
        checks = {
            table: sorted(
                check["name"] for check in inspect(connection).get_check_constraints(table)
            )
            for table in METADATA.tables
        }
    engine.dispose()

    assert differences == []
    assert {table: names for table, names in checks.items() if names} == {
        "revision": ["ck_revision_one_row"],
        "tags": ["ck_tags_topic_or_retraction"],
    }


def test_the_steps_are_one_line():
    """Each step follows the one before, and its file is called by its number."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    script = ScriptDirectory.from_config(config)

    steps = [step.revision for step in script.walk_revisions()][::-1]

    assert tuple(steps) == known_versions()
    assert script.get_heads() == [known_versions()[-1]]


def test_a_step_that_fails_leaves_nothing(new_url, monkeypatch):
    """A new corpus has all of its tables or none, and the next opening makes them."""

    def fail(*_arguments, **_options):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.create_index", fail)
        with pytest.raises(RuntimeError):
            Corpus.open(new_url)
        engine = create_engine(new_url)
        assert inspect(engine).get_table_names() == []
        engine.dispose()

    Corpus.open(new_url).close()


def test_a_database_that_cannot_hold_chinese_is_refused(postgresql):
    """Another encoding than UTF-8 is found at the door, not at the first notice."""
    url = make_url(postgresql)
    name = f"{url.database}_latin"
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        )
        try:
            with pytest.raises(InvalidStoreUrlError, match=r"encoding is LATIN1.*createdb -E UTF8"):
                Corpus.open(url.set(database=name).render_as_string(hide_password=False))
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def test_foreign_keys_are_checked_after_the_steps(new_url):
    """The steps may make tables anew; whoever writes afterwards is checked again."""
    with (
        Corpus.open(new_url) as corpus,
        pytest.raises(StoreUnavailableError, match=r"(?i)foreign key"),
        corpus._database.alone() as connection,
    ):
        connection.execute(insert(ATTACHMENTS).values(notice_key=99, position=0, name="x"))


def test_a_corpus_of_a_later_version_is_refused(new_url):
    """It says how far the tables are and what to install, and changes nothing."""
    Corpus.open(new_url).close()
    _execute(
        new_url, update(table(VERSION_TABLE, column("version_num"))).values(version_num="9999")
    )

    with pytest.raises(NewerStoreError, match=r"at 9999, .* install that version") as caught:
        Corpus.open(new_url)

    assert (caught.value.found, caught.value.expected) == ("9999", known_versions()[-1])


def test_somebody_elses_database_is_refused(new_url, tmp_path):
    """A database with other tables is named as foreign and gets none of ours."""
    (tmp_path / "new").mkdir()
    _execute(new_url, "CREATE TABLE articles (id INTEGER)", "CREATE TABLE alembic_version (v TEXT)")

    with pytest.raises(ForeignStoreError, match=r"has the tables alembic_version, articles"):
        Corpus.open(new_url)

    engine = create_engine(new_url)
    assert sorted(inspect(engine).get_table_names()) == ["alembic_version", "articles"]
    engine.dispose()


def test_a_foreign_file_is_left_as_it_is(tmp_path):
    """Not a byte of another program's SQLite file changes, and nothing is left beside it."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE articles (id INTEGER)")
    other.close()
    before = path.read_bytes()

    with pytest.raises(ForeignStoreError):
        Corpus.open(f"sqlite:///{path}")

    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["other.db"]


def test_a_file_that_is_no_database_is_refused(tmp_path):
    """A text under the name of a database is not taken for one."""
    path = tmp_path / "notes.db"
    path.write_text("会议记录" * 1000, "utf-8")

    with pytest.raises(ForeignStoreError, match="no SQLite database"):
        Corpus.open(f"sqlite:///{path}")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("zhuti.db", "no address"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:x?mode=memory&uri=true", "names no file"),
        ("mysql://root@localhost/zhuti", "neither SQLite nor PostgreSQL"),
        ("postgresql+psycopg2://localhost/zhuti", "driver for PostgreSQL is psycopg"),
    ],
)
def test_an_address_that_cannot_hold_a_corpus_is_refused(url, said):
    """Each is refused with what was found and what would do."""
    with pytest.raises(InvalidStoreUrlError, match=said):
        Corpus.open(url)


def test_no_password_is_shown(postgresql_store):
    """Neither the address nor an error of a server repeats it."""
    url = make_url(postgresql_store).set(password="geheim", port=1)  # noqa: S106

    with pytest.raises(StoreUnavailableError) as caught:
        Corpus.open(url.render_as_string(hide_password=False), timeout=2)

    assert "geheim" not in str(caught.value)
    assert "***" in caught.value.store


def test_postgresql_may_be_called_by_its_plain_name(postgresql_store):
    """postgresql:// without a driver is the same place."""
    plain = postgresql_store.replace("postgresql+psycopg://", "postgresql://")

    with Corpus.open(plain) as corpus:
        assert corpus.revision() == 0


def test_a_database_the_server_does_not_have_is_named(postgresql):
    """The server's own words and the remedy are in the error."""
    url = make_url(postgresql).set(database="zhuti_nowhere")

    with pytest.raises(StoreUnavailableError, match=r"does not exist.*with this database"):
        Corpus.open(url.render_as_string(hide_password=False))


def test_sqlite_keeps_what_it_confirmed_and_overwrites_what_it_deletes(sqlite_store):
    """Write-ahead log, full synchronisation, foreign keys, secure deletion: on every connection."""
    with Corpus.open(sqlite_store, timeout=7) as corpus:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")

        found = [corpus._database.ask_sqlite(f"PRAGMA {name}") for name in pragmas]

    assert found == ["wal", 2, 1, 1, 7000]
