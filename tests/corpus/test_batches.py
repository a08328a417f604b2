"""A batch is kept range by range, and counted by the database."""

from __future__ import annotations

from datetime import date

import pytest

from corpus import batches as kept
from corpus.batches import Judged, Planning
from corpus.chosen import Chosen
from corpus.errors import UnknownBatchError
from corpus.notice import Notice
from corpus.stored import Source

_PRINTED = ("其他", None, "科技、教育-教育")


@pytest.fixture
def filled(corpus, monkeypatch):
    """Return a corpus of thirty notices of three years, ten of each printed theme."""
    monkeypatch.setattr(kept, "RANGE", 7)
    notices = [
        Notice(
            id=f"n{number:02}",
            title=f"通知{number}",
            body="正文",
            issuing_body="甲局" if number < 20 else None,
            document_type="通知" if number % 2 else None,
            published_on=date(2020, 1, 1) if number < 10 else None,
            written_on=date(2021 + number // 20, 1, 1) if number < 25 else None,
            declared_topic=_PRINTED[number % 3],
        )
        for number in range(30)
    ]
    list(corpus.add_all(notices, by="甲"))
    return corpus


def _planning(chosen=None, **given):
    values = {"by": "甲", "model_name": "m", "model_digest": "d", "precision": 0.95, "accept": 0.8}
    return Planning(chosen=chosen or Chosen(), **{**values, **given})


def _judged(stored, **given):
    values = {
        "topic": "0707", "probability": 0.9, "verdict": "accept",
        "level_1": "07", "level_1_probability": 0.95, "level_1_verdict": "accept",
        "evidence": ("公路",), "alternatives": (("0708", 0.05),), "action": "change",
        "reason": None,
    }  # fmt: skip
    old = {"old_topic": stored.topic, "old_source": stored.source}
    return Judged(notice_key=stored.key, digest=stored.digest, **old, **{**values, **given})


def _plan(corpus, **given):
    batches = corpus.batches()
    batch = batches.begin(_planning(**given))
    for first, last in batches.waiting(batch.id):
        pages = batches.to_judge(batch.planning.chosen, first, last)
        batches.keep(batch.id, first, [_judged(stored) for page in pages for stored in page])
    return batches.move(batch.id, "planned")


def _ids(corpus, chosen):
    batches = corpus.batches()
    pages = batches.to_judge(chosen, 1, 10_000)
    found = [stored.title for page in pages for stored in page]
    assert batches.total(chosen) == len(found)
    return {int(title.removeprefix("通知")) for title in found}


def test_ranges_hold_every_notice_once(filled):
    """Whatever changed revisions between them, and a stretch without notices is left out."""
    for _ in range(20):
        filled.tag("n03", "0402", source=Source.REVIEWER, by="乙")
    filled.add(Notice(id="late", title="通知99"), by="甲")
    batches = filled.batches()
    batch = batches.begin(_planning())

    ranges = batches.waiting(batch.id)

    keys = [
        stored.key
        for first, last in ranges
        for page in batches.to_judge(Chosen(), first, last)
        for stored in page
    ]
    assert keys == sorted({stored.key for stored in filled.iterate()})
    assert len(ranges) == 6


def test_a_range_is_kept_once(filled):
    """Whoever comes second changes nothing."""
    batches = filled.batches()
    batch = batches.begin(_planning())
    (first, last), *others = batches.waiting(batch.id)
    judged = [_judged(one) for page in batches.to_judge(Chosen(), first, last) for one in page]

    assert batches.keep(batch.id, first, judged) == 7
    assert batches.keep(batch.id, first, judged) == 0
    assert batches.waiting(batch.id) == others
    assert [entry.judged for entry in batches.entries(batch.id)] == judged


def test_a_plan_that_was_broken_off_is_taken_up(filled):
    """By the same person, with the same model and filter; any other plan is a new one."""
    batches = filled.batches()
    first = batches.begin(_planning())

    assert batches.begin(_planning()) == first
    for other in (
        _planning(by="乙"),
        _planning(model_digest="x"),
        _planning(Chosen(unlabelled=True)),
        _planning(replace_printed=True),
    ):
        assert batches.begin(other).id != first.id


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Chosen(), set(range(30))),
        (Chosen(topics=("22",)), set(range(0, 30, 3))),
        (Chosen(topics=("11", "22")), set(range(30)) - set(range(1, 30, 3))),
        (Chosen(unlabelled=True), set(range(30)) - set(range(2, 30, 3))),
        (Chosen(issuing_bodies=("甲局", "乙局"), document_types=("通知",)), set(range(1, 20, 2))),
        (Chosen(years=(2020, 2020)), set(range(10))),
        (Chosen(years=(2021, None)), set(range(10, 25))),
        (Chosen(years=(None, 2021)), set(range(20))),
        (Chosen(sources=("issuer",)), set(range(30)) - set(range(1, 30, 3))),
        (Chosen(sources=("reviewer", "model")), set()),
    ],
)
def test_a_filter_takes_what_it_says(filled, chosen, expected):
    """Any of the values, all of the kinds; and a batch keeps it as it was."""
    assert _ids(filled, chosen) == expected
    assert filled.batches().begin(_planning(chosen)).planning.chosen == chosen


def test_a_withdrawn_notice_is_not_chosen(filled):
    """It is not shown, so it needs no theme."""
    filled.withdraw("n00", by="甲", reason="误发")

    assert _ids(filled, Chosen()) == set(range(1, 30))


def test_figures_are_those_of_the_items(filled):
    """Flips, issuing bodies, years, thresholds and samples."""
    batch = _plan(filled)
    figures = filled.batches().figures(batch.id)

    assert {(flip.old, flip.new, flip.count) for flip in figures.flips()} == {
        ("22", "0707", 10), (None, "0707", 10), ("1102", "0707", 10),
    }  # fmt: skip
    assert batch.counts["from_other"] == batch.counts["from_none"] == 10
    bodies = figures.by_issuing_body(limit=5)
    assert [(share.name, share.notices, share.changes) for share in bodies] == [
        ("甲局", 20, 20), (None, 10, 10),
    ]  # fmt: skip
    assert [(share.name, share.notices) for share in figures.by_year()] == [
        ("2022", 5), ("2021", 10), ("2020", 10), (None, 5),
    ]  # fmt: skip
    assert figures.at_thresholds([0.5, 0.9, 0.91]) == [30, 30, 0]
    samples = figures.samples(None, "0707", limit=3)
    assert samples == figures.samples(None, "0707", limit=3)
    assert [(one.old, one.words) for one in samples] == [(None, ("公路",))] * 3
    assert figures.samples_to_review(limit=3) == []


@pytest.mark.parametrize("name", ["relabel-1", "1", "", "relabel-", "-1", "1" * 40, "½"])
def test_an_unknown_batch_is_told(corpus, name):
    """Whatever somebody types."""
    with pytest.raises(UnknownBatchError):
        corpus.batches().get(name)
