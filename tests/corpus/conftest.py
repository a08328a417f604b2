"""
A corpus of each kind for the tests: a SQLite file, and a schema of its own on PostgreSQL.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from corpus.store import Corpus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the address of a file that does not exist yet, nor does its folder."""
    return f"sqlite:///{tmp_path / 'new' / 'zhuti.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty place of each kind, where no corpus was yet."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def _sqlite_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty corpus to be copied: making one costs a tenth of a second."""
    path = tmp_path_factory.mktemp("empty") / "zhuti.db"
    Corpus.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_store(tmp_path: Path, _sqlite_corpus: Path) -> str:
    """Return the address of an empty corpus in a file."""
    return f"sqlite:///{shutil.copy(_sqlite_corpus, tmp_path / 'zhuti.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty corpus of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_store")
    return url


@pytest.fixture
def corpus(store_url: str) -> Iterator[Corpus]:
    """Return an empty corpus of each kind."""
    with Corpus.open(store_url) as opened:
        yield opened
