"""What an audit finds: planted errors, lazy 其他, twins, spellings, and what stands in an 其他."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest

from classifier.audit import audit
from classifier.audit_clusters import Clusterer
from classifier.audit_rows import (
    ThemedNotice,
    ThemedNotices,
    read_corpus,
    read_files,
    spellings,
)
from classifier.audit_tables import COLUMNS, audit_as_json, audit_as_rows
from classifier.errors import TrainingError
from classifier.rows import LabelledNotice
from classifier.training import held_out
from corpus.notice import Notice
from corpus.stored import Source, State, StoredNotice

WRONG = ("0707", "1102", "0402", "1703")
OFFICE = (
    "办公用品",
    "复印纸",
    "桌椅",
    "打印机",
    "文件柜",
    "碎纸机",
    "硒鼓",
    "台灯",
    "订书机",
    "白板",
)
PARTY = ("党课", "民主生活会", "主题党日", "党员大会", "支部学习", "理论读书班", "组织生活", "党史")
PLACES = ("东山", "西河", "南岭", "北原")


@pytest.fixture(scope="module")
def planted(small_rows, taxonomy):
    """Return the small notices with four wrong themes, lazy 其他 and twins among them, audited."""
    rows = [ThemedNotice(row.notice, row.topic) for row in small_rows if row.topic.code != "22"]
    numbers = [20, 50, 100, 170]
    for number, code in zip(numbers, WRONG, strict=True):
        others = (code, "1301") if rows[number].topic.code == code else (code,)
        rows[number] = replace(rows[number], topic=taxonomy.topic(others[-1]))
    errors = {rows[number].notice.id for number in numbers}
    rows += [
        ThemedNotice(
            Notice(id="lazy", title="青云县关于农村公路养护和路政巡查的通知"), taxonomy.topic("22")
        ),
        ThemedNotice(
            Notice(id="printed", title="青云县关于学前教育普及和助学金的通告"),
            taxonomy.topic("11"),
            printed_other=True,
        ),
        *(
            ThemedNotice(
                Notice(id=f"twin-{place}", title=f"{place}市非税收入征缴和发票核查专项行动细则"),
                taxonomy.topic(code),
                taxonomy.topic("1301") if place == "南岭" else None,
            )
            for place, code in zip(PLACES, ("0402", "0402", "1301", "0402"), strict=True)
        ),
    ]
    return errors, rows, audit(ThemedNotices(rows, unthemed=3), taxonomy, jobs=1)


def test_planted_errors_come_first(planted):
    """A theme that no model would give stands before all that is merely unsure."""
    errors, _, found = planted

    first = [one.notices[0].row.notice.id for one in found.decisions["wrong"][: len(errors) + 2]]

    assert errors <= set(first)


def test_every_doubt_has_its_evidence(planted):
    """What is proposed comes with its probability and with words that stand in the notice."""
    _, _, found = planted

    for one in found.decisions["wrong"][:4]:
        notice = one.notices[0].row.notice
        assert one.evidence
        assert all(word in f"{notice.title}{notice.body}" for word in one.evidence)
        assert one.probability > one.notices[0].probability
        assert one.proposed.code != one.notices[0].row.topic.code


def test_a_lazy_other_gets_the_theme_it_would_move_to(planted):
    """Both 其他, the whole list's and a printed second level, are asked about, and not as wrong."""
    _, _, found = planted
    proposed = {
        doubted.row.notice.id: (one.proposed.code, doubted.given)
        for one in found.decisions["other"]
        for doubted in one.notices
    }
    wrong = {d.row.notice.id for one in found.decisions["wrong"] for d in one.notices}

    assert proposed == {"lazy": ("0707", "其他"), "printed": ("1102", "科技、教育-其他")}
    assert not wrong & set(proposed)


def test_a_model_that_knows_the_list_is_asked_of_each_other(planted, model, taxonomy):
    """It gives the theme, its probability and its words; nothing else of the audit changes."""
    _, rows, alone = planted

    found = audit(ThemedNotices(rows, unthemed=3), taxonomy, model=model, jobs=1)

    asked = {one.notices[0].row.notice.id: one for one in found.decisions["other"]}
    assert {name: one.proposed.code for name, one in asked.items()} == {
        "lazy": "0707",
        "printed": "1102",
    }
    best = model.suggest(asked["lazy"].notices[0].row.notice).suggestions[0]
    assert asked["lazy"].probability == pytest.approx(best.probability)
    assert asked["lazy"].evidence[0] == best.evidence[0].word
    assert found.decisions["wrong"] == alone.decisions["wrong"]


def test_an_archive_of_nothing_but_other_is_helped(model, taxonomy):
    """Where nothing can be learned from the archive, the model still names themes, copies once."""
    other = taxonomy.topic("22")
    rows = [
        ThemedNotice(
            Notice(id=f"{subject}-{place}", title=f"{place}县{subject}专项行动方案"), other
        )
        for subject in ("农村公路养护和路政巡查", "义务教育招生和校外培训治理")
        for place in PLACES
    ]

    found = audit(ThemedNotices(rows), taxonomy, model=model)

    assert [(one.proposed.code, len(one.notices)) for one in found.decisions["other"]] in (
        [("0707", 4), ("1102", 4)],
        [("1102", 4), ("0707", 4)],
    )
    assert found.decisions["wrong"] == ()
    assert "at least two topics" in found.remarks[0]
    with pytest.raises(TrainingError):
        audit(ThemedNotices(rows), taxonomy)


def test_a_handful_of_notices_is_audited_too(taxonomy):
    """Six notices of two themes are few, and no reason to fail."""
    rows = [
        ThemedNotice(Notice(title=f"{place}{subject}"), taxonomy.topic(code))
        for code, subject in (("0707", "公路养护通知"), ("1102", "学校招生办法"))
        for place in ("东山区的春季", "西河镇第二次", "南岭市长期")
    ]

    found = audit(ThemedNotices(rows), taxonomy, jobs=1)

    assert found.notices == 6
    audit_as_json(found)


def test_twins_are_one_decision(planted):
    """Near-duplicates with different themes are settled together, as most of them have it."""
    _, _, found = planted

    twins = [
        one
        for one in found.decisions["twins"]
        if one.notices[0].row.notice.id and "twin" in one.notices[0].row.notice.id
    ]

    assert len(twins) == 1
    assert len(twins[0].notices) == 4
    assert twins[0].proposed.code == "0402"
    assert twins[0].notices[0].row.notice.id == "twin-南岭"


def test_near_duplicates_with_the_same_error_are_one_decision(small_rows, taxonomy):
    """One answer settles all copies that were given the same wrong theme."""
    rows = [ThemedNotice(row.notice, row.topic) for row in small_rows]
    rows += [
        ThemedNotice(
            Notice(id=place, title=f"{place}市农村公路养护专项治理细则"), taxonomy.topic("1301")
        )
        for place in PLACES
    ]

    found = audit(ThemedNotices(rows), taxonomy, jobs=1)

    sizes = {
        len(one.notices)
        for one in found.decisions["wrong"]
        if any(doubted.row.notice.id in PLACES for doubted in one.notices)
    }
    assert sizes == {4}


def test_a_noted_alternative_is_a_near_miss(small_rows, taxonomy):
    """A theme whose rival the reader noted beside it is doubted less than one without."""
    rows = [ThemedNotice(row.notice, row.topic) for row in small_rows]
    wrong = [n for n, row in enumerate(rows) if row.topic.code == "0707"][:2]
    tax = taxonomy.topic("0402")
    rows[wrong[0]] = replace(rows[wrong[0]], topic=tax, alternative=taxonomy.topic("0707"))
    rows[wrong[1]] = replace(rows[wrong[1]], topic=tax)

    found = audit(ThemedNotices(rows), taxonomy, jobs=1).decisions["wrong"]

    places = {d.row.notice.id: (n, one) for n, one in enumerate(found) for d in one.notices}
    near, plain = (places[rows[number].notice.id] for number in wrong)
    assert "alternative" in near[1].remarks
    assert "alternative" not in plain[1].remarks
    assert near[0] > plain[0]


def test_the_same_notices_give_the_same_audit(small_rows, taxonomy):
    """Two people who audit the same archive talk about the same list."""
    rows = [ThemedNotice(row.notice, row.topic) for row in small_rows[::2]]

    one, other = (audit_as_json(audit(ThemedNotices(rows), taxonomy, jobs=1)) for _ in range(2))

    assert one == other
    json.dumps(one)


def test_each_notice_of_a_decision_is_a_row_of_the_table(planted):
    """The table has every notice of every decision, in the same order."""
    _, _, found = planted

    rows = list(audit_as_rows(found))

    counts = Counter(row["kind"] for row in rows)
    for kind, decisions in found.decisions.items():
        assert counts[kind] == sum(len(one.notices) for one in decisions)
    assert all(tuple(row) == COLUMNS for row in rows)
    assert rows[0]["title"] == found.decisions["wrong"][0].notices[0].row.notice.title


def test_what_an_other_holds_is_told_in_clusters(small_rows, taxonomy):
    """Two kinds of notices in 其他 come apart; a big one far from all topics may be a topic."""
    other = taxonomy.topic("22")
    rows = [ThemedNotice(row.notice, row.topic) for row in small_rows if row.topic.code != "22"]
    rows += [
        ThemedNotice(Notice(title=f"{place}镇{thing}采购验收单"), other)
        for place in PLACES
        for thing in OFFICE[:5]
    ]
    rows += [
        ThemedNotice(Notice(title=f"{place}街道召开{thing}部署{thing}活动"), other)
        for place in PLACES
        for thing in PARTY[:4]
    ]

    inside = audit(ThemedNotices(rows), taxonomy, jobs=1).inside[0]

    assert (inside.topic, inside.notices) == (other, 36)
    assert sum(len(cluster.notices) for cluster, _ in inside.clusters) == 36
    purchases = [
        {("采购" in rows[number].notice.title) for number in cluster.notices}
        for cluster, _ in inside.clusters
    ]
    assert all(len(kinds) == 1 for kinds in purchases)
    assert len(inside.clusters) > 1
    assert all(cluster.words and samples for cluster, samples in inside.clusters)


class _Opinion:
    """A model that gives one topic some probability, and shares the rest out evenly."""

    def __init__(self, taxonomy, sure):
        topics = tuple(taxonomy.topic(code) for code in ("0707", "0708", "1102", "1301", "0402"))
        self.choices = SimpleNamespace(topics=topics)
        self._shares = np.array([sure] + [(1 - sure) / 4] * 4)

    def cut(self, notice):
        return notice

    def probabilities(self, _):
        return self._shares, None


@pytest.mark.parametrize(
    ("sure", "size", "own"),
    [(0.3, 20, True), (0.8, 20, False), (0.3, 8, False)],
    ids=["far", "near", "small"],
)
def test_what_is_big_tight_and_far_deserves_a_topic(small_rows, taxonomy, sure, size, own):
    """A topic that fits already, or too few notices, are no reason to make a new one."""
    named = [row for row in small_rows if row.topic.code != "22"]
    added = [
        LabelledNotice(Notice(title=f"{place}镇{thing}采购验收单"), taxonomy.topic("22"))
        for place in PLACES
        for thing in OFFICE[:5]
    ][:size]
    held = held_out([*named, *added], taxonomy, jobs=1)
    clusterer = Clusterer(held, _Opinion(taxonomy, sure))

    clusters = clusterer.clusters(np.arange(len(named), len(held.rows)))

    assert any(cluster.own_topic for cluster in clusters) == own
    if not own:
        assert {cluster.nearest.code for cluster in clusters} == {"0707"}


def test_a_few_notices_are_one_cluster(small_rows, taxonomy):
    """What is read in a minute is not divided, and never deserves a topic."""
    held = held_out(small_rows, taxonomy, jobs=1)

    clusters = Clusterer(held).clusters(np.array([3, 60, 120]))

    assert len(clusters) == 1
    assert not clusters[0].own_topic


def test_spellings_outside_the_list_are_counted(taxonomy):
    """What cannot be read, or by half only, is told with what is nearest to it."""
    texts = Counter(
        {
            "工业、交通-公路": 9,
            "工业、交通": 5,
            "0707": 4,
            "工业、交通-工路": 3,
            "劳动人事监查": 2,
            "无": 7,
            "": 1,
        }
    )

    found = spellings(texts, taxonomy)

    assert [(one.text, one.count) for one in found] == [("工业、交通-工路", 3), ("劳动人事监查", 2)]
    assert found[0].read_as == taxonomy.topic("07")
    assert "工业、交通-公路" in found[0].nearest
    assert found[1].read_as is None
    assert "劳动、人事、监察" in found[1].nearest


def test_files_are_read_with_what_a_printed_other_means(tmp_path, taxonomy):
    """A printed second-level 其他 says the first level; its code, that somebody chose."""
    path = tmp_path / "rows.jsonl"
    lines = [
        {"id": "a", "title": "一", "topic": "工业、交通-其他", "published_on": "去年"},
        {"id": "b", "title": "二", "topic": "0209"},
        {"id": "c", "title": "三", "topic": "不存在"},
        {"id": "d", "title": "四", "declared_topic": "工业、交通-工路"},
        {"id": "e", "title": "五", "topic": "0707", "alternative": "0712"},
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")

    found = read_files([path], taxonomy)

    assert [(row.topic.code, row.printed_other) for row in found.rows] == [
        ("07", True),
        ("0209", False),
        ("0707", False),
    ]
    assert found.rows[2].alternative == taxonomy.topic("0712")
    assert found.unthemed == 1
    assert "line 3" in found.problems[0]
    assert {one.text for one in found.spellings} == {"不存在", "工业、交通-工路"}


def test_a_file_without_themes_is_refused(tmp_path, taxonomy):
    """The error names the field that was looked for."""
    path = tmp_path / "rows.jsonl"
    path.write_text('{"title": "一", "theme": "0707"}\n', "utf-8")

    with pytest.raises(TrainingError, match="'topic'"):
        read_files([path], taxonomy)


def _stored(number, topic, source, printed):
    """Return a notice of a corpus."""
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    notice = Notice(id=f"n{number}", title=f"公文{number}", declared_topic=printed)
    return StoredNotice(
        number, f"n{number}", f"n{number}", notice, "", State.LIVE, number, topic, source,
        moment, moment,
    )  # fmt: skip


def test_a_corpus_is_read_by_its_current_themes(taxonomy):
    """What an issuer printed as 其他 is lazy; what a reviewer chose is a choice."""
    stored = [
        _stored(1, "0712", Source.ISSUER, "工业、交通-其他"),
        _stored(2, "0712", Source.REVIEWER, "其他"),
        _stored(3, None, None, "劳动人事监查"),
        _stored(4, "0707", Source.MODEL, None),
    ]

    found = read_corpus(stored, taxonomy)

    assert [(row.topic.code, row.printed_other) for row in found.rows] == [
        ("07", True),
        ("0712", False),
        ("0707", False),
    ]
    assert found.unthemed == 1
    assert [one.text for one in found.spellings] == ["劳动人事监查"]


def test_of_a_large_corpus_always_the_same_part_is_read(taxonomy):
    """A share is chosen by the notices themselves, not by chance or order."""
    stored = [_stored(number, "0707", Source.MODEL, None) for number in range(400)]

    half = read_corpus(stored, taxonomy, share=0.5)
    again = read_corpus(stored[::-1], taxonomy, share=0.5)

    assert 120 < len(half.rows) < 280
    assert {row.notice.id for row in half.rows} == {row.notice.id for row in again.rows}


def test_a_corpus_without_themes_is_refused(taxonomy):
    """There is nothing to audit, and the error says what to do."""
    with pytest.raises(TrainingError, match="--notices"):
        read_corpus([_stored(1, None, None, None)], taxonomy)


def test_notices_of_one_theme_alone_are_judged_without_confident_learning(small_rows, taxonomy):
    """Where the archive knows one theme only, and examples the others, nothing breaks."""
    roads = [ThemedNotice(row.notice, row.topic) for row in small_rows if row.topic.code == "0707"]
    examples = [row for row in small_rows if row.topic.code == "1102"]

    found = audit(ThemedNotices(roads), taxonomy, examples=examples, jobs=1)

    assert found.decisions["wrong"] == ()
