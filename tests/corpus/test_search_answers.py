"""What the index answers is what reading every notice would give."""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import replace
from datetime import date
from itertools import product
from typing import TYPE_CHECKING

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import index_folder
from corpus.everyday import EverydayWords
from corpus.notice import Notice
from corpus.search import FACETS, Query, SearchIndex
from corpus.store import Corpus
from corpus.stored import Source
from corpus.taxonomy_file import state_council

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from corpus.search import Result
    from corpus.stored import StoredNotice

# The index was made on one day and is asked on others, one of them by a clock that went wrong.
MADE_ON = date(2026, 1, 15)
DAYS = (date(2025, 11, 3), MADE_ON, date(2026, 3, 1), date(2028, 2, 29))
LAST_DAYS = (
    date(2024, 12, 31),
    date(2026, 1, 14),
    date(2026, 1, 15),
    date(2026, 2, 27),
    date(2026, 2, 28),
    date(2027, 6, 30),
    date(2028, 2, 28),
)
# Fewer than the pages that readers turn, so that a page ends within a run of equals.
PAGE = 7
PLACES = ("青溪县", "石桥镇", "云岭市", "白鹭区")
OFFICES = ("人民政府办公室", "教育局", "民政局", "水利局", "中国农业发展银行支行")
FORMS = (
    "{0}关于做好{1}工作的通知",
    "关于印发《{1}实施方案》的通知",
    "{0}关于{1}的意见",
    "{1}管理办法",
)
SUBJECTS = {
    "1102": "义务教育招生",
    "1703": "最低生活保障",
    "0603": "防汛抗旱",
    "0601": "农业机械化",
    "1002": "住房公积金贷款",
    "10": "城乡环境整治",
    "22": "办公用品更换",
}
SENTENCES = (
    "为进一步做好{1}，根据上级要求，结合{0}实际，制定本方案。",
    "各单位要高度重视{1}，明确责任分工（附表1），每月5日前报送进展。",
    "申请人应当在2024年12月31日前提交ＡＢ类材料，逾期不再受理。",
    "中国农业发展银行对{1}给予信贷支持，年利率不高于3.85%。",
    "违反规定的，由{0}责令改正；情节严重的，依法追究责任。",
    "{0}成立“{1}”工作专班，联系电话：010-58884332。",
    "本办法自印发之日起施行，有效期五年。",
)
VALIDITY = (None, None, None, "有效", "失效", "已废止", "是")


def _made_up() -> list[tuple[Notice, str | None]]:
    """Return some 300 notices, each with a topic that a model gives it, or none."""
    chance = random.Random(20)  # noqa: S311 (nothing is secret here)
    notices = []
    for number, (place, office, form, (code, subject)) in enumerate(
        product(PLACES, OFFICES, FORMS, SUBJECTS.items())
    ):
        if chance.random() < 0.45:
            continue
        issuer = place + office
        day = date(2019 + chance.randrange(7), 1 + chance.randrange(12), 1 + chance.randrange(28))
        chosen = chance.sample(SENTENCES, chance.randrange(5))
        others = list(SUBJECTS.values())
        body = "\n".join(line.format(issuer, chance.choice(others)) for line in chosen)
        notice = Notice(
            id=f"n{number}",
            title=form.format(issuer, subject),
            body=body or None,
            issuing_body=issuer if chance.random() < 0.9 else None,
            document_type=chance.choice(["通知", "函", None]),
            document_number=f"青政发〔{day.year}〕{number}号",
            index_number=f"QX{number:06}/2024-{number:05}",
            written_on=day if chance.random() < 0.8 else None,
            published_on=day if chance.random() < 0.5 else None,
            expires_on=chance.choice(LAST_DAYS) if chance.random() < 0.4 else None,
            validity=chance.choice(VALIDITY),
            declared_topic=code if chance.random() < 0.4 else None,
        )
        notices.append((notice, code if chance.random() < 0.4 else None))
    return notices


@pytest.fixture(scope="module")
def corpus(_sqlite_corpus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    path = tmp_path_factory.mktemp("made-up") / "zhuti.db"
    path.write_bytes(_sqlite_corpus.read_bytes())
    with Corpus.open(f"sqlite:///{path}") as opened:
        made_up = _made_up()
        list(opened.add_all((notice for notice, _ in made_up), by="test"))
        for notice, code in made_up:
            if code is not None:
                opened.tag(notice.id, code, source=Source.MODEL, by="test", model="m")
        yield opened


@pytest.fixture(scope="module")
def index(corpus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    with SearchIndex.open(tmp_path_factory.mktemp("index"), everyday=EverydayWords({})) as opened:
        with pytest.MonkeyPatch.context() as then:
            then.setattr(index_folder, "this_day", lambda: MADE_ON)
            opened.follow(corpus)
        yield opened


@pytest.fixture(scope="module")
def notices(corpus) -> list[StoredNotice]:
    return list(corpus.iterate())


# The scan: what it means to be found, without any index.


def _fold(text: str) -> str:
    folded = "".join(
        unicodedata.normalize("NFKC", one) if one in "ＡＢ（）：；，％" else one for one in text
    )
    return folded.lower()


def _words(text: str) -> set[str]:
    return {word for word in jieba.cut_for_search(_fold(text)) if re.search(r"[^\W_]", word)}


class Wanted:
    """A question in parts, as typed and as the scan understands it."""

    def __init__(self, parts: list[tuple[str, str]]) -> None:
        self.parts = parts
        forms = {"word": "{}", "phrase": "“{}”", "no word": "-{}", "no phrase": '-"{}"'}
        self.typed = " ".join(forms[kind].format(text) for kind, text in parts)

    def matches(self, notice: Notice) -> bool:
        texts = (notice.title or "", notice.body or "")
        words = set().union(*map(_words, texts))
        for kind, text in self.parts:
            inside = (
                any(_fold(text) in _fold(whole) for whole in texts)
                if "phrase" in kind
                else _words(text) <= words
            )
            if inside is kind.startswith("no"):
                return False
        return True


def _year(notice: Notice) -> int | None:
    day = notice.published_on or notice.written_on
    return None if day is None else day.year


def _validity(notice: Notice, today: date) -> str:
    ended = notice.validity in {"失效", "已废止"}
    over = notice.expires_on is not None and notice.expires_on < today
    return "expired" if ended or over else "in_force"


def _kind(notice: Notice) -> str:
    named = [kind for kind in ("通知", "意见") if (notice.title or "").endswith(kind)]
    return notice.document_type or "".join(named)


def _codes(topic: str | None) -> set[str]:
    return set() if topic is None else {topic, topic[:2]}


VALUES: dict[str, Callable[[StoredNotice, date], set[str]]] = {
    "topic": lambda stored, _: _codes(stored.topic),
    "issuing_body": lambda stored, _: {stored.notice.issuing_body or ""} - {""},
    "year": lambda stored, _: {str(_year(stored.notice) or "")} - {""},
    "document_type": lambda stored, _: {_kind(stored.notice)} - {""},
    "validity": lambda stored, today: {_validity(stored.notice, today)},
    "source": lambda stored, _: {stored.topic_source or ""} - {""},
}


def _chosen(query: Query) -> dict[str, set[str]]:
    """Return which values are let through, by facet."""
    years = query.years
    chosen = {
        "topic": set(query.topics),
        "issuing_body": set(query.issuing_bodies),
        "year": {
            str(year)
            for year in range(2010, 2030)
            if years and (years[0] or 0) <= year <= (years[1] or 9999)
        },
        "document_type": set(query.document_types),
        "validity": {query.validity} if query.validity else set(),
        "source": set(query.sources),
    }
    return {name: values for name, values in chosen.items() if values}


def _scan(notices: list[StoredNotice], wanted: Wanted, query: Query, today: date):
    """Return what is found by reading all notices: their ids, and the counts of the facets."""
    chosen = _chosen(query)
    found = [stored for stored in notices if wanted.matches(stored.notice)]

    def left(without: str | None) -> list[StoredNotice]:
        return [
            stored
            for stored in found
            if all(
                name == without or VALUES[name](stored, today) & values
                for name, values in chosen.items()
            )
        ]

    counts: dict[str, dict[str, int]] = {}
    for name in FACETS:
        counts[name] = {}
        for stored in left(name):
            for value in VALUES[name](stored, today):
                counts[name][value] = counts[name].get(value, 0) + 1
    return {stored.id for stored in left(None)}, counts


def _counted(result: Result) -> dict[str, dict[str, int]]:
    return {
        name: {entry.value: entry.count for entry in entries}
        for name, entries in result.facets.items()
    }


def _question(chance: random.Random, notices: list[StoredNotice]) -> tuple[Wanted, Query]:
    """Return a question of one to three parts, most of which some notice answers."""
    source = chance.choice(notices).notice
    parts = []
    for _ in range(chance.choice([0, 1, 1, 2, 2, 3])):
        notice = source if chance.random() < 0.8 else chance.choice(notices).notice
        text = chance.choice([notice.title, notice.body or notice.title])
        if chance.random() < 0.4:
            start = chance.randrange(len(text))
            phrase = text[start : start + chance.randrange(1, 12)]
            if not re.search(r"[“”]", phrase):
                parts.append((chance.choice(["phrase", "phrase", "no phrase"]), phrase))
        else:
            word = chance.choice(sorted(_words(text)))
            parts.append((chance.choice(["word", "word", "word", "no word"]), word))
    query = Query(limit=1000)
    for change in (
        {"topics": tuple(chance.sample(["10", "1002", "1703", "06", "0601", "22"], 2))},
        {"issuing_bodies": tuple({chance.choice(notices).notice.issuing_body or "无"})},
        {"years": chance.choice([(2020, 2020 + chance.randrange(4)), (2022, None), (None, 2021)])},
        {"document_types": tuple(chance.sample(["通知", "意见", "函"], 2))},
        {"validity": chance.choice(["in_force", "expired"])},
        {"sources": (chance.choice(["issuer", "model"]),)},
    ):
        if chance.random() < 0.25:
            query = replace(query, **change)
    wanted = Wanted(parts)
    sort = chance.choice(["relevance", "newest", "oldest"])
    return wanted, replace(query, words=wanted.typed, sort=sort)


@pytest.mark.parametrize("seed", range(10))
def test_answers_and_counts_are_those_of_a_scan(seed, index, corpus, notices):
    """Twenty random questions of each seed find what reading every notice finds, and count so."""
    chance = random.Random(seed)  # noqa: S311
    for _ in range(20):
        wanted, query = _question(chance, notices)

        today = chance.choice(DAYS)

        result = index.search(query, corpus, today=today)

        found, counts = _scan(notices, wanted, query, today)
        assert {hit.id for hit in result.hits} == found, query
        assert result.total == len(found), query
        assert _counted(result) == counts, query


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_notices_are_sorted_by_their_day(sort, index, corpus, notices):
    """By publication, else writing; undated notices are last either way, ties the newest first."""
    result = index.search(Query(sort=sort, limit=1000), corpus)

    days = [hit.notice.published_on or hit.notice.written_on for hit in result.hits]
    dated = [day for day in days if day is not None]
    assert len(days) == len(notices)
    assert dated == sorted(dated, reverse=sort == "newest")
    assert days[: len(dated)] == dated


@settings(max_examples=40, deadline=None)
@given(
    words=st.sampled_from(["", "工作", "关于", "农业", "“的通知”", "-农业", "实施 方案"]),
    sort=st.sampled_from(["relevance", "newest", "oldest"]),
    topics=st.sampled_from([(), ("06",), ("1703", "10")]),
)
def test_pages_put_together_are_the_whole(words, sort, topics, index, corpus):
    """Turning pages shows every notice once, in the order of one long page."""
    query = Query(words, sort=sort, topics=topics)
    whole = index.search(replace(query, limit=1000), corpus)
    pages = [
        index.search(replace(query, offset=offset, limit=PAGE), corpus)
        for offset in range(0, whole.total + PAGE, PAGE)
    ]

    turned = [hit.id for page in pages for hit in page.hits]
    assert turned == [hit.id for hit in whole.hits]
    assert len(set(turned)) == whole.total


TYPED = st.text() | st.text(
    alphabet="农业 安全-－\"“”「」'‘’«:()[]{}*?~^+&|!\\/.,AND或　\t\n〔〕2024号"
)


@settings(max_examples=300, deadline=None)
@given(words=TYPED)
def test_nothing_typed_is_syntax(words, index, corpus):
    """Whatever is typed has an answer, and no answer has more than there is."""
    result = index.search(Query(words), corpus)

    assert len(result.hits) == min(20, result.total)


@settings(max_examples=100, deadline=None)
@given(value=st.text(), years=st.tuples(st.integers(), st.integers()), offset=st.integers())
def test_no_filter_is_refused(value, years, offset, index, corpus):
    """A value that no notice has finds nothing; no number is out of range."""
    query = Query(topics=(value,), issuing_bodies=(value, "x"), years=years, offset=offset)

    assert index.search(query, corpus).total == 0


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_part_of_a_text_finds_it(data, index, corpus, notices):
    """Any part of a title, wherever it is cut, finds that notice between quotation marks."""
    stored = data.draw(st.sampled_from(notices))
    text = (stored.notice.title or "").replace("“", "").replace("”", "")
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))

    result = index.search(Query(f"「{text[start:end]}」", limit=1000), corpus)

    assert stored.id in {hit.id for hit in result.hits}


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("農業機械化", "农业机械化"),
        ("ＡＢ類", "ab类"),
        ("「（附表１）」", "“(附表1)”"),
        ("3．85％", "3.85%"),
        ("關於　意見", "关于 意见"),
    ],
)
def test_width_capitals_and_traditional_characters_make_no_difference(typed, same, index, corpus):
    """What is typed in other forms of the same characters finds the same notices."""
    first = index.search(Query(typed, limit=1000), corpus)
    second = index.search(Query(same, limit=1000), corpus)

    assert first.total > 0
    assert [hit.id for hit in first.hits] == [hit.id for hit in second.hits]


def test_a_word_inside_a_word_is_found(index, corpus):
    """农业 finds 中国农业发展银行."""
    result = index.search(Query("农业", limit=1000), corpus)

    assert any("中国农业发展银行" in (hit.notice.title or "") for hit in result.hits)


def test_no_words_find_all_notices(index, corpus, notices):
    """An empty question is a question."""
    assert index.search(Query(" “” - "), corpus).total == len(notices)


@pytest.mark.parametrize("brackets", ["〔〕", "[]", "（）", "【】", "﹝﹞"])
def test_a_document_number_finds_its_notice_first(brackets, index, corpus, notices):
    """Typed whole, in whatever brackets, with or without quotation marks."""
    stored = notices[33]
    number = stored.notice.document_number or ""
    typed = number.replace("〔", brackets[0]).replace("〕", brackets[1])

    for text in (typed, f" {typed[:4]} {typed[4:]} ", f"“{typed}”"):
        assert index.search(Query(text), corpus).hits[0].id == stored.id


def test_an_index_number_finds_its_notice_first(index, corpus, notices):
    """Capitals and width make no difference."""
    stored = notices[44]

    result = index.search(Query((stored.notice.index_number or "").lower()), corpus)

    assert result.hits[0].id == stored.id


def test_all_topics_of_the_list_can_be_filtered_by(index, corpus):
    """The list's codes are what the filter takes: a first level, with all below it."""
    below = {
        hit.topic
        for root in state_council().roots
        for hit in index.search(Query(topics=(root.code,), limit=1000), corpus).hits
        if hit.topic is not None and not hit.topic.startswith(root.code)
    }

    assert below == set()
