"""
A process that plans, applies or undoes; tests run it and kill it.

    python relabel_process.py plan URL MODEL BY
    python relabel_process.py apply|undo URL BATCH BY

It says when it begins.
"""

from __future__ import annotations

import sys
from pathlib import Path

from classifier import relabel
from classifier.artefact import read_card
from classifier.relabel import Place
from corpus import batch_writing, batches
from corpus.chosen import Chosen
from corpus.store import Corpus


def main(what, url, name, by):
    batches.RANGE, batch_writing.CHUNK = 9, 5
    if what == "plan":
        relabel._model(name, "rjieba", read_card(Path(name))["digest"])
        print("begins", flush=True)  # noqa: T201
        relabel.plan(Place(url, name, "rjieba"), Chosen(), by=by)
        return
    with Corpus.open(url) as corpus:
        print("begins", flush=True)  # noqa: T201
        getattr(relabel, what)(corpus, name, by=by)


if __name__ == "__main__":
    main(*sys.argv[1:])
