"""
Topics as a person names them: by the code, or as a page prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.taxonomy import Taxonomy, Topic

_LONGEST_LABEL = 200


def read_topic(taxonomy: Taxonomy, text: str) -> Topic:
    """
    Return the topic of a code or a printed label.

    Raises:
        UnknownTopicError: If the list has no such topic.
    """
    asked = text.strip()
    topic = None if asked in taxonomy else taxonomy.read(asked[:_LONGEST_LABEL])
    return taxonomy.topic(asked) if topic is None else topic
