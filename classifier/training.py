"""
Labelled notices to a model, with the figures that say how good it is.

The notices are split into five folds with near-duplicates on one side; each fold is answered by a
model that saw only the others. These answers, not those of the final model, give the calibration,
the thresholds and the figures on the card. The final model is fitted on all notices. The same
notices give the same bytes.
"""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.model_selection import GroupKFold

from classifier import artefact
from classifier.calibration import fit_calibration, fit_untitled
from classifier.choices import own_choices
from classifier.columns import Columns, choose_columns
from classifier.counting import count
from classifier.errors import TrainingError
from classifier.features import Weights, cut
from classifier.fitting import (
    ALTERNATIVE_SHARE,
    LEVEL_ONE_SHARE,
    REGULARIZATION,
    UNKNOWN,
    Linear,
    Targets,
    fit,
    most_telling,
)
from classifier.metrics import Answers, measure
from classifier.model import TopicModel
from classifier.near_duplicates import group
from classifier.thresholds import PROMISED_PRECISION, Curve, choose_thresholds
from corpus.paste import complete
from corpus.segmentation import open_segmenter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from classifier.counting import Counted
    from classifier.features import Vectorizer
    from classifier.probability import Calibration
    from classifier.rows import LabelledNotice
    from corpus.segmentation import Segmenter
    from corpus.taxonomy import Taxonomy, Topic

FOLDS = 5
MOST_FEATURES = 45_000
BODY_LIMIT = 3000


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted model that is not yet on disk, in the precision it was fitted in."""

    card: dict[str, Any]
    vectorizer: Vectorizer
    linear: Linear

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the model folder, whole or not at all, and return its card."""
        spaces = self.vectorizer.spaces
        return artefact.write(
            folder,
            self.card,
            terms=dict(zip(artefact.TERMS, (space.terms for space in spaces), strict=True)),
            arrays={
                "idf.npy": np.concatenate([space.idf for space in spaces]),
                "weights.npy": self.linear.weights.astype(np.float16),
                "constants.npy": self.linear.constants,
            },
        )

    def model(self) -> TopicModel:
        """Return the model ready to answer, in the precision it would have on disk."""
        return TopicModel(
            self.card,
            self.vectorizer,
            np.ascontiguousarray(self.linear.weights, dtype=np.float16),
            self.linear.constants,
            open_segmenter(self.card["segmentation"]["engine"]),
        )


@dataclass(frozen=True, slots=True)
class HeldOut:
    """
    What models that had not seen the notices say of them.

    Attributes:
        rows: The notices, in the order of everything else.
        columns: The topics that were answered.
        scores: Decision values, of shape (n_notices, n_columns).
        probabilities: The same, calibrated.
        gold: The column of each notice's own topic; −1 if only its first level is known, or if it
            is 其他.
        groups: The near-duplicate group of each notice.
        counted: The terms of all notices.
        models: One for each fold, and *fold_of* the number of the one that had not seen a notice.
    """

    rows: tuple[LabelledNotice, ...]
    columns: Columns
    scores: NDArray[np.float32]
    probabilities: NDArray[np.float64]
    gold: NDArray[np.intp]
    groups: NDArray[np.intp]
    counted: Counted
    models: tuple[tuple[Vectorizer, Linear], ...]
    fold_of: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """
    The notices as the folds need them.

    *second_level* is the column of each notice's own topic, one behind the last if that topic
    has no column, and −1 if only the first level is known. The first *n_real* are notices; behind
    them stand examples.
    """

    counted: Counted
    targets: Targets
    second_level: NDArray[np.intp]
    groups: NDArray[np.intp]
    features: Mapping[str, Any]
    n_real: int

    @property
    def known(self) -> NDArray[np.intp]:
        """The notices whose column is known: those that can be answered rightly or wrongly."""
        return np.flatnonzero(self.targets.topics[: self.n_real] != UNKNOWN)

    @property
    def asked(self) -> NDArray[np.intp]:
        """The notices of which at least the first level is known."""
        return np.flatnonzero(self.targets.roots[: self.n_real] != UNKNOWN)

    @property
    def untitled(self) -> NDArray[np.bool_]:
        """Whether a notice has no title, of shape (n_notices,)."""
        without: NDArray[np.bool_] = np.diff(self.counted.title.matrix.indptr) == 0
        return without


def train(
    rows: Sequence[LabelledNotice],
    taxonomy: Taxonomy,
    *,
    name: str,
    examples: Sequence[LabelledNotice] = (),
    progress: Callable[[str], None] = lambda _: None,
    jobs: int = 2,
    body_limit: int | None = BODY_LIMIT,
) -> Trained:
    """
    Return a model of these notices.

    Args:
        rows: Notices with their topic. Those of the catch-all (其他) are left out: nobody chose.
        taxonomy: The list that the topics belong to.
        name: What the model is called in its card and in its answers.
        examples: Made-up notices with their topic: they teach, and nothing is measured on them.
        progress: Called with a line for each step.
        jobs: How many processes fit at the same time.
        body_limit: How many characters of a body are read, or ``None`` for all.

    Raises:
        TrainingError: If no model can be made of them, saying what is missing.
    """
    labelled = [row for row in rows if row.topic.code != taxonomy.catch_all]
    columns = choose_columns([*labelled, *examples], taxonomy)
    progress(f"Reading {len(labelled)} notices …")
    features = _features(body_limit)
    segmenter = open_segmenter()
    prepared = _prepare(
        labelled, examples, columns, features=features, segmenter=segmenter, progress=progress
    )
    answers, vectorizer, linear = _cross_validate(prepared, jobs, progress)
    progress("Calibrating …")
    card = {
        "name": name,
        "versions": _versions(segmenter.version),
        "segmentation": {"engine": "rjieba", "version": segmenter.version},
        "taxonomy": taxonomy.as_json(),
        "columns": list(columns.codes),
        "features": {
            **features,
            "sizes": {
                part: len(space)
                for part, space in zip(asdict(Weights()), vectorizer.spaces, strict=True)
            },
        },
        "fit": {
            "regularization": REGULARIZATION,
            "alternative_share": ALTERNATIVE_SHARE,
            "level_one_share": LEVEL_ONE_SHARE,
        },
        "trained_on": _origin(rows, labelled, examples, columns, prepared.groups[: len(labelled)]),
        **_figures(answers, prepared, columns),
    }
    return Trained({**card, "digest": artefact.card_digest(card)}, vectorizer, linear)


def held_out(
    rows: Sequence[LabelledNotice],
    taxonomy: Taxonomy,
    *,
    examples: Sequence[LabelledNotice] = (),
    progress: Callable[[str], None] = lambda _: None,
    jobs: int = 2,
    body_limit: int | None = BODY_LIMIT,
) -> HeldOut:
    """
    Return what models that had not seen a notice, nor any like it, say of it: for every notice.

    Those of the catch-all (其他) and those known at level one only are answered as well; the
    former teach nothing.

    Args:
        rows: Notices with their topic.
        taxonomy: The list that the topics belong to.
        examples: Made-up notices with their topic, which teach and are not answered.
        progress: Called with a line for each step.
        jobs: How many processes fit at the same time.
        body_limit: How many characters of a body are read, or ``None`` for all.

    Raises:
        TrainingError: If no models can be made of them, saying what is missing.
    """
    columns = choose_columns([*rows, *examples], taxonomy)
    progress(f"Reading {len(rows)} notices …")
    features = _features(body_limit)
    prepared = _prepare(
        rows, examples, columns, features=features, segmenter=open_segmenter(), progress=progress
    )
    targets = prepared.targets
    teaching = np.flatnonzero(targets.roots != UNKNOWN)
    folds = _folds(prepared.groups[: len(rows)])
    tasks = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_fit_one)(
            prepared, teaching[~np.isin(prepared.groups[teaching], prepared.groups[test])], test
        )
        for test in folds
    )
    scores = np.zeros((len(rows), len(targets.root_of)), dtype=np.float32)
    fold_of = np.zeros(len(rows), dtype=np.intp)
    models = []
    for step, (test, (vectorizer, linear, found)) in enumerate(zip(folds, tasks, strict=True)):
        scores[test], fold_of[test] = found, step
        models.append((vectorizer, linear))
        progress(f"Fitted {step + 1} of {len(folds)} models …")
    calibration = _calibrated(scores, prepared)
    return HeldOut(
        tuple(rows),
        columns,
        scores,
        calibration.probabilities(scores, prepared.untitled[: len(rows)]),
        targets.topics[: len(rows)],
        prepared.groups[: len(rows)],
        prepared.counted.first(len(rows)),
        tuple(models),
        fold_of,
    )


def _features(body_limit: int | None) -> dict[str, Any]:
    """Return how notices are read, as a card says it."""
    return {
        "body_limit": body_limit,
        "weights": asdict(Weights()),
        "most_features": MOST_FEATURES,
    }


def _prepare(
    rows: Sequence[LabelledNotice],
    examples: Sequence[LabelledNotice],
    columns: Columns,
    *,
    features: Mapping[str, Any],
    segmenter: Segmenter,
    progress: Callable[[str], None],
) -> _Prepared:
    """Return the notices, and the examples behind them, as the folds need them."""
    limit = features["body_limit"]
    everything = [*rows, *examples]
    cuts = [cut(complete(row.notice), segmenter, body_limit=limit) for row in everything]
    progress("Looking for near-duplicates …")
    return _Prepared(
        count(cuts),
        columns.targets(everything),
        np.array([_second_level(row.topic, columns) for row in everything], dtype=np.intp),
        group(cuts),
        features,
        len(rows),
    )


def _folds(groups: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """
    Return the notices that each fold holds out, near-duplicates on one side.

    Raises:
        TrainingError: If all notices are near-duplicates of each other.
    """
    folds = min(FOLDS, len(np.unique(groups)))
    if folds < 2:  # noqa: PLR2004
        msg = (
            "All notices are nearly the same, so nothing can be said of others."
            " Give notices of different kinds."
        )
        raise TrainingError(msg)
    splitter = GroupKFold(folds, shuffle=True, random_state=0)
    return [test for _, test in splitter.split(groups, groups=groups)]


def _cross_validate(
    prepared: _Prepared, jobs: int, progress: Callable[[str], None]
) -> tuple[NDArray[np.float32], Vectorizer, Linear]:
    """Return the held-out scores of all notices that can be asked, and the model of all."""
    asked, everything = prepared.asked, np.arange(len(prepared.groups))
    held_out = [asked[test] for test in _folds(prepared.groups[asked])]
    # A near-duplicate of a held-out notice may be an example: it stays out as well.
    training = [everything[~np.isin(prepared.groups, prepared.groups[test])] for test in held_out]
    tasks = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_fit_one)(prepared, notices, test)
        for notices, test in zip([everything, *training], [asked[:0], *held_out], strict=True)
    )
    scores = np.zeros((len(everything), len(prepared.targets.root_of)), dtype=np.float32)
    final: tuple[Vectorizer, Linear] | None = None
    for step, (vectorizer, linear, held_out_scores) in enumerate(tasks):
        if final is None:
            final = (vectorizer, linear)
        else:
            scores[held_out[step - 1]] = held_out_scores
        progress(f"Fitted {step + 1} of {len(held_out) + 1} models …")
    assert final is not None  # noqa: S101 (there is always the task of all notices)
    return scores, *final


def _fit_one(
    prepared: _Prepared, notices: NDArray[np.intp], held_out: NDArray[np.intp]
) -> tuple[Vectorizer, Linear, NDArray[np.float32]]:
    """Fit on some notices and score others."""
    targets, most = prepared.targets, prepared.features["most_features"]
    weights = Weights(**prepared.features["weights"])
    vectorizer, matrix = prepared.counted.select(notices, weights=weights)
    if matrix.shape[1] > most:
        kept = most_telling(matrix, targets, notices, most=most)
        vectorizer, matrix = prepared.counted.select(notices, weights=weights, kept=kept)
    linear = fit(matrix, targets, notices)
    scores = matrix[held_out] @ linear.weights + linear.constants
    return vectorizer, linear, np.asarray(scores, dtype=np.float32)


def _calibrated(scores: NDArray[np.float32], prepared: _Prepared) -> Calibration:
    """Return the calibration of held-out scores; those of notices not asked are not looked at."""
    known, targets = prepared.known, prepared.targets
    untitled = prepared.asked[prepared.untitled[prepared.asked]]
    return fit_untitled(
        fit_calibration(scores[known], targets.topics[known]),
        scores[untitled],
        targets.roots[untitled],
        targets.root_of,
    )


def _figures(scores: NDArray[np.float32], prepared: _Prepared, columns: Columns) -> dict[str, Any]:
    """Return what the held-out answers say: calibration, thresholds, figures, the floor."""
    known = prepared.known
    gold, groups = prepared.targets.topics[known], prepared.groups[known]
    calibration = _calibrated(scores, prepared)
    probabilities = calibration.probabilities(scores[known], prepared.untitled[known])
    choices = own_choices(columns.taxonomy, columns.codes)
    of_roots = np.zeros((len(known), len(choices.roots)))
    np.add.at(of_roots.T, choices.root_of, probabilities.T)
    levels = {"level_1": Answers(of_roots, choices.root_of[gold], groups)}
    if (prepared.second_level[known] != UNKNOWN).any():
        second = prepared.second_level[known]
        levels["level_2"] = Answers(
            probabilities[second != UNKNOWN], second[second != UNKNOWN], groups[second != UNKNOWN]
        )
    thresholds = {
        level: choose_thresholds(answers.confidence, answers.right)
        for level, answers in levels.items()
    }
    figures = {level: measure(answers, thresholds[level]) for level, answers in levels.items()}
    return {
        "calibration": calibration.as_json(),
        "promised_precision": PROMISED_PRECISION,
        "thresholds": {"level_2": None}
        | {level: threshold.as_json() for level, threshold in thresholds.items()},
        "promises": {"level_2": None}
        | {
            level: Curve.of(answers.confidence, answers.right).as_json()
            for level, answers in levels.items()
        },
        "cross_validation": {"folds": FOLDS, "level_2": None} | figures,
        "floor": {"level_2": None}
        | {level: figure["accuracy"]["low"] for level, figure in figures.items()},
    }


def _second_level(topic: Topic, columns: Columns) -> int:
    """Return the column that answers a topic rightly at level two."""
    if topic.parent is None:
        return UNKNOWN
    return columns.codes.index(topic.code) if topic.code in columns.codes else len(columns.codes)


def _origin(
    rows: Sequence[LabelledNotice],
    labelled: Sequence[LabelledNotice],
    examples: Sequence[LabelledNotice],
    columns: Columns,
    groups: NDArray[np.intp],
) -> dict[str, Any]:
    """Return from what a model was made, so that anybody can tell whether it was the same."""
    ids = sorted(row.notice.id or "" for row in rows)
    counts = Counter(row.topic.code for row in rows)
    return {
        "notices": len(labelled),
        "unlabelled": len(rows) - len(labelled),
        "examples": len(examples),
        "level_one_only": int((columns.targets(labelled).topics == UNKNOWN).sum()),
        "near_duplicate_groups": len(np.unique(groups)),
        "ids_digest": hashlib.sha256("\n".join(ids).encode()).hexdigest(),
        "topics": {code: counts[code] for code in sorted(counts)},
        "too_few": columns.folded,
        "unseen": list(columns.unseen),
    }


def _versions(segmenter: str) -> dict[str, str]:
    """Return the versions that the numbers depend on."""
    libraries = ("numpy", "scipy", "scikit-learn", "zhuti")
    return {
        "python": platform.python_version(),
        "segmenter": segmenter,
        **{name: metadata.version(name) for name in libraries},
    }
