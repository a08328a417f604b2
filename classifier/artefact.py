"""
A model as a folder of plain arrays and a card: written whole, read with its digests checked.

    card.json     what it is, from what it was made, how good it is, a digest of every file
    words.txt     the terms of the word space, one a line, in column order
    title.txt     the same for the characters and pairs of titles
    opening.txt   the same for those of titles and first lines
    issuer.txt    the same for those of issuing bodies
    idf.npy       float32, of shape (n_features,)
    weights.npy   float16, of shape (n_features, n_columns): a notice gathers few rows of it
    constants.npy float32, of shape (n_columns,)

Nothing is pickled, so loading runs no code and an upgrade of a library cannot change a model.
The weights are mapped while they are checked and loaded; who answers widens them once to float32.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from classifier.errors import DamagedModelError, ModelFormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 2
CARD = "card.json"
ARRAYS = ("idf.npy", "weights.npy", "constants.npy")
TERMS = ("words.txt", "title.txt", "opening.txt", "issuer.txt")
FILES = (*TERMS, *ARRAYS)
# A card is some 50 kB; one a thousand times larger is no card.
LARGEST_CARD = 50_000_000


def default_folder() -> Path:
    """Return the folder of the shipped model: in the package, or beside it in a checkout."""
    inside = Path(__file__).with_name("default_model")
    return inside if inside.is_dir() else Path(__file__).parents[1] / "models" / "default"


def write(
    folder: Path,
    card: Mapping[str, Any],
    *,
    terms: Mapping[str, tuple[str, ...]],
    arrays: Mapping[str, np.ndarray[Any, Any]],
) -> dict[str, Any]:
    """
    Write a model folder, whole or not at all, and return its card with the digests added.

    A model that stands in *folder* already is replaced in one step.

    Raises:
        FileExistsError: If *folder* holds something that is not a model.
    """
    if folder.exists() and (
        not folder.is_dir() or (any(folder.iterdir()) and not (folder / CARD).is_file())
    ):
        msg = f"{folder} is there and is not a model folder. Choose another --out, or move it away."
        raise FileExistsError(msg)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        fresh = Path(scratch) / "model"
        fresh.mkdir()
        for name in TERMS:
            (fresh / name).write_text("".join(f"{term}\n" for term in terms[name]), "utf-8")
        for name in ARRAYS:
            np.save(fresh / name, np.ascontiguousarray(arrays[name]), allow_pickle=False)
        whole = {**card, "format": FORMAT, "files": {name: _digest(fresh / name) for name in FILES}}
        whole["digest"] = card_digest(whole)
        (fresh / CARD).write_text(_text(whole), "utf-8")
        if folder.exists():
            shutil.move(folder, Path(scratch) / "old")
        shutil.move(fresh, folder)
    return whole


def read(
    folder: Path,
) -> tuple[dict[str, Any], dict[str, tuple[str, ...]], dict[str, np.ndarray[Any, Any]]]:
    """
    Return a model's card, terms and arrays, the weights memory-mapped.

    Raises:
        DamagedModelError: If a file is missing, was changed, or the folder is no model.
        ModelFormatError: If the folder was written in another format.
    """
    card = read_card(folder)
    for name in FILES:
        _check(folder, name, card["files"])
    terms = {name: tuple((folder / name).read_text("utf-8").split("\n")[:-1]) for name in TERMS}
    arrays = {name: _load_array(folder, name) for name in ARRAYS}
    _check_shapes(folder, card, terms, arrays)
    return card, terms, arrays


def card_digest(card: Mapping[str, Any]) -> str:
    """Return the digest of all that a card says, its own digest left out."""
    rest = {key: value for key, value in card.items() if key != "digest"}
    return hashlib.sha256(_text(rest).encode()).hexdigest()


def _text(card: Mapping[str, Any]) -> str:
    """Return a card as the one text it may have on disk."""
    return json.dumps(card, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_card(folder: Path) -> dict[str, Any]:
    """
    Return the card of a model folder, once it is sure that it is one and that nobody changed it.

    Raises:
        DamagedModelError: If there is no card, or it was changed.
        ModelFormatError: If it was written in another format.
    """
    path = folder / CARD
    if not folder.is_dir():
        raise DamagedModelError(folder, "there is no such folder")
    if not path.is_file():
        raise DamagedModelError(folder, f"it has no {CARD}")
    if path.stat().st_size > LARGEST_CARD:
        raise DamagedModelError(folder, f"{CARD} is {path.stat().st_size} bytes long")
    try:
        text = path.read_bytes().decode("utf-8")
        card = json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedModelError(folder, f"{CARD} is not JSON") from None
    if not isinstance(card, dict) or not isinstance(card.get("format"), int):
        raise DamagedModelError(folder, f"{CARD} is not the card of a zhuti model")
    if card["format"] != FORMAT:
        raise ModelFormatError(folder, card["format"], FORMAT)
    # The text must be the very one that was written: no byte of a card is without a meaning.
    if card.get("digest") != card_digest(card) or text != _text(card):
        raise DamagedModelError(folder, f"{CARD} was changed after it was written")
    return card


def _check(folder: Path, name: str, digests: Mapping[str, str]) -> None:
    """Refuse a file that is missing or not the one the card speaks of."""
    path = folder / name
    if not path.is_file():
        raise DamagedModelError(folder, f"it has no {name}")
    found, expected = _digest(path), digests.get(name, "nothing")
    if found != expected:
        raise DamagedModelError(
            folder, f"{name} has digest {found[:8]}…, the card says {expected[:8]}…"
        )


def _load_array(folder: Path, name: str) -> np.ndarray[Any, Any]:
    """Return an array of a folder; the weights stay on disk."""
    mode: Literal["r"] | None = "r" if name == "weights.npy" else None
    try:
        array: np.ndarray[Any, Any] = np.load(folder / name, mmap_mode=mode, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise DamagedModelError(folder, f"{name} is no plain array ({error})") from None
    return array


def _check_shapes(
    folder: Path,
    card: Mapping[str, Any],
    terms: Mapping[str, tuple[str, ...]],
    arrays: Mapping[str, np.ndarray[Any, Any]],
) -> None:
    """Refuse files that are each whole but do not belong together."""
    n_features, n_columns = sum(map(len, terms.values())), len(card["columns"])
    expected = {
        "idf.npy": (n_features,),
        "weights.npy": (n_features, n_columns),
        "constants.npy": (n_columns,),
    }
    for name, shape in expected.items():
        if arrays[name].shape != shape:
            raise DamagedModelError(folder, f"{name} has shape {arrays[name].shape}, not {shape}")
