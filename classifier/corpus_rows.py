"""
The notices of a corpus with the topic that somebody gave them: what a model learns from people.

What a reviewer said goes before what a publisher chose, and that before what the issuer printed. A
printed 其他 says that nobody chose and is left out; so are the tags of models, from which a model
would only learn itself. Notices that were decided blindly are kept apart, with those that the same
decision settled: they are what models are measured on, and whoever has learned an answer by heart
is not measured by it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.errors import TrainingError
from classifier.rows import LabelledNotice
from corpus.errors import UnknownTopicError
from corpus.stored import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corpus.store import Corpus
    from corpus.stored import StoredNotice
    from corpus.taxonomy import Taxonomy, Topic

_PEOPLE = (Source.REVIEWER, Source.PUBLISHER)


@dataclass(frozen=True, slots=True)
class CorpusRows:
    """
    What can be learned from a corpus.

    *sources* counts the rows that reviewers, publishers and issuers gave, in this order.
    *kept_apart* are blindly reviewed, *others* 其他 or without a theme that can be read, *unknown*
    name a topic that the list has lost. *ids* are those of all rows and of what is kept apart.
    """

    rows: tuple[LabelledNotice, ...]
    sources: dict[str, int]
    kept_apart: int
    others: int
    unknown: int
    ids: frozenset[str]


def labelled_in(corpus: Corpus, *, apart: Iterable[int] | None = None) -> CorpusRows:
    """
    Return the notices of a corpus that say their topic, by identity: the same in any database.

    Args:
        corpus: Where they are.
        apart: The keys of notices not to learn from; those that were decided blindly if not given.

    Raises:
        TrainingError: If no notice has a topic that can be learned.
    """
    blind = corpus.review().blind_keys() if apart is None else set(apart)
    rows: list[LabelledNotice] = []
    sources: Counter[str] = Counter()
    ids: set[str] = set()
    kept_apart = others = unknown = 0
    for stored in corpus.export_order():
        if stored.key in blind:
            kept_apart += 1
            ids.add(stored.id)
            continue
        try:
            found = _topic(stored, corpus.taxonomy)
        except UnknownTopicError:
            unknown += 1
            continue
        if found is None:
            others += 1
            continue
        topic, source = found
        sources[source.value] += 1
        ids.add(stored.id)
        rows.append(LabelledNotice(stored.notice, topic))
    if not rows:
        msg = (
            f"No notice of {corpus.url} has a topic to learn: {kept_apart} are kept apart for"
            f" measuring, {others} are 其他 or without a theme, {unknown} name a topic that the"
            " list does not have. Review some ('zhuti review fill'), or give --notices."
        )
        raise TrainingError(msg)
    ordered = {source.value: sources[source.value] for source in (*_PEOPLE, Source.ISSUER)}
    return CorpusRows(tuple(rows), ordered, kept_apart, others, unknown, frozenset(ids))


def _topic(stored: StoredNotice, taxonomy: Taxonomy) -> tuple[Topic, Source] | None:
    """Return the topic of a notice and who gave it, ``None`` if nobody did."""
    if stored.topic_source in _PEOPLE and stored.topic is not None:
        chosen = taxonomy.topic(stored.topic)
        return None if chosen.code == taxonomy.catch_all else (chosen, stored.topic_source)
    try:
        printed = taxonomy.gold(stored.notice.declared_topic or "")
    except UnknownTopicError:
        # What is printed may be anything.
        return None
    if printed is None or printed.code == taxonomy.catch_all:
        return None
    return printed, Source.ISSUER
