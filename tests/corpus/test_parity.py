"""
rjieba stands in for jieba: where and how often the two differ.

``scripts/parity`` counts the same over every notice; here it is a sample of them.
"""

from __future__ import annotations

import gzip
import json

import pytest

from corpus.parity import compare

SAMPLE = [
    "优化营商环境，推进一网通办。",
    "自2018-09-28起，执行GB/T 9704标准，电话021-59612345。",
    "",
]


def test_differences_are_counted_by_kind():
    """Dates with hyphens are cut differently, and counted as numbers."""
    report = compare(SAMPLE)

    assert report.texts == 3
    assert set(report.differing) <= {"number", "latin", "han"}
    assert report.differing["number"] > 0


def test_the_two_agree_on_chinese_text(shared):
    """On real notices they differ on numbers; on Chinese text in less than one piece in 10,000."""
    with gzip.open(shared / "data" / "notices.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for number, line in enumerate(file) if number % 40 == 0]

    report = compare(f"{row['title']}\n{row['body'] or ''}" for row in rows)

    assert report.pieces > 10_000
    assert report.differing["han"] / report.pieces == pytest.approx(0, abs=1e-4)
