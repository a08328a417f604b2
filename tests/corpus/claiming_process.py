"""
A process that asks for questions and decides them, and prints which; tests run several at once.

    python claiming_process.py URL WHO
"""

from __future__ import annotations

import sys

from corpus.store import Corpus


def review(url, who):
    with Corpus.open(url) as corpus:
        while asked := corpus.review().next(who, count=2):
            for question in asked:
                print("got", question.notice.id, flush=True)  # noqa: T201
            decision = corpus.review().decide(asked[0].notice.id, "1102", by=who)
            print("decided", decision.notice, flush=True)  # noqa: T201


if __name__ == "__main__":
    review(sys.argv[1], sys.argv[2])
