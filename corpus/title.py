"""
Finds the title of a notice in its own text.

A pasted notice often comes without its title field, but hardly ever without its title: it stands
on a line or two above the addressee; below a cover order, above the document that the order
issues; or between 《》 in the order's first sentence. A line of running text is no title, and no
title is better than a wrong one, since a title weighs as much as a whole body.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Title and cover order stand at the top; a title further down is that of an annex.
_LINES_READ = 40
_LONGEST_LINE = 400
_MOST_LINES = 3
_SHORTEST, _LONGEST = 6, 120
_KIND = (
    r"(?:通知|通告|公告|公报|通报|意见|决定|决议|命令|令|函|批复|复函|请示|报告|纪要|方案|办法|规定|细则|规则|条例|规划|"
    r"计划|预案|要点|制度|措施|章程|纲要|指南|标准|规范|目录|清单|名单|倡议书|实施意见|若干意见|说明|解读|公示|"
    r"议案|建议|答复|解释|守则|修正案)"
)
_TAIL = r"(?:[（(〔\[][^（）()\n]{1,30}[）)〕\]]){0,2}"
_LINE_TITLE = re.compile(
    rf"(?P<about>[^。；！？;!?：:，,\n]{{0,40}}关于[^。；！？;!?：:\n]{{2,110}}{_KIND}{_TAIL})"
    rf"|(?P<plain>[^。；！？;!?：:，,\n]{{4,60}}{_KIND}{_TAIL})"
    rf"|(?P<law>中华人民共和国[^。；！？;!?：:，,\n]{{1,40}}法{_TAIL})"
)
# A cover order says in its first sentence what it issues.
_ORDERED = re.compile(
    rf"(?:印发|发布|公布|下发|转发|批转|制定)(?:了)?《(?P<after>[^《》\n]{{4,100}})》"
    rf"|《(?P<before>[^《》\n]{{4,100}}{_KIND}{_TAIL})》(?:已|业|经|现)"
)
# A whole notice on one line: number, issuer and title run into the addressee.
_GLUED = re.compile(
    r"(?:[\u4e00-\u9fa5]{1,15}[〔﹝\[［【（(]\d{4}[〕﹞\]］】）)]\d{1,5}号)?\s*"
    r"(?P<title>[\u4e00-\u9fa5、\s]{0,40}?关于(?:《[^《》\n]{2,100}》|[^。；！？：:，,\n《》]){2,80}?的"
    r"\s*(?:指导|若干|实施)?(?:通知|意见|决定|批复|复函|函|公告|通告|通报|报告|请示))(?=各|有关|为|\s|$|根据|现)"
)
_RUNNING = re.compile(
    r"^(?:根据|按照|依据|为|按|遵照|依照|经|贯彻|落实|现|请|本|第[一二三四五六七八九十]+[章条节])"
)
_NUMBERING = re.compile(
    r"^(?:附件?\s*[0-9一二三四五六七八九十]{0,3}\s*[:：.．、]?|[0-9]{1,2}\s*[.．、](?!\d)|[一二三四五六七八九十]{1,3}、"
    r"|[（(][0-9一二三四五六七八九十]{1,3}[）)]|标\s{0,8}题\s{0,4}[:：])\s*"
)
_HEADING = re.compile(
    r"^[一二三四五六七八九十]{1,3}、|^[（(][一二三四五六七八九十]{1,3}[）)]|^第[一二三四五六七八九十百]+[章条节]"
)
_BLANK_IN_CHINESE = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef“”])\s+|\s+(?=[\u3000-\u9fff\uff00-\uffef“”])"
)
_NUMBER_LINE = re.compile(
    r"[\u4e00-\u9fa5]{1,15}\s?[〔﹝\[［【（(]\s?\d{4}\s?[〕﹞\]］】）)]\s?第?\s?\d{1,5}\s?号"
)
# The label of the title itself, without anything behind it.
_BARE_LABEL = re.compile(r"(?:标\s{0,8}题|题\s{0,8}目|正\s{0,8}文|文件名称)\s{0,4}[:：]?")
# A trail of links is no title, though it ends in 通知公告.
_TRAIL = re.compile(r"[>＞»›]|首页|当前位置")
_ADDRESSEE = re.compile(r"[^。；\n]{2,120}[:：]")
_DATE_LINE = re.compile(
    r"(?:19|20)\d{2}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|[二一][〇○零0一二三四五六七八九]{3}年.{2,8}日"
)


def find_title(body: str) -> str | None:
    """Return the title that a text carries, or ``None`` if it carries none for sure."""
    stripped = (line.strip()[:_LONGEST_LINE] for line in body[:20_000].split("\n"))
    lines = [line for line in stripped if line and not _BARE_LABEL.fullmatch(line)][:_LINES_READ]
    if not lines:
        return None
    addressee = next((n for n, line in enumerate(lines) if _ADDRESSEE.fullmatch(line)), None)
    above = _title_in(lines[: addressee if addressee is not None else _MOST_LINES])
    return above or _title_below_order(lines, addressee) or _ordered(lines) or _glued(lines[0])


def tidy_title(title: str) -> str:
    """Return a title without numbering before it, line breaks, and blanks inside it."""
    one_line = " ".join(title.split())
    # 附件：1.… carries two numberings, one behind the other.
    while (bare := _NUMBERING.sub("", one_line)) != one_line:
        one_line = bare
    return _BLANK_IN_CHINESE.sub("", one_line).strip()


def _title_in(lines: Sequence[str]) -> str | None:
    """Return the first title that stands on one to three of these lines."""
    for start, first in enumerate(lines):
        if _RUNNING.match(first) or (start and _HEADING.match(first)):
            continue
        for count in range(_MOST_LINES, 0, -1):
            title = _as_title(lines[start : start + count], count)
            if title is not None:
                return title
    return None


def _as_title(lines: Sequence[str], count: int) -> str | None:
    """Return some lines joined, if together they read as a title and no line alone ends one."""
    if len(lines) < count or any(_ends_title(line) for line in lines[:-1]):
        return None
    if any(_HEADING.match(line) for line in lines[1:]) or any(map(_is_no_title, lines)):
        return None
    title = tidy_title("".join(lines))
    if not _SHORTEST <= len(title) <= _LONGEST or _RUNNING.match(title):
        return None
    found = _LINE_TITLE.fullmatch(title)
    if found is None:
        return None
    # A numbered first line is a title only if it says what it is about; else it is a heading.
    return title if found["about"] or not _HEADING.match(lines[0]) else None


def _is_no_title(line: str) -> bool:
    """Return whether a line has a date, is a trail of links, or is a document number."""
    return bool(_DATE_LINE.search(line) or _TRAIL.search(line) or _NUMBER_LINE.fullmatch(line))


def _ends_title(line: str) -> bool:
    """Return whether a line already is a title of its own."""
    return _LINE_TITLE.fullmatch(tidy_title(line)) is not None


def _title_below_order(lines: Sequence[str], addressee: int | None) -> str | None:
    """Return the title of the document below a cover order, which ends in a date."""
    if addressee is None:
        return None
    signed = next(
        (n for n, line in enumerate(lines) if n > addressee and _DATE_LINE.fullmatch(line)), None
    )
    return None if signed is None else _title_in(lines[signed + 1 : signed + 1 + _MOST_LINES * 2])


def _ordered(lines: Sequence[str]) -> str | None:
    """Return what the first sentences say they issue."""
    found = _ORDERED.search("\n".join(lines[:4]))
    return None if found is None else tidy_title(found["after"] or found["before"])


def _glued(line: str) -> str | None:
    """Return the title that opens a notice whose line breaks were lost."""
    found = _GLUED.match(line)
    if found is None or _RUNNING.match(found["title"].strip()):
        return None
    return tidy_title(found["title"])
