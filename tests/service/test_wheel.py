"""The wheel holds all that is needed: data, pages, and the shipped model."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import rjieba

PROJECT = Path(__file__).parents[2]
SITE_PACKAGES = Path(rjieba.__file__).parents[1]
TEXT = "青溪县人民政府办公室关于做好农村公路养护工作的通知"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the built wheel; nothing is asked of any index."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable, "-m", "pip", "wheel", str(PROJECT), "--no-deps", "--no-build-isolation",
        "--no-index", "--quiet", "--disable-pip-version-check", "--wheel-dir", str(folder),
    ]  # fmt: skip
    subprocess.run(command, check=True, timeout=300, cwd=folder)
    (built,) = folder.glob("zhuti-*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    """Return the wheel unpacked, as an installer would lay it out."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_every_file_of_the_packages_is_in_the_wheel(unpacked):
    """Code, word lists, the taxonomy, templates, styles and markers of types."""
    wanted = {
        path.relative_to(PROJECT)
        for package in ("corpus", "classifier", "service")
        for path in (PROJECT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert {path for path in wanted if not (unpacked / path).is_file()} == set()
    assert Path("service/templates/suggest.html") in wanted
    assert Path("corpus/taxonomies/state_council.toml") in wanted


def test_the_shipped_model_travels_inside(unpacked):
    """Every file of it, to the byte."""
    shipped = PROJECT / "models" / "default"
    inside = unpacked / "classifier" / "default_model"

    assert sorted(path.name for path in inside.iterdir()) == sorted(
        path.name for path in shipped.iterdir()
    )
    for path in shipped.iterdir():
        assert (inside / path.name).read_bytes() == path.read_bytes(), path.name


def test_nothing_else_travels(unpacked):
    """No tests, no scripts, no other models."""
    assert sorted(path.name for path in unpacked.iterdir() if path.suffix != ".dist-info") == [
        "classifier",
        "corpus",
        "service",
    ]


def test_the_wheel_answers_in_an_empty_folder(unpacked, tmp_path):
    """Without the checkout the command finds its model and its data in the wheel."""
    code = (
        "import corpus, sys\n"
        "print(corpus.__file__, file=sys.stderr)\n"
        "from service.cli import main\n"
        "main()"
    )

    # -S: no .pth files, so the checkout is not on the path.
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code, "suggest", "--json"],
        input=TEXT.encode(),
        capture_output=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": f"{unpacked}:{SITE_PACKAGES}", "HOME": str(tmp_path)},
    )

    assert ran.stderr.decode() == f"{unpacked / 'corpus' / '__init__.py'}\n"
    answer = json.loads(ran.stdout)
    assert answer["model"]["name"] == "default"
    assert answer["suggestions"][0]["code"] == "0707"


def test_the_command_is_declared(unpacked):
    """Installers make `zhuti` from this line."""
    (declared,) = unpacked.glob("zhuti-*.dist-info/entry_points.txt")

    assert "zhuti = service.cli:main" in declared.read_text("utf-8")


def test_the_wheel_carries_its_licence(unpacked):
    """Apache-2.0, named and whole."""
    (information,) = unpacked.glob("zhuti-*.dist-info")

    assert "License-Expression: Apache-2.0" in (information / "METADATA").read_text("utf-8")
    assert (information / "licenses" / "LICENSE").is_file()
