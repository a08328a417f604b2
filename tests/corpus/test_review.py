"""Questions go to one person each; an answer becomes tags, and an undo takes back exactly those."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from datetime import timedelta
from itertools import count, islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import (
    QuestionSettledError,
    QuestionTakenError,
    UnknownDecisionError,
    UnknownQuestionError,
    UnknownTopicError,
)
from corpus.notice import Notice
from corpus.review_draw import BLIND_SHARE, blind_is_due, draw, is_reserved, place
from corpus.review_records import Kind, Proposal, Question, Standing, Tally, Why
from corpus.review_sample import blind_decisions
from corpus.stored import Source
from corpus.tagging import Said

KILLS = int(os.environ.get("ZHUTI_TEST_KILLS", "3"))
REVIEWER = Path(__file__).with_name("claiming_process.py")
PROPOSAL = Proposal("0707", 0.41, (("0708", 0.3),), ("养护", "公路"), "d" * 64)


def _names(*, reserved: bool, prefix: str = "n"):
    """Yield ids that the draw reserves, or does not."""
    return (name for number in count() if is_reserved(name := f"{prefix}{number}") is reserved)


PLAIN = list(islice(_names(reserved=False), 60))
RESERVED = sorted(islice(_names(reserved=True), 12), key=draw)


def _ask(corpus, *names, group=None, why=Why.DOUBT, again=False, top=100.0, **more):
    """Store notices and put a question about each; the first is asked first."""
    for name in names:
        corpus.add(Notice(id=name, title=f"关于{name}的通知"), by="导入")
    keys = {name: corpus.get(name).key for name in names}
    leader = min(keys.values())
    return corpus.review().push(
        (
            Question(
                keys[name],
                why,
                PROPOSAL,
                priority=top - number,
                group=leader if group else None,
                **more,
            )
            for number, name in enumerate(names)
        ),
        again=again,
    )


def _ids(asked):
    return [question.notice.id for question in asked]


# --- The draw.


@given(st.text())
def test_the_draw_of_a_notice_never_changes(name):
    """It is a number from 0 to 1 that only the id decides."""
    assert 0 <= draw(name) < 1
    assert draw(name) == draw(name)
    assert is_reserved(name) == (draw(name) < BLIND_SHARE)


def test_one_notice_in_ten_is_reserved():
    """Of ten thousand ids, as many as chance allows."""
    reserved = sum(is_reserved(f"https://a.example/{number}.html") for number in range(10_000))

    assert 900 < reserved < 1100


def test_reserved_notices_stand_in_the_order_of_the_draw():
    """Whatever priority somebody gives them; the others stand by their priority."""
    first, second = RESERVED[:2]

    assert place(first, 0.0, blind=True) > place(second, 99.0, blind=True)
    assert place(PLAIN[0], 99.0, blind=True) < place(second, 0.0, blind=True)
    assert place(PLAIN[0], 0.7, blind=False) == 0.7


def test_every_tenth_question_is_due_to_be_blind():
    """Not more, not less, and none is made up for at once that could not be asked before."""
    blind, visible, sequence = 0, 0, []
    for _ in range(30):
        due = blind_is_due(blind, visible)
        sequence.append(due)
        blind, visible = blind + due, visible + (not due)

    assert [number for number, due in enumerate(sequence, start=1) if due] == [10, 20, 30]


# --- Handing out.


def test_what_teaches_most_is_asked_first(corpus):
    """In the order of priority, with the proposal and where it comes from."""
    _ask(corpus, *PLAIN[:3], batch="b-7", why=Why.BATCH)

    (asked,) = corpus.review().next("李")

    assert asked.notice.id == PLAIN[0]
    assert (asked.proposal, asked.blind) == (PROPOSAL, False)
    assert (asked.why, asked.batch) == (Why.BATCH, "b-7")


def test_two_people_never_get_the_same(corpus):
    """What one has before him, ahead of time or not, is not given to the other."""
    _ask(corpus, *PLAIN[:5])
    review = corpus.review()

    first = _ids(review.next("李", count=3))
    second = _ids(review.next("王", count=3))

    assert first == PLAIN[:3]
    assert second == PLAIN[3:5]
    assert review.next("赵") == []


def test_asking_again_gives_what_one_has_already(corpus):
    """A page that is loaded again loses nothing and takes nothing from others."""
    _ask(corpus, *PLAIN[:4])
    review = corpus.review()
    review.next("李", count=2)

    assert _ids(review.next("李", count=2)) == PLAIN[:2]
    review.decide(PLAIN[0], "0707", by="李")
    assert _ids(review.next("李", count=2)) == PLAIN[1:3]


def test_a_lease_runs_out(corpus):
    """Who goes home keeps nothing from others."""
    _ask(corpus, PLAIN[0])
    review = corpus.review()
    review.next("李", lease=timedelta(seconds=-1))

    assert _ids(review.next("王")) == PLAIN[:1]
    with pytest.raises(QuestionTakenError, match="Somebody else"):
        review.decide(PLAIN[0], "0707", by="李")


def test_who_comes_back_late_may_still_decide(corpus):
    """As long as nobody else has taken the question meanwhile."""
    _ask(corpus, *PLAIN[:2], group=True)
    review = corpus.review()
    review.next("李", lease=timedelta(seconds=-1))

    assert review.decide(PLAIN[0], "0707", by="李").settled == 2


@pytest.mark.parametrize("what", ["withdrawn", "purged", "chosen", "chosen by a model"])
def test_only_what_still_needs_an_answer_is_asked(corpus, what):
    """Not what is hidden or was chosen by a person elsewhere; a model's tag answers nothing."""
    _ask(corpus, *PLAIN[:2])
    if what == "withdrawn":
        corpus.withdraw(PLAIN[0], by="管理员", reason="误发")
    elif what == "purged":
        corpus.purge(PLAIN[0], by="管理员", reason="误发")
    else:
        source = Source.MODEL if what.endswith("model") else Source.PUBLISHER
        corpus.tag(PLAIN[0], "1102", source=source, by="发布人")

    expected = PLAIN[:2] if what.endswith("model") else PLAIN[1:2]
    assert _ids(corpus.review().next("李", count=2)) == expected
    assert corpus.review().progress().waiting == len(expected)


def test_a_choice_made_before_the_question_does_not_answer_it(corpus):
    """The audit may suspect what a publisher chose."""
    corpus.add(Notice(id=PLAIN[0]), by="导入")
    corpus.tag(PLAIN[0], "1102", source=Source.PUBLISHER, by="发布人")
    _ask(corpus, PLAIN[0], why=Why.AUDIT)

    assert _ids(corpus.review().next("李")) == PLAIN[:1]


def test_near_duplicates_come_together(corpus):
    """The one to be shown is the first, and nobody is asked about the others."""
    _ask(corpus, *PLAIN[:3], group=True)
    review = corpus.review()

    (asked,) = review.next("李", count=5)

    assert asked.notice.id == PLAIN[0]
    assert [other.id for other in asked.others] == PLAIN[1:3]
    assert review.next("王") == []


def test_every_tenth_question_is_blind(corpus):
    """Nine with their proposal, one without, in the order of the draw, for all people together."""
    _ask(corpus, *PLAIN[:30], *RESERVED)
    review = corpus.review()
    got = []
    for number in range(20):
        who = ("李", "王")[number % 2]
        (asked,) = review.next(who)
        got.append(asked)
        review.decide(asked.notice.id, "0707", by=who)

    assert [number for number, asked in enumerate(got, start=1) if asked.blind] == [10, 20]
    assert [asked.notice.id for asked in got if asked.blind] == RESERVED[:2]
    assert all((asked.proposal is None) == asked.blind for asked in got)


def test_skipping_a_blind_question_does_not_avoid_it(corpus):
    """The next one is blind as well."""
    _ask(corpus, *PLAIN[:20], *RESERVED)
    review = corpus.review()
    for _ in range(9):
        (asked,) = review.next("李")
        review.decide(asked.notice.id, "0707", by="李")
    blind = []
    for _ in range(3):
        (asked,) = review.next("李")
        blind.append(asked.notice.id)
        review.skip(asked.notice.id, by="李")

    assert blind == RESERVED[:3]


def test_a_group_with_a_reserved_notice_is_blind_as_a_whole(corpus):
    """The reserved one is shown, whatever the priority of the others."""
    _ask(corpus, PLAIN[0], RESERVED[0], PLAIN[1], group=True)

    (asked,) = corpus.review().next("李")

    assert asked.blind
    assert asked.proposal is None
    assert asked.notice.id == RESERVED[0]


def test_two_processes_decide_each_question_once(corpus, store_url):
    """However they interleave, no question is before both of them."""
    _ask(corpus, *PLAIN[:24])
    processes = [
        subprocess.Popen(
            [sys.executable, str(REVIEWER), store_url, who], stdout=subprocess.PIPE, text=True
        )
        for who in ("a", "b")
    ]
    printed = [process.communicate()[0].splitlines() for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    got = [{line for line in lines if line.startswith("got")} for lines in printed]
    decided = [line for lines in printed for line in lines if line.startswith("decided")]
    assert not got[0] & got[1]
    assert len(decided) == len(set(decided)) == 24
    assert corpus.review().progress().ever.decided == 24


# --- Putting questions in.


def test_pushing_again_brings_up_to_date(corpus):
    """An open question takes over the newer proposal; nothing is asked twice."""
    _ask(corpus, *PLAIN[:2])
    newer = Proposal("1102", 0.2, (), (), "e" * 64)
    review = corpus.review()
    key = corpus.get(PLAIN[1]).key

    assert review.push([Question(key, Why.AUDIT, newer, priority=500.0)]) == 1

    (asked, _) = review.next("李", count=9)
    assert (asked.notice.id, asked.why, asked.proposal) == (PLAIN[1], Why.AUDIT, newer)


def test_what_somebody_has_before_him_does_not_change(corpus):
    """A filling while people work leaves their questions as they are shown."""
    _ask(corpus, *PLAIN[:2], group=True)
    review = corpus.review()
    review.next("李")

    assert _ask(corpus, *PLAIN[:2], why=Why.AUDIT) == 0
    assert _ask(corpus, PLAIN[0], PLAIN[1], PLAIN[2], group=True) == 1
    assert review.decide(PLAIN[0], "0707", by="李").settled == 2
    assert review.standing(PLAIN[2]) is Standing.OPEN


def test_settled_questions_are_only_asked_again_on_demand(corpus):
    """A filling never brings back what was decided; the audit may."""
    _ask(corpus, PLAIN[0])
    review = corpus.review()
    review.decide(PLAIN[0], "0707", by="李")

    assert _ask(corpus, PLAIN[0]) == 0
    assert review.next("王") == []
    assert _ask(corpus, PLAIN[0], why=Why.AUDIT, again=True) == 1
    assert _ids(review.next("王")) == PLAIN[:1]


def test_hidden_notices_are_not_asked_about(corpus):
    """There is nothing to look at."""
    corpus.add(Notice(id=PLAIN[0]), by="导入")
    key = corpus.get(PLAIN[0]).key
    corpus.withdraw(PLAIN[0], by="管理员", reason="误发")

    assert corpus.review().push([Question(key, Why.DOUBT)]) == 0


def test_an_older_filling_makes_room(corpus):
    """Only what it asked, and nobody has touched, goes away."""
    _ask(corpus, *PLAIN[:3])
    _ask(corpus, PLAIN[3], why=Why.BATCH, top=50.0)
    review = corpus.review()
    review.next("李")
    moment = corpus.tag(PLAIN[0], "0707", source=Source.MODEL, by="m").at
    _ask(corpus, PLAIN[2])

    assert review.drop_older(moment) == 1
    assert [review.standing(name) for name in PLAIN[:4]] == [
        Standing.OPEN, None, Standing.OPEN, Standing.OPEN,
    ]  # fmt: skip


def test_very_many_questions_are_put_in_and_handed_out(corpus):
    """More than one transaction takes; the greatest priority still comes first."""
    notices = [Notice(id=f"m{number}", title=f"通知{number}") for number in range(1200)]
    list(corpus.add_all(notices, by="导入"))
    questions = [
        Question(stored.key, Why.DOUBT, PROPOSAL, priority=float(stored.key % 500))
        for stored in corpus.iterate()
        if not is_reserved(stored.id)
    ]

    assert corpus.review().push(questions) == len(questions) > 1000

    asked = corpus.review().next("李", count=2)
    assert [question.notice.key % 500 for question in asked] == [499, 499]


# --- Answering.


def test_a_decision_is_a_tag_of_the_reviewer(corpus):
    """In the name of whoever decided, for every notice of the group."""
    _ask(corpus, *PLAIN[:3], group=True)
    review = corpus.review()
    review.next("李")

    decision = review.decide(PLAIN[0], "1102", by="李", remark="见附件")

    for name in PLAIN[:3]:
        stored = corpus.get(name)
        assert (stored.topic, stored.topic_source) == ("1102", Source.REVIEWER)
        assert corpus.tags(name)[-1].by == "李"
    assert (decision.kind, decision.topic, decision.settled) == (Kind.TOPIC, "1102", 3)
    assert (decision.shown, decision.blind, decision.model) == (True, False, "d" * 64)
    assert (decision.remark, decision.proposal) == ("见附件", PROPOSAL)
    assert review.decisions(PLAIN[2]) == [decision]
    assert review.next("王") == []


def test_some_of_a_group_can_be_decided(corpus):
    """The others stay, as a group of their own."""
    _ask(corpus, *PLAIN[:4], group=True)
    review = corpus.review()
    review.next("李")

    decision = review.decide(PLAIN[0], "1102", by="李", only=[PLAIN[0], PLAIN[2], PLAIN[9]])

    assert decision.settled == 2
    assert [corpus.get(name).topic for name in PLAIN[:4]] == ["1102", None, "1102", None]
    (asked,) = review.next("王")
    assert [asked.notice.id, *(other.id for other in asked.others)] == [PLAIN[1], PLAIN[3]]


def test_what_is_left_of_a_blind_group_is_blind_only_if_it_was_drawn(corpus):
    """Or the sample would grow by notices that nobody drew."""
    _ask(corpus, RESERVED[0], PLAIN[0], group=True)
    review = corpus.review()
    review.next("李")
    review.decide(RESERVED[0], "1102", by="李", only=[RESERVED[0]])

    (asked,) = review.next("李")

    assert (asked.notice.id, asked.blind, asked.proposal) == (PLAIN[0], False, PROPOSAL)


def test_only_what_was_shown_is_settled(corpus):
    """Who decides without having asked says it of that notice alone."""
    _ask(corpus, *PLAIN[:3], group=True)

    assert corpus.review().decide(PLAIN[1], "1102", by="李").settled == 1


def test_a_decision_sent_twice_is_one(corpus):
    """A network that fails in between does no harm; a second thought needs an undo."""
    _ask(corpus, PLAIN[0])
    review = corpus.review()

    first = review.decide(PLAIN[0], "0707", by="李")

    assert review.decide(PLAIN[0], "0707", by="李") == first
    with pytest.raises(QuestionSettledError, match="李 decided it"):
        review.decide(PLAIN[0], "1102", by="李")
    with pytest.raises(QuestionSettledError, match="李 decided it"):
        review.decide(PLAIN[0], "0707", by="王")
    assert len(corpus.tags(PLAIN[0])) == 1


def test_a_theme_chosen_elsewhere_meanwhile_is_not_overwritten(corpus):
    """Whoever has it before him is told."""
    _ask(corpus, PLAIN[0])
    review = corpus.review()
    review.next("李")
    corpus.tag(PLAIN[0], "1301", source=Source.PUBLISHER, by="发布人")

    with pytest.raises(QuestionSettledError, match="outside of the review"):
        review.decide(PLAIN[0], "0707", by="李")
    assert corpus.get(PLAIN[0]).topic == "1301"


def test_what_is_not_there_is_refused(corpus):
    """No such topic, no such question, no such decision."""
    _ask(corpus, PLAIN[0])
    corpus.add(Notice(id="x"), by="导入")
    review = corpus.review()

    with pytest.raises(UnknownTopicError):
        review.decide(PLAIN[0], "9999", by="李")
    for name in ("x", "nowhere"):
        with pytest.raises(UnknownQuestionError):
            review.decide(name, "0707", by="李")
    with pytest.raises(UnknownDecisionError, match="no decision 7"):
        review.undo(by="李", decision=7)
    with pytest.raises(UnknownDecisionError, match="decided nothing"):
        review.undo(by="李")


def test_a_skipped_question_is_for_others(corpus):
    """Who skipped it is not asked again today."""
    _ask(corpus, *PLAIN[:2])
    review = corpus.review()
    review.next("李")

    review.skip(PLAIN[0], by="李")

    assert _ids(review.next("李", count=5)) == PLAIN[1:2]
    assert _ids(review.next("王", count=5)) == PLAIN[:1]


def test_a_skip_can_be_undone(corpus):
    """Then it is before the same person again."""
    _ask(corpus, *PLAIN[:2])
    review = corpus.review()
    review.next("李")
    review.skip(PLAIN[0], by="李")

    review.undo(by="李")

    assert _ids(review.next("李")) == PLAIN[:1]
    assert review.next("王", count=5)[0].notice.id == PLAIN[1]


def test_a_flag_says_that_no_topic_fits(corpus):
    """No tag is written; the names that people would give are counted."""
    _ask(corpus, *PLAIN[:4])
    review = corpus.review()
    for name, called in zip(PLAIN[:3], ("数据要素", "低空经济", "低空经济"), strict=True):
        review.flag(name, by="李", called=called)
    review.flag(PLAIN[3], by="李")

    assert review.missing_topics() == [("低空经济", 2), ("数据要素", 1)]
    assert [flag.notice for flag in review.flags()] == PLAIN[3::-1]
    assert corpus.tags(PLAIN[0]) == []
    assert review.next("王") == []
    review.undo(by="李")
    assert [flag.called for flag in review.flags()] == ["低空经济", "低空经济", "数据要素"]
    assert _ids(review.next("李")) == [PLAIN[3]]


# --- Undoing.


def test_an_undo_takes_back_exactly_what_was_decided(corpus):
    """Every notice shows what it showed before, and the question is before the same person."""
    _ask(corpus, *PLAIN[:3], group=True)
    corpus.tag(PLAIN[1], "0708", source=Source.MODEL, by="m")
    review = corpus.review()
    review.next("李")
    review.decide(PLAIN[0], "1102", by="李")

    undone = review.undo(by="李")

    assert [corpus.get(name).topic for name in PLAIN[:3]] == [None, "0708", None]
    assert undone.undone_by == "李"
    (asked,) = review.next("李")
    assert [asked.notice.id, *(other.id for other in asked.others)] == PLAIN[:3]


def test_an_undo_leaves_alone_what_was_said_since(corpus):
    """A later choice stays, and its question stays answered."""
    _ask(corpus, *PLAIN[:2], group=True)
    review = corpus.review()
    review.next("李")
    decision = review.decide(PLAIN[0], "1102", by="李")
    corpus.tag(PLAIN[1], "1301", source=Source.REVIEWER, by="王")

    review.undo(by="赵", decision=decision.id)

    assert [corpus.get(name).topic for name in PLAIN[:2]] == [None, "1301"]
    (asked,) = review.next("赵", count=5)
    assert (asked.notice.id, asked.others) == (PLAIN[0], ())
    with pytest.raises(UnknownDecisionError, match="taken back by 赵"):
        review.undo(by="李", decision=decision.id)


def test_an_undo_does_not_retract_a_tag_twice(corpus):
    """What was retracted on the notice's page is only reopened."""
    _ask(corpus, PLAIN[0])
    review = corpus.review()
    review.decide(PLAIN[0], "1102", by="李")
    corpus.undo(PLAIN[0], by="李")
    before = len(corpus.tags(PLAIN[0]))

    review.undo(by="李")

    assert len(corpus.tags(PLAIN[0])) == before
    assert corpus.get(PLAIN[0]).topic is None


def test_undo_goes_back_step_by_step(corpus):
    """The newest decision of this person that still holds; others' are not touched."""
    _ask(corpus, *PLAIN[:3])
    review = corpus.review()
    review.decide(PLAIN[0], "0707", by="李")
    review.decide(PLAIN[1], "0707", by="王")
    review.decide(PLAIN[2], "0707", by="李")

    undone = [review.undo(by="李").notice, review.undo(by="李").notice]

    assert undone == [PLAIN[2], PLAIN[0]]
    assert corpus.get(PLAIN[1]).topic == "0707"


def test_whatever_people_do_themes_are_what_their_standing_decisions_say(corpus):
    """Two people at random: no question before both, and undoing all leaves no trace to be seen."""
    moves = random.Random(20240612)  # noqa: S311
    _ask(corpus, *PLAIN[:20])
    review = corpus.review()
    standing: list[tuple[int, str, str]] = []
    for _ in range(120):
        who = moves.choice(("李", "王"))
        held = {one: _ids(review.next(one, count=2)) for one in ("李", "王")}
        assert not set(held["李"]) & set(held["王"])
        move = moves.choice(("decide", "decide", "flag", "skip", "undo"))
        if move == "undo" and standing:
            number, name, _ = standing.pop(moves.randrange(len(standing)))
            assert review.undo(by=who, decision=number).notice == name
        elif move == "skip" and held[who]:
            review.skip(held[who][0], by=who)
        elif move in {"decide", "flag"} and held[who]:
            topic = moves.choice(("0707", "1102"))
            made = (
                review.decide(held[who][-1], topic, by=who)
                if move == "decide"
                else review.flag(held[who][-1], by=who)
            )
            standing.append((made.id, made.notice, made.topic))
        expected = {name: topic for _, name, topic in standing}
        assert {n.id: n.topic for n in corpus.iterate() if n.topic} == {
            name: topic for name, topic in expected.items() if topic
        }
    for number, *_ in standing:
        review.undo(by="赵", decision=number)

    assert {notice.topic for notice in corpus.iterate()} == {None}
    assert review.progress().waiting == 20


def test_a_kill_leaves_no_decision_half_done(corpus, store_url):
    """Reviewers killed at any moment: what they printed holds, and every tag has its decision."""
    moments = random.Random(20240613)  # noqa: S311
    for start in range(0, 60, 3):
        _ask(corpus, *PLAIN[start : start + 3], group=True)
    confirmed = set()
    for number in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, str(REVIEWER), store_url, f"w{number}"],
            stdout=subprocess.PIPE,
            text=True,
        )
        lines = [process.stdout.readline()]
        killer = threading.Timer(moments.uniform(0, 0.2), process.kill)
        killer.start()
        lines += process.stdout
        killer.join()
        process.stdout.close()
        process.wait()
        confirmed |= {line.split()[1] for line in lines if line.startswith("decided")}

        settled = set()
        for decision in corpus.review().decisions(limit=1000):
            names = [name for name in PLAIN if decision in corpus.review().decisions(name)]
            assert decision.settled == len(names) == 3
            assert not settled & set(names)
            settled |= set(names)
        tagged = {notice.id for notice in corpus.iterate() if notice.topic == "1102"}
        assert tagged == settled >= {name for name in confirmed if name in PLAIN}


# --- Progress.


def test_progress_says_who_did_what(corpus):
    """Today by Beijing's clock; what was taken back does not count."""
    _ask(corpus, *PLAIN[:3], group=True)
    _ask(corpus, *PLAIN[3:8], RESERVED[0], top=50.0)
    review = corpus.review()
    review.next("李")
    review.decide(PLAIN[0], "0707", by="李")
    review.decide(RESERVED[0], "0707", by="王")
    review.skip(PLAIN[3], by="王")
    review.flag(PLAIN[4], by="王")
    review.decide(PLAIN[5], "0707", by="王")
    review.undo(by="王")
    review.next("赵")

    progress = review.progress()

    assert (progress.waiting, progress.groups, progress.blind) == (4, 4, 0)
    assert progress.by_why == {"doubt": 4}
    assert progress.claimed == {"王": 1, "赵": 1}
    assert progress.by_person == {
        "李": Tally(decided=1, notices=3),
        "王": Tally(decided=1, notices=2, skipped=1, flagged=1, blind=1),
    }
    assert progress.today == progress.ever == Tally(2, 5, 1, 1, 1)


def test_open_questions_come_in_the_order_they_would_be_asked(corpus):
    """Each group once, every tenth blind."""
    _ask(corpus, *PLAIN[:3], group=True)
    _ask(corpus, *PLAIN[3:14], *RESERVED[:3], top=50.0)

    asked = list(corpus.review().open())

    assert [number for number, one in enumerate(asked, start=1) if one.blind] == [10, 14, 15]
    assert len({one.notice.id for one in asked}) == len(asked) == 15
    assert all(one.proposal is None for one in asked if one.blind)


# --- The sample.


def _sample(corpus):
    return [(notice.id, topic.code, model) for notice, topic, model in blind_decisions(corpus)]


def test_only_blind_decisions_of_the_draw_are_the_sample(corpus):
    """Not those with a proposal, not those that came in otherwise, not the near-duplicates."""
    _ask(corpus, RESERVED[0], PLAIN[0], group=True)
    _ask(corpus, PLAIN[1], RESERVED[1], RESERVED[5])
    review = corpus.review()
    review.take_up_the_draw(draw(RESERVED[1]))
    for name in (RESERVED[0], PLAIN[1], RESERVED[1], RESERVED[5]):
        review.next("李", count=9)
        review.decide(name, "1102", by="李")

    assert _sample(corpus) == [(name, "1102", "d" * 64) for name in RESERVED[:2]]
    review.take_up_the_draw(draw(RESERVED[5]))
    assert len(_sample(corpus)) == 3
    assert review.blind_keys() == {
        corpus.get(name).key for name in (RESERVED[0], PLAIN[0], RESERVED[1], RESERVED[5])
    }


def test_the_sample_holds_what_reviewers_still_say(corpus):
    """Not what was taken back, said anew, withdrawn or flagged."""
    _ask(corpus, *RESERVED[:6])
    review = corpus.review()
    review.take_up_the_draw(BLIND_SHARE)
    numbers = [review.decide(name, "1102", by="李").id for name in RESERVED[:5]]
    review.flag(RESERVED[5], by="李")
    review.undo(by="李", decision=numbers[1])
    corpus.tag(RESERVED[2], "1301", source=Source.REVIEWER, by="王")
    corpus.withdraw(RESERVED[3], by="管理员", reason="误发")
    list(corpus.tag_all([Said(RESERVED[4], "0708")], source=Source.MODEL, by="m"))

    assert [name for name, *_ in _sample(corpus)] == [RESERVED[0], RESERVED[4]]


def test_a_purged_notice_leaves_no_words(corpus):
    """The evidence that was quoted from it goes with it; the decision stays."""
    _ask(corpus, PLAIN[0])
    review = corpus.review()
    review.decide(PLAIN[0], "1102", by="李")

    corpus.purge(PLAIN[0], by="管理员", reason="个人信息")

    (decision,) = review.decisions()
    assert (decision.topic, decision.proposal, decision.title) == ("1102", None, None)
