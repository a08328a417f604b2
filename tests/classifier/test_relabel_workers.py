"""One process, two, or a cluster: the plan is the same, whatever happens to a worker."""

from __future__ import annotations

import os
import signal
import time

import pytest

from classifier import relabel
from classifier.errors import RelabelError
from classifier.workers import Workers, in_order
from corpus.chosen import Chosen
from corpus.store import Corpus

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    """Return a Dask cluster of two worker processes on this machine."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as started:
        yield started


def _planned(place, workers, progress=lambda *_: None):
    batch = relabel.plan(place, Chosen(), by="甲", workers=workers, progress=progress)
    with Corpus.open(place.database) as corpus:
        return batch.counts, list(corpus.batches().entries(batch.id))


@pytest.mark.usefixtures("small_steps")
def test_a_plan_is_the_same_whoever_makes_it(place, cluster):
    """In the same order and with the same values, on either database."""
    alone = _planned(place, Workers())

    assert len(alone[1]) > 200
    assert _planned(place, Workers(jobs=2)) == alone
    assert _planned(place, Workers(scheduler=cluster.scheduler_address)) == alone


@pytest.mark.usefixtures("small_steps")
def test_a_killed_worker_of_a_cluster_is_replaced(place, cluster):
    """Its stretch is done again by another, and nothing twice."""
    alone = _planned(place, Workers())
    killed = []

    def kill(*_):
        if not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    assert _planned(place, Workers(scheduler=cluster.scheduler_address), kill) == alone
    assert killed


def test_a_killed_process_is_replaced(tmp_path):
    """A pool whose process dies is made anew with what was not answered."""
    pieces = [(str(tmp_path / "died"), number) for number in range(12)]

    assert list(in_order(_die_once, pieces, Workers(jobs=2))) == list(range(12))
    assert (tmp_path / "died").exists()


def test_what_kills_every_worker_is_told(tmp_path):
    """It is not tried for ever."""
    with pytest.raises(RelabelError, match="died 3 times"):
        list(in_order(_die, [str(tmp_path)] * 2, Workers(jobs=2)))


def test_a_failure_is_told_in_words(tmp_path):
    """Also where it happens in another process."""
    with pytest.raises(RelabelError, match="no-such-file"):
        list(in_order(_read, [str(tmp_path / "no-such-file")] * 2, Workers(jobs=2)))


def test_a_cluster_that_does_not_answer_is_told(cluster, monkeypatch):
    """Nobody waits for it for ever."""
    monkeypatch.setattr("classifier.workers._SILENCE", 5)

    with pytest.raises(RelabelError, match="has answered for 5 seconds"):
        list(in_order(time.sleep, [30], Workers(scheduler=cluster.scheduler_address)))


def test_a_mistake_of_ours_is_told():
    """In words too, from wherever it comes."""
    with pytest.raises(RelabelError, match=r"ZeroDivisionError.*_divide"):
        list(in_order(_divide, [1, 0], Workers()))


def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    """With how to start one."""
    monkeypatch.setattr("classifier.workers._PATIENCE", 1)

    with pytest.raises(RelabelError, match="dask scheduler"):
        list(in_order(_read, ["x"], Workers(scheduler="tcp://127.0.0.1:9")))


def _die_once(piece):
    path, number = piece
    if number == 5 and not os.path.exists(path):  # noqa: PTH110
        with open(path, "w", encoding="utf-8"):  # noqa: PTH123
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def _divide(number):
    return 1 / number


def _read(path):
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        return file.read()
