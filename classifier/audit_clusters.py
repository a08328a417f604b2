"""
What an 其他 really holds: its notices in clusters, each named by its telling words.

The notices are compared by the model's own kind of features (words of title and body, characters
of the title), in the few dimensions in which they differ most. How many clusters there are is
chosen by their silhouette. The same notices give the same clusters.

A cluster deserves a topic of its own where it is big, tight, and far from all topics: as many
notices as a topic needs to be learned well, as like each other as those of a usual topic, and
notices to which models would give no topic with any confidence. (That they would not agree on one
is not enough: all that founds a committee is alike, and each committee has its own theme.)

Source: Rousseeuw, "Silhouettes" (1987); Deerwester et al., "Indexing by Latent Semantic Analysis"
(1990).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, hstack
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import normalize

from classifier.audit_rows import is_second_level_other
from classifier.features import inverse_document_frequency

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from classifier.counting import Counts
    from classifier.model import TopicModel
    from classifier.training import HeldOut
    from corpus.taxonomy import Topic

# Fewer notices are read faster than clustered.
FEWEST = 16
# A topic of its own needs so many notices: with fewer, models rarely learn one.
BIG = 10
# Where the best topic of each notice gets less than this on average, none of them fits.
FAR = 0.5
_MOST_CLUSTERS = 12
_FEWEST_IN_A_CLUSTER = 8
_DIMENSIONS = 50
_WORDS = 6
_GRAM_WEIGHT = 0.7
# What is seen a few times is taken for as spread as everything, unless more notices say otherwise.
_DOUBT = 3.0
_TERMS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """
    Some notices of an 其他 that are like each other.

    Attributes:
        notices: Their numbers among the rows, the most typical first.
        words: What tells them from all other notices, most telling first.
        tightness: How like each other they are: the mean cosine of two of them.
        nearest: The topic that models would give them, and *probability* its mean.
        own_topic: Whether they deserve a topic of their own.
    """

    notices: tuple[int, ...]
    words: tuple[str, ...]
    tightness: float
    nearest: Topic
    probability: float
    own_topic: bool


class Clusterer:
    """
    Looks into one 其他 after the other.

    Args:
        held: The notices, and what held-out models say of them.
        model: A model to ask of the nearest topics instead, of the same list.
    """

    def __init__(self, held: HeldOut, model: TopicModel | None = None) -> None:
        self._held = held
        self._model = model
        self._topics = (
            tuple(map(held.columns.taxonomy.topic, held.columns.codes))
            if model is None
            else model.choices.topics
        )
        codes = list(dict.fromkeys(row.topic.code for row in held.rows))
        topics = np.array([codes.index(row.topic.code) for row in held.rows])
        words = _tell(held.counted.words, topics)
        grams = _tell(held.counted.title, topics) * np.float32(_GRAM_WEIGHT)
        self._words = words
        self._features = normalize(csr_array(hstack([words, grams], format="csr")))
        self._everywhere = np.asarray(self._words.mean(axis=0)).ravel()
        self._usual = self._usual_tightness()

    def clusters(self, notices: NDArray[np.intp], other: str | None = None) -> list[Cluster]:
        """
        Return what some notices of an 其他 are, biggest cluster first.

        Args:
            notices: Their numbers among the rows.
            other: The code of that 其他 where it is a topic itself, so not what they are near to.
        """
        labels = self._labels(notices)
        found = [self._cluster(notices[labels == label], other) for label in np.unique(labels)]
        return sorted(found, key=lambda one: (-len(one.notices), one.words))

    def _labels(self, notices: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the number of each notice's cluster."""
        single = np.zeros(len(notices), dtype=np.intp)
        if len(notices) < FEWEST:
            return single
        features = self._features[notices]
        dimensions = min(_DIMENSIONS, len(notices) - 1)
        reduced = TruncatedSVD(dimensions, random_state=0).fit_transform(features)
        places = normalize(reduced)
        if len(np.unique(places.round(6), axis=0)) <= 2:  # noqa: PLR2004
            return single
        most = min(_MOST_CLUSTERS, len(notices) // _FEWEST_IN_A_CLUSTER)
        best, labels = -1.0, single
        for number in range(2, most + 1):
            tried = KMeans(number, n_init=4, random_state=0).fit_predict(places)
            score = float(silhouette_score(places, tried, metric="cosine", random_state=0))
            if score > best:
                best, labels = score, tried.astype(np.intp)
        return labels

    def _cluster(self, notices: NDArray[np.intp], other: str | None) -> Cluster:
        """Describe a cluster."""
        features = self._features[notices]
        centre = np.asarray(features.mean(axis=0)).ravel()
        order = np.argsort(-(features @ centre), kind="stable")
        telling = np.asarray(self._words[notices].mean(axis=0)).ravel() - self._everywhere
        words = np.argsort(-telling, kind="stable")[:_WORDS]
        likely = self._likely(notices)
        likely[:, [is_second_level_other(one) or one.code == other for one in self._topics]] = 0
        together = likely.mean(axis=0)
        nearest = int(together.argmax())
        far = float(likely.max(axis=1).mean()) < FAR
        tightness = _tightness(features)
        return Cluster(
            tuple(int(number) for number in notices[order]),
            tuple(self._held.counted.words.terms[word] for word in words if telling[word] > 0),
            tightness,
            self._topics[nearest],
            float(together[nearest]),
            len(notices) >= BIG and tightness >= self._usual and far,
        )

    def _likely(self, notices: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the probability of each topic for each of some notices, to be changed freely."""
        if self._model is None:
            return self._held.probabilities[notices].copy()
        asked = (self._held.rows[number].notice for number in notices.tolist())
        return np.array([self._model.probabilities(self._model.cut(one))[0] for one in asked])

    def _usual_tightness(self) -> float:
        """Return how like each other the notices of a usual topic are: the median of all topics."""
        gold = self._held.gold
        of_topics = [
            _tightness(self._features[gold == column])
            for column, code in enumerate(self._held.columns.codes)
            if not is_second_level_other(self._held.columns.taxonomy.topic(code))
            and (gold == column).sum() >= BIG
        ]
        return float(np.median(of_topics)) if of_topics else 0.0


def _tell(counts: Counts, topics: NDArray[np.intp]) -> csr_array:
    """
    Return the TF-IDF rows of all notices, each term weighed by how much it tells of a topic.

    That is the divergence of the topics of its notices from those of all. A place or an office
    stands in notices of every topic; without this the clusters were towns.
    """
    n = len(topics)
    frequencies = np.bincount(counts.matrix.indices, minlength=len(counts.terms))
    is_of = csr_array((np.ones(n), (np.arange(n), topics)))
    there = csr_array(
        (np.ones(counts.matrix.nnz), counts.matrix.indices, counts.matrix.indptr),
        shape=counts.matrix.shape,
    )
    usual = np.bincount(topics) / n
    tells = np.zeros(len(counts.terms), dtype=np.float32)
    # Some terms at a time: there are 100 topics and hundreds of thousands of terms.
    for start in range(0, len(tells), _TERMS_AT_ONCE):
        some = slice(start, start + _TERMS_AT_ONCE)
        seen = (there[:, some].T @ is_of).toarray() + _DOUBT * usual
        shares = seen / seen.sum(axis=1, keepdims=True)
        tells[some] = (shares * np.log(shares / usual)).sum(axis=1)
    idf = inverse_document_frequency(n, frequencies)
    rows = counts.weighed(idf, np.arange(len(counts.terms)))
    rows.data *= tells[rows.indices]
    return csr_array(rows)


def _tightness(features: csr_array) -> float:
    """Return the mean cosine of two different rows; 0 for a single one."""
    n = features.shape[0]
    if n < 2:  # noqa: PLR2004
        return 0.0
    total = np.asarray(features.sum(axis=0)).ravel()
    # Empty rows are like nothing, not even themselves.
    own = float((features.multiply(features)).sum())
    return float((total @ total - own) / (n * (n - 1)))
