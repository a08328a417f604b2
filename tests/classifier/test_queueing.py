"""People are asked where most is learned, near-duplicates together, one in ten drawn at random."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from itertools import combinations

import pytest

from classifier import queueing
from classifier.queueing import fill, propose, questions_about
from classifier.suggestion import Verdict
from classifier.thresholds import Thresholds
from corpus.notice import Notice
from corpus.review_draw import draw, is_reserved
from corpus.review_records import Why
from corpus.store import Corpus
from corpus.stored import Source
from tests.conftest import SUBJECTS

# Titles of two subjects at once: the small model cannot tell which of them it is.
UNLIKE = tuple(
    f"关于{first}和{second}的通知"
    for one, other in combinations(SUBJECTS, 2)
    for first, second in zip(SUBJECTS[one][:4], SUBJECTS[other][2:], strict=True)
)[:60]
SURE = "农村公路养护和公路路面大修"


@pytest.fixture
def model(model):
    """Return the small model with the thresholds of one that is not always right."""
    doubting = copy(model)
    doubting.thresholds = doubting.root_thresholds = Thresholds(0.95, 0.2)
    return doubting


@pytest.fixture
def corpus(tmp_path):
    """Return an empty corpus in a file."""
    with Corpus.open(f"sqlite:///{tmp_path / 'zhuti.db'}") as opened:
        yield opened


@pytest.fixture
def some(corpus):
    """Return a corpus of 120 notices, half of them copies that the model is sure of."""
    for number in range(60):
        corpus.add(Notice(id=f"sure-{number}", title=f"关于{SURE}的通知"), by="导入")
    for number, title in enumerate(UNLIKE):
        corpus.add(Notice(id=f"odd-{number}", title=title), by="导入")
    return corpus


def _open(corpus):
    return list(corpus.review().open())


def _keys(asked):
    return {asked.notice.id, *(other.id for other in asked.others)}


def test_only_what_the_model_doubts_is_asked_beside_the_draw(some, model):
    """Every visible question is about a notice whose best answer is not accepted."""
    filled = fill(some, model, limit=1000)

    asked = _open(some)
    assert filled.scored == 120
    assert (len(asked), filled.groups) == (filled.groups, len(asked))
    for one in asked:
        verdict = model.suggest(one.notice.notice).suggestions[0].verdict
        if not one.blind:
            assert one.why is Why.DOUBT
            assert verdict is not Verdict.ACCEPT


def test_the_sample_is_drawn_whatever_the_model_thinks(some, model):
    """The lowest numbers of all that nobody has reviewed, sure and doubtful ones alike."""
    filled = fill(some, model, limit=30)

    blind = [asked.notice.id for asked in _open(some) if asked.blind]
    reserved = sorted((n.id for n in some.iterate() if is_reserved(n.id)), key=draw)
    assert filled.blind == len(blind) == 3
    assert blind[0] == reserved[0]
    assert [name for name in reserved if name in blind] == blind


def test_a_reserved_notice_is_never_asked_with_its_proposal(some, model):
    """Also where the model doubts it."""
    fill(some, model, limit=1000)

    for asked in _open(some):
        if not asked.blind:
            assert not any(map(is_reserved, _keys(asked)))


def test_notices_with_a_persons_choice_are_not_asked_about(some, model):
    """Reviewers and publishers have spoken; models and issuers have not."""
    fill(some, model, limit=1000)
    first, second, third = _open(some)[:3]
    some.tag(first.notice.id, "0707", source=Source.REVIEWER, by="李")
    some.tag(second.notice.id, "0707", source=Source.PUBLISHER, by="王")
    some.tag(third.notice.id, "0707", source=Source.MODEL, by="m")

    fill(some, model, limit=1000)

    asked = set().union(*map(_keys, _open(some)))
    assert not {first.notice.id, second.notice.id} & asked
    assert third.notice.id in asked


def test_near_duplicates_are_one_question(corpus, model):
    """A group is asked once, and the more it settles the sooner it is asked."""
    names = [f"copy-{number}" for number in range(40) if not is_reserved(f"copy-{number}")][:6]
    for year, name in enumerate(names):
        corpus.add(Notice(id=name, title=f"关于20{10 + year}年会务安排和档案的通知"), by="导入")
    single = next(f"one-{n}" for n in range(40) if not is_reserved(f"one-{n}"))
    corpus.add(Notice(id=single, title="食堂菜单调整说明"), by="导入")

    filled = fill(corpus, model, limit=50)

    first = _open(corpus)[0]
    assert filled.groups == 2
    assert _keys(first) == set(names)


def test_reserved_copies_are_asked_apart_from_the_others(corpus, model):
    """Of many copies some are always reserved; the others need not wait for the draw."""
    names = [f"copy-{number}" for number in range(40)]
    for number, name in enumerate(names):
        corpus.add(Notice(id=name, title=f"关于{1980 + number}年会务安排和档案的通知"), by="导入")

    fill(corpus, model, limit=50)

    visible, blind = _open(corpus)
    assert (visible.blind, blind.blind) == (False, True)
    assert _keys(visible) == {name for name in names if not is_reserved(name)}
    assert _keys(blind) == {name for name in names if is_reserved(name)}
    assert blind.notice.id == min(_keys(blind), key=draw)


def test_a_limit_is_kept_and_a_second_filling_replaces_the_first(some, model):
    """The best questions wait, not all that ever were; nothing is asked twice."""
    few = fill(some, model, limit=10)
    more = fill(some, model, limit=20)
    again = fill(some, model, limit=20)

    assert (few.groups, more.groups) == (10, 20)
    assert len(_open(some)) == 20
    assert again == replace(more, dropped=0)
    fewer = fill(some, model, limit=10)
    assert fewer.dropped == more.notices - few.notices
    assert len(_open(some)) == 10


def test_a_filling_leaves_alone_what_others_ask_and_what_is_being_answered(some, model):
    """Questions of a batch, and those that somebody has before him."""
    fill(some, model, limit=20)
    review = some.review()
    (mine,) = review.next("李")
    sure = some.get("sure-1")
    review.push(questions_about(model, [sure], why=Why.BATCH, batch="b-1"))

    fill(some, model, limit=5)

    assert review.next("李")[0].notice.id == mine.notice.id
    assert {one.batch for one in _open(some)} >= {"b-1"}


def test_what_the_model_cannot_read_is_counted(corpus, model):
    """There is nothing it could learn from."""
    corpus.add(Notice(id="empty"), by="导入")
    corpus.add(Notice(id="foreign", title="hello"), by="导入")

    assert fill(corpus, model).unreadable == 2
    assert _open(corpus) == []


def test_an_empty_corpus_fills_nothing(corpus, model):
    """No error, no question."""
    filled = fill(corpus, model)

    assert (filled.scored, filled.groups, filled.notices) == (0, 0, 0)


def test_the_proposal_is_what_the_model_suggests(some, model):
    """Best topic, the next ones, the words that speak for it, and whose proposal it is."""
    stored = some.get("sure-1")
    answer = model.suggest(stored.notice)

    proposal = propose(model, stored)

    assert proposal.topic == answer.suggestions[0].topic.code == "0707"
    assert proposal.probability == pytest.approx(answer.suggestions[0].probability)
    assert [code for code, _ in proposal.alternatives] == [
        one.topic.code for one in answer.suggestions[1:4]
    ]
    assert "公路" in proposal.evidence
    assert proposal.model == model.digest


def test_who_is_unsure_of_two_topics_asks_before_who_is_sure(some, model):
    """The worth of a question grows with what the second-best answer is behind the best."""
    stored = [some.get("sure-1"), some.get("odd-1")]

    sure, odd = queueing._score(model, stored)

    assert sure.worth < odd.worth
    assert (sure.doubtful, odd.doubtful) == (False, True)


def test_a_notice_like_many_others_teaches_more(corpus, model):
    """Of two that are as uncertain, the one in the middle of the others."""
    middle = Notice(id="a", title="公路公路")
    for number in range(8):
        corpus.add(Notice(id=f"n{number}", title=f"公路{number}"), by="导入")
    corpus.add(middle, by="导入")
    corpus.add(Notice(id="b", title="殡葬"), by="导入")
    scored = {one.stored.id: one for one in queueing._score(model, list(corpus.iterate()))}
    uncertainty = {name: queueing._uncertainty(model, scored[name].cut)[0] for name in ("a", "b")}

    assert scored["a"].worth / uncertainty["a"] > scored["b"].worth / uncertainty["b"]
