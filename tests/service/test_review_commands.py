"""From doubts to decisions to a model that answers: the commands of review, train and model."""

from __future__ import annotations

import json
import shutil
from itertools import count, islice

import pytest
from openpyxl import load_workbook

from classifier import artefact
from classifier.queueing import questions_about
from classifier.registry import Registry
from corpus.notice import Notice
from corpus.review_draw import is_reserved
from corpus.review_records import Why
from corpus.stored import Source
from corpus.taxonomy_file import read_taxonomy
from service.building import load_model, model_folder, open_corpus
from service.commands.serve import _environment
from service.settings import read_settings

PLAIN = list(islice((n for i in count() if not is_reserved(n := f"n{i}")), 30))


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    """Keep corpus, registry and files in the folder of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def filled(model):
    """Store thirty notices and ask about six of them."""
    with open_corpus(read_settings()) as corpus:
        for name in PLAIN:
            corpus.add(Notice(id=name, title=f"关于{name}号疫苗接种的通知"), by="导入")
        some = [corpus.get(name) for name in PLAIN[:6]]
        for one in some:
            corpus.review().push(questions_about(model, [one], why=Why.DOUBT))


def test_a_filling_says_how_many_wait(zhuti, model_folder):
    """In words on stderr, as JSON on stdout."""
    with open_corpus(read_settings()) as corpus:
        for number in range(20):
            corpus.add(Notice(id=f"n{number}", title=f"第{number}号食堂菜单"), by="导入")

    words = zhuti("review", "fill", "--model", model_folder, "--limit", 5)
    ran = zhuti("review", "fill", "--model", model_folder, "--limit", 5, "--json")

    assert (words.code, ran.code) == (0, 0)
    assert "questions wait now" in words.err
    assert ran.json["scored"] == 20
    assert 0 < ran.json["groups"] <= 5
    assert ran.json["model"] == artefact.read_card(model_folder)["digest"]


@pytest.mark.usefixtures("filled")
def test_a_sheet_goes_out_and_comes_back(zhuti):
    """The same one twice changes nothing; what could not be taken ends in exit code 1."""
    out = zhuti("review", "export", "待审.xlsx", "--json")
    workbook = load_workbook("待审.xlsx")
    sheet = workbook["待审"]
    heads = [cell.value for cell in sheet[1]]
    for row, typed in enumerate(("卫生、体育-卫生", "无合适主题：疫苗", "没有这个"), start=2):
        sheet.cell(row, heads.index("您的决定") + 1).value = typed
    workbook.save("待审.xlsx")

    first = zhuti("review", "import", "待审.xlsx", "--by", "李", "--json")
    second = zhuti("review", "import", "待审.xlsx", "--by", "李")

    assert out.json == {"questions": 6, "file": "待审.xlsx"}
    assert (first.code, second.code) == (1, 1)
    assert (first.json["decided"], first.json["flagged"], len(first.json["problems"])) == (1, 1, 1)
    assert "待审.xlsx" in first.err
    assert "row 4" in first.err
    assert "0 decided, 0 flagged (together 0 notices), 2 taken before" in second.err
    with open_corpus(read_settings()) as corpus:
        assert len([one for one in corpus.iterate() if one.topic == "1301"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("export", "a.csv"), 2, "must end in .xlsx"),
        (("import", "nowhere.xlsx"), 1, "nowhere.xlsx"),
        (("fill", "--limit", 0), 2, "--limit"),
        (("fill", "--model", "nowhere"), 1, "there is no such folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(zhuti, arguments, code, said):
    """Exit codes as everywhere, never a traceback."""
    ran = zhuti("review", *arguments)

    assert ran.code == code
    assert said in ran.err
    assert "Traceback" not in ran.err


# --- zhuti train --corpus


@pytest.fixture
def reviewed(small_rows):
    """Store the notices of the small model: printed, chosen by publishers, decided by reviewers."""
    with open_corpus(read_settings()) as corpus:
        taxonomy = corpus.taxonomy
        for number, row in enumerate(small_rows):
            printed = taxonomy.print(row.topic) if number % 3 == 0 else None
            notice = Notice(
                id=f"r{number}",
                title=row.notice.title,
                body=row.notice.body,
                declared_topic=printed,
            )
            corpus.add(notice, by="导入")
            if number % 3 == 1:
                corpus.tag(f"r{number}", row.topic.code, source=Source.REVIEWER, by="李")
            if number % 3 == 2:
                corpus.tag(f"r{number}", row.topic.code, source=Source.PUBLISHER, by="王")
    return small_rows


def test_a_model_learns_from_the_corpus(zhuti, reviewed):
    """How many topics of each source stands on the screen and in the card."""
    ran = zhuti("train", "--corpus", "--out", "m", "--jobs", 1)

    assert ran.code == 0, ran.err
    n = len(reviewed)
    sources = artefact.read_card(model_folder(read_settings(model="m")))["trained_on"]["sources"]
    # The last of the small notices is 其他.
    assert sum(sources.values()) == n - 1
    assert sources["reviewer"] in {n // 3, n // 3 - 1, n // 3 + 1}
    assert f"Topics by reviewers: {sources['reviewer']}" in ran.err
    assert f"printed: {sources['issuer']}" in ran.err
    shown = zhuti("model", "show", "--model", "m")
    assert "Topics by reviewers" in shown.out
    assert artefact.read_card(model_folder(read_settings(model="m")))["trained_on"][
        "notices"
    ] == sum(sources.values())


@pytest.mark.usefixtures("reviewed")
def test_files_may_be_learned_beside_the_corpus(zhuti, tmp_path):
    """What the corpus says of a notice goes before what a file says of the same."""
    rows = [
        {"id": "r0", "title": "公路", "topic": "1301"},
        {"id": "new-1", "title": "关于殡葬管理和养老服务的通知", "topic": "1703"},
    ]
    path = tmp_path / "more.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")

    ran = zhuti("train", "--corpus", "--notices", path, "--out", "m", "--jobs", 1)

    assert ran.code == 0, ran.err
    assert "from files: 1." in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [((), 2, "--notices FILE, or --corpus"), (("--corpus",), 1, "has a topic to learn")],
)
def test_nothing_to_learn_from_is_told(zhuti, arguments, code, said):
    """Neither files nor corpus, or a corpus in which nobody chose."""
    ran = zhuti("train", "--out", "m", *arguments)

    assert ran.code == code
    assert said in " ".join(ran.err.split())


# --- zhuti model list, activate, rollback


@pytest.fixture
def models(tmp_path, model_folder, monkeypatch):
    """Return a folder of two models, set by the environment."""
    folder = tmp_path / "models"
    monkeypatch.setenv("ZHUTI_MODELS", str(folder))
    for name, value in (("good", 1.0), ("worse", 0.1)):
        card, terms, arrays = artefact.read(model_folder)
        figures = {
            level: dict(f) for level, f in card["cross_validation"].items() if level != "folds"
        }
        for one in figures.values():
            one["accuracy"] = {"value": value, "low": value, "high": value}
        card = {**card, "name": name, "cross_validation": {"folds": 5, **figures}}
        artefact.write(folder / name, card, terms=terms, arrays=arrays)
    return folder


def test_the_activated_model_answers_everywhere(zhuti, models):
    """``suggest``, ``model show`` and the service, until somebody goes back."""
    assert zhuti("model", "activate", "good", "--by", "管理员").code == 0
    answer = zhuti("suggest", "--json", stdin="关于公路养护的通知".encode()).json
    listed = zhuti("model", "list", "--json").json

    assert answer["model"]["name"] == "good"
    assert zhuti("model", "show", "--json").json["name"] == "good"
    assert load_model(read_settings()).name == "good"
    assert {one["name"]: one["active"] for one in listed["models"]} == {
        "default": False, "good": True, "worse": False,
    }  # fmt: skip
    assert listed["folder"] == str(models)
    assert zhuti("model", "rollback").err.startswith("default answers again.")
    assert load_model(read_settings()).name != "good"


def test_a_worse_model_is_refused_unless_told(zhuti, models):
    """With the reasons, and nothing has changed."""
    zhuti("model", "activate", "good")

    ran = zhuti("model", "activate", "worse")

    assert ran.code == 1
    assert "level_1: accuracy 0.100 is below the active one's" in ran.err
    assert "--even-if-worse" in ran.err
    assert Registry(models).active().name == "good"
    told = zhuti("model", "activate", "worse", "--even-if-worse", "--json")
    assert (told.code, told.json["name"], len(told.json["worse"])) == (0, "worse", 2)
    assert Registry(models).active().name == "worse"


def test_a_model_that_breaks_a_golden_notice_is_refused(zhuti, models):
    """Whatever its figures say."""
    (models / "golden.jsonl").write_text(
        json.dumps({"title": "关于公路养护的通知", "topic": "1301"}) + "\n", "utf-8"
    )

    ran = zhuti("model", "activate", "good")

    assert ran.code == 1
    assert "golden notice '关于公路养护的通知'" in ran.err


def test_a_model_whose_list_does_not_fit_is_refused(zhuti, models, monkeypatch, tmp_path):
    """The corpus's topics, and those that the site's crosswalk starts from."""
    crosswalk = tmp_path / "map.csv"
    crosswalk.write_text("from,to\n没有这个,交通\n", "utf-8")
    with monkeypatch.context() as patch:
        patch.setenv("ZHUTI_MAP", str(crosswalk))
        assert "没有这个" in zhuti("model", "activate", "good").err
    topics = tmp_path / "topics.csv"
    topics.write_text("code,label,parent\nX1,别的,\n", "utf-8")
    with open_corpus(read_settings(), taxonomy=read_taxonomy(topics)) as corpus:
        corpus.add(Notice(id="a", title="通知"), by="导入")
        corpus.tag("a", "X1", source=Source.REVIEWER, by="李")

    ran = zhuti("model", "activate", "good", "--even-if-worse")

    assert ran.code == 1
    assert "has no topic X1" in ran.err
    assert Registry(models).active() is None


def test_activating_makes_no_corpus(zhuti, models, tmp_path):
    """There is nothing to fit to yet."""
    assert models.is_dir()
    assert zhuti("model", "activate", "good").code == 0

    assert not (tmp_path / "home" / "zhuti" / "zhuti.db").exists()


def test_a_model_that_is_named_goes_before_the_active_one(zhuti, models, model_folder, monkeypatch):
    """ZHUTI_MODEL and --model; and the command says so."""
    zhuti("model", "activate", "good")
    monkeypatch.setenv("ZHUTI_MODEL", str(model_folder))

    assert load_model(read_settings()).name == "small"
    assert "ZHUTI_MODEL is set" in zhuti("model", "list").err
    assert models.is_dir()


@pytest.mark.usefixtures("models")
def test_workers_follow_what_is_active(zhuti):
    """A default is not handed on as if somebody had set it."""
    assert "ZHUTI_MODEL" not in _environment(read_settings(port=9000))
    assert _environment(read_settings(model="m", port=9000))["ZHUTI_MODEL"] == "m"
    assert zhuti("model", "list").out.startswith("* default")


def test_the_registry_stands_where_the_setting_says(zhuti, models, tmp_path):
    """An option before the environment before the user's data folder."""
    other = tmp_path / "other"
    shutil.copytree(models / "good", other / "mine")

    assert zhuti("model", "activate", "mine", "--models", other).code == 0
    assert Registry(models).active() is None
    ran = zhuti("model", "activate", "nowhere")
    assert ran.code == 1
    assert "there are: default, good, worse" in ran.err
    assert zhuti("model", "rollback").err == "Error: No model was active before this one.\n"
