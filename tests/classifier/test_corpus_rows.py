"""What people said goes before what is printed, and what models said is not learned at all."""

from __future__ import annotations

from itertools import count, islice

import pytest

from classifier.corpus_rows import labelled_in
from classifier.errors import TrainingError
from corpus.notice import Notice
from corpus.review_draw import is_reserved
from corpus.review_records import Question, Why
from corpus.store import Corpus
from corpus.stored import Source
from corpus.taxonomy import Taxonomy, Topic


def _names(*, reserved):
    return (name for number in count() if is_reserved(name := f"n{number}") is reserved)


PLAIN = list(islice(_names(reserved=False), 12))
RESERVED = next(_names(reserved=True))


@pytest.fixture
def corpus(tmp_path):
    """Return an empty corpus in a file."""
    with Corpus.open(f"sqlite:///{tmp_path / 'zhuti.db'}") as opened:
        yield opened


def _add(corpus, name, printed=None, **tags):
    corpus.add(Notice(id=name, title=f"关于{name}的通知", declared_topic=printed), by="导入")
    for source, topic in tags.items():
        corpus.tag(name, topic, source=Source(source), by="某人")


def _learned(found):
    return {row.notice.id: row.topic.code for row in found.rows}


def test_reviewers_go_before_publishers_before_what_is_printed(corpus):
    """And each is counted by who gave the topic that is learned."""
    _add(corpus, "a", "工业、交通-公路", publisher="0708", reviewer="1102")
    _add(corpus, "b", "工业、交通-公路", publisher="0708", model="1301")
    _add(corpus, "c", "工业、交通-公路", model="1301")
    _add(corpus, "d", "工业、交通-公路")

    found = labelled_in(corpus)

    assert _learned(found) == {"a": "1102", "b": "0708", "c": "0707", "d": "0707"}
    assert found.sources == {"reviewer": 1, "publisher": 1, "issuer": 2}
    assert list(found.sources) == ["reviewer", "publisher", "issuer"]


@pytest.mark.parametrize(
    ("printed", "tags"),
    [
        ("其他-其他", {}),
        (None, {}),
        ("通知公告", {}),
        (None, {"model": "0707"}),
        ("其他", {"model": "0707"}),
        ("工业、交通-公路", {"reviewer": "22"}),
    ],
)
def test_what_nobody_chose_is_left_out(corpus, printed, tags):
    """其他, nothing, what cannot be read, what a model said, and a reviewer's own 其他."""
    _add(corpus, "a", "工业、交通-公路")
    _add(corpus, "b", printed, **tags)

    found = labelled_in(corpus)

    assert _learned(found) == {"a": "0707"}
    assert found.others == 1


def test_a_printed_second_level_rest_says_the_first_level_only(corpus):
    """As it does in a file of notices; a reviewer's means what it says."""
    _add(corpus, "a", "工业、交通-其他")
    _add(corpus, "b", reviewer="0712")

    found = labelled_in(corpus)

    assert _learned(found)["a"] == "07"
    assert _learned(found)["b"] == "0712"


def test_what_was_decided_blindly_is_kept_apart(corpus):
    """With the near-duplicates that the decision settled: models are measured on them."""
    for name in (*PLAIN[:3], RESERVED):
        _add(corpus, name, "工业、交通-公路")
    review = corpus.review()
    keys = {name: corpus.get(name).key for name in (*PLAIN[:3], RESERVED)}
    group = keys[PLAIN[1]]
    review.push(
        [
            Question(keys[PLAIN[0]], Why.DOUBT),
            Question(keys[PLAIN[1]], Why.DOUBT, group=group),
            Question(keys[RESERVED], Why.DOUBT, group=group),
        ]
    )
    review.next("李", count=5)
    review.decide(PLAIN[0], "1102", by="李")
    review.decide(RESERVED, "1102", by="李")

    found = labelled_in(corpus)

    assert _learned(found) == {PLAIN[0]: "1102", PLAIN[2]: "0707"}
    assert found.kept_apart == 2
    assert found.ids == {PLAIN[0], PLAIN[2], PLAIN[1], RESERVED}
    review.undo(by="李")
    assert labelled_in(corpus).kept_apart == 0


def test_a_topic_that_the_list_has_lost_is_counted(corpus, tmp_path):
    """The list may have changed since somebody chose."""
    _add(corpus, "a", "工业、交通-公路")
    _add(corpus, "b", reviewer="1102")
    fewer = Taxonomy(
        "few", (Topic("07", "工业、交通"), Topic("0707", "公路", "07")), catch_all=None
    )

    with Corpus.open(f"sqlite:///{tmp_path / 'zhuti.db'}", taxonomy=fewer) as other:
        found = labelled_in(other)

    assert (_learned(found), found.unknown) == ({"a": "0707"}, 1)


def test_hidden_notices_are_not_learned(corpus):
    """What was published by mistake teaches nothing."""
    _add(corpus, "a", "工业、交通-公路")
    _add(corpus, "b", "工业、交通-公路")
    corpus.withdraw("b", by="管理员", reason="误发")

    assert _learned(labelled_in(corpus)) == {"a": "0707"}


def test_an_empty_corpus_is_told(corpus):
    """With what is there instead, and what to do."""
    _add(corpus, "a", "其他")

    with pytest.raises(TrainingError, match=r"1 are 其他.*zhuti review fill"):
        labelled_in(corpus)
