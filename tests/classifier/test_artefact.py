"""A model folder is whole or refused, and the same notices give the same bytes."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from classifier import artefact
from classifier.artefact import CARD, FILES
from classifier.errors import DamagedModelError, ModelFormatError
from classifier.model import load
from classifier.training import train
from corpus.notice import Notice


@pytest.fixture
def folder(model_folder, tmp_path):
    """Return a copy of the small model that a test may harm."""
    return shutil.copytree(model_folder, tmp_path / "model")


def test_the_same_notices_give_the_same_bytes(small_rows, taxonomy, model_folder, tmp_path):
    """Training again gives every file again, to the byte."""
    train(small_rows, taxonomy, name="small", jobs=2).save(tmp_path / "again")

    for name in (*FILES, CARD):
        assert (tmp_path / "again" / name).read_bytes() == (model_folder / name).read_bytes(), name


def test_a_model_says_what_it_is(model, model_folder):
    """The digest in every answer is the card's."""
    card = json.loads((model_folder / CARD).read_text("utf-8"))
    answer = model.suggest(Notice(title="公路")).as_json()

    assert answer["model"] == {"name": "small", "digest": card["digest"]}
    assert artefact.card_digest(card) == card["digest"]


@pytest.mark.parametrize("name", [*FILES, CARD])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.999])
def test_a_flipped_byte_is_noticed(folder, name, share):
    """Wherever a file was changed, it is refused, by name."""
    data = bytearray((folder / name).read_bytes())
    data[int(len(data) * share)] ^= 0x01
    (folder / name).write_bytes(bytes(data))

    with pytest.raises(DamagedModelError, match=name.replace(".", r"\.")) as caught:
        load(folder)

    assert "Install it again or run 'zhuti train'" in str(caught.value)


@pytest.mark.parametrize("name", [*FILES, CARD])
@pytest.mark.parametrize("left", [0, 100])
def test_a_truncated_file_is_noticed(folder, name, left):
    """A copy that was cut off is refused."""
    (folder / name).write_bytes((folder / name).read_bytes()[:left])

    with pytest.raises(DamagedModelError):
        load(folder)


@pytest.mark.parametrize("name", [*FILES, CARD])
def test_a_missing_file_is_named(folder, name):
    """The error says which file is not there."""
    (folder / name).unlink()

    with pytest.raises(DamagedModelError, match=f"has no {name}"):
        load(folder)


def test_a_card_of_another_model_is_refused(folder, small_rows, taxonomy, tmp_path):
    """A whole card beside whole files of another model does not pass."""
    train(small_rows[:120], taxonomy, name="other", jobs=1).save(tmp_path / "other")
    shutil.copy(tmp_path / "other" / CARD, folder / CARD)

    with pytest.raises(DamagedModelError, match="the card says"):
        load(folder)


def test_a_newer_format_asks_for_an_upgrade(folder):
    """A model of a later version is not damaged: this version is too old."""
    card = json.loads((folder / CARD).read_text("utf-8"))
    (folder / CARD).write_text(json.dumps({**card, "format": 99}), "utf-8")

    with pytest.raises(ModelFormatError, match="format 99"):
        load(folder)


@pytest.mark.parametrize("content", ["[]", "{}", "not json", "[" * 100_000, '{"format": "1"}', ""])
def test_a_foreign_folder_is_refused(tmp_path, content):
    """A folder of something else is no model, whatever its card.json holds."""
    (tmp_path / CARD).write_text(content, "utf-8")

    with pytest.raises(DamagedModelError, match=CARD):
        load(tmp_path)


def test_nothing_is_ever_unpickled(folder):
    """A pickled array is not loaded even where every digest agrees."""
    np.save(folder / "idf.npy", np.array([{"code": "runs"}], dtype=object), allow_pickle=True)
    card = json.loads((folder / CARD).read_text("utf-8"))
    card["files"]["idf.npy"] = artefact._digest(folder / "idf.npy")
    card["digest"] = artefact.card_digest(card)
    (folder / CARD).write_text(artefact._text(card), "utf-8")

    with pytest.raises(DamagedModelError, match=r"idf\.npy"):
        load(folder)


def test_files_that_do_not_belong_together_are_refused(folder):
    """Whole files of different sizes are no model, even where every digest agrees."""
    np.save(folder / "constants.npy", np.zeros(3, dtype=np.float32))
    card = json.loads((folder / CARD).read_text("utf-8"))
    card["files"]["constants.npy"] = artefact._digest(folder / "constants.npy")
    card["digest"] = artefact.card_digest(card)
    (folder / CARD).write_text(artefact._text(card), "utf-8")

    with pytest.raises(DamagedModelError, match="shape"):
        load(folder)


def test_weights_stay_on_disk(model_folder):
    """They are mapped, not read: all workers share one copy."""
    _, _, arrays = artefact.read(model_folder)

    assert isinstance(arrays["weights.npy"], np.memmap)
    assert arrays["weights.npy"].dtype == np.float16


def test_a_model_is_replaced_but_other_folders_are_not(trained, tmp_path):
    """Training again into the same folder works; a folder of something else is left alone."""
    trained.save(tmp_path / "model")
    trained.save(tmp_path / "model")
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")

    with pytest.raises(FileExistsError, match="not a model folder"):
        trained.save(other)

    assert (other / "thesis.txt").read_text() == "years of work"
    assert load(tmp_path / "model").name == "small"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "other"]
