"""
A whole pasted page to a notice: header, title, body, attachments; what visitors see cut away.

Every door calls :func:`complete`: whatever somebody knows of a notice is kept, and what is
missing is read from the text. Doing it twice changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from corpus.fields import begins_document, read_document_number, read_header, read_labelled_date
from corpus.notice import DATE_FIELDS, Attachment, Notice
from corpus.text import clean
from corpus.title import find_title, tidy_title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from corpus.fields import Header

# Sentences that the page says to its visitors, wherever they stand.
_PROMPTED = ("为本文选择一个合适的主题", "查看咨询回复情况")
_PROMPTS = re.compile(
    r"为了便于其他人查询和了解政策[,，]\s{0,4}请为本文选择一个合适的主题[。.]?|可登录个人中心查看咨询回复情况[。.]?"
)
# The same, but only as a line of their own: the words are ordinary ones.
_WIDGETS = re.compile(
    r"^[ \t\u3000]*(?:扫一扫在?手机(?:上)?打开(?:当前|本)?页面?|Scan me!?|文件预览|附件下载"
    r"|相关链接|相关附件|公众评价|\d+位公众参与评价|打印本页|关闭窗口|分享到[:：]?|我要纠错"
    r"|正[ \t\u3000]*文[:：]"
    r"|【?(?:打印|关闭|收藏)】?|【字体[:：].{0,12}】|浏览次数[:：]\s*\d*)[ \t\u3000]*$",
    re.MULTILINE,
)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")
_ADDRESSEE = re.compile(r"^[^。；\n]{2,120}[:：]$", re.MULTILINE)
_NUMBER_LINE = re.compile(
    r"^[ \t\u3000]*([\u4e00-\u9fa5]{1,15}\s?[〔﹝\[［【（(]\s?(?:19|20)\d{2}\s?[〕﹞\]］】）)]"
    r"\s?第?\s?\d{1,5}\s?号)[ \t\u3000]*$",
    re.MULTILINE,
)
_NUMBER_BEHIND = re.compile(
    r"[（(]([\u4e00-\u9fa5]{1,15}[〔﹝\[［【]\d{4}[〕﹞\]］】]第?\d{1,5}号)[）)]$"
)
# A document number of its own stands above the text; further down it is a citation.
_NUMBER_WITHIN = 600
# Opens a line; that is looked at last, since a search for one character is fast.
_ATTACHMENT_NOTE = re.compile(r"附\s{0,4}件\s{0,4}[:：][ \t\u3000]*(\S.*)$", re.MULTILINE)
_NEXT_ATTACHMENT = re.compile(r"[ \t\u3000]*(\d{1,2}\s{0,2}[.．、]\s{0,2}\S.*)")
_ATTACHMENT_NUMBER = re.compile(r"^\d{1,2}\s{0,2}[.．、]\s{0,2}")
_LONGEST_ATTACHMENT = 120
_NAMES = tuple(field.name for field in fields(Notice))
_MOST_HEADERS = 3
_LONGEST_ABOVE = 300
_DOCUMENT_TYPES = (
    "决议",
    "决定",
    "命令",
    "公报",
    "公告",
    "通告",
    "意见",
    "通知",
    "通报",
    "报告",
    "请示",
    "批复",
    "议案",
    "函",
    "纪要",
)
_LONGEST_TRAIL = 200
_TRAILING = re.compile(r"(?:[（(〔\[][^（）()〔〕\[\]]{1,40}[）)〕\]])+$")


def read_paste(text: str) -> Notice:
    """Return the notice of a whole pasted page: header, body, attachments as flattened tables."""
    return complete(Notice(body=text))


def complete(notice: Notice) -> Notice:
    """
    Return a notice with everything that its own text says of it.

    What is given wins over what is read. The header is cut from the body, and so is what the
    page says to visitors; nothing else of the body is touched.
    """
    notice = _cleaned(notice)
    body, known = _without_headers(notice.body or "")
    given = {name for name in _NAMES if getattr(notice, name)}
    known = {name: value for name, value in known.items() if value and name not in given}
    return with_found(_changed(notice, {**known, "body": body or None}))


def read_texts(title: str | None, body: str | None, issuing_body: str | None = None) -> Notice:
    """
    Return only the title, the body and the issuing body that :func:`complete` finds.

    This is what a model reads; the rest takes as long again.
    """
    body, known = _without_headers(clean(body or ""))
    title = clean(title or "").strip() or known.get("title")
    return Notice(
        title=tidy_title(title or "") or find_title(body),
        body=body or None,
        issuing_body=clean(issuing_body or "").strip() or known.get("issuing_body") or None,
    )


def _without_headers(body: str) -> tuple[str, dict[str, Any]]:
    """Return a clean body without its headers and what visitors see, and what the headers say."""
    body = without_widgets(body)
    known: dict[str, Any] = {}
    # Some pages print their header twice, the second time below the title.
    for number in range(_MOST_HEADERS):
        header = read_header(body)
        # Labels below the beginning of the document are words of its own.
        if not header.end or (number and begins_document(body[: header.start])):
            break
        known = {**_known(header.values), **known}
        body = _without_header(body, header, known)
    return body.strip("\n"), known


def with_found(notice: Notice) -> Notice:
    """Fill in what stands in the text itself, without a label."""
    body = notice.body or ""
    title = tidy_title(notice.title or "") or find_title(body)
    return _changed(
        notice,
        {
            "title": title,
            "document_number": notice.document_number or _number_without_label(title or "", body),
            "document_type": notice.document_type or document_type_of(title or ""),
            "attachments": notice.attachments or _attachments(body),
        },
    )


def _cleaned(notice: Notice) -> Notice:
    """Return a notice whose texts are clean; empty ones are unknown."""
    changes: dict[str, Any] = {}
    for name in _NAMES:
        value = getattr(notice, name)
        if isinstance(value, str):
            text = clean(value)
            changes[name] = (text if name == "body" else text.strip()) or None
    return _changed(notice, changes)


def _changed(notice: Notice, changes: Mapping[str, Any]) -> Notice:
    """Return a notice with some of its fields changed; itself where none is, which costs less."""
    if all(getattr(notice, name) == value for name, value in changes.items()):
        return notice
    return replace(notice, **changes)


def without_widgets(body: str) -> str:
    """Return a body without what the page says to its visitors."""
    shorter = body
    if any(prompt in body for prompt in _PROMPTED):
        shorter = _PROMPTS.sub("", shorter)
    # Asked line by line, the pattern fails at the first character of most.
    if any(map(_WIDGETS.match, shorter.split("\n"))):
        shorter = _WIDGETS.sub("", shorter)
    return body if shorter == body else _BLANK_LINES.sub("\n\n", shorter).rstrip()


def _known(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that a header gives, as a notice holds them."""
    known: dict[str, Any] = dict(values)
    for name in DATE_FIELDS:
        if name in known:
            known[name] = read_labelled_date(known[name])
    if "document_number" in known:
        printed = "".join(known["document_number"].split())
        known["document_number"] = read_document_number(printed) or printed
    if "index_number" in known:
        known["index_number"] = "".join(known["index_number"].split())
    return known


def _without_header(body: str, header: Header, known: dict[str, Any]) -> str:
    """
    Return a body without its header; a title that stands above it becomes known.

    What stands above a header is the site's name, a trail of links, a title. If it is more than
    that it is text, and stays.
    """
    above = body[: header.start].strip("\n")
    kept = [*header.between, body[header.end :].lstrip("\n")]
    if len(above) > _LONGEST_ABOVE or "。" in above:
        return "\n".join([above, *kept])
    known.setdefault("title", find_title(above))
    return "\n".join(kept)


def _number_without_label(title: str, body: str) -> str | None:
    """Return the document number in the title's last brackets or on its own line above the text."""
    behind = _NUMBER_BEHIND.search(title)
    if behind is not None:
        return read_document_number(behind[1])
    head = body[:_NUMBER_WITHIN]
    addressee = _ADDRESSEE.search(head)
    line = _NUMBER_LINE.search(head[: addressee.start()] if addressee else head)
    return None if line is None else read_document_number(line[1])


def document_type_of(title: str) -> str | None:
    """Return which of the fifteen kinds of document (公文种类) a title names at its end."""
    # What trails behind is short; brackets without end would take quadratic time.
    bare = _TRAILING.sub("", title[-_LONGEST_TRAIL:])
    if bare.endswith("令"):
        return "命令"
    return next((kind for kind in _DOCUMENT_TYPES if bare.endswith(kind)), None)


def _attachments(body: str) -> tuple[Attachment, ...]:
    """Return the names in the note on attachments (附件：1.… 2.…)."""
    note = next(filter(_opens_line, _ATTACHMENT_NOTE.finditer(body)), None)
    if note is None:
        return ()
    lines = [note[1]]
    for line in body[note.end() : note.end() + 5000].lstrip("\n").split("\n"):
        following = _NEXT_ATTACHMENT.fullmatch(line)
        if following is None:
            break
        lines.append(following[1])
    names = (_ATTACHMENT_NUMBER.sub("", line).strip() for line in lines)
    return tuple(Attachment(name[:_LONGEST_ATTACHMENT]) for name in names if name)


def _opens_line(match: re.Match[str]) -> bool:
    """Return whether nothing but blanks stands before a match on its line."""
    text, start = match.string, match.start()
    return not text[text.rfind("\n", 0, start) + 1 : start].strip(" \t\u3000")
