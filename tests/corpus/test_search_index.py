"""The index follows the store, from any process, through whatever happens to it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from corpus import index_documents, index_folder, search
from corpus.errors import (
    IndexUnavailableError,
    SearchIndexError,
    StoreUnavailableError,
    UnusableIndexError,
)
from corpus.notice import Notice
from corpus.search import Query, SearchIndex
from corpus.store import Corpus
from corpus.stored import Source

FOLLOWER = Path(__file__).with_name("following_process.py")
KILLS = int(os.environ.get("ZHUTI_TEST_KILLS", "3"))
_LONGEST_LIFE = 1.0


def _notice(number: int, **fields) -> Notice:
    text = f"第{number}号公路养护通知"
    return replace(Notice(id=f"n{number}", title=text, body=f"{text}正文。" * 3), **fields)


def _fill(corpus: Corpus, count: int, *, start: int = 0) -> None:
    list(corpus.add_all((_notice(number) for number in range(start, start + count)), by="test"))


def _found(index: SearchIndex, corpus: Corpus, words: str = "公路") -> set[str]:
    pages = [index.search(Query(words, limit=1000), corpus)]
    while len(pages) * 1000 < pages[0].total:
        pages.append(index.search(Query(words, offset=len(pages) * 1000, limit=1000), corpus))
    found = [hit.id for page in pages for hit in page.hits]
    assert len(set(found)) == len(found)
    return set(found)


def _live(corpus: Corpus) -> set[str]:
    return {stored.id for stored in corpus.iterate()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "made" / "on demand"


@pytest.fixture
def index(folder: Path):
    with SearchIndex.open(folder) as opened:
        yield opened


def test_an_index_that_was_never_made_finds_nothing(index, corpus):
    """That is an answer, and its status says why."""
    _fill(corpus, 3)

    assert index.search(Query(), corpus).total == 0
    status = index.status(corpus)
    assert (status.revision, status.behind, status.notices, status.problem) == (0, 3, 0, None)


def test_new_changed_and_tagged_notices_are_followed(index, corpus):
    """Each is found as it is now, and only once."""
    _fill(corpus, 3)
    index.follow(corpus)
    corpus.add(_notice(1, title="水库移民通知"), by="test")
    corpus.tag("n2", "0707", source=Source.REVIEWER, by="test")
    _fill(corpus, 1, start=3)

    assert index.follow(corpus) == corpus.revision()

    assert _found(index, corpus, "水库") == {"n1"}
    assert _found(index, corpus, "") == {"n0", "n1", "n2", "n3"}
    assert index.search(Query(topics=("07",)), corpus).hits[0].id == "n2"


def test_withdrawn_notices_go_and_restored_ones_come_back(index, corpus):
    """With the next look."""
    _fill(corpus, 3)
    index.follow(corpus)

    corpus.withdraw("n1", by="test", reason="误发")
    index.follow(corpus)
    assert _found(index, corpus) == {"n0", "n2"}

    corpus.restore("n1", by="test")
    index.follow(corpus)
    assert _found(index, corpus) == {"n0", "n1", "n2"}


def test_a_withdrawn_notice_is_not_shown_before_the_index_knows(index, corpus):
    """Hits are shown from the store."""
    _fill(corpus, 3)
    index.follow(corpus)

    corpus.withdraw("n1", by="test", reason="误发")

    assert _found(index, corpus) == {"n0", "n2"}


def test_words_of_a_purged_notice_leave_the_disk(index, corpus, folder):
    """The parts of the index that hold them are written anew by and by."""
    _fill(corpus, 5)
    corpus.add(_notice(9, body="姓名abcxyz"), by="test")
    index.follow(corpus)
    assert _found(index, corpus, "姓名abcxyz") == {"n9"}

    corpus.purge("n9", by="test", reason="误发")
    while index.status(corpus).behind or index.status(corpus).rebuilding:
        index.follow(corpus)
    index.close()

    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"abcxyz" not in held
    assert _found(index, corpus, "") == {f"n{number}" for number in range(5)}


def test_a_notice_that_was_never_in_it_does_not_make_it_anew(index, corpus):
    """An old purge costs a new index nothing."""
    _fill(corpus, 2)
    corpus.purge("n1", by="test", reason="误发")

    index.follow(corpus)

    assert not index.status(corpus).rebuilding


def test_a_long_way_is_gone_in_steps(index, corpus, monkeypatch):
    """Each step is kept, whatever becomes of the next."""
    monkeypatch.setattr(search, "_PAGE", 3)
    monkeypatch.setattr(search, "_COMMIT_EVERY", 6)
    _fill(corpus, 20)
    seen = []

    index.follow(corpus, progress=lambda reached, newest: seen.append((reached, newest)))

    assert seen[0] == (3, 20)
    assert seen[-1] == (20, 20)
    assert _found(index, corpus) == _live(corpus)


def test_changes_that_come_while_following_are_taken_once(index, corpus, monkeypatch):
    """A notice that changes after it was read, before it was committed, is found as it is now."""
    monkeypatch.setattr(search, "_PAGE", 2)
    _fill(corpus, 6)

    def disturb(reached: int, _: int) -> None:
        if reached == 2:
            corpus.add(_notice(0, title="水库移民通知"), by="test")
            corpus.withdraw("n1", by="test", reason="误发")

    index.follow(corpus, progress=disturb)

    assert _found(index, corpus, "") == _live(corpus)
    assert index.search(Query(), corpus).total == 5
    assert _found(index, corpus, "水库") == {"n0"}


class _Failing:
    """A corpus whose database goes away once, behind the first page of changes."""

    def __init__(self, corpus: Corpus) -> None:
        self.taxonomy = corpus.taxonomy
        self.revision = corpus.revision
        self._corpus = corpus

    def changes(self, since: int, *, limit: int):
        if since:
            raise StoreUnavailableError("x", "the server is gone", "See that it runs.")
        return self._corpus.changes(since, limit=limit)


def test_a_store_that_goes_away_midway_is_followed_again(index, corpus, monkeypatch):
    """What was taken over and not kept does not come twice."""
    monkeypatch.setattr(search, "_PAGE", 3)
    _fill(corpus, 7)

    with pytest.raises(StoreUnavailableError):
        index.follow(_Failing(corpus))
    index.follow(corpus)

    assert _found(index, corpus) == _live(corpus)
    assert index.status(corpus).notices == 7


def test_one_process_writes_and_the_others_see_it(index, corpus, folder):
    """The lock goes to the first that asks, and to another when that one ends."""
    _fill(corpus, 2)
    index.follow(corpus)
    with SearchIndex.open(folder) as other:
        _fill(corpus, 2, start=2)
        assert other.follow(corpus) == 2
        assert not other.status(corpus).writer

        index.follow(corpus)
        assert other.follow(corpus) == corpus.revision()
        assert _found(other, corpus) == _live(corpus)

        index.close()
        _fill(corpus, 2, start=4)
        assert other.follow(corpus) == corpus.revision()
        assert other.status(corpus).writer


def test_threads_may_search_while_one_follows(index, corpus):
    """Every answer is that of some commit."""
    _fill(corpus, 50)
    index.follow(corpus)
    counts = []

    def look() -> None:
        counts.extend(len(_found(index, corpus)) for _ in range(50))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(10):
        _fill(corpus, 5, start=50 + 5 * number)
        index.follow(corpus)
    for thread in threads:
        thread.join()

    assert all(count >= 50 and count % 5 == 0 for count in counts)
    assert len(counts) == 150


def test_a_rebuild_changes_no_answer(index, corpus, monkeypatch):
    """It is written anew in steps, and follows meanwhile."""
    monkeypatch.setattr(search, "_SWEEP", 4)
    _fill(corpus, 10)
    corpus.withdraw("n4", by="test", reason="误发")
    index.follow(corpus)
    before = _found(index, corpus)
    seen = []

    assert index.rebuild(corpus, progress=lambda *reached: seen.append(reached))

    assert _found(index, corpus) == before == _live(corpus)
    assert index.search(Query(), corpus).total == 9
    assert len(seen) > 2
    assert index.status(corpus).behind == 0


def test_a_rebuild_can_be_asked_of_the_process_that_writes(index, corpus, folder):
    """It does so when it next looks, beside its other work."""
    _fill(corpus, 5)
    index.follow(corpus)
    files = {path.name for path in (folder / "tantivy").iterdir()}
    with SearchIndex.open(folder) as other:
        assert not other.rebuild(corpus)

        index.follow(corpus)

    assert _found(index, corpus) == _live(corpus)
    assert {path.name for path in (folder / "tantivy").glob("*.idx")}.isdisjoint(files)


def test_a_deleted_folder_is_made_anew(index, corpus, folder):
    """It holds nothing that the store does not have."""
    _fill(corpus, 3)
    index.follow(corpus)
    index.close()
    shutil.rmtree(folder)

    with SearchIndex.open(folder) as again:
        again.follow(corpus)
        assert _found(again, corpus) == _live(corpus)


@pytest.mark.parametrize("deleted", [".", "tantivy"])
def test_an_index_deleted_under_the_process_that_writes_is_made_anew(
    deleted, index, corpus, folder
):
    """Even while it is open, and with its lock."""
    _fill(corpus, 3)
    index.follow(corpus)
    shutil.rmtree(folder / deleted)
    _fill(corpus, 1, start=3)

    index.follow(corpus)

    assert _found(index, corpus) == _live(corpus)
    with SearchIndex.open(folder) as other:
        other.follow(corpus)
        assert not other.status(corpus).writer


@pytest.mark.parametrize("store", ["other", ""])
def test_an_index_of_another_corpus_is_made_anew(store, corpus, folder):
    """It says so until then, and never answers for the wrong one."""
    _fill(corpus, 3)
    with SearchIndex.open(folder, store="this") as first:
        first.follow(corpus)

    with SearchIndex.open(folder, store=store) as second:
        with pytest.raises(UnusableIndexError, match="another corpus"):
            second.search(Query(), corpus)
        assert "another corpus" in (second.status(corpus).problem or "")
        second.follow(corpus)
        assert _found(second, corpus) == _live(corpus)


def test_an_index_of_another_version_is_made_anew(corpus, folder, monkeypatch):
    """Its words may have been cut otherwise."""
    _fill(corpus, 3)
    with monkeypatch.context() as older:
        state = replace(index_documents.IndexState(""), format="0")
        older.setattr(index_folder, "IndexState", lambda *_, **__: state)
        with SearchIndex.open(folder) as first, pytest.raises(SearchIndexError):
            first.follow(corpus)

    with SearchIndex.open(folder) as second:
        with pytest.raises(UnusableIndexError, match="another version"):
            second.search(Query(), corpus)
        second.follow(corpus)
        assert _found(second, corpus) == _live(corpus)


def test_a_store_that_went_back_in_time_is_followed_from_the_beginning(
    index, sqlite_store, tmp_path
):
    """Whoever restores a backup finds what is in the backup."""
    with Corpus.open(sqlite_store) as corpus:
        _fill(corpus, 2)
        backup = shutil.copytree(tmp_path, tmp_path.with_name("backup"))
        _fill(corpus, 3, start=2)
        index.follow(corpus)

    with Corpus.open(f"sqlite:///{backup / 'zhuti.db'}") as restored:
        index.follow(restored)
        assert _found(index, restored, "") == {"n0", "n1"}
        assert index.search(Query(), restored).total == 2


SUFFIXES = ["meta.json", "*.idx", "*.pos", "*.term", "*.fast", "*.store", "*.fieldnorm"]


@pytest.mark.parametrize("harm", ["cut", "noise", "gone"])
@pytest.mark.parametrize("files", SUFFIXES)
def test_a_damaged_index_is_made_anew(files, harm, sqlite_store, folder):
    """Until then it is a clear error, or no harm at all; the process never ends of it."""
    with Corpus.open(sqlite_store) as corpus:
        _fill(corpus, 20)
        with SearchIndex.open(folder) as first:
            first.follow(corpus)
        for path in (folder / "tantivy").glob(files):
            content = path.read_bytes()
            noise = random.Random(1).randbytes(len(content))  # noqa: S311
            path.unlink()
            if harm != "gone":
                path.write_bytes(content[: len(content) // 2] if harm == "cut" else noise)

        with SearchIndex.open(folder) as second:
            for _ in range(3):
                try:
                    _found(second, corpus)
                    second.follow(corpus)
                except UnusableIndexError as error:
                    assert "damaged" in str(error)  # noqa: PT017
                    second.follow(corpus)
            assert _found(second, corpus) == _live(corpus)


def test_a_kill_leaves_an_index_that_catches_up(corpus, store_url, folder):
    """Killed at any moment, its content is that of the revision it says."""
    moments = random.Random(7)  # noqa: S311
    for kill in range(KILLS):
        _fill(corpus, 300, start=300 * kill)
        process = subprocess.Popen(
            [sys.executable, str(FOLLOWER), store_url, str(folder)], stdout=subprocess.DEVNULL
        )
        try:
            process.wait(moments.uniform(0.2, _LONGEST_LIFE))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

        with SearchIndex.open(folder) as index:
            reached = index.status(corpus).revision
            known = {stored.id for stored in corpus.iterate() if stored.revision <= reached}
            assert _found(index, corpus, "") == known

    with SearchIndex.open(folder) as index:
        index.follow(corpus)
        assert _found(index, corpus) == _live(corpus)


def test_a_full_disk_is_said_and_outlived(sqlite_store, folder):
    """The error says what to do; when there is room again, the index catches up."""
    with Corpus.open(sqlite_store) as corpus:
        _fill(corpus, 200)
        done = subprocess.run(
            [sys.executable, str(FOLLOWER), sqlite_store, str(folder), "2000"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "IndexUnavailableError" in done.stdout
        assert "the disk is full" in done.stdout

        with SearchIndex.open(folder) as index:
            index.follow(corpus)
            assert _found(index, corpus) == _live(corpus)


def test_a_folder_that_cannot_be_written_is_refused_by_name(corpus, tmp_path):
    """The corpus is not touched by it."""
    (tmp_path / "file").touch()

    with (
        SearchIndex.open(tmp_path / "file" / "index") as index,
        pytest.raises(IndexUnavailableError, match="file/index"),
    ):
        index.follow(corpus)


def test_a_read_only_folder_is_refused_in_words(corpus, folder):
    """It says whose right is missing."""
    folder.mkdir(parents=True)
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("needs a user who may not write everywhere")

    with (
        SearchIndex.open(folder) as index,
        pytest.raises(IndexUnavailableError, match="may not be written"),
    ):
        index.follow(corpus)
