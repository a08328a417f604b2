"""
The header of a government page: the one table from its labels to our names, and its values.

Labels come padded (``索 引 号``), bulleted, in brackets, in table cells, with either colon or none;
values stand behind the label, on the next line, or are missing, and then the next label follows
at once. So a header is read as a run of labels, and a value is whatever stands between two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from corpus.notice import DATE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

# Labels that several sites use for one thing. An empty name: known, so that it ends a value, but
# not kept. 组配分类 and its like are other schemes of classification, not the theme.
LABELS: dict[str, str] = {
    **dict.fromkeys(("索引号", "信息索引号", "信息索引", "索取号"), "index_number"),
    **dict.fromkeys(("主题分类", "主题类别", "主题"), "declared_topic"),
    **dict.fromkeys(
        (
            "公开主体",
            "发文机关",
            "发文机构",
            "发文单位",
            "发布机构",
            "发布机关",
            "发布单位",
            "主办单位",
            "制发机关",
            "印发机关",
            "公开单位",
        ),
        "issuing_body",
    ),
    **dict.fromkeys(
        ("发文字号", "发文号", "文件编号", "文件字号", "文件号", "文号"), "document_number"
    ),
    **dict.fromkeys(
        ("成文日期", "成文时间", "生成日期", "制发日期", "印发日期", "发文日期", "发文时间"),
        "written_on",
    ),
    **dict.fromkeys(("发布日期", "发布时间", "公开日期", "公开时间"), "published_on"),
    **dict.fromkeys(("生效日期", "生效时间", "实施日期", "施行日期"), "effective_on"),
    **dict.fromkeys(("失效日期", "失效时间", "废止日期", "废止时间", "有效期至"), "expires_on"),
    **dict.fromkeys(("标题", "名称", "公开事项名称", "信息名称", "文件标题"), "title"),
    **dict.fromkeys(("主题词", "关键字", "关键词"), "keywords"),
    **dict.fromkeys(("有效性", "文件状态", "时效性", "时效"), "validity"),
    **dict.fromkeys(("公文种类", "文种", "体裁分类", "文件种类"), "document_type"),
    **dict.fromkeys(
        (
            "组配分类",
            "信息分类",
            "信息类别",
            "分类",
            "公开属性",
            "公开方式",
            "公开类型",
            "公开形式",
            "公开范围",
            "公开时限",
            "统一编号",
            "信息来源",
            "文件来源",
            "来源",
            "内容概述",
            "服务对象分类",
            "服务对象",
            "责任编辑",
            "有效期",
            "访问量",
            "浏览次数",
            "阅读次数",
            "字体",
        ),
        "",
    ),
}
_GAP = r"[ \t\u3000\xa0]*"
_SPACED = "|".join(
    _GAP.join(label) for label in sorted(LABELS, key=lambda label: (-len(label), label))
)
# A label opens a line or a cell, behind bullets or in brackets; or stands inside a line behind a
# blank, but then only with its colon.
_LABEL = re.compile(
    rf"(?:^|(?<=\n)|(?<=\|)){_GAP}(?:[•·*●◆■※▪‣-]{_GAP})*"
    rf"(?:[\[［【]{_GAP}(?P<boxed>{_SPACED}){_GAP}[\]］】]{_GAP}[:：]?"
    rf"|(?P<opening>{_SPACED}){_GAP}(?:[:：]|(?={_GAP}(?:\||\n|$))))"
    rf"|(?<=[ \t\u3000\xa0])(?P<inline>{_SPACED}){_GAP}[:：]"
    rf"|(?<=[ \t\u3000\xa0])[\[［【]{_GAP}(?P<inbox>{_SPACED}){_GAP}[\]］】]{_GAP}[:：]?"
)
# What stands before a label; a search for these and a look behind each is five times as fast as
# trying the label everywhere.
_BEFORE_LABEL = re.compile(
    r"[\n| \t\u3000\xa0](?=[ \t\u3000\xa0•·*●◆■※▪‣\[［【\-"
    rf"{''.join(sorted({label[0] for label in LABELS}))}])"
)
_BLANKS = re.compile(r"\s+")
# What an office writes where it has nothing to say.
PLACEHOLDERS = frozenset({"", "-", "--", "---", "—", "——", "[]", "无", "暂无", "/", "null"})
# Beyond this, a run of labels is no header any more but somebody's table.
_FURTHEST_HEADER = 6000
_LATEST_START = 1500
_LONGEST_VALUE = 200
# A block is a header if it has this many different labels that only headers have.
FEWEST_LABELS = 2
# Shorter lines among labels are remnants of padded labels and of their values.
_SHORTEST_TEXT = 4
# To whom a document is addressed; a label that we do not know ends in a colon as well.
_ADDRESSEE = re.compile(
    r"(?:各|全|局)[^。]{1,100}[:：]|[^。]{1,100}[、，,][^。]{1,100}[:：]"
    r"|[^。]{1,100}(?:单位|政府|委员会|公司|学校|部门|局|厅|办)[:：]"
)
_TELLING = frozenset(
    {"index_number", "declared_topic", "issuing_body", "document_number", "validity", *DATE_FIELDS}
)
# Their values may be sentences, also on the line below.
_PROSE = frozenset({"内容概述"})
_AROUND_LABEL = ":：[]［］【】•·*●◆■※▪‣-|"
_PADDING = " \t\r\u3000\xa0|•·*●◆■※▪‣"
_NEXT_LINE = re.compile(r"\n(?:[ \t\u3000\xa0|]*\n){0,2}([^\n]*)")
_LAST_VALUES = {
    "date": r"(?:19|20)\d{6}|(?:19|20)\d{2}[年./-].{2,24}|--|"
    r"[二一][〇○零ＯOo0一二三四五六七八九]{3}年.{2,10}",
    "validity": r"是|否|有效|无效|失效|废止|已废止|已失效|现行有效|--",
    "issuing_body": r"[\u4e00-\u9fff（）()]{2,40}(?:[局府厅部委会办室院处署社司站队]|中心)",
    "document_number": r".{1,20}[〔﹝\[［【（(]\s*\d{4}\s*[〕﹞\]］】）)].{1,8}号",
    "index_number": r"[0-9A-Za-z/_-]{8,40}",
    "declared_topic": r"[\u4e00-\u9fff、（）()]{2,20}\s*[-\\/]\s*[\u4e00-\u9fff、（）()]{0,20}|--",
    "document_type": r"[\u4e00-\u9fff]{1,6}",
    "keywords": r"--",
    "": r"主动公开|依申请公开|不予公开|--",
}

_ARABIC_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d{2})\s{0,4}[年./-]\s{0,4}(\d{1,2})\s{0,4}[月./-]\s{0,4}(\d{2}(?=\d{2}:\d{2})|\d{1,2}(?!\d))\s{0,4}日?"
)
_COMPACT_DATE = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_CHINESE_DATE = re.compile(
    r"([二一][〇○零ＯOo0一二三四五六七八九]{3})\s{0,4}年\s{0,4}([元一二三四五六七八九十]{1,3})\s{0,4}月"
    r"\s{0,4}([一二三四五六七八九十廿卅]{1,3})\s{0,4}日"
)
_DIGITS = {
    **dict.fromkeys("〇○零ＯOo0", 0),
    **{character: number for number, character in enumerate("一二三四五六七八九", start=1)},
}
_OPEN, _CLOSE = r"[〔﹝\[［【（(〈<]", r"[〕﹞\]］】）)〉>]"
_DOCUMENT_NUMBER = re.compile(
    rf"(?P<org>[\u4e00-\u9fa5]{{1,15}})\s{{0,4}}(?P<open>{_OPEN})\s{{0,4}}(?P<year>(?:19|20)\d{{2}})"
    rf"\s{{0,4}}(?P<close>{_CLOSE})\s{{0,4}}(?P<nth>第?)\s{{0,4}}(?P<number>\d{{1,5}})\s{{0,4}}号"
)
_ORDER_NUMBER = re.compile(
    r"[\u4e00-\u9fa5]{2,20}令\s{0,4}(?:[〔（(\[]\s{0,4}(?:19|20)\d{2}\s{0,4}[〕）)\]])?\s{0,4}"
    r"第\s{0,4}[0-9一二三四五六七八九十百零〇]{1,6}\s{0,4}号"
)
# Words that get glued before the agency's code when a number is taken out of a sentence.
_GLUED = re.compile(
    r"^.*(?:关于|根据|按照|依据|依照|印发|转发|批转|下发|文件|通知|精神|以及|执行|废止|原|以|据|和|与|见)"
)


@dataclass(frozen=True, slots=True)
class Header:
    """
    What a header says, by our names, as printed.

    *start* and *end* bound the block in the text; all of it is header, values included, but for
    *between*: lines among the labels that are no value of any, such as a title.
    """

    values: dict[str, str] = field(default_factory=dict)
    between: tuple[str, ...] = ()
    start: int = 0
    end: int = 0


def read_header(text: str) -> Header:
    """Return the header block near the top of a text; empty where there is none."""
    # A table copied from a page has tabs between its cells.
    text = text.replace("\t", "|")
    found = _before_the_document(text, _labels(text[:_FURTHEST_HEADER]))
    names = [LABELS[_BLANKS.sub("", next(filter(None, m.groups())))] for m in found]
    if len(_TELLING & set(names)) < FEWEST_LABELS:
        return Header()
    values: dict[str, str] = {}
    between: list[str] = []
    end = found[0].end()
    for number, (match, name) in enumerate(zip(found, names, strict=True)):
        start = match.end()
        last = number == len(found) - 1
        stop = _last_value_end(text, start, name) if last else found[number + 1].start()
        value, *others = _cells(text[start:stop]) or [""]
        between.extend(_unclaimed(others))
        end = stop
        if name and _is_value(value) and name not in values:
            values[name] = value
    return Header(values, tuple(between), found[0].start(), end)


def _labels(head: str) -> list[re.Match[str]]:
    """Return the labels of the first block of labels: those that stand close together."""
    block: list[re.Match[str]] = []
    for match in _all_labels(head):
        if block and match.start() - block[-1].end() > _LONGEST_VALUE:
            if len(block) > FEWEST_LABELS:
                break
            block = []
        block.append(match)
    return block if block and block[0].start() <= _LATEST_START else []


def _all_labels(head: str) -> Iterator[re.Match[str]]:
    """Yield all labels of a text, in order."""
    end = 0
    for start in chain([0], (before.end() for before in _BEFORE_LABEL.finditer(head))):
        if start >= end and (label := _LABEL.match(head, start)):
            yield label
            end = label.end()


def _last_value_end(text: str, start: int, name: str) -> int:
    """
    Return where the value of the last label ends.

    Behind it the document itself begins, so a value on a line below counts only if it looks like
    a value of this field; else the label has none.
    """
    line_end = text.find("\n", start)
    if line_end == -1:
        return len(text)
    if text[start:line_end].strip(_PADDING):
        return line_end
    below = _NEXT_LINE.match(text, line_end)
    pattern = _LAST_VALUES.get("date" if name in DATE_FIELDS else name)
    if below is None or pattern is None or not re.fullmatch(pattern, below[1].strip(_PADDING)):
        return line_end
    return below.end()


def _cells(text: str) -> list[str]:
    """Return the lines and cells of a text that hold something, without their padding."""
    stripped = (cell.strip(_PADDING) for cell in re.split(r"[\n|]", text))
    return [re.sub(r"^-\s+|\s+-$", "", cell) for cell in stripped if cell]


def _is_value(text: str) -> bool:
    """Return whether what stands behind a label says something."""
    return text.lower() not in PLACEHOLDERS and len(text) <= _LONGEST_VALUE


def _before_the_document(text: str, labels: list[re.Match[str]]) -> list[re.Match[str]]:
    """
    Return the labels that stand before the document begins.

    Between two labels of one header there is no sentence and no addressee; where there is one, the
    labels behind it are words of the document, or its footer.
    """
    for number, (label, following) in enumerate(pairwise(labels), start=1):
        value, _, below = text[label.end() : following.start()].partition("\n")
        if _BLANKS.sub("", label[0]).strip(_AROUND_LABEL) in _PROSE and not value.strip(_PADDING):
            below = below.lstrip("\n").partition("\n")[2]
        if begins_document(below):
            return labels[:number]
    return labels


def begins_document(text: str) -> bool:
    """Return whether a text holds a sentence or an addressee, which no header has."""
    return any(
        "。" in line or _ADDRESSEE.fullmatch(line.strip(_PADDING)) for line in text.split("\n")
    )


def _unclaimed(lines: list[str]) -> Iterator[str]:
    """
    Yield the lines among labels that belong to the document rather than to the header.

    A short line, a label that we do not know, and the line behind it are the header's.
    """
    unknown = False
    for line in lines:
        label = line.endswith((":", "："))
        if not label and not unknown and len(line) >= _SHORTEST_TEXT:
            yield line
        unknown = label


def read_labelled_date(text: str) -> date | None:
    """
    Return the date behind a label of a date, which may also be written 20240531.

    Such a run of digits is a date only there: elsewhere it is a number.
    """
    compact = _COMPACT_DATE.fullmatch(text.strip())
    if compact is not None:
        return _date(int(compact[1]), int(compact[2]), int(compact[3]))
    return read_date(text)


def read_date(text: str) -> date | None:
    """Return the first date of a text, in Arabic or Chinese numerals; ``None`` if it has none."""
    match = _ARABIC_DATE.search(text)
    if match is not None:
        return _date(int(match[1]), int(match[2]), int(match[3]))
    match = _CHINESE_DATE.search(text)
    if match is None:
        return None
    year = int("".join(str(_DIGITS[character]) for character in match[1]))
    return _date(year, _small_number(match[2]), _small_number(match[3]))


def _date(year: int, month: int, day: int) -> date | None:
    """Return a date, or ``None`` for one that is in no calendar."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _small_number(text: str) -> int:
    """Return a Chinese number from one to thirty-nine; 元 is one."""
    text = text.replace("元", "一").replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.partition("十")
    if not ten:
        return int("".join(str(_DIGITS.get(character, 0)) for character in text) or 0)
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def read_document_number(text: str) -> str | None:
    """
    Return the first document number (发文字号) of a text, without blanks, brackets as printed.

    Words that stand glued before the agency's code are cut off.
    """
    match = _DOCUMENT_NUMBER.search(text)
    if match is not None:
        agency = _GLUED.sub("", match["org"]) or match["org"]
        year = f"{match['open']}{match['year']}{match['close']}"
        return f"{agency}{year}{match['nth']}{match['number']}号"
    match = _ORDER_NUMBER.search(text)
    return None if match is None else _BLANKS.sub("", match[0])


def same_document_number(one: str, other: str) -> bool:
    """Return whether two document numbers are the same in other brackets, blanks or zeros."""
    return normal_document_number(one) == normal_document_number(other)


def normal_document_number(number: str) -> str:
    """Return a document number as it is compared."""
    number = re.sub(_OPEN, "〔", re.sub(_CLOSE, "〕", _BLANKS.sub("", number)))
    return re.sub(r"〕第?0*(?=\d)", "〕", number)
