"""Things are published by mistake: notices are hidden, shown again, and erased for good."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, update

from corpus.errors import StoreUnavailableError, UnknownNoticeError
from corpus.notice import Attachment, Notice
from corpus.schema import ATTACHMENTS, METADATA
from corpus.store import Corpus
from corpus.stored import Change, Source, State

PRIVATE = "身份证号三七零一零二"
NOTICE = Notice(
    url="https://a.example/1",
    title=f"关于{PRIVATE}的公示",
    body=f"{PRIVATE}。" * 2000,
    issuing_body=f"{PRIVATE}局",
    document_number=f"{PRIVATE}〔2024〕1号",
    declared_topic="工业、交通-公路",
    attachments=(Attachment(f"{PRIVATE}.xlsx", f"https://a.example/{PRIVATE}.xlsx"),),
)


@pytest.fixture
def name(corpus):
    return corpus.add(NOTICE, by="导入").id


def _files(corpus):
    """Return all bytes of a SQLite file and what lies beside it."""
    path = Path(corpus._database.url.database)
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def _everything(corpus):
    """Return all that the tables hold, as text."""
    with corpus._database.reading() as connection:
        return "".join(
            str(row)
            for table in METADATA.sorted_tables
            for row in connection.execute(select(table))
        )


def test_a_withdrawn_notice_is_hidden_and_kept(corpus, name):
    """It is not found, not iterated, not exported; those who may see it still do."""
    change = corpus.withdraw(name, by="甲", reason="误发")

    assert change == Change("changed", name, 2)
    assert [*corpus.iterate(), *corpus.export_order()] == []
    with pytest.raises(UnknownNoticeError, match="was withdrawn") as caught:
        corpus.get(name)
    assert caught.value.state == "withdrawn"
    assert corpus.get(name, hidden=True).notice == replace(NOTICE, id=name)
    assert [notice.state for notice in corpus.changes(1)] == [State.WITHDRAWN]


def test_a_restored_notice_is_as_before(corpus, name):
    """Nothing is lost, and the audit trail has both steps."""
    before = corpus.get(name)
    corpus.withdraw(name, by="甲", reason="误发")

    corpus.restore(name, by="乙")

    after = corpus.get(name)
    assert (after.notice, after.topic, after.state) == (before.notice, before.topic, State.LIVE)
    assert [event.action for event in corpus.events(name)] == ["added", "withdrawn", "restored"]


def test_the_same_step_twice_is_one_step(corpus, name):
    """Withdrawing the withdrawn and restoring the live change nothing."""
    assert corpus.restore(name, by="甲") == Change("unchanged", name, 1)
    corpus.withdraw(name, by="甲", reason="误发")

    assert corpus.withdraw(name, by="乙", reason="又误发") == Change("unchanged", name, 2)
    assert corpus.revision() == 2


def test_a_document_seen_again_stays_withdrawn(corpus, name):
    """Its newer text is kept, but no crawler makes it public again."""
    corpus.withdraw(name, by="甲", reason="误发")

    change = corpus.add(replace(NOTICE, title="新标题"), by="采集")

    stored = corpus.get(name, hidden=True)
    assert change.what == "changed"
    assert (stored.state, stored.notice.title) == (State.WITHDRAWN, "新标题")


def test_a_purged_notice_leaves_no_text(corpus, name):
    """All its words and those of its attachments are gone; who purged it, and why, is not."""
    corpus.tag(name, "1703", source=Source.REVIEWER, by="甲")
    corpus.add(replace(NOTICE, body=f"旧版{PRIVATE}"), by="采集")
    with corpus._database.writing() as connection:
        connection.execute(update(ATTACHMENTS).values(digest="d" * 64, text=PRIVATE))

    change = corpus.purge(name, by="乙", reason="泄露隐私")

    stored = corpus.get(name, hidden=True)
    assert PRIVATE not in _everything(corpus)
    assert (stored.notice, stored.digest, stored.state) == (Notice(id=name), "", State.PURGED)
    assert change == Change("changed", name, stored.revision)
    assert [version.digest for version in corpus.versions(name)] == [""]
    event = corpus.events(name)[-1]
    assert (event.by, event.action, event.detail) == ("乙", "purged", {"reason": "泄露隐私"})
    assert [tag.topic for tag in corpus.tags(name)] == ["0707", "1703"]


def test_a_purged_text_does_not_come_back(corpus, name):
    """Another arrival of the document, in any chunk, changes nothing."""
    corpus.withdraw(name, by="甲", reason="误发")
    corpus.purge(name, by="乙", reason="泄露隐私")
    before = corpus.revision()

    changes = list(corpus.add_all([NOTICE, Notice(id="n"), NOTICE], by="采集"))

    assert [change.what for change in changes] == ["unchanged", "new", "unchanged"]
    assert corpus.revision() == before + 1
    assert PRIVATE not in _everything(corpus)


def test_a_purged_notice_takes_no_further_step(corpus, name):
    """It cannot be shown, tagged or withdrawn; purging it again changes nothing."""
    tag = corpus.tag(name, "1703", source=Source.REVIEWER, by="甲")
    corpus.purge(name, by="乙", reason="泄露隐私")

    for step in (
        lambda: corpus.get(name),
        lambda: corpus.restore(name, by="甲"),
        lambda: corpus.withdraw(name, by="甲", reason="误发"),
        lambda: corpus.tag(name, "0402", source=Source.REVIEWER, by="甲"),
        lambda: corpus.retract(name, tag.id, by="甲"),
        lambda: corpus.undo(name, by="甲"),
    ):
        with pytest.raises(UnknownNoticeError, match="erased for good"):
            step()
    assert corpus.purge(name, by="丙", reason="再次").what == "unchanged"


def test_purged_words_are_not_in_the_file_either(sqlite_store):
    """Freed pages are overwritten and the write-ahead log is emptied."""
    with Corpus.open(sqlite_store) as corpus:
        name = corpus.add(NOTICE, by="导入").id
        with corpus._database.writing() as connection:
            connection.execute(update(ATTACHMENTS).values(text=PRIVATE * 5000))
        assert PRIVATE.encode() in _files(corpus)

        corpus.purge(name, by="乙", reason="泄露隐私")

        assert PRIVATE.encode() not in _files(corpus)


def test_a_purge_says_who_still_holds_the_old_state(sqlite_store):
    """A long reader keeps the old text in the log; once it is done, purging again erases it."""
    with Corpus.open(sqlite_store, timeout=0.1) as corpus:
        name = corpus.add(NOTICE, by="导入").id
        with sqlite3.connect(corpus._database.url.database) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM notices").fetchone()
            with pytest.raises(StoreUnavailableError, match="Purge the notice again"):
                corpus.purge(name, by="乙", reason="泄露隐私")
            reader.rollback()
        reader.close()

        assert corpus.get(name, hidden=True).state is State.PURGED
        assert corpus.purge(name, by="乙", reason="泄露隐私").what == "unchanged"
        assert PRIVATE.encode() not in _files(corpus)


def test_no_column_of_words_is_forgotten(corpus, name):
    """A column that a later migration adds to the notices must be purged, or named here."""
    corpus.purge(name, by="乙", reason="泄露隐私")
    with corpus._database.reading() as connection:
        row = connection.execute(select(METADATA.tables["notices"])).mappings().one()
        columns = {column["name"] for column in inspect(connection).get_columns("notices")}

    kept = {
        "key", "id", "identity", "digest", "state", "revision", "topic", "topic_source",
        "stored_at", "changed_at", "content_at", "content_revision",
    }  # fmt: skip
    assert {name for name in columns if row[name] is not None} == kept
