"""
The model: a notice in, ranked topics with their reasons out.

What it holds is plain: a vectorizer, one column of weights and a constant for each topic, a
temperature and two pairs of thresholds. Answering needs NumPy and a segmenter, nothing else.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier import artefact
from classifier.choices import own_choices, site_choices
from classifier.evidence import EvidenceFinder
from classifier.features import Space, Vectorizer, Weights, cut
from classifier.probability import Calibration
from classifier.suggestion import Answer, Evidence, Suggestion, Verdict
from classifier.thresholds import Curve, Thresholds
from classifier.words import reason_for, reason_for_silence
from corpus.paste import complete, read_texts
from corpus.segmentation import open_segmenter
from corpus.sensitive import find_sensitive
from corpus.taxonomy import Taxonomy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from classifier.choices import Choices
    from classifier.crosswalk import Crosswalk
    from classifier.features import Cut, Row
    from corpus.notice import Notice
    from corpus.segmentation import Segmenter
    from corpus.taxonomy import Topic


@dataclass(frozen=True, slots=True)
class _Read:
    """A notice as the model reads it."""

    notice: Notice
    pieces: Cut
    row: Row


# Between how many topics a person is asked to choose, and how improbable they may be.
MOST_PENDING = 3
LEAST_PENDING = 0.02


class TopicModel:
    """
    Suggests topics for notices.

    Attributes:
        card: What the model's card says: its origin, its figures, its promises.
        thresholds: From which probability on a topic is accepted, and *root_thresholds* the same
            for a first-level topic.
        taxonomy: The topics the model was trained on.
        codes: The topic of each column of the weights.
    """

    def __init__(
        self,
        card: Mapping[str, Any],
        vectorizer: Vectorizer,
        weights: NDArray[np.floating],
        constants: NDArray[np.float32],
        segmenter: Segmenter,
    ) -> None:
        self.card = dict(card)
        self.name: str = card["name"]
        self.digest: str = card["digest"]
        self.taxonomy = Taxonomy.from_json(card["taxonomy"])
        self.codes: tuple[str, ...] = tuple(card["columns"])
        self._vectorizer = vectorizer
        # float16 on disk; widened once, since widening what one notice gathers costs five times
        # as much as gathering it.
        self._weights = np.asarray(weights).astype(np.float32)
        self._constants = constants
        self._segmenter = segmenter
        self._body_limit: int | None = card["features"]["body_limit"]
        self._calibration = Calibration.from_json(card["calibration"])
        levels = card["thresholds"]
        self.root_thresholds = Thresholds.from_json(levels["level_1"])
        self.thresholds = Thresholds.from_json(levels["level_2"] or levels["level_1"])
        self._choices = own_choices(self.taxonomy, self.codes)

    @property
    def vectorizer(self) -> Vectorizer:
        """What turns a notice into its row, for whoever compares notices."""
        return self._vectorizer

    @property
    def choices(self) -> Choices:
        """The topics that an answer may name."""
        return self._choices

    def mapped(self, crosswalk: Crosswalk) -> TopicModel:
        """Return the same model answering in a site's own list of topics."""
        other = copy(self)
        other._choices = site_choices(crosswalk, self.codes)  # noqa: SLF001
        return other

    def keeping(self, precision: float) -> TopicModel:
        """Return the same model accepting what its card says is right in *precision* of cases."""
        if precision == self.card["promised_precision"]:
            return self
        levels = self.card["promises"]
        root_thresholds, _, _ = Curve.from_json(levels["level_1"]).promise(precision)
        curve = levels["level_2"] or levels["level_1"]
        thresholds, _, _ = Curve.from_json(curve).promise(precision)
        return self.promising(thresholds, root_thresholds)

    def promising(self, thresholds: Thresholds, root_thresholds: Thresholds) -> TopicModel:
        """Return the same model with other thresholds: it promises more, or less."""
        other = copy(self)
        other.thresholds, other.root_thresholds = thresholds, root_thresholds
        return other

    def suggest(self, notice: Notice, *, limit: int = 5, raw: bool = False) -> Answer:
        """
        Return the *limit* most probable topics of a notice, each with its evidence.

        Args:
            notice: Any part of a notice, or a whole pasted page as its body.
            limit: How many topics to return at most.
            raw: Show the terms of title characters as they are, not on the words they belong to.

        Returns:
            An answer without suggestions, which abstains and says why, where there is nothing to
            read: no text, no Chinese, no word the model knows.
        """
        # A mark of secrecy stands above the header, which is cut off next.
        warnings = find_sensitive(f"{notice.title or ''}\n{notice.body or ''}")
        notice = complete(notice)
        pieces = self._cut(notice)
        row = self._vectorizer.row(pieces)
        silence = reason_for_silence(notice, known=len(row.columns))
        if silence is not None:
            return self._silent(notice, silence, warnings)
        read = _Read(notice, pieces, row)
        return self._answer(
            read, self._of_columns(row), warnings, limit=limit, explained=limit, raw=raw
        )

    def judge(
        self, notices: Sequence[Notice], *, limit: int = 5, explained: int = 0
    ) -> list[Answer]:
        """
        Return the answers to notices that are published already: nobody is warned of their words.

        Some at a time cost less than one by one. The notice in an answer has what was read of it,
        and nothing else.

        Args:
            notices: Any parts of notices, or whole pasted pages as their bodies.
            limit: How many topics to return at most.
            explained: How many of them get their evidence, the best first: it costs more than the
                answer itself.
        """
        texts = [read_texts(notice.title, notice.body, notice.issuing_body) for notice in notices]
        cuts = [self._cut(notice) for notice in texts]
        read = list(map(_Read, texts, cuts, self._vectorizer.rows(cuts)))
        silences = [reason_for_silence(one.notice, known=len(one.row.columns)) for one in read]
        speaking = [one for one, silence in zip(read, silences, strict=True) if silence is None]
        scores = np.array([self.scores(one.row) for one in speaking])
        untitled = np.array([one.row.untitled for one in speaking], dtype=bool)
        found = iter(self._calibration.probabilities(scores, untitled) if speaking else scores)
        return [
            self._answer(one, next(found), (), limit=limit, explained=explained, raw=False)
            if silence is None
            else self._silent(one.notice, silence, ())
            for one, silence in zip(read, silences, strict=True)
        ]

    def _cut(self, notice: Notice) -> Cut:
        """Return a whole notice cut into words, as much of it as the model reads."""
        return cut(notice, self._segmenter, body_limit=self._body_limit)

    def _silent(self, notice: Notice, reason: str, warnings: tuple[str, ...]) -> Answer:
        """Return the answer to a notice in which there is nothing to read."""
        return Answer(notice, Verdict.ABSTAIN, reason, None, (), warnings, self.name, self.digest)

    def _answer(
        self,
        read: _Read,
        of_columns: NDArray[np.float64],
        warnings: tuple[str, ...],
        *,
        limit: int,
        explained: int,
        raw: bool,
    ) -> Answer:
        """Return the answer to a notice, with the evidence of the first of its topics."""
        of_choices = self._choices.probabilities(of_columns)
        level_1 = self._level_1(of_choices)
        best = np.argsort(-of_choices, kind="stable")[:limit].tolist()
        evidence: list[tuple[Evidence, ...]] = [()] * len(best)
        of_issuer = [0.0] * len(best)
        if explained:
            columns = [
                self._choices.strongest_column(choice, of_columns) for choice in best[:explained]
            ]
            row = read.row
            finder = EvidenceFinder(read.pieces, row, self._vectorizer, raw=raw)
            coefficients = self._coefficients(row, columns)
            evidence[:explained] = finder.strongest(coefficients)
            first_of_issuer = len(row.columns) - row.sizes[-1]
            moved = coefficients[:, first_of_issuer:] @ row.values[first_of_issuer:]
            of_issuer[:explained] = moved.tolist()
        suggestions = tuple(
            Suggestion(
                self._choices.topics[choice],
                self._choices.parents[choice],
                probability,
                self.thresholds.verdict(probability),
                words,
                from_issuer,
            )
            for choice, probability, words, from_issuer in zip(
                best, of_choices[best].tolist(), evidence, of_issuer, strict=True
            )
        )
        verdict = suggestions[0].verdict
        if verdict is Verdict.ABSTAIN and level_1.verdict is not Verdict.ABSTAIN:
            verdict = Verdict.REVIEW
        pending = self._pending(level_1, suggestions[0], of_choices)
        reason = reason_for(verdict, suggestions[0], level_1, self.thresholds, pending)
        return Answer(
            read.notice,
            verdict,
            reason,
            level_1,
            suggestions,
            warnings,
            self.name,
            self.digest,
            pending,
        )

    def _pending(
        self, level_1: Suggestion, best: Suggestion, of_choices: NDArray[np.float64]
    ) -> tuple[Topic, ...]:
        """Return the topics to choose from where the first level is sure and the second is not."""
        if level_1.verdict is not Verdict.ACCEPT or best.verdict is Verdict.ACCEPT:
            return ()
        root = self._choices.roots.index(level_1.topic)
        below = np.flatnonzero(self._choices.root_of == root)
        ranked = below[np.argsort(-of_choices[below], kind="stable")].tolist()
        chosen = [
            self._choices.topics[choice]
            for choice in ranked[:MOST_PENDING]
            if of_choices[choice] >= LEAST_PENDING and self._choices.parents[choice] is not None
        ]
        return tuple(chosen)

    def suggest_all(
        self, notices: Iterable[Notice], *, limit: int = 5, raw: bool = False
    ) -> Iterator[Answer]:
        """Yield the answer to each notice, in order; only one is held at a time."""
        return (self.suggest(notice, limit=limit, raw=raw) for notice in notices)

    def cut(self, notice: Notice) -> Cut:
        """Return a notice cut into words, as much of it as the model reads."""
        return self._cut(complete(notice))

    def row(self, pieces: Cut) -> Row:
        """Return the features that the model sees in a notice."""
        return self._vectorizer.row(pieces)

    def scores(self, row: Row) -> NDArray[np.float32]:
        """Return the decision values of a notice, of shape (n_columns,), in column order."""
        gathered = self._weights.take(row.columns, axis=0)
        scores: NDArray[np.float32] = row.values @ gathered + self._constants
        return scores

    def probabilities(self, pieces: Cut) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """
        Return the probability of each choice and of each first-level topic above them.

        A notice in which nothing is known gets what its constants say, like any other.
        """
        of_choices = self._choices.probabilities(self._of_columns(self.row(pieces)))
        return of_choices, self._choices.root_probabilities(of_choices)

    def _of_columns(self, row: Row) -> NDArray[np.float64]:
        """Return the probability of each column."""
        probabilities: NDArray[np.float64] = self._calibration.probabilities(
            self.scores(row)[None], np.array([row.untitled])
        )[0]
        return probabilities

    def _coefficients(self, row: Row, columns: Sequence[int]) -> NDArray[np.float32]:
        """Return what each of the columns gives each feature, of shape (n_columns, n_row)."""
        coefficients: NDArray[np.float32] = self._weights[row.columns, np.array(columns)[:, None]]
        return coefficients

    def _level_1(self, of_choices: NDArray[np.float64]) -> Suggestion:
        """Return the most probable first-level topic."""
        of_roots = self._choices.root_probabilities(of_choices)
        best = int(of_roots.argmax())
        probability = min(float(of_roots[best]), 1.0)
        return Suggestion(
            self._choices.roots[best], None, probability, self.root_thresholds.verdict(probability)
        )


def load(folder: Path, *, engine: str | None = None) -> TopicModel:
    """
    Return the model of a folder, ready to answer.

    Args:
        folder: A model folder as ``zhuti train`` writes it.
        engine: The segmenter to use instead of the one the model was trained with.

    Raises:
        DamagedModelError: If the folder is no model, or not the one its card speaks of.
        ModelFormatError: If a later version of zhuti wrote it.
    """
    card, terms, arrays = artefact.read(folder)
    spaces, start = [], 0
    for name in artefact.TERMS:
        end = start + len(terms[name])
        spaces.append(Space(terms[name], arrays["idf.npy"][start:end]))
        start = end
    vectorizer = Vectorizer(spaces, Weights(**card["features"]["weights"]))
    segmenter = open_segmenter(engine or card["segmentation"]["engine"])
    return TopicModel(card, vectorizer, arrays["weights.npy"], arrays["constants.npy"], segmenter)
