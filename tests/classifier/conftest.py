"""
A corpus to relabel for the tests: notices that the small model knows, of every kind of theme.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from classifier.relabel import Place
from corpus import batch_writing, batches
from corpus.store import Corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from classifier.rows import LabelledNotice
    from corpus.notice import Notice

# What issuers print: nothing, 其他, what nobody can read, and a theme by name.
PRINTED = ("其他", None, "？？", "科技、教育-教育", "其他-其他")


@pytest.fixture(scope="session")
def archive(small_rows: list[LabelledNotice]) -> list[Notice]:
    """Return the notices of the small model as an archive holds them."""
    return [
        replace(
            row.notice,
            id=f"n{number:03}",
            url=f"https://a.example/{number}",
            declared_topic=PRINTED[number % len(PRINTED)],
            issuing_body=(row.notice.title or "")[:3],
        )
        for number, row in enumerate(small_rows)
    ]


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan and apply a few notices at a time."""
    monkeypatch.setattr(batches, "RANGE", 9)
    monkeypatch.setattr(batch_writing, "CHUNK", 5)


@pytest.fixture
def fill(archive: list[Notice]) -> Callable[[str], None]:
    """Return a function that stores the archive at an address."""

    def fill_one(url: str) -> None:
        with Corpus.open(url) as corpus:
            list(corpus.add_all(archive, by="test"))

    return fill_one


@pytest.fixture
def sqlite_store(tmp_path: Path) -> str:
    """Return the address of a corpus in a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'zhuti.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty corpus of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_store")
    return url


@pytest.fixture
def place(store_url: str, model_folder: Path, fill: Callable[[str], None]) -> Place:
    """Return where a full corpus of each kind and the small model are."""
    fill(store_url)
    return Place(store_url, str(model_folder), "rjieba")


@pytest.fixture
def file_place(sqlite_store: str, model_folder: Path, fill: Callable[[str], None]) -> Place:
    """Return where a full corpus in a file and the small model are."""
    fill(sqlite_store)
    return Place(sqlite_store, str(model_folder), "rjieba")


@pytest.fixture
def corpus(place: Place, small_steps: None) -> Iterator[Corpus]:  # noqa: ARG001
    """Return that corpus, open."""
    with Corpus.open(place.database) as opened:
        yield opened
