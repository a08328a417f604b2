"""
How many planted errors an audit finds.

    scripts/bench audit [--notices FILE] [--share 0.05] [--seed 1] [--step 1]

Gives a share of the notices another theme at random and audits them all. Prints what share of these
errors stands among the first so many notices of the audit's decisions, and beside it what other
orders would have found.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from cleanlab.rank import get_label_quality_scores

from classifier.audit import audit
from classifier.audit_rows import ThemedNotice, ThemedNotices, read_files
from classifier.examples import examples_for
from classifier.fitting import UNKNOWN
from classifier.training import HeldOut, held_out
from corpus.taxonomy_file import state_council

if TYPE_CHECKING:
    from corpus.taxonomy import Taxonomy

BESIDE = Path(__file__).parents[2] / "shared" / "data" / "notices.jsonl.gz"


def main() -> None:
    """Plant, audit, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=Path, default=BESIDE, help="JSONL with a field topic")
    parser.add_argument("--share", type=float, default=0.05, help="how many themes to change")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step", type=int, default=1, help="use every so many-th notice only")
    given = parser.parse_args()
    taxonomy = state_council()
    themed = read_files([given.notices], taxonomy)
    rows, planted = plant(themed.rows[:: given.step], taxonomy, given.share, given.seed)
    first = round(len(rows) * given.share)
    started = time.perf_counter()
    found = audit(ThemedNotices(rows), taxonomy, examples=examples_for(taxonomy))
    seconds = time.perf_counter() - started
    ranked = [id(doubted.row) for one in found.decisions["wrong"] for doubted in one.notices]
    errors = {id(rows[number]) for number in planted}
    print(
        f"{len(rows):,} notices, {len(planted)} planted errors, seed {given.seed}; {seconds:.0f} s"
    )
    print(f"found among the first {first} notices of the audit's decisions:"
          f" {len(errors & set(ranked[:first])) / len(errors):.3f}")  # fmt: skip
    for name, quality in orders(
        held_out([row.labelled for row in rows], taxonomy, examples=examples_for(taxonomy))
    ).items():
        front = np.argsort(quality, kind="stable")[:first]
        print(f"    by {name}, notice by notice: {np.isin(planted, front).mean():.3f}")


def plant(
    rows: list[ThemedNotice], taxonomy: Taxonomy, share: float, seed: int
) -> tuple[list[ThemedNotice], list[int]]:
    """Return the notices with some themes changed, and the numbers of those."""
    chance = np.random.default_rng(seed)
    rows = list(rows)
    named = [n for n, row in enumerate(rows) if row.topic.code != taxonomy.catch_all]
    codes = sorted({rows[number].topic.code for number in named})
    planted = chance.choice(named, round(len(named) * share), replace=False).tolist()
    for number in planted:
        others = [code for code in codes if code != rows[number].topic.code]
        rows[number] = replace(rows[number], topic=taxonomy.topic(str(chance.choice(others))))
    return rows, planted


def orders(held: HeldOut) -> dict[str, np.ndarray]:
    """Return how likely each stored theme is right, by several measures."""
    known = np.flatnonzero(held.gold != UNKNOWN)
    gold, probabilities, scores = held.gold[known], held.probabilities[known], held.scores[known]
    places = np.arange(len(known))
    others = scores.copy()
    others[places, gold] = -np.inf
    measures = {
        name: get_label_quality_scores(gold, probabilities, method=name)
        for name in ("self_confidence", "normalized_margin", "confidence_weighted_entropy")
    }
    measures["the score of the ridge"] = scores[places, gold]
    measures["its margin"] = scores[places, gold] - others.max(axis=1)
    found = {}
    for name, quality in measures.items():
        found[name] = np.full(len(held.gold), np.inf)
        found[name][known] = quality
    return found


if __name__ == "__main__":
    main()
