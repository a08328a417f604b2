"""``zhuti evaluate`` with its splits, and ``zhuti model compare``."""

from __future__ import annotations

import json

import pytest

from classifier.training import train


@pytest.fixture(scope="module")
def dated_file(small_rows, tmp_path_factory):
    """Return a file of notices from two sources, one of each a day, some read twice."""
    path = tmp_path_factory.mktemp("dated") / "notices.jsonl"
    lines = [
        {
            "id": row.notice.id,
            "title": row.notice.title,
            "body": row.notice.body,
            "topic": row.topic.code,
            "source": ("甲县", "乙市")[number % 2],
            "published_on": f"20{10 + number // 24}-{1 + number // 2 % 12:02}-01",
            "second_reader": row.topic.code if number % 10 == 0 else None,
        }
        for number, row in enumerate(small_rows)
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return path


def test_folds_are_measured_without_a_model(zhuti, dated_file):
    """The recipe is trained anew; all notices are answered, and the parts are told."""
    ran = zhuti(
        "evaluate", "--notices", dated_file, "--cross-validate", 2, "--jobs", 1, "--json",
        "--learning-curve",
    )  # fmt: skip

    assert ran.code == 0
    figures = ran.json
    assert list(figures)[:4] == ["n", "n_other", "level_1", "level_2"]
    assert [part["name"] for part in figures["parts"]] == ["fold 1", "fold 2"]
    assert figures["second_reader"]["level_1"] == 1
    assert figures["learning_curve"]["points"][-1]["share"] == 1
    assert "Part 2 of 2: " in ran.err


def test_sources_and_the_latest_are_told_in_words(zhuti, dated_file):
    """A line for each source, with both levels."""
    options = ("--notices", dated_file, "--jobs", 1)

    ran = zhuti("evaluate", *options, "--latest", 0.3)

    assert ran.code == 0
    assert "level_2: accuracy" in ran.out
    assert "甲县: " in ran.out
    assert "乙市: " in ran.out
    assert "two readers of " in ran.out


def test_printed_themes_help_where_no_reader_chose(zhuti, tmp_path, model_folder):
    """A row whose field is empty is measured at level one, by what its issuer printed."""
    path = tmp_path / "notices.jsonl"
    path.write_text(
        '{"title": "农村公路养护办法", "topic": "0707"}\n'
        '{"title": "公路超限超载治理", "official": "工业、交通-公路"}\n',
        "utf-8",
    )
    options = ("--notices", path, "--model", model_folder, "--level-one-field", "official")

    figures = zhuti("evaluate", *options, "--json").json

    assert (figures["level_1"]["n"], figures["level_2"]["n"]) == (2, 1)


def test_a_model_is_measured_in_its_own_list(zhuti, labelled_file, model_folder, monkeypatch):
    """What a site calls its topics changes no figure: the notices name the model's own."""
    measured = ("evaluate", "--notices", labelled_file, "--model", model_folder, "--json")
    figures = zhuti(*measured).json
    crosswalk = labelled_file.with_name("map.csv")
    crosswalk.write_text("from,to\n0707,修路\n", "utf-8")
    monkeypatch.setenv("ZHUTI_MAP", str(crosswalk))

    assert zhuti(*measured).json == figures


def test_a_report_is_one_page(zhuti, dated_file, model_folder, tmp_path):
    """Figures on stdout as ever, and beside them a page with all that was measured."""
    page = tmp_path / "report.html"
    options = ("--notices", dated_file, "--model", model_folder)

    ran = zhuti("evaluate", *options, "--json", "--report", page)

    assert ran.code == 0
    assert f"Report written to {page}." in ran.err
    text = page.read_text("utf-8")
    accuracy = ran.json["level_2"]["accuracy"]["value"]
    assert f"{accuracy:.1%}" in text
    assert dated_file.name in text
    assert "测量的是模型 small" in text
    zhuti("evaluate", *options, "--report", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text("utf-8") == text


def test_one_source_cannot_be_left_out(zhuti, labelled_file):
    """The error says which field names a source."""
    ran = zhuti("evaluate", "--notices", labelled_file, "--leave-out-source")

    assert (ran.code, ran.out) == (1, "")
    assert "field 'source'" in ran.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--cross-validate", 3, "--latest", 0.2), "Give one of"),
        (("--leave-out-source", "--model", "models/default"), "train anew"),
        (("--taxonomy", "own.csv"), "brings its own list"),
        (("--learning-curve",), "needs --cross-validate"),
        (("--cross-validate", 1), "--cross-validate"),
        (("--report", "nowhere/report.html"), "no folder nowhere"),
        (("--report", "."), "is a folder"),
    ],
)
def test_options_that_contradict_each_other_are_refused(zhuti, dated_file, options, said):
    """Wrong usage, said before anything is read."""
    ran = zhuti("evaluate", "--notices", dated_file, *options)

    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.fixture(scope="module")
def other_folder(small_rows, taxonomy, tmp_path_factory):
    """Return the folder of a model that never saw 义务教育."""
    folder = tmp_path_factory.mktemp("other") / "narrow"
    rows = [row for row in small_rows if row.topic.code != "1102"]
    train(rows, taxonomy, name="narrow", jobs=1).save(folder)
    return folder


def test_two_models_are_compared_in_pairs(zhuti, dated_file, other_folder, model_folder, tmp_path):
    """What changed is written line by line, as many as the figures say."""
    changes = tmp_path / "changes.jsonl"

    ran = zhuti(
        "model", "compare", other_folder, model_folder, "--notices", dated_file, "--json",
        "--changes", changes,
    )  # fmt: skip

    assert ran.code == 0
    level = ran.json["level_2"]
    assert level["difference"]["low"] > 0
    assert level["only_new_right"] > level["only_old_right"]
    assert level["p_value"] < 0.001
    written = [json.loads(line) for line in changes.read_text("utf-8").splitlines()]
    assert written == ran.json["changes"]
    assert written[0]["new"]["code"] == "1102"


def test_a_comparison_is_told_in_words(zhuti, dated_file, other_folder, model_folder):
    """Accuracies, difference, test, and the first of the changes."""
    ran = zhuti("model", "compare", other_folder, model_folder, "--notices", dated_file)

    assert ran.code == 0
    assert "old: narrow, digest" in ran.out
    assert "McNemar, exact" in ran.out
    assert "→ 科技、教育-教育" in ran.out
    assert "--changes FILE" in ran.out


def test_models_of_different_lists_are_not_compared(zhuti, dated_file, model_folder, tmp_path):
    """The error names both lists, before any notice is read."""
    taxonomy = tmp_path / "desk.csv"
    taxonomy.write_text("code,label,parent\n1,出行,\n2,上学,\n", "utf-8")
    notices = tmp_path / "messages.jsonl"
    notices.write_text(
        "".join(
            json.dumps({"title": f"{place}{word}怎么办", "topic": code}, ensure_ascii=False) + "\n"
            for code, words in (("1", ("修路", "公交", "停车")), ("2", ("入学", "教师", "补课")))
            for word in words
            for place in ("东街", "西村", "城南")
        ),
        "utf-8",
    )
    zhuti(
        "train", "--notices", notices, "--taxonomy", taxonomy, "--jobs", 1,
        "--out", tmp_path / "desk",
    )  # fmt: skip

    ran = zhuti("model", "compare", model_folder, tmp_path / "desk", "--notices", dated_file)

    assert (ran.code, ran.out) == (1, "")
    assert "The models answer in different lists: " in ran.err
