"""
Relabelling an archive: plan, apply, undo.

A plan is made by workers that read stretches of the corpus themselves and write into it what they
find, so that nothing passes through one place: as many processes as there are cores, or the
workers of a cluster. It changes no notice. Applying and undoing write tags in chunks; writers
stand in a line anyway, so one process does it.

Whatever is killed goes on where it was when it is started again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.artefact import read_card
from classifier.errors import RelabelError
from classifier.model import load
from classifier.relabel_rules import Rules, judged, thresholds_for
from classifier.workers import Workers, in_order
from corpus.batches import Planning
from corpus.notice import Notice
from corpus.store import Corpus

if TYPE_CHECKING:
    from collections.abc import Callable

    from classifier.model import TopicModel
    from corpus.batch_writing import Step
    from corpus.batches import Batch, Judged
    from corpus.chosen import Chosen

    Progress = Callable[[str, int, int | None], None]

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where the work is: every worker opens it for itself.

    Attributes:
        database: The address of the corpus; the user's own if ``None``.
        model: The model folder.
        engine: The segmenter.
    """

    database: str | None
    model: str
    engine: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A range of a plan, described for a worker."""

    place: Place
    batch: str
    model_digest: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Done:
    """What applying or undoing came to; *skipped* are the ids of notices, with the reason."""

    batch: Batch
    written: int
    skipped: tuple[tuple[str, str], ...]


def plan(
    place: Place,
    chosen: Chosen,
    *,
    by: str,
    precision: float | None = None,
    replace_printed: bool = False,
    replace_model: bool = False,
    workers: Workers | None = None,
    progress: Progress = lambda *_: None,
) -> Batch:
    """
    Return a batch that says for each chosen notice what the model would make of it.

    The same plan that was broken off is taken up where it was.

    Args:
        place: The corpus and the model.
        chosen: Which notices.
        by: Who plans it.
        precision: Which share of the accepted answers has to be right; the card's if not given.
        replace_printed: Whether a theme that the issuer printed by name may be replaced.
        replace_model: Whether what an earlier model said may be replaced.
        workers: Who does it; this process if not given.
        progress: Called with the step, how many notices are done, and of how many.

    Raises:
        RelabelError: If the model cannot promise that precision, or the workers fail.
        StoreError: If the corpus cannot be read or written.
    """
    card = read_card(Path(place.model))
    model = _model(place.model, place.engine, card["digest"])
    promised, model = thresholds_for(model, precision)
    planning = Planning(
        by=by,
        model_name=model.name,
        model_digest=model.digest,
        chosen=chosen,
        precision=promised,
        accept=model.thresholds.accept,
        replace_printed=replace_printed,
        replace_model=replace_model,
    )
    with Corpus.open(place.database, taxonomy=model.taxonomy) as corpus:
        batches = corpus.batches()
        batch = batches.begin(planning)
        stretches = [
            _Stretch(place, batch.id, model.digest, first, last)
            for first, last in batches.waiting(batch.id)
        ]
        total, done = batches.total(chosen), batches.planned(batch.id)
        for count in in_order(_score, stretches, workers or Workers()):
            done += count
            progress("Planning", done, max(done, total))
        return batches.move(batch.id, "planned")


def _score(stretch: _Stretch) -> int:
    """Score the notices of a range and keep what comes out; return how many there were."""
    place = stretch.place
    model = _model(place.model, place.engine, stretch.model_digest)
    if model.digest != stretch.model_digest:
        msg = (
            f"A worker has another model in {place.model} ({model.digest[:12]}) than the plan"
            f" ({stretch.model_digest[:12]}). Give all workers the same folder."
        )
        raise RelabelError(msg)
    with Corpus.open(place.database, taxonomy=model.taxonomy) as corpus:
        batches = corpus.batches()
        planning = batches.get(stretch.batch).planning
        _, model = thresholds_for(model, planning.precision)
        rules = Rules(model.taxonomy.catch_all, planning.replace_printed, planning.replace_model)
        found: list[Judged] = []
        for page in batches.to_judge(planning.chosen, stretch.first, stretch.last):
            notices = [
                Notice(title=stored.title, body=stored.body, issuing_body=stored.issuing_body)
                for stored in page
            ]
            answers = model.judge(notices, limit=_SHOWN, explained=1)
            found += [
                judged(stored, answer, rules) for stored, answer in zip(page, answers, strict=True)
            ]
        return batches.keep(stretch.batch, stretch.first, found)


@lru_cache(maxsize=1)
def _model(folder: str, engine: str, digest: str) -> TopicModel:  # noqa: ARG001 (a new one is loaded)
    """Return a model; a process that does many pieces of work loads it once."""
    return load(Path(folder), engine=engine)


def apply(
    corpus: Corpus,
    batch: str,
    *,
    by: str,
    notice: str | None = None,
    progress: Progress = lambda *_: None,
) -> Done:
    """
    Tag the notices of a batch that are to be changed, and return what came of it.

    Each is tagged once, however often this is called. After an undo of the whole batch the tags
    are given anew; a notice whose tag was undone alone only where it is named.

    Args:
        corpus: Where they are.
        batch: The id of the batch.
        by: Who does it.
        notice: Only this one, by its id, identity or address.
        progress: Called with the step, how many notices are done, and of how many.

    Raises:
        UnknownBatchError: If there is no such batch.
        UnfitBatchError: If it cannot be applied.
        UnknownNoticeError: If there is no such notice.
    """
    work = _Work(
        corpus.apply_some,
        "Applying",
        "applying",
        "applied",
        ("planned", "undone"),
        ("planned", "applying"),
    )
    return _run(corpus, work, batch, by, notice, progress)


def undo(
    corpus: Corpus,
    batch: str,
    *,
    by: str,
    notice: str | None = None,
    progress: Progress = lambda *_: None,
) -> Done:
    """
    Take back the tags of a batch, and return what came of it.

    What was shown before is shown again; where somebody decided since, that stays.

    Args:
        corpus: Where they are.
        batch: The id of the batch.
        by: Who does it.
        notice: Only this one, by its id, identity or address.
        progress: Called with the step, how many notices are done, and of how many.

    Raises:
        UnknownBatchError: If there is no such batch.
        UnfitBatchError: If it cannot be undone.
        UnknownNoticeError: If there is no such notice.
    """
    work = _Work(corpus.undo_some, "Undoing", "undoing", "undone", ("applied",), ("undoing",))
    return _run(corpus, work, batch, by, notice, progress)


@dataclass(frozen=True, slots=True)
class _Work:
    """
    Applying or undoing: one step of it, its name, its states, and what it takes up.

    A batch in one of the states *open_in* is to be ended even where nothing is left to do.
    """

    step: Callable[..., Step]
    verb: str
    begun: str
    ended: str
    takes: tuple[str, ...]
    open_in: tuple[str, ...]


def _run(  # noqa: PLR0917
    corpus: Corpus, work: _Work, batch: str, by: str, notice: str | None, progress: Progress
) -> Done:
    """Take one step after another until nothing is left."""
    batches = corpus.batches()
    found = batches.check(batch)
    only = None if notice is None else corpus.get(notice, hidden=True).key
    total = batches.left(batch, work.takes)
    if only is None and (total or found.state in work.open_in):
        batches.move(batch, work.begun)
    after = written = 0
    skipped: list[tuple[str, str]] = []
    while True:
        done = work.step(batch, by=by, after=after, only=only)
        written += done.written
        skipped += done.skipped
        progress(work.verb, written, total)
        if done.last is None:
            break
        after = done.last
    state = batches.get(batch).state
    if state == work.begun and only is None:
        state = work.ended
    if written or skipped or state != found.state:
        found = batches.move(batch, state)
    return Done(found, written, tuple(skipped))
