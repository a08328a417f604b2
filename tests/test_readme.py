"""What the READMEs say is what the project does, in both languages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from service.cli import app
from service.settings import describe

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
BOTH = pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=["en", "zh"])
_SETTING = re.compile(r"^\| `(ZHUTI_\w+)` \|([^|]*)\| ([^|]+) \|$", re.MULTILINE)


def _commands():
    """Return the name of every command, groups included."""
    group = typer.main.get_command(app)
    names = []
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        names.extend(f"{name} {one}" for one in inner) if inner else names.append(name)
    return names


@BOTH
@pytest.mark.parametrize("command", _commands())
def test_every_command_is_described(readme, command):
    """A command that nobody can find does not exist."""
    assert f"| `zhuti {command}" in readme.read_text("utf-8")


def test_the_settings_table_is_the_settings():
    """Name, default and meaning of each setting are those of the code."""
    rows = _SETTING.findall(ENGLISH.read_text("utf-8"))

    assert [(name, default.strip(), text) for name, default, text in rows] == describe()


def test_both_tables_list_the_same_settings():
    """The Chinese version is kept in step."""
    names = [
        [name for name, *_ in _SETTING.findall(path.read_text("utf-8"))]
        for path in (ENGLISH, CHINESE)
    ]

    assert names[0] == names[1]


def test_both_have_the_same_shape():
    """As many headings, code lines and figures in one language as in the other."""
    for pattern in (r"^#+ ", r"^    \S", r"\b0\.\d{3}\b"):
        counts = [
            len(re.findall(pattern, path.read_text("utf-8"), re.MULTILINE))
            for path in (ENGLISH, CHINESE)
        ]
        assert counts[0] == counts[1], pattern


@BOTH
def test_the_first_example_is_what_the_shipped_model_answers(readme):
    """The answer on the first screen was not typed by hand."""
    text = readme.read_text("utf-8")
    shown = re.search(r"    \$ zhuti suggest (\S+)\n((?:    .*\n|\n)+?)    …", text)
    assert shown is not None

    done = subprocess.run(
        [Path(sys.executable).with_name("zhuti"), "suggest", shown[1]],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )

    printed = [line.rstrip() for line in done.stdout.decode().splitlines()]
    expected = [line.strip() for line in shown[2].rstrip("\n").splitlines()]
    assert printed[: len(expected)] == expected


@BOTH
def test_the_quoted_figures_are_those_of_the_card(readme):
    """Accuracy and calibration of the shipped model come from its card."""
    card = json.loads((ROOT / "models" / "default" / "card.json").read_text("utf-8"))
    text = readme.read_text("utf-8")

    for level in ("level_1", "level_2"):
        figures = card["cross_validation"][level]
        for value in (figures["accuracy"]["value"], figures["top_3"], figures["ece"]):
            assert f"{value:.3f}" in text


@BOTH
def test_links_lead_somewhere(readme):
    """Every file that is linked is there."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", readme.read_text("utf-8")):
        assert (ROOT / target).exists(), target
