"""
What a relabelling may do to a notice.

Only a theme that says nothing (其他, empty, unreadable) is replaced by itself, and only by an
answer that the model's promise covers. What an issuer printed by name, or an earlier model said,
is left to a reviewer unless whoever plans says otherwise. What a person chose is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.errors import RelabelError
from classifier.suggestion import Verdict
from corpus.batches import Judged
from corpus.stored import Source

if TYPE_CHECKING:
    from classifier.model import TopicModel
    from classifier.suggestion import Answer, Suggestion
    from classifier.thresholds import Thresholds
    from corpus.batches import ToJudge

CHANGE, REVIEW, KEEP = "change", "review", "keep"
# Reasons why a notice that could be changed is not: these depend on the promise only.
DOUBTFUL, HOPELESS = "doubtful", "hopeless"
_MOST_WORDS = 8
LEAST_PROMISE = 0.5
SHOWN_PROMISES = (0.9, 0.95, 0.98, 0.99)
_PERSONS = frozenset({Source.REVIEWER.value, Source.PUBLISHER.value})


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What may be replaced besides themes that say nothing.

    Attributes:
        catch_all: The code of the topic that says that nobody chose one, or ``None``.
        replace_printed: Whether a theme that the issuer printed by name is replaced too.
        replace_model: Whether what an earlier model said is replaced too.
    """

    catch_all: str | None
    replace_printed: bool = False
    replace_model: bool = False

    def decide(
        self, stored: ToJudge, topic: str | None, verdict: Verdict
    ) -> tuple[str, str | None]:
        """Return what is to be done with a notice, and why it is not changed."""
        if stored.source in _PERSONS:
            return KEEP, "person"
        if topic is None or topic == stored.topic:
            return KEEP, "silent" if topic is None else "same"
        named = stored.topic is not None and stored.topic != self.catch_all
        if named and not self._may_replace(stored.source):
            if verdict is not Verdict.ACCEPT:
                return KEEP, "unsure"
            return REVIEW, "printed" if stored.source == Source.ISSUER else "model"
        outcomes: dict[Verdict, tuple[str, str | None]] = {
            Verdict.ACCEPT: (CHANGE, None),
            Verdict.REVIEW: (REVIEW, DOUBTFUL),
            Verdict.ABSTAIN: (KEEP, HOPELESS),
        }
        return outcomes[verdict]

    def _may_replace(self, source: str | None) -> bool:
        """Return whether a named theme of a source may be replaced."""
        return self.replace_printed if source == Source.ISSUER else self.replace_model


def thresholds_for(model: TopicModel, precision: float | None) -> tuple[float, TopicModel]:
    """
    Return the precision that is promised, and the model with the thresholds that keep it.

    Args:
        model: Its card says from which probability on which share of its answers was right.
        precision: The share that is wanted; that of the card if not given.

    Raises:
        RelabelError: If nothing can be promised so.
    """
    promised = float(model.card["promised_precision"])
    if precision is None or precision == promised:
        return promised, model
    if not LEAST_PROMISE <= precision < 1:
        msg = (
            f"Precision {precision:g} cannot be promised: give a share from {LEAST_PROMISE:g} to"
            " below 1, such as 0.98."
        )
        raise RelabelError(msg)
    return precision, model.keeping(precision)


def promises(model: TopicModel) -> dict[float, tuple[Thresholds, Thresholds]]:
    """Return what stricter and looser promises would accept, at both levels."""
    kept = {precision: model.keeping(precision) for precision in SHOWN_PROMISES}
    return {
        precision: (other.thresholds, other.root_thresholds) for precision, other in kept.items()
    }


def judged(stored: ToJudge, answer: Answer, rules: Rules) -> Judged:
    """Return what a plan says of a notice."""
    best = answer.suggestions[0] if answer.suggestions else None
    topic = None if best is None else best.topic.code
    action, reason = rules.decide(stored, topic, answer.verdict)
    level_1 = answer.level_1
    return Judged(
        notice_key=stored.key,
        digest=stored.digest,
        old_topic=stored.topic,
        old_source=stored.source,
        topic=topic,
        probability=None if best is None else best.probability,
        verdict=answer.verdict.value,
        level_1=None if level_1 is None else level_1.topic.code,
        level_1_probability=None if level_1 is None else level_1.probability,
        level_1_verdict=None if level_1 is None else level_1.verdict.value,
        evidence=_words(best),
        alternatives=tuple(
            (one.topic.code, round(one.probability, 4)) for one in answer.suggestions[1:]
        ),
        action=action,
        reason=reason,
    )


def _words(best: Suggestion | None) -> tuple[str, ...]:
    """Return the words that speak most for a topic, each once."""
    if best is None:
        return ()
    words = dict.fromkeys(piece.word for piece in best.evidence if piece.weight > 0)
    return tuple(words)[:_MOST_WORDS]
