"""Planning, applying and undoing may be killed at any moment; the end is the same."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from classifier import relabel
from classifier.relabel import Place
from corpus.chosen import Chosen
from corpus.exporting import export_file
from corpus.store import Corpus
from corpus.stored import Source

PROCESS = Path(__file__).with_name("relabel_process.py")
KILLS = int(os.environ.get("ZHUTI_TEST_KILLS", "3"))
_LONGEST_LIFE = 0.2


def _killed(moments, *arguments):
    """Run a part of a relabelling and kill it somewhere on its way."""
    process = subprocess.Popen(
        [sys.executable, PROCESS, *arguments], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline() == "begins\n"
        killer = threading.Timer(moments.uniform(0, _LONGEST_LIFE), process.kill)
        killer.start()
        process.wait()
        killer.cancel()
    assert process.returncode in {0, -9}


def _export(corpus, folder):
    export_file(corpus, folder / "export.jsonl")
    return (folder / "export.jsonl").read_bytes()


@pytest.mark.usefixtures("small_steps")
def test_a_kill_changes_nothing_of_the_outcome(place, fill, model_folder, tmp_path):
    """Killed while planning, applying and undoing, again and again, the exports are the same."""
    other = f"sqlite:///{tmp_path / 'undisturbed' / 'zhuti.db'}"
    fill(other)
    with Corpus.open(other) as corpus:
        batch = relabel.plan(Place(other, str(model_folder), "rjieba"), Chosen(), by="甲")
        planned = list(corpus.batches().entries(batch.id))
        before = _export(corpus, tmp_path)
        relabel.apply(corpus, batch.id, by="甲")
        applied = _export(corpus, tmp_path)
        undisturbed = batch.counts
    moments = random.Random(20240301)  # noqa: S311

    with Corpus.open(place.database) as corpus:
        for number in range(KILLS):
            by = f"第{number}次"
            _killed(moments, "plan", place.database, str(model_folder), by)
            batch = relabel.plan(place, Chosen(), by=by)
            assert list(corpus.batches().entries(batch.id)) == planned
            assert batch.counts == undisturbed

            _killed(moments, "apply", place.database, batch.id, by)
            done = relabel.apply(corpus, batch.id, by=by)
            assert (done.batch.state, done.skipped) == ("applied", ())
            assert _export(corpus, tmp_path) == applied

            _killed(moments, "undo", place.database, batch.id, by)
            relabel.undo(corpus, batch.id, by=by)
            assert _export(corpus, tmp_path) == before

            for entry in planned:
                tags = [tag for tag in corpus.tags(entry.id) if tag.source is Source.MODEL]
                changes = entry.judged.action == "change"
                # One tag and what takes it back, once for each round.
                assert [tag.batch for tag in tags].count(batch.id) == (2 if changes else 0)
