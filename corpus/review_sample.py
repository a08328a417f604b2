"""
The random sample: notices that people read without the model's proposal, and what they said.

Only these tell how good a model is, where its thresholds belong, and whether another one is
better. What people were asked because the model was in doubt is a biased sample of the corpus, and
what they answered with a proposal before their eyes says in part what the model said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.notice import Notice
    from corpus.store import Corpus
    from corpus.taxonomy import Topic


class BlindDecision(NamedTuple):
    """
    A notice, the topic that a person gave it blindly, and the model that had a proposal for it.

    *model* is a digest, ``None`` where no model had anything to propose.
    """

    notice: Notice
    topic: Topic
    model: str | None


def blind_decisions(corpus: Corpus) -> Iterator[BlindDecision]:
    """
    Yield what people decided without seeing a proposal, the oldest first.

    Only decisions on notices of the draw that a filling has taken up (see corpus.review_draw) are a
    random sample; what came into the line otherwise is not among them until a filling reaches it.
    Decisions that were taken back, or that a reviewer has replaced since, are not among them, nor
    are flags: no topic is their answer.
    """
    for stored, decision in corpus.review().blind_sample():
        if decision.topic is not None and decision.topic in corpus.taxonomy:
            yield BlindDecision(
                stored.notice, corpus.taxonomy.topic(decision.topic), decision.model
            )
