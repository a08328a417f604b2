"""Writers stand in a line, and whatever happens to one of them, what it confirmed is there."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

from sqlalchemy import func, select

from corpus import themes
from corpus.arrivals import Arrival, Arrivals
from corpus.notice import Notice
from corpus.records import tags_of
from corpus.schema import ATTACHMENTS, EVENTS, NOTICES, REVISION
from corpus.store import Corpus
from corpus.stored import Source, State

WRITER = Path(__file__).with_name("writing_process.py")
KILLS = int(os.environ.get("ZHUTI_TEST_KILLS", "3"))
_LONGEST_LIFE = 0.25


def _start(url, prefix, count):
    return subprocess.Popen(
        [sys.executable, str(WRITER), url, prefix, str(count)], stdout=subprocess.PIPE, text=True
    )


def _check_whole(corpus, ids):
    """Check that nothing is half-done, and that all notices of *ids* are there."""
    with corpus._database.reading() as connection:
        rows = connection.execute(select(NOTICES)).all()
        files = dict(
            connection.execute(
                select(ATTACHMENTS.c.notice_key, func.count()).group_by(ATTACHMENTS.c.notice_key)
            ).all()
        )
        revisions = list(connection.scalars(select(EVENTS.c.revision).order_by(EVENTS.c.id)))
        newest = connection.scalar(select(REVISION.c.value))
        tags = tags_of(connection, [row.key for row in rows])
    assert ids <= {row.id for row in rows}
    # Every change has its revision, every revision its event, none is missing or taken twice.
    assert revisions == list(range(1, newest + 1))
    for row in rows:
        assert files[row.key] == 2
        said = themes.current(tags[row.key])
        assert (row.topic, row.topic_source) == (said.topic, said.source)
        assert row.body


def test_a_kill_loses_nothing_and_leaves_nothing_half_done(corpus, store_url):
    """A writer killed at any moment: what it printed is there, and all that is there is whole."""
    moments = random.Random(20240301)  # noqa: S311
    confirmed = set()
    tags = set()
    for number in range(KILLS):
        process = _start(store_url, f"w{number}", 1_000_000)
        first = process.stdout.readline()
        killer = threading.Timer(moments.uniform(0, _LONGEST_LIFE), process.kill)
        killer.start()
        # A line may be cut off by the kill, and then nothing was confirmed with it.
        for line in [first, *process.stdout]:
            if line.endswith("\n"):
                name, *tag = line.split()
                confirmed.add(name)
                tags |= {(name, int(tag[0]))} if tag else set()
        killer.join()
        process.stdout.close()
        assert process.wait() == -9

        _check_whole(corpus, confirmed)

    assert len(confirmed) >= KILLS
    assert tags <= {
        (notice.id, tag.id)
        for notice in corpus.iterate()
        for tag in corpus.tags(notice.id)
        if tag.source is Source.PUBLISHER
    }


def test_two_processes_may_write_at_once(new_url):
    """Both make the corpus, both fill it: no notice is lost, no revision is taken twice."""
    count = 30
    processes = [_start(new_url, prefix, count) for prefix in ("a", "b")]
    printed = [process.communicate()[0].split() for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    assert all(printed)
    with Corpus.open(new_url) as corpus:
        expected = {f"{prefix}-{number}" for prefix in "ab" for number in range(count)}
        assert {notice.id for notice in corpus.iterate()} == expected
        assert corpus.revision() == 2 * (count + count // 3)
        _check_whole(corpus, expected)


def test_two_writers_of_one_document_make_one_notice(corpus, store_url):
    """The same documents at the same time from two sides are stored once."""
    notices = [Notice(url=f"https://a.example/{n}", title=f"通知{n}") for n in range(60)]
    changes = {}

    def load(side):
        with Corpus.open(store_url) as own:
            changes[side] = list(own.add_all(notices, by=side, chunk=7))

    threads = [threading.Thread(target=load, args=(side,)) for side in ("左", "右")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for left, right in zip(changes["左"], changes["右"], strict=True):
        assert sorted([left.what, right.what]) == ["new", "unchanged"]
        assert left.id == right.id
    assert corpus.revision() == len(list(corpus.iterate())) == 60


def test_a_follower_never_passes_by_a_late_commit(corpus, store_url):
    """While a writer is late, nobody else's newer change is seen; then both are, in order."""
    seen = []

    def add_another():
        with Corpus.open(store_url) as other:
            other.add(Notice(id="second"), by="右")

    another = threading.Thread(target=add_another)
    with corpus._database.writing() as late:
        arrivals = Arrivals(late, by="左", at=_moment(corpus), topic_of=lambda _printed: None)
        arrivals.take([Arrival.of(Notice(id="first"))])
        another.start()
        another.join(0.5)
        waiting = another.is_alive()
        with Corpus.open(store_url) as follower:
            seen += follower.changes(0)
            reached = follower.revision()
    another.join()

    assert waiting
    assert (seen, reached) == ([], 0)
    assert [(notice.id, notice.revision) for notice in corpus.changes(reached)] == [
        ("first", 1),
        ("second", 2),
    ]


def test_a_follower_sees_every_change_of_a_busy_corpus(corpus, store_url):
    """Following by the last revision seen misses nothing while two writers write."""
    ends = threading.Event()

    def write(side):
        with Corpus.open(store_url) as own:
            for number in range(40):
                own.add(Notice(id=f"{side}-{number}"), by=side)
                own.withdraw(f"{side}-{number}", by=side, reason="误发")

    threads = [threading.Thread(target=write, args=(side,)) for side in ("a", "b")]
    for thread in threads:
        thread.start()
    states = {}
    since = 0
    while not ends.is_set():
        if not any(thread.is_alive() for thread in threads):
            ends.set()
        for notice in corpus.changes(since, limit=5):
            assert notice.revision > since
            since = notice.revision
            states[notice.id] = notice.state
        if ends.is_set() and since < corpus.revision():
            ends.clear()

    assert len(states) == 80
    assert set(states.values()) == {State.WITHDRAWN}


def _moment(corpus):
    with corpus._database.reading() as connection:
        return connection.execute(select(REVISION.c.created_at)).scalar_one()
