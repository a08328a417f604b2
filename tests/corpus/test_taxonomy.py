"""A printed topic is read in every spelling met, and nothing is guessed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UnknownTopicError
from corpus.taxonomy import Taxonomy, Topic
from corpus.taxonomy_file import state_council

STATE_COUNCIL = state_council()
SEPARATORS = [
    "-",
    " - ",
    "\\",
    "\\\\",
    "/",
    ",",
    "，",
    ">",
    "＞",
    "|",
    "—",
    "－",
    " ",
    "→",
    "＼",
    "／",
]


def test_the_shipped_list_is_whole():
    """The State Council's list has 22 topics and 121 below them."""
    assert len(STATE_COUNCIL.roots) == 22
    assert len(STATE_COUNCIL.topics) - 22 == 121
    assert STATE_COUNCIL.catch_all == "22"


@pytest.mark.parametrize("separator", SEPARATORS)
def test_every_topic_survives_print_and_read(separator):
    """Whatever stands between the levels, the same topic comes back."""
    for topic in STATE_COUNCIL.topics:
        assert STATE_COUNCIL.read(STATE_COUNCIL.print(topic, separator)) == topic


_LABELS = st.text(alphabet="甲乙丙丁戊己庚辛壬癸、（）", min_size=1, max_size=8).filter(
    lambda label: label.strip("、（）") and "（" not in label and "）" not in label
)


@st.composite
def _taxonomies(draw):
    """Draw two-level lists whose labels differ by more than 、 and blanks."""
    labels = draw(
        st.lists(_LABELS, min_size=2, max_size=12, unique_by=lambda x: x.replace("、", ""))
    )
    topics = [Topic("1", labels[0])]
    for number, label in enumerate(labels[1:]):
        parent = draw(st.sampled_from([None, *(t.code for t in topics if t.parent is None)]))
        topics.append(Topic(f"t{number}", label, parent))
    return Taxonomy("drawn", topics, catch_all=None)


@given(_taxonomies(), st.sampled_from(SEPARATORS))
def test_topics_of_any_list_survive_print_and_read(taxonomy, separator):
    """The law holds for other people's lists too, with 、 inside labels."""
    for topic in taxonomy.topics:
        assert taxonomy.read(taxonomy.print(topic, separator)) == topic


@given(_taxonomies())
def test_a_list_survives_json(taxonomy):
    """A model's card carries its list whole."""
    again = Taxonomy.from_json(json.loads(json.dumps(taxonomy.as_json())))

    assert again.topics == taxonomy.topics
    assert again.digest == taxonomy.digest


@given(st.text())
def test_reading_never_fails(text):
    """Any text is a topic or none; gold() alone refuses."""
    topic = STATE_COUNCIL.read(text)

    assert topic is None or topic in STATE_COUNCIL.topics


def test_a_label_may_contain_a_separator():
    """A label such as A-B is found whole before it is cut."""
    taxonomy = Taxonomy(
        "own", [Topic("1", "A-B"), Topic("2", "C", "1"), Topic("3", "A")], catch_all=None
    )

    assert taxonomy.read("A-B") == taxonomy.topic("1")
    assert taxonomy.read("A-B-C") == taxonomy.topic("2")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("土地", "0501"),
        ("科技", "1101"),
        ("综合政务", "02"),
        ("0402", "0402"),
        ("卫生、体育/医药管理", "1302"),
        ("农林、林业、水利-水利", "0603"),
        ("科技教育", "11"),
        ("信息产业(含电信)", "0706"),
        ("信息产业", "0706"),
        ("财政、金融、审计-某某", "04"),
        ("财政、金融、审计-", "04"),
        ("某某-土地", "0501"),
        ("其他-其他", "22"),
        ("其他\\其他", "22"),
        ("其他-", "22"),
        ("政府文件;综合政务-信访", "0207"),
        ("--", None),
        ("[]", None),
        ("", None),
        ("区政府", None),
        ("区府办文件", None),
    ],
)
def test_spellings_of_real_pages_are_read(text, code):
    """Bare second levels, misspellings, missing and foreign values come out as a person reads."""
    topic = STATE_COUNCIL.read(text)

    assert (topic and topic.code) == code


def test_all_known_aliases_are_read(shared):
    """Every misspelling that was collected from pages means what was written down."""
    aliases = json.loads((shared / "taxonomies" / "aliases.json").read_text("utf-8"))

    for alias in aliases["aliases"]:
        topic = STATE_COUNCIL.read(alias["raw"])
        assert (topic and topic.label) == alias["to"], alias
    for label, parent in aliases["bare_second_level_to_first"].items():
        topic = STATE_COUNCIL.read(label)
        assert topic is not None
        assert STATE_COUNCIL.topic(topic.parent or "").label == parent, label


@pytest.mark.parametrize(
    ("text", "code"),
    [("财政、金融、审计-其他", "04"), ("0409", "0409"), ("22", "22"), ("04", "04")],
)
def test_a_printed_other_says_the_first_level_only(text, code):
    """A printed second-level 其他 leaves level two unknown; a code means what it says."""
    gold = STATE_COUNCIL.gold(text)

    assert gold is not None
    assert gold.code == code


def test_an_unknown_topic_is_refused_with_near_spellings():
    """The error names what was found and what might have been meant."""
    with pytest.raises(UnknownTopicError, match="农业、林业、水利") as caught:
        STATE_COUNCIL.gold("农业与林业水利")

    assert caught.value.text == "农业与林业水利"
    assert STATE_COUNCIL.gold(" -- ") is None
