"""
A process that writes into a corpus and prints what was confirmed; tests run it and kill it.

    python writing_process.py URL PREFIX COUNT
"""

from __future__ import annotations

import sys
from itertools import islice

from corpus.notice import Attachment, Notice
from corpus.store import Corpus
from corpus.stored import Source


def notices(prefix):
    number = 0
    while True:
        yield Notice(
            id=f"{prefix}-{number}",
            title=f"通知{number}",
            body=f"{prefix}第{number}号" * 300,
            declared_topic="工业、交通-公路",
            attachments=(Attachment("一"), Attachment("二")),
        )
        number += 1


def write(url, prefix, count):
    with Corpus.open(url) as corpus:
        coming = notices(prefix)
        written = 0
        while written < count:
            for change in corpus.add_all(islice(coming, 3), by=prefix):
                print(change.id, flush=True)  # noqa: T201
                written += 1
            tag = corpus.tag(change.id, "1102", source=Source.PUBLISHER, by=prefix)
            print(change.id, tag.id, flush=True)  # noqa: T201


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], int(sys.argv[3]))
