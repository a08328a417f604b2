"""Settings come from options, else from the environment, else from their defaults."""

from __future__ import annotations

import pytest

from classifier.artefact import default_folder
from service.settings import InvalidSettingError, Settings, describe, read_settings


def test_defaults_are_the_promised_ones():
    """What the contract says of `zhuti serve`."""
    settings = read_settings()

    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.root_path == ""
    assert settings.model == default_folder()
    assert settings.map is None


def test_the_environment_is_read(monkeypatch, tmp_path):
    """Names begin with ZHUTI_."""
    monkeypatch.setenv("ZHUTI_MODEL", str(tmp_path))
    monkeypatch.setenv("ZHUTI_PORT", "9000")

    assert read_settings().model == tmp_path
    assert read_settings().port == 9000


def test_an_option_wins_over_the_environment(monkeypatch):
    """What was typed last counts; what was not given does not."""
    monkeypatch.setenv("ZHUTI_PORT", "9000")

    assert read_settings(port=9001, host=None).port == 9001


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "65536"),
        ("WORKERS", "0"),
        ("BODY_LIMIT", "10"),
        ("SEGMENTER", "other"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(monkeypatch, name, value):
    """The error repeats the name as it was set, and what was found."""
    monkeypatch.setenv(f"ZHUTI_{name}", value)

    with pytest.raises(InvalidSettingError, match=f"ZHUTI_{name} is '{value}'"):
        read_settings()


@pytest.mark.parametrize("typed", ["zhuti", "/zhuti", "/zhuti/", " zhuti/ "])
def test_a_root_path_is_read_however_its_slashes_are_written(typed):
    """One leading slash, none behind."""
    assert read_settings(root_path=typed).root_path == "/zhuti"


@pytest.mark.parametrize("typed", ["", "/", " "])
def test_no_root_path_is_the_root(typed):
    """A lone slash means no prefix."""
    assert read_settings(root_path=typed).root_path == ""


def test_every_setting_is_described():
    """Help and README are made from these lines, so none may be empty."""
    described = describe()

    assert {name for name, _, _ in described} == {
        f"ZHUTI_{name.upper()}" for name in Settings.model_fields
    }
    assert all(text.endswith(".") for _, _, text in described)
