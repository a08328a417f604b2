"""
Pages that are no notice: challenges, log-ins, errors, shells that a script would fill.

They come with status 200 like any other, and stored as notices they would poison the archive.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.errors import RefusedPageError
from corpus.page_text import readable

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CHALLENGE_CODE = re.compile(
    r"__jsl_clearance|__jsluid|acw_sc__v2|FSSBBIl1UgzbN7N80|\$_ts\s*=\s*window|C3VK|EO_Bot|CT6T"
    r"|_cf_chl_opt|cdn-cgi/challenge|aliyun_waf|safeline|yunsuo_session",
    re.IGNORECASE,
)
_CHALLENGE_WORDS = re.compile(
    r"创宇盾|知道创宇|云防御|云堤|安全狗|网站防火墙|人机验证|滑动验证|安全验证|请完成验证"
    r"|访问(?:请求)?(?:被|已被)?(?:拦截|阻断|拒绝)|您的(?:访问|请求).{0,10}(?:异常|拦截|禁止)|请开启\s*JavaScript"
    r"|Checking your browser|Just a moment|Access Denied|Request blocked",
    re.IGNORECASE,
)
_ERROR_WORDS = re.compile(
    r"\b(?:400|403|404|410|500|502|503|504)\b"
    r"|(?:页面|网页|文件|信息|内容|文章|您.{0,8}页面)(?:已?不存在|未找到|找不到|已(?:被)?删除|丢失)"
    r"|找不到(?:页面|文件|该页|您)|无法找到|服务器(?:内部)?错误|系统(?:繁忙|维护|异常|错误)"
    r"|Not Found|Bad Gateway|Internal Server Error|Service Unavailable|Forbidden|出错了|无权访问",
    re.IGNORECASE,
)
_LOGIN_WORDS = re.compile(r"登录|登陆|login|sign in", re.IGNORECASE)
_FILES = (
    ("%PDF", "a PDF file"),
    ("PK\x03\x04", "a zip, docx, xlsx or ofd file"),
    ("\ufffdPNG", "a picture"),
    ("GIF8", "a picture"),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")
_MOST_BROKEN = 0.05
_HAN = re.compile(r"[\u4e00-\u9fff]")
# A page that says more than this says something else than that it cannot be shown.
_SHORT = 400
_SHELL = 60
_FEW = 6
_SENTENCES = re.compile(r"[。；]")


def refuse_if_no_page(text: str, root: HtmlElement | None) -> None:
    """
    Raise if a page is not one of a site's own, or holds nothing yet.

    Raises:
        RefusedPageError: If it is empty, a challenge, a log-in, an error or a shell.
    """
    if root is None or not text.strip():
        raise RefusedPageError("empty", "the page holds nothing.")
    kind = next((name for magic, name in _FILES if text.startswith(magic)), None)
    noise = text.count("\ufffd") + len(_CONTROLS.findall(text))
    if kind is not None or noise > len(text) * _MOST_BROKEN:
        raise RefusedPageError("file", f"it is no page but {kind or 'a binary file'}.")
    title = " ".join((root.findtext(".//title") or "").split())
    shown = readable(root)
    said = f"{title}\n{shown}"
    if len(shown) > _SHORT:
        return
    if _CHALLENGE_CODE.search(text) or _CHALLENGE_WORDS.search(said):
        raise RefusedPageError(
            "challenge", "the site asks whether a browser or a person is there; nothing was read."
        )
    if root.find(".//input[@type='password']") is not None and _LOGIN_WORDS.search(text):
        raise RefusedPageError("login", "the site asks who is there; the page is behind a log-in.")
    if _ERROR_WORDS.search(said) and len(_SENTENCES.findall(shown)) <= _FEW:
        raise RefusedPageError("error", f"the site says that it has no such page: {said[:80]!r}.")
    if len(_HAN.findall(shown)) < _SHELL and _is_shell(root):
        raise RefusedPageError(
            "shell",
            "the page is empty until a script has filled it; read what that script asks for.",
        )


def _is_shell(root: HtmlElement) -> bool:
    """Return whether scripts would fill a page."""
    scripts = sum(1 for _ in root.iter("script"))
    holders = root.xpath("//*[@id='app' or @id='root' or @ng-app or @ng-view or @id='main-app']")
    return bool(holders) or scripts >= 1
