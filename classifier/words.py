"""
What an answer says in words: why it is not sure, or why it says nothing.

These sentences are read by publishing staff, so they are Chinese and name what to do.
"""

from __future__ import annotations

import re
from math import floor
from typing import TYPE_CHECKING

from classifier.suggestion import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.suggestion import Suggestion
    from classifier.thresholds import Thresholds
    from corpus.notice import Notice
    from corpus.taxonomy import Topic

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def reason_for_silence(notice: Notice, *, known: int) -> str | None:
    """Return why no topic can be suggested at all, or ``None`` if there is something to read."""
    text = f"{notice.title or ''}{notice.body or ''}"
    if not text.strip():
        return "没有标题也没有正文，无法建议主题。请粘贴公文的标题或正文。"
    if not _HAN.search(text):
        return "文中没有汉字，无法建议主题。本系统只读中文公文。"
    if not known:
        return "文中没有模型认识的词语，无法建议主题。请补充标题或正文。"
    return None


def reason_for(
    verdict: Verdict,
    best: Suggestion,
    level_1: Suggestion,
    thresholds: Thresholds,
    pending: Sequence[Topic] = (),
) -> str | None:
    """Return why an answer should not be taken as it is, or ``None`` if it may be."""
    if verdict is Verdict.ACCEPT:
        return None
    found = f"最可能的主题概率为{_percent(best.probability)}"
    if pending:
        topics = " / ".join(topic.label for topic in pending)
        return (
            f"{level_1.topic.label} → 待选：{topics}。一级主题有把握；二级{found}，"
            f"未达到可直接采用的{_percent(thresholds.accept)}，请选定。"
            if thresholds.accept <= 1
            else f"{level_1.topic.label} → 待选：{topics}。一级主题有把握；二级{found}，请选定。"
        )
    if verdict is Verdict.ABSTAIN:
        return (
            f"{found}，没有主题达到{_percent(thresholds.abstain)}：可暂选“其他”，"
            "下列为最接近的主题，供参考。"
        )
    if thresholds.accept > 1:
        return f"{found}；本模型不能保证所承诺的正确率，请复核。"
    return f"{found}，未达到可直接采用的{_percent(thresholds.accept)}，请复核。"


def _percent(probability: float) -> str:
    """Return a probability as percent, rounded down so that nothing looks reached."""
    return f"{floor(probability * 1000) / 10:g}%"
