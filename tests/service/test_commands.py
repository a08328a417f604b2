"""The command line: data on stdout, words on stderr, exit codes 0, 1 and 2, never a traceback."""

from __future__ import annotations

import codecs
import gzip
import json
import signal
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from corpus.exchange import FIELDS
from service import cli
from tests.service.conftest import FEW_TITLES, PAGE, PATIENCE, ZHUTI, free_port, serving

TITLE = FEW_TITLES[0]
PAGE_FILE = Path(__file__).parents[1] / "data" / "qingxi_page.txt"


# --- suggest


def test_a_pasted_page_is_answered_as_json(suggest):
    """One object with the documented keys, and nothing else on stdout."""
    ran = suggest("--json", stdin=PAGE.encode())

    assert ran.code == 0
    assert ran.err == ""
    assert ran.out.count("\n") == 1
    assert list(ran.json) == [
        "notice", "verdict", "reason", "level_1", "suggestions", "pending", "warnings", "model",
    ]  # fmt: skip
    assert list(ran.json["notice"]) == list(FIELDS)
    assert ran.json["suggestions"][0]["code"] == "0707"


def test_the_fields_of_a_pasted_page_are_read(suggest):
    """Header, title and what the issuer printed come back."""
    notice = suggest("--json", stdin=PAGE.encode()).json["notice"]

    assert notice["index_number"] == "QX0012345672024000156"
    assert notice["declared_topic"] == "其他-其他"
    assert notice["issuing_body"] == "青溪县交通运输局"
    assert notice["document_number"] == "青交〔2024〕56号"
    assert notice["published_on"] == "2024-03-12"
    assert notice["title"] == "关于做好2024年农村公路养护工作的通知"
    assert notice["written_on"] is None


def test_evidence_on_the_command_line_stands_where_it_says(suggest):
    """Offsets cut the word out of the returned notice."""
    answer = suggest("--json", stdin=PAGE.encode()).json

    pieces = [piece for found in answer["suggestions"] for piece in found["evidence"]]
    assert pieces
    assert all(
        answer["notice"][piece["field"]][piece["start"] : piece["end"]] == piece["word"]
        for piece in pieces
    )


def test_a_page_is_answered_in_words(suggest, tmp_path):
    """Without --json a person reads the fields, the topics and the words behind them."""
    path = tmp_path / "page.txt"
    path.write_text(PAGE, "utf-8")

    ran = suggest(path)

    assert ran.code == 0
    assert "标题：关于做好2024年农村公路养护工作的通知" in ran.out
    assert "原主题分类：其他-其他" in ran.out
    assert "工业、交通-公路" in ran.out
    assert "养护" in ran.out


def test_lines_in_give_lines_out(suggest, jsonl):
    """One answer a notice, in the same order, each line JSON of its own."""
    answers = suggest(jsonl).lines

    assert [answer["notice"]["title"] for answer in answers] == list(FEW_TITLES)
    assert [answer["suggestions"][0]["code"] for answer in answers] == ["0707", "1102", "0402"]


@pytest.mark.parametrize("packed", [False, True])
def test_lines_may_come_through_a_pipe(suggest, jsonl, packed):
    """Standard input is read like a file, gzipped or not."""
    data = jsonl.read_bytes()

    ran = suggest("-", stdin=gzip.compress(data) if packed else data)

    assert [answer["notice"]["title"] for answer in ran.lines] == list(FEW_TITLES)


def test_a_file_of_one_line_is_still_lines_if_its_name_says_so(suggest, tmp_path):
    """What a program reads does not change its shape with the number of notices."""
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"title": TITLE}), "utf-8")

    assert len(suggest(path).lines) == 1


def test_one_notice_as_json_is_answered_in_words(suggest):
    """One object is one notice for a person, unless --json is given."""
    ran = suggest(stdin=json.dumps({"title": TITLE}).encode())

    assert ran.out.startswith(f"标题：{TITLE}\n")


def test_a_refused_line_does_not_stop_the_others(suggest, tmp_path):
    """It is named on stderr, the rest is answered, and the exit code tells."""
    path = tmp_path / "notices.jsonl"
    path.write_text('{"title": "公路"}\n{broken\n{"title": 5}\n{"title": "招生"}\n', "utf-8")

    ran = suggest(path)

    assert [answer["notice"]["title"] for answer in ran.lines] == ["公路", "招生"]
    assert "line 2" in ran.err
    assert "line 3: title is a JSON number; expected text." in ran.err
    assert "2 notices were refused" in ran.err
    assert ran.code == 1


@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda text: text.encode("gbk"), id="gbk"),
        pytest.param(lambda text: codecs.BOM_UTF8 + text.encode(), id="mark"),
        pytest.param(lambda text: text.encode("utf-16"), id="utf-16"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode("gb18030"), id="crlf"),
    ],
)
def test_files_of_any_office_are_read(suggest, tmp_path, encode):
    """GBK, a byte order mark, UTF-16 and foreign line ends give the same notice."""
    path = tmp_path / "page.txt"
    path.write_bytes(encode(PAGE))

    ran = suggest(path, "--json")

    assert ran.json["notice"] == suggest("--json", stdin=PAGE.encode()).json["notice"]


@pytest.mark.parametrize("content", [b"", b"\n", b"hello", codecs.BOM_UTF8, b"{}"])
def test_where_nothing_can_be_read_the_command_abstains(suggest, tmp_path, content):
    """An empty file is no error: the answer says that there is nothing to read."""
    path = tmp_path / "empty.txt"
    path.write_bytes(content)

    ran = suggest(path, "--json")

    assert ran.code == 0
    assert ran.json["verdict"] == "abstain"
    assert ran.json["reason"]
    assert ran.json["level_1"] is None
    assert ran.json["suggestions"] == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("scan.pdf", b"%PDF-1.7\n\x00\x01", "a PDF file"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG picture"),
        ("page.docx", b"PK\x03\x04\x14\x00", "docx"),
        ("noise.bin", bytes(range(256)) * 20, "binary"),
        ("notices.jsonl.gz", gzip.compress(b'{"title": "a"}\n' * 1000)[:40], "cut off or damaged"),
        ("page.gz", gzip.compress(b"a" * 1000)[:20], "cut off or damaged"),
        ("notice.json", b'{"title": 5}', "title is a JSON number; expected text"),
        ("notice.json", b'{"written_on": "soon"}', "written_on is 'soon'; expected a date"),
        ("notice.json", b'{"title": "x"', "not JSON"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(suggest, tmp_path, name, content, said):
    """The file is named, and so is what it looks like; nothing goes to stdout."""
    path = tmp_path / name
    path.write_bytes(content)

    ran = suggest(path, "--json")

    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith(f"Error: {path}")
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", ["missing.txt", "missing.jsonl", "missing.jsonl.gz"])
def test_a_missing_file_is_named(suggest, tmp_path, name):
    """The error says which file is not there."""
    ran = suggest(tmp_path / name)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"Error: {tmp_path / name}: No such file or directory.\n"


@pytest.mark.parametrize("name", ["folder", "folder.jsonl"])
def test_a_folder_is_no_notice(suggest, tmp_path, name):
    """It is refused in words."""
    (tmp_path / name).mkdir()

    ran = suggest(tmp_path / name)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"Error: {tmp_path / name}: Is a directory.\n"


def test_a_title_can_be_given_beside_the_text(suggest):
    """Where the text lacks its title, an option supplies it."""
    ran = suggest("--json", "--title", TITLE, stdin="现将有关事项通知如下。".encode())

    assert ran.json["notice"]["title"] == TITLE
    assert ran.json["suggestions"][0]["code"] == "0707"


def test_raw_terms_are_shown_on_request(suggest):
    """The model's own terms have single characters among them."""
    answer = suggest("--json", "--raw", "--title", TITLE).json

    assert any(len(piece["word"]) == 1 for piece in answer["suggestions"][0]["evidence"])


def test_the_limit_is_kept(suggest):
    """As many topics as asked for."""
    assert len(suggest("--json", "--limit", 2, "--title", TITLE).json["suggestions"]) == 2


def test_sensitive_text_is_pointed_out(suggest):
    """The warning stands above the topics, which come all the same."""
    ran = suggest(stdin="秘密★\n关于做好农村公路养护工作的通知".encode())

    assert "注意：文中有密级标志“秘密★”" in ran.out
    assert "工业、交通-公路" in ran.out


def test_a_site_is_answered_in_its_own_list(suggest, tmp_path):
    """With --map only the site's topics are shown; what has no counterpart is listed first."""
    path = tmp_path / "map.csv"
    path.write_text("from,to\n0707,交通出行-道路\n1102,上学\n", "utf-8")

    ran = suggest("--json", "--map", path, "--title", TITLE)

    assert [found["code"] for found in ran.json["suggestions"]] == ["交通出行-道路", "上学"]
    assert ran.json["suggestions"][0]["parent"] == {"code": "交通出行", "label": "交通出行"}
    assert f"have no counterpart in {path}" in ran.err
    assert "财政、金融、审计-税务" in ran.err


def test_a_sites_topics_are_printed_for_people(suggest, tmp_path):
    """In words a site's topic looks as the site prints it."""
    path = tmp_path / "map.csv"
    path.write_text("from,to\n0707,交通出行-道路\n", "utf-8")

    assert "交通出行-道路  1.00" in suggest("--map", path, "--title", TITLE).out


def test_a_broken_map_names_its_line(suggest, tmp_path):
    """Nothing is answered with half a map."""
    path = tmp_path / "map.csv"
    path.write_text("from,to\n9999,甲\n", "utf-8")

    ran = suggest("--map", path, stdin=PAGE.encode())

    assert (ran.code, ran.out) == (1, "")
    assert f"{path}, line 2" in ran.err


def test_a_missing_model_says_what_to_do(zhuti, tmp_path):
    """The folder is named, and how to come by a model."""
    ran = zhuti("suggest", "--model", tmp_path / "none", stdin=b"x")

    assert (ran.code, ran.out) == (1, "")
    assert "Install it again or run 'zhuti train'" in ran.err


def test_the_shipped_model_reads_a_whole_page(zhuti):
    """Without --model the default answers: a reform of approvals, not 其他."""
    answer = zhuti("suggest", PAGE_FILE, "--json").json

    assert answer["model"]["name"] == "default"
    assert answer["notice"]["declared_topic"] == "其他-其他"
    assert answer["notice"]["title"] == "关于开展“一窗受理”改革提速行动的工作方案"
    assert answer["suggestions"][0]["code"] == "0302"
    assert answer["verdict"] in {"accept", "review"}


def test_a_real_notice_of_other_gets_a_named_theme(zhuti, shared):
    """A district's order printed as 其他-其他 is about the reform of the economic system."""
    answer = zhuti("suggest", shared / "data" / "seed_notice.txt", "--json").json

    assert answer["notice"]["declared_topic"] == "其他-其他"
    assert answer["notice"]["title"]
    assert answer["suggestions"][0]["code"] == "0302"
    assert answer["suggestions"][0]["probability"] > 0.7
    assert answer["verdict"] != "abstain"


# --- wrong usage


@pytest.mark.parametrize(
    "arguments",
    [
        ["suggest", "--limit", "0"],
        ["suggest", "--limit", "many"],
        ["suggest", "--colour"],
        ["suggest", "a.txt", "b.txt"],
        ["train"],
        ["evaluate"],
        ["serve", "--port", "99999"],
        ["serve", "--workers", "0"],
        ["model", "hide"],
        ["paint"],
    ],
)
def test_wrong_usage_exits_with_2(zhuti, arguments):
    """It is said on stderr, without a traceback, and nothing is printed."""
    ran = zhuti(*arguments)

    assert (ran.code, ran.out) == (2, "")
    assert "Error: " in ran.err


def test_a_wrong_setting_exits_with_2(zhuti, monkeypatch):
    """The name of the setting is in the message."""
    monkeypatch.setenv("ZHUTI_PORT", "abc")

    ran = zhuti("serve")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ZHUTI_PORT is 'abc'")


def test_help_shows_commands_and_settings(zhuti):
    """Every command of the contract and every setting is named."""
    ran = zhuti("--help")

    assert ran.code == 0
    for word in ("suggest", "train", "evaluate", "topics", "model", "serve", "ZHUTI_MODEL"):
        assert word in ran.out


def test_the_version_is_told(zhuti):
    """As installed."""
    assert zhuti("--version").out == f"zhuti {metadata.version('zhuti')}\n"


# --- topics and models


def test_topics_are_listed_as_json(zhuti, taxonomy):
    """All 22 and 121 of them, with codes as text."""
    listed = zhuti("topics", "--json").json

    assert listed["name"] == "state_council"
    assert sum(topic["parent"] is None for topic in listed["topics"]) == 22
    assert sum(topic["parent"] is not None for topic in listed["topics"]) == 121
    assert list(listed["topics"][0]) == ["code", "label", "parent", "aliases"]
    assert [topic["code"] for topic in listed["topics"]] == [t.code for t in taxonomy.topics]


def test_topics_are_listed_for_people(zhuti):
    """The second level is set in below the first."""
    assert "07  工业、交通\n" in zhuti("topics").out
    assert "    0707  公路\n" in zhuti("topics").out


def test_another_list_can_be_shown(zhuti, tmp_path):
    """A taxonomy file with leading zeros and aliases comes out as it went in."""
    path = tmp_path / "own.csv"
    path.write_text("code,label,parent,aliases\n01,交通,,出行|道路\n0101,公交,01,\n", "utf-8-sig")

    listed = zhuti("topics", "--taxonomy", path, "--json").json

    assert listed == {
        "name": "own",
        "topics": [
            {"code": "01", "label": "交通", "parent": None, "aliases": ["出行", "道路"]},
            {"code": "0101", "label": "公交", "parent": "01", "aliases": []},
        ],
    }


def test_a_broken_list_is_refused_with_its_line(zhuti, tmp_path):
    """The line and the remedy are told."""
    path = tmp_path / "own.csv"
    path.write_text("code,label,parent\n1,交通,\n2,,\n", "utf-8")

    ran = zhuti("topics", "--taxonomy", path)

    assert (ran.code, ran.out) == (1, "")
    assert f"{path}, line 3: the label is empty" in ran.err


def test_a_model_is_shown_as_json(zhuti, model_folder):
    """The whole card, as it stands in the folder."""
    ran = zhuti("model", "show", "--model", model_folder, "--json")

    assert ran.json == json.loads((model_folder / "card.json").read_text("utf-8"))


def test_a_model_is_shown_in_words(zhuti, model_folder):
    """From what it was made, how good it is, what it promises, and what it cannot do."""
    shown = zhuti("model", "show", "--model", model_folder).out

    assert "small, digest " in shown
    assert "1 of 其他 left out" in shown
    assert "level_2, cross-validated: accuracy" in shown
    assert "Too few notices, suggested at level one only: 劳动、人事、监察-军转安置 (2)" in shown
    assert "level_1: accepted from" in shown


# --- train and evaluate


@pytest.fixture(scope="module")
def own_list(tmp_path_factory):
    """Return a list of one level, and messages labelled with its printed labels."""
    folder = tmp_path_factory.mktemp("own")
    taxonomy = folder / "desk.csv"
    taxonomy.write_text("code,label,parent\n1,出行,\n2,上学,\n9,其他,\n", "utf-8")
    lines = [
        {"id": f"{word}{place}", "title": f"{place}{word}{end}", "theme": label}
        for label, words in (("出行", ("修路", "公交", "停车")), ("上学", ("入学", "教师", "补课")))
        for word in words
        for place, end in (("东街", "问题"), ("西村", "投诉"), ("城南", "咨询"))
    ]
    lines.append({"id": "其他", "title": "东街天气", "theme": "其他"})
    notices = folder / "messages.jsonl"
    notices.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return taxonomy, notices


def test_a_model_is_trained_on_a_list_of_ones_own(zhuti, own_list, tmp_path):
    """Printed labels of a one-level list are enough; the model answers in that list at once."""
    taxonomy, notices = own_list
    options = ("--field", "theme", "--taxonomy", taxonomy, "--jobs", 1)

    ran = zhuti("train", "--notices", notices, *options, "--out", tmp_path / "desk")

    assert (ran.code, ran.out) == (0, "")
    assert "Trained on 18 notices (1 of 其他 left out" in ran.err
    assert f"Saved as {tmp_path / 'desk'}." in ran.err
    answer = zhuti("suggest", "--model", tmp_path / "desk", "--json", "--title", "停车问题").json
    assert answer["suggestions"][0]["label"] == "出行"
    assert answer["suggestions"][0]["parent"] is None
    assert answer["model"]["name"] == "desk"


def test_several_files_are_trained_on_together(zhuti, labelled_file, own_list, tmp_path):
    """Rows that name no topic are counted, never passed over in silence."""
    _, notices = own_list
    files = ("--notices", labelled_file, "--notices", notices)

    ran = zhuti("train", *files, "--field", "topic", "--jobs", 1, "--out", tmp_path / "both")

    assert ran.code == 0
    assert "19 rows have no topic and were left out." in ran.err
    assert "Trained on 212 notices (1 of 其他 left out" in ran.err


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("", (), "has a field 'topic'"),
        ('{"title": "x", "topic": "9999"}\n', (), "9999"),
        ('{"title": "x", "theme": "0707"}\n', (), "Name one with --field"),
        ('{"title": "x", "topic": ""}\n', (), "is empty in every row"),
        ('{"title": "x", "topic": "0707"}\n', ("--taxonomy", "none.csv"), "none.csv"),
    ],
)
def test_notices_that_no_model_can_be_made_from_are_refused(
    zhuti, tmp_path, content, options, said
):
    """The error says what was missing, and no folder is left behind."""
    path = tmp_path / "notices.jsonl"
    path.write_text(content, "utf-8")

    ran = zhuti("train", "--notices", path, "--out", tmp_path / "out", *options)

    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def figures(labelled_file, model_folder):
    """Return what `evaluate --json` prints, run as a process of its own."""
    command = [ZHUTI, "evaluate", "--notices", labelled_file, "--model", model_folder, "--json"]
    ran = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)
    return json.loads(ran.stdout)


LEVEL = [
    "n", "accuracy", "top_3", "macro_f1", "ece", "ece_of_a_perfect_model", "coverage", "accept",
]  # fmt: skip


def test_figures_have_the_documented_keys(figures):
    """All keys of the contract, at both levels."""
    assert list(figures)[:4] == ["n", "n_other", "level_1", "level_2"]
    for level in (figures["level_1"], figures["level_2"]):
        assert set(LEVEL) <= set(level)
        assert set(level["accuracy"]) == {"value", "low", "high"}
        assert {"0.95", "0.98"} <= set(level["coverage"])
        assert set(level["accept"]) == {"share", "precision"}


def test_other_is_counted_and_left_out(figures):
    """其他 is no error of the model's and no success."""
    assert figures["n_other"] == 1
    assert figures["level_1"]["n"] == figures["n"] - 1


def test_figures_are_shares(figures):
    """Each lies between nought and one, its interval around it."""
    accuracy = figures["level_2"]["accuracy"]

    assert 0 <= accuracy["low"] <= accuracy["value"] <= accuracy["high"] <= 1
    assert accuracy["value"] > 0.9


def test_a_list_of_one_level_has_no_second(zhuti, own_list, tmp_path):
    """Level two is null, and nothing is printed for it."""
    taxonomy, notices = own_list
    options = ("--field", "theme", "--taxonomy", taxonomy, "--jobs", 1)
    zhuti("train", "--notices", notices, *options, "--out", tmp_path / "desk")
    measured = ("evaluate", "--notices", notices, "--field", "theme", "--model", tmp_path / "desk")

    assert zhuti(*measured, "--json").json["level_2"] is None
    assert "level_2" not in zhuti(*measured).out


def test_figures_are_shown_in_words(zhuti, labelled_file, model_folder):
    """A line for each level, and one for what was left out."""
    ran = zhuti("evaluate", "--notices", labelled_file, "--model", model_folder)

    assert ran.code == 0
    assert "1 of them 其他 and left out" in ran.out
    assert "level_2: accuracy" in ran.out
    assert "level_1: accuracy" in ran.out


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_missing_libraries_are_named(zhuti, monkeypatch, labelled_file, tmp_path, command):
    """Where the extra was not installed, the message says how to get it."""
    monkeypatch.setattr("service.commands.extras.find_spec", lambda _: None)
    out = ("--out", tmp_path / "model") if command == "train" else ()

    ran = zhuti(command, "--notices", labelled_file, *out)

    assert (ran.code, ran.out) == (1, "")
    assert "pip install 'zhuti[train]'" in ran.err


# --- as a process


def _run(*arguments, data=b"", **options):
    """Run the installed command."""
    command = [ZHUTI, *map(str, arguments)]
    return subprocess.run(
        command, input=data, capture_output=True, timeout=PATIENCE, check=False, **options
    )


def test_the_installed_command_answers(model_folder, tmp_path):
    """From any folder, through a pipe, with nothing but JSON on stdout."""
    ran = _run("suggest", "--model", model_folder, "--json", data=PAGE.encode(), cwd=tmp_path)

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert json.loads(ran.stdout)["suggestions"][0]["code"] == "0707"
    assert list(tmp_path.iterdir()) == []


def test_training_libraries_are_not_loaded_to_suggest(model_folder):
    """Serving needs neither scikit-learn nor SciPy."""
    code = (
        "import sys\nfrom service.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "assert not {'sklearn', 'scipy', 'jieba'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", code, "suggest", "--model", model_folder]

    ran = subprocess.run(command, input=b"", capture_output=True, timeout=PATIENCE, check=False)

    assert ran.stderr == b""
    assert ran.returncode == 0


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1"])
def test_json_is_right_in_any_encoding(model_folder, encoding):
    """Where stdout cannot carry all characters they are escaped, and mean the same."""
    ran = _run(
        "suggest", "--model", model_folder, "--json", "--title", "公路养护😀",
        env={"PYTHONIOENCODING": encoding, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert json.loads(ran.stdout.decode("ascii"))["notice"]["title"] == "公路养护😀"


def test_words_survive_a_narrow_terminal(model_folder):
    """What an encoding lacks is shown as a question mark, not as a traceback."""
    ran = _run(
        "suggest", "--model", model_folder, "--title", "公路养护😀",
        env={"PYTHONIOENCODING": "gbk", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert "公路养护?" in ran.stdout.decode("gbk")


@pytest.mark.parametrize("lines", [3, 2000])
def test_a_reader_may_stop_early(model_folder, jsonl, lines):
    """Closing the pipe, as head does, ends the command without a traceback."""
    path = jsonl.with_name("many.jsonl")
    path.write_bytes(jsonl.read_bytes() * (lines // 3))

    with subprocess.Popen(
        [ZHUTI, "suggest", path, "--model", model_folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(100)
        process.stdout.close()
        said = process.stderr.read()

    assert said == b""
    assert process.returncode in {0, 1}


def test_a_full_disk_is_told(model_folder):
    """What could not be written is not passed over."""
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [ZHUTI, "suggest", "--model", model_folder, "--title", TITLE],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )

    assert ran.returncode == 1
    assert ran.stderr == b"Error: The output: No space left on device.\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_traceback(model_folder, closed):
    """Some starters of programs close what they think is not needed."""
    ran = subprocess.run(
        ["sh", "-c", f'"$0" suggest --model "$1" {closed}', ZHUTI, model_folder],  # noqa: S607
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, b"")


def test_ctrl_c_ends_quietly(model_folder):
    """Whoever gives up while the command waits for input sees no traceback."""
    with subprocess.Popen(
        [ZHUTI, "suggest", "--model", model_folder, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        # The second line is answered only once a third is awaited: now it waits.
        process.stdin.write(b'{"title": "a"}\n{"title": "b"}\n' * 500)
        process.stdin.flush()
        process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()

    assert b"Traceback" not in said
    assert process.returncode in {1, 130}


# --- serve


def _ask(url, notice):
    """Return the answer of a running server."""
    data = json.dumps(notice).encode()
    request = Request(f"{url}/api/v1/suggest", data, {"Content-Type": "application/json"})  # noqa: S310 (our own server)
    with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
        return json.loads(answer.read())


def test_a_server_answers_and_says_where(server):
    """The address is printed, and answers."""
    answer = _ask(server.url, {"title": TITLE})

    assert answer["suggestions"][0]["code"] == "0707"
    assert f"zhuti answers on {server.url}/" in server.said


def test_a_server_neither_keeps_nor_logs_the_text(server):
    """After answers and refusals its folder holds its own output only, without the text."""
    for notice in (
        {"title": "桫椤公路养护"},
        {"body": "桫椤13800001234"},
        {"title": "桫" * 30_000},
    ):
        _ask(server.url, notice)
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall("POST /api/v1/suggest?桫椤 HTTP/9\r\n\r\n桫椤".encode())
        line.recv(1000)

    folder = server.log.parent
    assert {path.name for path in folder.iterdir()} == {"serve.log", "home"}
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in kept if "桫".encode() in path.read_bytes()]
    assert "桫" not in server.said
    assert "13800001234" not in server.said
    assert "Traceback" not in server.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_stops_when_told(model_folder, tmp_path, number):
    """Both signals end it at once and without a traceback."""
    with serving(tmp_path, "--model", model_folder) as running:
        code = running.stop(number)

    assert code in {0, 130, -number}
    assert "Traceback" not in running.said
    assert "Error" not in running.said


def test_several_workers_answer_as_one(model_folder, tmp_path):
    """Two processes with a map and a prefix answer like one without workers."""
    crosswalk = tmp_path / "map.csv"
    crosswalk.write_text("from,to\n0707,交通出行-道路\n", "utf-8")
    options = ("--workers", 2, "--map", crosswalk, "--root-path", "/zhuti")

    with serving(tmp_path, "--model", model_folder, *options) as running:
        codes = {
            _ask(running.url + prefix, {"title": TITLE})["suggestions"][0]["code"]
            for prefix in ("", "/zhuti") * 4
        }
        code = running.stop()

    assert codes == {"交通出行-道路"}
    assert f"{running.url}/zhuti/" in running.said
    assert "have no counterpart" in running.said
    assert code in {0, -signal.SIGTERM}
    assert "Traceback" not in running.said


def test_a_port_in_use_is_told(zhuti, model_folder):
    """The address, the reason and the remedy; exit code 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = zhuti("serve", "--port", port, "--model", model_folder)

    assert (ran.code, ran.out) == (1, "")
    assert f"Cannot listen on 127.0.0.1:{port}" in ran.err
    assert "choose another --port" in ran.err


def test_a_server_without_a_model_does_not_start(zhuti, tmp_path):
    """What cannot answer does not open its door."""
    ran = zhuti("serve", "--port", free_port(), "--model", tmp_path / "none")

    assert (ran.code, ran.out) == (1, "")
    assert "cannot be used: there is no such folder" in ran.err


def test_the_command_is_the_application(zhuti):
    """Without a command the help is shown, which is wrong usage."""
    ran = zhuti()

    assert ran.code == 2
    assert cli.app.info.name in ran.out + ran.err
