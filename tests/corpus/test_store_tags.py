"""Tags are appended, never changed, and one of them is the theme."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import themes
from corpus.errors import UnknownNoticeError, UnknownTagError, UnknownTopicError
from corpus.notice import Notice
from corpus.stored import Source, Tag
from corpus.tagging import Said

PRINTED = Notice(id="n", title="关于公路养护的通知", declared_topic="工业、交通-公路")


def _theme(corpus):
    stored = corpus.get("n")
    return stored.topic, stored.topic_source


def _plain(tag):
    return tag.topic, tag.source, tag.by, tag.retracts


@pytest.fixture(autouse=True)
def _printed(corpus):
    corpus.add(PRINTED, by="导入")


def test_the_printed_theme_is_a_tag_of_the_issuer(corpus):
    """What the issuer printed stands in the history like everything that comes later."""
    (tag,) = corpus.tags("n")

    assert _plain(tag) == ("0707", Source.ISSUER, "导入", None)
    assert _theme(corpus) == ("0707", Source.ISSUER)


def test_a_tag_keeps_all_that_is_known_of_it(corpus):
    """Who, when, which model, how sure, in which run."""
    tag = corpus.tag(
        "n", "1102", source=Source.MODEL, by="重标", model="m-3f9c", probability=0.87, batch="b-1"
    )

    assert corpus.tags("n")[-1] == tag
    assert (tag.model, tag.probability, tag.batch) == ("m-3f9c", 0.87, "b-1")
    assert corpus.events("n")[-1].detail == {
        "tag": tag.id,
        "topic": "1102",
        "source": "model",
        "model": "m-3f9c",
        "probability": 0.87,
        "batch": "b-1",
    }


def test_reviewers_go_before_publishers_before_models_before_issuers(corpus):
    """A tag of a lower rank is kept but does not show, however new it is."""
    shown = []
    for source, topic in (
        (Source.MODEL, "1102"),
        (Source.PUBLISHER, "1301"),
        (Source.MODEL, "0402"),
        (Source.REVIEWER, "1703"),
        (Source.PUBLISHER, "0302"),
        (Source.REVIEWER, "0708"),
    ):
        corpus.tag("n", topic, source=source, by="甲")
        shown.append(_theme(corpus))

    assert shown == [
        ("1102", Source.MODEL),
        ("1301", Source.PUBLISHER),
        ("1301", Source.PUBLISHER),
        ("1703", Source.REVIEWER),
        ("1703", Source.REVIEWER),
        ("0708", Source.REVIEWER),
    ]
    assert len(corpus.tags("n")) == 7


def test_every_tag_takes_a_revision(corpus):
    """Followers hear of a tag even where it does not change what is shown."""
    corpus.tag("n", "1703", source=Source.REVIEWER, by="甲")
    corpus.tag("n", "1102", source=Source.MODEL, by="重标")

    assert [(notice.revision, notice.topic) for notice in corpus.changes(0)] == [(3, "1703")]


def test_an_undo_can_be_undone(corpus):
    """Taking back the last choice shows what was there before; once more brings it back."""
    corpus.tag("n", "1102", source=Source.PUBLISHER, by="甲")
    shown = []
    for _ in range(3):
        corpus.undo("n", by="乙")
        shown.append(_theme(corpus))

    assert shown == [
        ("0707", Source.ISSUER),
        ("1102", Source.PUBLISHER),
        ("0707", Source.ISSUER),
    ]
    assert [_plain(tag) for tag in corpus.tags("n")[1:]] == [
        ("1102", Source.PUBLISHER, "甲", None),
        (None, Source.PUBLISHER, "乙", 2),
        (None, Source.PUBLISHER, "乙", 3),
        (None, Source.PUBLISHER, "乙", 4),
    ]


def test_an_undo_takes_back_people_and_not_models(corpus):
    """A newer tag of a model is left alone."""
    corpus.tag("n", "1102", source=Source.PUBLISHER, by="甲")
    corpus.tag("n", "0402", source=Source.MODEL, by="重标")

    corpus.undo("n", by="甲")

    assert _theme(corpus) == ("0402", Source.MODEL)


def test_nothing_to_undo_is_said(corpus):
    """Where no person has chosen, an undo is refused and nothing is written."""
    corpus.tag("n", "0402", source=Source.MODEL, by="重标")

    with pytest.raises(UnknownTagError, match="could be undone"):
        corpus.undo("n", by="甲")

    assert corpus.revision() == 2


def test_any_tag_can_be_retracted_once(corpus):
    """A second retraction of the same tag changes nothing and answers with the first."""
    tag = corpus.tag("n", "0402", source=Source.MODEL, by="重标", batch="b-1")
    back = corpus.retract("n", tag.id, by="乙")

    assert corpus.retract("n", tag.id, by="丙") == back
    assert _plain(back) == (None, Source.MODEL, "乙", tag.id)
    assert _theme(corpus) == ("0707", Source.ISSUER)
    assert corpus.revision() == 3


def test_a_tag_of_another_notice_cannot_be_retracted(corpus):
    """Tags belong to their notice."""
    corpus.add(Notice(id="m"), by="导入")
    tag = corpus.tag("m", "0402", source=Source.REVIEWER, by="甲")

    with pytest.raises(UnknownTagError, match=f"has no tag {tag.id}"):
        corpus.retract("n", tag.id, by="甲")


def test_a_topic_the_list_does_not_have_is_refused(corpus):
    """A code from elsewhere never enters the store, and near spellings are told."""
    with pytest.raises(UnknownTopicError, match="no topic '9999'"):
        corpus.tag("n", "9999", source=Source.REVIEWER, by="甲")

    assert corpus.revision() == 1


def test_a_tag_for_nobody_is_refused(corpus):
    """Unknown and withdrawn notices cannot be given a theme."""
    corpus.withdraw("n", by="甲", reason="误发")

    with pytest.raises(UnknownNoticeError, match="withdrawn"):
        corpus.tag("n", "0402", source=Source.REVIEWER, by="甲")
    with pytest.raises(UnknownNoticeError):
        corpus.tag("nobody", "0402", source=Source.REVIEWER, by="甲")


def test_another_printed_theme_is_another_tag(corpus):
    """The issuer's newest word counts; the older one stays in the history."""
    corpus.add(Notice(id="n", declared_topic="科技、教育-教育"), by="采集")

    assert _theme(corpus) == ("1102", Source.ISSUER)
    assert [tag.topic for tag in corpus.tags("n")] == ["0707", "1102"]


def test_a_theme_that_is_not_printed_any_more_is_taken_back(corpus):
    """Where the issuer now prints what is no theme, its older word does not hold."""
    corpus.add(Notice(id="n", declared_topic="--"), by="采集")
    taken_back = corpus.tags("n")[-1]
    corpus.add(Notice(id="n", declared_topic="工业、交通\\公路"), by="采集")

    assert _plain(taken_back) == (None, Source.ISSUER, "采集", 1)
    assert _theme(corpus) == ("0707", Source.ISSUER)


def test_another_spelling_of_the_same_theme_is_no_other_tag(corpus):
    """Only what is meant counts."""
    corpus.add(Notice(id="n", declared_topic="工业、交通\\公路"), by="采集")

    assert corpus.get("n").notice.declared_topic == "工业、交通\\公路"
    assert len(corpus.tags("n")) == 1


def test_a_new_printed_theme_does_not_override_a_person(corpus):
    """The choice stays shown, the printed theme waits behind it."""
    corpus.tag("n", "1703", source=Source.PUBLISHER, by="甲")
    corpus.add(Notice(id="n", declared_topic="科技、教育-教育"), by="采集")
    shown = _theme(corpus)
    corpus.undo("n", by="甲")

    assert shown == ("1703", Source.PUBLISHER)
    assert _theme(corpus) == ("1102", Source.ISSUER)


_STEPS = st.lists(
    st.tuples(st.just("tag"), st.sampled_from(["0707", "1102"]), st.sampled_from(list(Source)))
    | st.tuples(st.just("undo"))
    | st.tuples(st.just("retract"), st.integers(0, 10))
    | st.tuples(st.just("print"), st.sampled_from(["工业、交通-公路", "其他", "--"])),
    max_size=12,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(steps=_STEPS)
def test_the_row_always_shows_what_the_tags_say(corpus, steps):
    """Whatever is chosen, taken back and printed: the row's theme is the rule's theme."""
    for step in steps:
        if step[0] == "tag":
            corpus.tag("n", step[1], source=step[2], by="甲")
        elif step[0] == "print":
            corpus.add(Notice(id="n", declared_topic=step[1]), by="采集")
        elif step[0] == "retract":
            tags = corpus.tags("n")
            corpus.retract("n", tags[step[1] % len(tags)].id, by="甲")
        elif themes.last_choice(corpus.tags("n")) is not None:
            corpus.undo("n", by="甲")
    said = themes.current(corpus.tags("n"))

    assert _theme(corpus) == ((said.topic, said.source) if said else (None, None))


def test_a_retraction_of_a_retraction_restores(corpus):
    """The rule itself, without a database: newest first, each tag only if nothing took it back."""
    now = corpus.get("n").stored_at
    tags = [
        Tag(1, "0707", Source.ISSUER, "甲", now),
        Tag(2, "1102", Source.PUBLISHER, "甲", now),
        Tag(3, None, Source.PUBLISHER, "甲", now, retracts=2),
        Tag(4, None, Source.PUBLISHER, "甲", now, retracts=3),
    ]

    assert [tag.id for tag in themes.effective(tags)] == [4, 2, 1]
    assert themes.current(tags) == tags[1]
    assert themes.current(tags[:3]) == tags[0]
    assert themes.current([]) is None


def test_many_tags_are_given_at_once(corpus):
    """Each as one alone would be: with a revision and a line in the audit trail of its own."""
    corpus.add(Notice(id="m", title="关于招生的通知"), by="导入")
    before = corpus.revision()

    given = list(
        corpus.tag_all(
            [Said("n", "1102", 0.9), Said("nowhere", "1102"), Said("m", "0601", 0.8)],
            source=Source.MODEL,
            by="重标",
            batch="b-2",
        )
    )

    assert [tag and tag.topic for tag in given] == ["1102", None, "0601"]
    assert [corpus.tags(name)[-1] for name in ("n", "m")] == [given[0], given[2]]
    assert _theme(corpus) == ("1102", Source.MODEL)
    assert corpus.revision() == before + 2
    assert [corpus.events(name)[-1].revision for name in ("n", "m")] == [before + 1, before + 2]


def test_what_a_source_says_already_is_not_said_again(corpus):
    """Also within one chunk; but whoever changes his mind twice has said three things."""
    said = [Said("n", "1102"), Said("n", "1102"), Said("n", "0601"), Said("n", "1102")]

    given = list(corpus.tag_all(said, source=Source.REVIEWER, by="审核", chunk=10))
    again = list(corpus.tag_all(said[-1:], source=Source.REVIEWER, by="审核"))

    assert [tag and tag.topic for tag in given] == ["1102", None, "0601", "1102"]
    assert again == [None]
    assert _theme(corpus) == ("1102", Source.REVIEWER)


def test_hidden_notices_are_passed_over(corpus):
    """Nothing is said of what was withdrawn."""
    corpus.withdraw("n", by="编辑", reason="误发")

    assert list(corpus.tag_all([Said("n", "1102")], source=Source.MODEL, by="重标")) == [None]
    assert len(corpus.tags("n")) == 1
