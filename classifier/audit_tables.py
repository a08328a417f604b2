"""
An audit as JSON, and as the rows of a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifier.audit_decisions import KINDS, shown_title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classifier.audit_decisions import Audit, Decision
    from corpus.taxonomy import Taxonomy, Topic

COLUMNS = (
    "kind",
    "decision",
    "settles",
    "id",
    "title",
    "url",
    "topic",
    "topic_label",
    "probability_of_topic",
    "proposed",
    "proposed_label",
    "probability",
    "evidence",
    "remarks",
)


def audit_as_json(found: Audit) -> dict[str, Any]:
    """Return an audit as ``zhuti audit --json`` prints it."""
    return {
        "notices": found.notices,
        "unthemed": found.unthemed,
        **{
            kind: [_decision_as_json(one, found) for one in found.decisions[kind]] for kind in KINDS
        },
        "spellings": [
            {
                "text": one.text,
                "count": one.count,
                "read_as": _topic_as_json(one.read_as, found.taxonomy),
                "nearest": list(one.nearest),
            }
            for one in found.spellings
        ],
        "inside": [
            {
                "topic": _topic_as_json(one.topic, found.taxonomy),
                "notices": one.notices,
                "clusters": [
                    {
                        "words": list(cluster.words),
                        "notices": len(cluster.notices),
                        "samples": list(samples),
                        "tightness": cluster.tightness,
                        "nearest": _topic_as_json(cluster.nearest, found.taxonomy),
                        "probability": cluster.probability,
                        "own_topic": cluster.own_topic,
                    }
                    for cluster, samples in one.clusters
                ],
            }
            for one in found.inside
        ],
        "remarks": list(found.remarks),
    }


def audit_as_rows(found: Audit) -> Iterable[dict[str, Any]]:
    """Yield a row of :data:`COLUMNS` for each notice of each decision, most urgent first."""
    for kind in KINDS:
        for number, one in enumerate(found.decisions[kind], start=1):
            for doubted in one.notices:
                yield {
                    "kind": kind,
                    "decision": str(number),
                    "settles": str(len(one.notices)),
                    "id": doubted.row.notice.id,
                    "title": shown_title(doubted.row),
                    "url": doubted.row.notice.url,
                    "topic": doubted.row.topic.code,
                    "topic_label": doubted.given,
                    "probability_of_topic": f"{doubted.probability:.4f}",
                    "proposed": one.proposed.code,
                    "proposed_label": found.taxonomy.print(one.proposed),
                    "probability": f"{one.probability:.4f}",
                    "evidence": " ".join(one.evidence),
                    "remarks": " ".join(one.remarks),
                }


def _decision_as_json(one: Decision, found: Audit) -> dict[str, Any]:
    """Return a decision as JSON."""
    return {
        "proposed": _topic_as_json(one.proposed, found.taxonomy),
        "probability": one.probability,
        "gain": one.gain,
        "evidence": list(one.evidence),
        "remarks": list(one.remarks),
        "notices": [
            {
                "id": doubted.row.notice.id,
                "title": doubted.row.notice.title,
                "url": doubted.row.notice.url,
                "topic": {"code": doubted.row.topic.code, "label": doubted.given},
                "probability": doubted.probability,
            }
            for doubted in one.notices
        ],
    }


def _topic_as_json(topic: Topic | None, taxonomy: Taxonomy) -> dict[str, str] | None:
    """Return a topic as JSON, with its label as a page prints it."""
    return None if topic is None else {"code": topic.code, "label": taxonomy.print(topic)}
