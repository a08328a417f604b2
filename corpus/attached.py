"""
What a notice's theme is told from: its own text, or its files' where it says next to nothing.

请见附件 and a link are the whole body of many notices.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corpus.notice import Notice

_HAN = re.compile(r"[\u4e00-\u9fff]")
# The cover of a document that is attached has fewer characters than this.
FEWEST = 150
_MOST = 20_000


def says_little(notice: Notice) -> bool:
    """Return whether the body of a notice is too short to tell what it is about."""
    return len(_HAN.findall(notice.body or "")) < FEWEST


def text_to_classify(notice: Notice, texts: Iterable[str]) -> Notice:
    """Return a notice as it is classified: with the texts of its files if it says little itself."""
    attached = "\n".join(text for text in texts if text)[:_MOST]
    if not attached or not says_little(notice):
        return notice
    return replace(notice, body="\n".join(part for part in (notice.body, attached) if part))
