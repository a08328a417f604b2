"""
A process that follows a corpus with an index; tests run it, and kill it or cut its disk short.

    python following_process.py URL FOLDER [MOST-BYTES-OF-A-FILE]
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from corpus.errors import SearchIndexError
from corpus.search import SearchIndex
from corpus.store import Corpus


def follow(url, folder, most=None):
    if most is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
    with Corpus.open(url) as corpus, SearchIndex.open(Path(folder)) as index:
        try:
            print(index.follow(corpus), flush=True)  # noqa: T201
        except SearchIndexError as error:
            print(f"{type(error).__name__}: {error}", flush=True)  # noqa: T201


if __name__ == "__main__":
    follow(*sys.argv[1:])
