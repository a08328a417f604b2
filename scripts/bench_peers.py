"""
What a few lines of scikit-learn do with the same notices, beside ours.

All are taught by the same four fifths of the notices and asked about the rest, near-duplicates on
one side; speed is measured on the same notices, in turns, from raw text to topics.
"""

from __future__ import annotations

import resource
import statistics
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from classifier.rows import LabelledNotice, read_labelled
from classifier.splits import grouped_folds, groups_of
from classifier.training import train
from corpus.notice import Notice
from corpus.segmentation import open_segmenter
from corpus.taxonomy_file import state_council

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

OURS = "zhuti"
ENGINES = ("jieba", "rjieba")


def beside_peers(
    path: Path, notices: Sequence[Notice], *, step: int, rounds: int
) -> list[dict[str, Any]]:
    """Train, ask and time all of them."""
    taxonomy = state_council()
    labelled = [
        row
        for row in read_labelled([path], taxonomy).rows[::step]
        if row.topic.code != taxonomy.catch_all
    ]
    part = grouped_folds(groups_of(labelled), 5).parts[0]
    teaching = [labelled[number] for number in part.training]
    asked = [labelled[number] for number in part.held_out]
    print(f"Peers, taught by {len(teaching):,} notices and asked about {len(asked):,} others:")
    answers: dict[str, Callable[[Sequence[Notice]], list[str]]] = {}
    found: dict[str, dict[str, Any]] = {}
    for name, teach in {
        OURS: _ours,
        **{
            f"{engine} + TfidfVectorizer + LinearSVC": partial(
                _plain, open_segmenter(engine).segment
            )
            for engine in ENGINES
        },
    }.items():
        started = time.perf_counter()
        answers[name] = teach(teaching)
        found[name] = {"name": name, "train_seconds": round(time.perf_counter() - started, 1)}
    for name, answer in answers.items():
        codes = answer([row.notice for row in asked])
        right = [code == row.topic.code for code, row in zip(codes, asked, strict=True)]
        found[name]["accuracy"] = round(float(np.mean(right)), 4)
    titles = [Notice(title=notice.title) for notice in notices]
    for what, inputs in (("full notices", notices), ("titles", titles)):
        seconds: dict[str, list[float]] = {name: [] for name in answers}
        for _ in range(rounds):
            for name, answer in answers.items():
                started = time.perf_counter()
                answer(inputs)
                seconds[name].append(time.perf_counter() - started)
        for name, taken in seconds.items():
            found[name][what] = round(len(inputs) / statistics.median(taken), 1)
    for one in found.values():
        times = found[OURS]["full notices"] / one["full notices"]
        print(
            f"{one['name']:44} {one['full notices']:9,.0f}/s  titles {one['titles']:9,.0f}/s"
            f"  right {one['accuracy']:.3f}  trained in {one['train_seconds']:.0f} s"
            f"  ours is {times:.1f} times as fast"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*found.values(), {"name": "peak memory with all of them", "megabytes": round(peak)}]


def _ours(rows: Sequence[LabelledNotice]) -> Callable[[Sequence[Notice]], list[str]]:
    """Teach the project's own model; it answers with evidence."""
    model = train(rows, state_council(), name="bench").model()

    def answer(notices: Sequence[Notice]) -> list[str]:
        answers = model.suggest_all(notices)
        return [a.suggestions[0].topic.code if a.suggestions else "" for a in answers]

    return answer


def _plain(
    cut: Callable[[str], list[str]], rows: Sequence[LabelledNotice]
) -> Callable[[Sequence[Notice]], list[str]]:
    """Teach the usual pipeline."""
    pipeline = make_pipeline(
        TfidfVectorizer(analyzer=cut, sublinear_tf=True, min_df=2), LinearSVC()
    )
    pipeline.fit([_text(row.notice) for row in rows], [row.topic.code for row in rows])
    return lambda notices: list(pipeline.predict([_text(notice) for notice in notices]))


def _text(notice: Notice) -> str:
    """Return all that a notice says."""
    return f"{notice.title or ''}\n{notice.body or ''}"
