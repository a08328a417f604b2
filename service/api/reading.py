"""
A request's body to notices, and what is wrong with it in both languages.

The body is parsed once and checked by the same function that checks the command line's input; the
models in :mod:`service.api.schemas` only document it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from corpus.errors import InvalidNoticeError
from corpus.exchange import FIELDS, notice_from_json
from service.problems import ProblemError

if TYPE_CHECKING:
    from starlette.requests import Request

    from corpus.notice import Notice

# What JSON calls a value, in Chinese and in English.
_KINDS = {
    "object": ("对象", "an object"),
    "array": ("数组", "an array"),
    "string": ("文本", "text"),
    "boolean": ("布尔值", "a boolean"),
    "number": ("数字", "a number"),
    "null": ("null", "null"),
}
_KIND_OF = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}


async def read_json(request: Request) -> Any:
    """
    Return what a request's body holds.

    Raises:
        ProblemError: 400 if it is no JSON in UTF-8, saying where it stops being it.
    """
    data = await request.body()
    if not data.strip():
        raise ProblemError(
            400,
            '请求体为空。请提交 JSON，例如 {"title": "…", "body": "…"}。',
            'The body is empty. Send JSON, for example {"title": "…", "body": "…"}.',
        )
    try:
        return json.loads(data)
    except UnicodeDecodeError as error:
        raise ProblemError(
            400,
            f"请求体不是 UTF-8 编码（第 {error.start} 字节）。请把 GBK 等编码转为 UTF-8 再提交。",
            f"The body is not UTF-8 (byte {error.start}). Convert GBK and the like to UTF-8 first.",
        ) from None
    except json.JSONDecodeError as error:
        raise ProblemError(
            400,
            f"请求体不是有效的 JSON：第 {error.lineno} 行第 {error.colno} 列有误。",
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
        ) from None
    except (ValueError, RecursionError):
        raise ProblemError(
            400,
            "请求体中的数字过长或嵌套过深。请只提交公文的各字段。",
            "The body has a number too long or is nested too deeply. Send a notice's fields only.",
        ) from None


def read_notice(value: object, *, where: str = "") -> Notice:
    """
    Return the notice that a JSON value describes.

    Args:
        value: What the body, or one entry of a batch, holds.
        where: The path of that entry, such as ``notices[3]``; empty for a single notice.

    Raises:
        ProblemError: 422, naming the field.
    """
    if not isinstance(value, dict):
        found = _KINDS[_KIND_OF.get(type(value), "number")]
        raise _invalid(where or "body", found, ("公文对象", "a notice object"))
    if value and not any(name in value for name in FIELDS):
        known = ", ".join(FIELDS)
        raise ProblemError(
            422,
            f"{where or '请求'}中没有任何公文字段。可用的字段：{known}。",
            f"{where or 'The request'} has none of a notice's fields: {known}.",
            errors=[{"field": where or "body", "detail": "no known field"}],
        )
    try:
        return notice_from_json(value)
    except InvalidNoticeError as error:
        path = f"{where}.{error.field}" if where else error.field
        found, expected = _in_words(value, error)
        raise _invalid(path, found, expected) from None


def _in_words(
    value: dict[str, Any], error: InvalidNoticeError
) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return what was found and what was expected, in Chinese and English."""
    bad = value.get(error.field)
    if isinstance(bad, str):
        found = (f"“{bad[:40]}”", repr(bad[:40]))
    else:
        found = _KINDS[error.found.removeprefix("a JSON ")]
    if error.expected.startswith("a date"):
        return found, ("形如 2024-05-31 的日期", "a date such as 2024-05-31")
    if error.expected.startswith("a list"):
        return found, ("[{name, url}] 列表", "a list of {name, url}")
    return found, ("文本", "text")


def _invalid(path: str, found: tuple[str, str], expected: tuple[str, str]) -> ProblemError:
    """Return the problem of one field."""
    return ProblemError(
        422,
        f"{path} 是{found[0]}，应为{expected[0]}。",
        f"{path} is {found[1]}; expected {expected[1]}.",
        errors=[{"field": path, "detail": f"{found[1]}; expected {expected[1]}"}],
    )
