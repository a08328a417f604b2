"""A plan changes nothing, applying writes each tag once, and an undo shows what was shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import relabel
from classifier.errors import RelabelError
from classifier.relabel_rules import Rules
from classifier.suggestion import Verdict
from corpus.batches import ToJudge
from corpus.chosen import Chosen
from corpus.errors import UnfitBatchError, UnknownBatchError
from corpus.exporting import export_file
from corpus.stored import Source


def _export(corpus, tmp_path):
    path = tmp_path / "export.jsonl"
    export_file(corpus, path)
    return path.read_bytes()


def _plan(place, **options):
    return relabel.plan(place, options.pop("chosen", Chosen()), by="甲", **options)


def _entries(corpus, batch, **options):
    return {entry.id: entry for entry in corpus.batches().entries(batch, **options)}


def test_a_plan_changes_no_notice(corpus, place, tmp_path):
    """What is exported, and the revision, are the same before and after it."""
    before = _export(corpus, tmp_path), corpus.revision()

    batch = _plan(place)

    assert (_export(corpus, tmp_path), corpus.revision()) == before
    assert batch.state == "planned"
    assert batch.counts["notices"] == len(_entries(corpus, batch.id))
    assert batch.counts["changes"] > batch.counts["from_other"] > 0


def test_a_plan_says_what_it_knows_of_a_notice(corpus, place):
    """Old theme and its source, the proposal, its probability, verdicts and words."""
    batch = _plan(place)

    entry = _entries(corpus, batch.id, actions=["change"])["n000"]

    assert (entry.judged.old_topic, entry.judged.old_source) == ("22", "issuer")
    assert entry.judged.topic == "0707"
    assert entry.judged.level_1 == "07"
    assert entry.judged.verdict == entry.judged.level_1_verdict == "accept"
    assert entry.judged.probability > batch.planning.accept
    assert "公路" in "".join(entry.judged.evidence)
    assert entry.judged.alternatives[0][0] != "0707"
    assert entry.url == "https://a.example/0"


def test_applying_gives_the_new_themes_once(corpus, place):
    """Each tag names model and batch; a second time nothing is left to do."""
    batch = _plan(place)

    done = relabel.apply(corpus, batch.id, by="乙")
    revision = corpus.revision()
    again = relabel.apply(corpus, batch.id, by="乙")

    assert (done.written, done.skipped) == (batch.counts["changes"], ())
    assert done.batch.state == "applied"
    assert (again.written, again.batch, corpus.revision()) == (0, done.batch, revision)
    for name, entry in _entries(corpus, batch.id).items():
        stored = corpus.get(name)
        tags = [tag for tag in corpus.tags(name) if tag.source is Source.MODEL]
        if entry.judged.action == "change":
            assert (stored.topic, stored.topic_source) == (entry.judged.topic, Source.MODEL)
            assert [(tag.batch, tag.by) for tag in tags] == [(batch.id, "乙")]
            assert tags[0].model.startswith("small ")
        else:
            assert (stored.topic, tags) == (entry.judged.old_topic, [])


def test_an_undo_shows_what_was_shown(corpus, place, tmp_path):
    """Plan, apply, undo: the export is the one before; then apply gives the themes again."""
    before = _export(corpus, tmp_path)
    batch = _plan(place)
    relabel.apply(corpus, batch.id, by="乙")
    applied = _export(corpus, tmp_path)

    done = relabel.undo(corpus, batch.id, by="丙")

    assert done.batch.state == "undone"
    assert _export(corpus, tmp_path) == before != applied
    assert relabel.undo(corpus, batch.id, by="丙").written == 0
    assert relabel.apply(corpus, batch.id, by="丁").batch.state == "applied"
    assert _export(corpus, tmp_path) == applied


def test_one_notice_can_be_undone_alone(corpus, place):
    """It keeps its old theme when the batch is applied again, until it is named."""
    batch = _plan(place)
    relabel.apply(corpus, batch.id, by="乙")

    done = relabel.undo(corpus, batch.id, by="丙", notice="https://a.example/0")

    assert (done.written, done.batch.state, corpus.get("n000").topic) == (1, "applied", "22")
    assert corpus.get("n005").topic_source is Source.MODEL
    relabel.apply(corpus, batch.id, by="乙")
    assert corpus.get("n000").topic == "22"
    relabel.apply(corpus, batch.id, by="乙", notice="n000")
    assert corpus.get("n000").topic == "0707"


def test_what_people_decided_since_stays(corpus, place):
    """An undo takes back the model's word, not theirs."""
    batch = _plan(place)
    relabel.apply(corpus, batch.id, by="乙")
    corpus.tag("n000", "0402", source=Source.REVIEWER, by="丙")

    relabel.undo(corpus, batch.id, by="乙")

    assert (corpus.get("n000").topic, corpus.get("n000").topic_source) == ("0402", Source.REVIEWER)
    assert corpus.get("n005").topic == "22" or corpus.get("n005").topic_source is Source.ISSUER


def test_what_changed_since_the_plan_is_skipped(corpus, place, archive):
    """A person's choice, another text, another printed theme, a withdrawal: each is listed."""
    batch = _plan(place)
    corpus.tag("n000", "22", source=Source.PUBLISHER, by="丙")
    corpus.withdraw("n001", by="丙", reason="误发")
    corpus.add(replace(archive[2], body="另一篇公文。"), by="丙")
    corpus.add(replace(archive[5], declared_topic="科技、教育-教育"), by="丙")

    done = relabel.apply(corpus, batch.id, by="乙")

    assert dict(done.skipped) == {
        "n000": "decided",
        "n001": "hidden",
        "n002": "text changed",
        "n005": "theme changed",
    }
    assert done.written == batch.counts["changes"] - 4
    assert corpus.get("n000").topic_source is Source.PUBLISHER
    assert relabel.apply(corpus, batch.id, by="乙").written == 0


def test_a_named_printed_theme_goes_to_review(corpus, place):
    """Unless whoever plans wants it replaced."""
    kept = _plan(place)
    replaced = _plan(place, replace_printed=True)

    named = _entries(corpus, kept.id)["n003"].judged
    assert (named.old_topic, named.action, named.reason) == ("1102", "review", "printed")
    assert _entries(corpus, replaced.id)["n003"].judged.action == "change"
    assert replaced.counts["changes"] > kept.counts["changes"]


def test_a_plan_that_was_made_is_not_taken_up_again(corpus, place):
    """Only one that was broken off is; a new one sees the notices as they are now."""
    first, second = _plan(place), _plan(place)

    assert first.id != second.id
    assert [batch.id for batch in corpus.batches().all()] == [second.id, first.id]


def test_a_second_plan_finds_nothing_to_change(corpus, place):
    """What was applied is what the model proposes."""
    relabel.apply(corpus, _plan(place).id, by="乙")

    assert _plan(place).counts["changes"] == 0


def test_a_filter_takes_some(corpus, place):
    """Theme, issuing body, source, or only what has no theme."""
    found = {
        name: set(_entries(corpus, _plan(place, chosen=chosen).id))
        for name, chosen in {
            "topic": Chosen(topics=("11",)),
            "body": Chosen(issuing_bodies=("青溪县",)),
            "other": Chosen(unlabelled=True),
            "none": Chosen(years=(2020, None)),
            "source": Chosen(sources=("issuer",), issuing_bodies=("青溪县",)),
        }.items()
    }

    assert {int(name[1:]) % 5 for name in found["topic"]} == {3}
    assert {int(name[1:]) % 5 for name in found["other"]} == {0, 1, 2, 4}
    assert found["none"] == set()
    assert found["source"] < found["body"]


def test_a_purged_notice_leaves_no_words_in_a_plan(corpus, place):
    """The words behind the proposal are words of its text."""
    batch = _plan(place)

    corpus.purge("n000", by="丙", reason="泄露隐私")

    judged = _entries(corpus, batch.id)["n000"].judged
    assert (judged.evidence, judged.digest) == ((), "")
    assert relabel.apply(corpus, batch.id, by="乙").skipped == (("n000", "hidden"),)


def test_a_precision_that_cannot_be_promised_is_refused(place):
    """The message says what can be given."""
    with pytest.raises(RelabelError, match=r"Precision 1 cannot be promised: give a share from"):
        _plan(place, precision=1.0)


def test_a_stricter_promise_changes_less(corpus, place):
    """What is accepted at 0.99 is among what is accepted at 0.9."""
    changed = []
    for precision in (0.99, 0.9):
        batch = _plan(place, precision=precision)
        entries = _entries(corpus, batch.id, actions=["change"])
        changed.append(set(entries))

    strict, loose = changed
    assert strict <= loose
    assert loose


def test_an_unknown_batch_is_refused(corpus):
    """Whatever it is called."""
    for name in ("relabel-7", "x", "9" * 30):
        with pytest.raises(UnknownBatchError, match="zhuti batches"):
            relabel.apply(corpus, name, by="乙")


def test_a_plan_that_was_broken_off_cannot_be_applied(corpus, place):
    """Half a plan would look like a whole one."""
    batch = _plan(place)
    corpus.batches().move(batch.id, "planning")

    with pytest.raises(UnfitBatchError, match="broken off"):
        relabel.apply(corpus, batch.id, by="乙")


_CODES = st.sampled_from(["22", "0707", "1102", None])


@given(
    topic=_CODES,
    source=st.sampled_from([*Source]),
    proposed=st.sampled_from(["0707", "1102"]),
    verdict=st.sampled_from([*Verdict]),
    printed=st.booleans(),
    model=st.booleans(),
)
def test_the_rules_never_touch_what_they_should_not(
    topic, source, proposed, verdict, printed, model
):
    """Only accepted answers change anything, never a person's choice, nor a name by default."""
    stored = ToJudge(1, "", topic, None if topic is None else source.value, None, None)
    rules = Rules("22", replace_printed=printed, replace_model=model)

    action, reason = rules.decide(stored, proposed, verdict)

    assert (action == "change") == (reason is None)
    if action == "change":
        assert verdict is Verdict.ACCEPT
        assert proposed != topic
        named = topic not in {None, "22"}
        assert (
            not named or (source is Source.ISSUER and printed) or (source is Source.MODEL and model)
        )
        assert topic is None or source not in {Source.REVIEWER, Source.PUBLISHER}
