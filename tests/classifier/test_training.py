"""From labelled notices to a model: what is learned, left out, and refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from classifier.columns import choose_columns
from classifier.errors import TrainingError
from classifier.features import cut
from classifier.fitting import UNKNOWN
from classifier.model import load
from classifier.rows import LabelledNotice, read_labelled
from classifier.training import held_out, train
from corpus.notice import Notice
from corpus.segmentation import open_segmenter
from corpus.taxonomy import Taxonomy, Topic


def test_topics_with_too_few_notices_train_the_level_above(small_rows, taxonomy, model):
    """Two notices of 军转安置 are too few; its first level can still be suggested."""
    labelled = [row for row in small_rows if row.topic.code != "22"]

    columns = choose_columns(labelled, taxonomy)

    assert columns.folded == {"1504": 2}
    assert "15" in columns.codes
    assert "1504" not in columns.codes
    assert "0101" in columns.unseen
    answer = model.suggest(Notice(title="石桥镇人民政府办公室关于军队转业干部安置的通知"))
    assert answer.suggestions[0].topic.code == "15"
    assert answer.suggestions[0].parent is None


def test_other_is_unlabelled(model):
    """Code 22 says that nobody chose: it is counted and not learned."""
    assert "22" not in model.codes
    assert model.card["trained_on"]["unlabelled"] == 1
    assert model.card["trained_on"]["topics"]["22"] == 1


def test_level_one_rows_are_used_at_level_one(small_rows, taxonomy):
    """A notice that knows only its first level is an example of it, and of no topic below."""
    rows = [*small_rows, LabelledNotice(Notice(title="公路"), taxonomy.topic("07"))]

    targets = choose_columns(rows[:-2] + rows[-1:], taxonomy).targets(rows[:-2] + rows[-1:])

    assert targets.topics[-1] == UNKNOWN
    assert targets.roots[-1] != UNKNOWN


def test_an_alternative_counts_as_part_true(small_rows, taxonomy):
    """A topic that could have been chosen is no plain error; the same topic twice says nothing."""
    rows = [
        *small_rows[:-1],
        LabelledNotice(Notice(title="公路税"), taxonomy.topic("0707"), taxonomy.topic("0402")),
        LabelledNotice(Notice(title="公路"), taxonomy.topic("0707"), taxonomy.topic("0707")),
    ]

    columns = choose_columns(rows, taxonomy)
    targets = columns.targets(rows)

    assert columns.codes[targets.alternatives[-2]] == "0402"
    assert targets.alternatives[-1] == UNKNOWN


def test_a_list_of_one_level_is_trained_from_scratch(tmp_path):
    """Another list, with one level, gives a model whose level two is null everywhere."""
    own = Taxonomy(
        "own", [Topic("a", "交通"), Topic("b", "教育"), Topic("z", "其他")], catch_all="z"
    )
    rows = [
        LabelledNotice(Notice(id=f"{word}{n}", title=f"{place}{word}{end}"), own.topic(code))
        for code, words in (("a", ("修路", "公交", "停车")), ("b", ("入学", "教师", "补课")))
        for word in words
        for n, (place, end) in enumerate((("东街", "问题"), ("西村", "投诉"), ("城南", "咨询")))
    ]

    trained = train(rows, own, name="messages", jobs=1)
    trained.save(tmp_path / "own")
    model = load(tmp_path / "own")
    answer = model.suggest(Notice(title="城北修路问题")).as_json()

    assert trained.card["cross_validation"]["level_2"] is None
    assert answer["level_1"]["code"] == answer["suggestions"][0]["code"] == "a"
    assert answer["suggestions"][0]["parent"] is None


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["0707"] * 5, "at least two topics; found: 0707"),
        (["22"] * 5, "at least two topics; found: none"),
    ],
)
def test_one_topic_is_no_choice(taxonomy, codes, said):
    """A model of one topic would always be right and say nothing."""
    rows = [
        LabelledNotice(Notice(title=f"公路{n}"), taxonomy.topic(c)) for n, c in enumerate(codes)
    ]

    with pytest.raises(TrainingError, match=said):
        train(rows, taxonomy, name="one", jobs=1)


def test_copies_alone_are_no_evidence(taxonomy):
    """Where all notices are nearly the same, nothing can be said of others."""
    rows = [
        LabelledNotice(Notice(title="关于做好农村公路养护工作的通知"), taxonomy.topic(code))
        for code in ("0707", "0402") * 4
    ]

    with pytest.raises(TrainingError, match="nearly the same"):
        train(rows, taxonomy, name="copies", jobs=1)


def test_every_step_is_told(small_rows, taxonomy):
    """Whoever waits sees what is going on."""
    steps: list[str] = []

    train(small_rows, taxonomy, name="small", jobs=1, progress=steps.append)

    assert steps[0].startswith("Reading")
    assert steps[-1].startswith("Calibrating")
    assert sum("Fitted" in step for step in steps) == 6


@pytest.fixture
def jsonl(tmp_path):
    """Return a function that writes rows to a file."""

    def write(*rows):
        path = tmp_path / "rows.jsonl"
        path.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8"
        )
        return path

    return write


def test_gold_is_a_code_or_a_printed_label(jsonl, taxonomy):
    """Both say the topic; an empty field is no label, a printed 其他 says the first level."""
    path = jsonl(
        {"title": "一", "topic": "0707", "alternative": "0402"},
        {"title": "二", "topic": "工业、交通-公路"},
        {"title": "三", "topic": "工业、交通-其他"},
        {"title": "四", "topic": None},
        {"title": "五", "topic": "22"},
    )

    found = read_labelled([path], taxonomy)

    assert [row.topic.code for row in found.rows] == ["0707", "0707", "07", "22"]
    assert found.rows[0].alternative == taxonomy.topic("0402")
    assert found.unlabelled == 1


def test_a_printed_topic_may_help_at_level_one(jsonl, taxonomy):
    """Where a reader gave no topic, what the issuer printed is trusted at level one."""
    path = jsonl(
        {"title": "一", "topic": "0707", "official": "0402"}, {"title": "二", "official": "0402"}
    )

    found = read_labelled([path], taxonomy, level_one_field="official")

    assert [row.topic.code for row in found.rows] == ["0707", "04"]


def test_a_bad_row_is_told_and_the_others_are_read(jsonl, taxonomy):
    """An unknown label names its line; a date that is none does not matter here."""
    path = jsonl(
        {"title": "一", "topic": "0707", "published_on": "2023-11"},
        {"title": "二", "topic": "不存在的主题"},
        {"title": 3, "topic": "0707"},
    )

    found = read_labelled([path], taxonomy)

    assert len(found.rows) == 1
    assert "line 2" in found.problems[0]
    assert "不存在的主题" in found.problems[0]
    assert "line 3" in found.problems[1]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"title": "一", "theme": "0707"}, "there are: theme, title"),
        ({"title": "一", "topic": ""}, "empty in every row"),
        ({"title": "一", "topic": "不存在"}, "不存在"),
    ],
)
def test_a_file_without_topics_is_refused(jsonl, taxonomy, row, said):
    """The error says what the file has instead."""
    with pytest.raises(TrainingError, match=said):
        read_labelled([jsonl(row)], taxonomy)


def test_a_fitted_model_answers_as_its_folder_does(trained, model, small_rows):
    """What is measured before a model is saved is what a site would get."""
    fitted = trained.model()

    for row in small_rows[::20]:
        for ours, saved in zip(
            fitted.probabilities(fitted.cut(row.notice)),
            model.probabilities(model.cut(row.notice)),
            strict=True,
        ):
            assert ours.tolist() == saved.tolist()


@pytest.fixture(scope="module")
def held(small_rows, taxonomy):
    """Return what held-out models say of the small notices, two level-one ones among them."""
    printed = [
        LabelledNotice(Notice(title=f"{place}关于公路桥梁的通告"), taxonomy.topic("07"))
        for place in ("青溪县", "北山县")
    ]
    return held_out([*small_rows, *printed], taxonomy, jobs=1)


def test_every_notice_is_answered_by_a_model_that_had_not_seen_it(held, small_rows):
    """No near-duplicate of a notice taught the model that answers it."""
    assert len(held.rows) == len(held.probabilities) == len(small_rows) + 2
    assert np.allclose(held.probabilities.sum(axis=1), 1)
    for group in np.unique(held.groups):
        assert len(set(held.fold_of[held.groups == group])) == 1


def test_held_out_answers_are_those_of_the_fold_models(held):
    """The models that come along say again what was answered, so they can say why."""
    model = held.models[held.fold_of[0]]
    others = [fold for fold in range(len(held.models)) if fold != held.fold_of[0]]
    row = model[0].row(cut(held.rows[0].notice, open_segmenter(), body_limit=3000))

    said = row.values @ model[1].weights[row.columns] + model[1].constants

    assert np.allclose(said, held.scores[0], atol=1e-4)
    assert not np.allclose(held.models[others[0]][1].constants, model[1].constants)


def test_what_names_no_column_is_answered_too(held):
    """其他 and notices of a first level have no gold, and still an answer."""
    unknown = [held.rows[place].topic.code for place in np.flatnonzero(held.gold == UNKNOWN)]
    best = [held.columns.codes[column] for column in held.probabilities.argmax(axis=1)]

    assert sorted(unknown) == ["07", "07", "22"]
    assert best[-1] == "0707"
    assert sum(gold == row.topic.code for gold, row in zip(best, held.rows, strict=True)) > 180
