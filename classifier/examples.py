"""
Made-up notices for every theme of the State Council's list.

A list of themes says little of what belongs under each: nobody who has not read the conventions
knows that driving schools are 公路 and new wall materials 节能. These short titles and paragraphs
were written to say it, each with words that speak for its theme, and most themes have some forty
to a hundred. They teach what few notices can: themes hardly seen, and the words of offices that
no notice came from. They are invented, so nothing is ever measured on them.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from classifier.rows import LabelledNotice
from corpus.notice import Notice
from corpus.taxonomy_file import state_council

if TYPE_CHECKING:
    from corpus.taxonomy import Taxonomy

_FILE = "state_council_examples.tsv"


def examples_for(taxonomy: Taxonomy) -> tuple[LabelledNotice, ...]:
    """Return the made-up notices that belong to a list: none for a list of somebody's own."""
    shipped = state_council()
    same = [(topic.code, topic.label) for topic in taxonomy.topics] == [
        (topic.code, topic.label) for topic in shipped.topics
    ]
    return state_council_examples() if same else ()


@lru_cache(maxsize=1)
def state_council_examples() -> tuple[LabelledNotice, ...]:
    """Return the made-up notices of the shipped list: a title or a paragraph and its topic."""
    taxonomy = state_council()
    text = resources.files("classifier").joinpath(_FILE).read_text("utf-8")
    found = []
    for line in text.splitlines()[1:]:
        code, alternative, title, body = line.split("\t")
        found.append(
            LabelledNotice(
                Notice(title=title or None, body=body or None),
                taxonomy.topic(code),
                taxonomy.topic(alternative) if alternative else None,
            )
        )
    return tuple(found)
