"""
Errors as problem details: what was wrong, what was expected and what to do, in both languages.

Source: RFC 9457. ``title`` and ``detail`` are Chinese; ``title_en`` and ``detail_en`` say the same
in English; ``errors`` names the fields of a notice that cannot be used.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

logger = logging.getLogger("zhuti.service")

MEDIA_TYPE = "application/problem+json"

# Status to the name in the type URI, and the title in both languages.
TITLES = {
    400: ("invalid-json", "请求不是有效的 JSON", "The request is not valid JSON"),
    404: ("not-found", "没有这个地址", "There is nothing at this address"),
    405: ("method-not-allowed", "这个地址不接受此方法", "This address does not take this method"),
    413: ("too-large", "请求过大", "The request is too large"),
    422: ("invalid-notice", "请求内容不符合要求", "The request does not have the expected shape"),
    500: ("internal-error", "服务出错", "The service failed"),
    503: ("not-ready", "服务尚未就绪", "The service is not ready"),
}


class ProblemError(Exception):
    """Something wrong with a request, said in Chinese and in English."""

    def __init__(
        self,
        status: int,
        detail: str,
        detail_en: str,
        *,
        errors: list[dict[str, str]] | None = None,
    ) -> None:
        super().__init__(detail_en)
        self.status = status
        self.detail = detail
        self.detail_en = detail_en
        self.errors = errors


def problem_response(
    status: int,
    detail: str,
    detail_en: str,
    *,
    instance: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return a problem as an HTTP answer."""
    name, title, title_en = TITLES.get(status, (f"http-{status}", "请求未能完成", "Request failed"))
    problem: dict[str, Any] = {
        "type": f"urn:zhuti:problem:{name}",
        "title": title,
        "title_en": title_en,
        "status": status,
        "detail": detail,
        "detail_en": detail_en,
        "instance": instance,
    }
    if errors:
        problem["errors"] = errors
    body = json.dumps(problem, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make an application answer every error with problem details."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(Exception, _unexpected)


async def _problem(request: Request, error: Exception) -> Response:
    """Answer an error of our own."""
    assert isinstance(error, ProblemError)  # noqa: S101 (installed for this class)
    return problem_response(
        error.status, error.detail, error.detail_en, instance=request.url.path, errors=error.errors
    )


async def _http(request: Request, error: Exception) -> Response:
    """Answer an error of the framework: no such address, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    path = request.url.path
    details = {
        404: (f"没有 {path}。接口说明见 /docs。", f"There is no {path}. See /docs."),
        405: (
            f"{path} 不接受 {request.method}。接口说明见 /docs。",
            f"{path} does not take {request.method}. See /docs.",
        ),
    }
    detail, detail_en = details.get(error.status_code, (str(error.detail), str(error.detail)))
    headers = dict(error.headers) if error.headers else None
    return problem_response(error.status_code, detail, detail_en, instance=path, headers=headers)


async def _validation(request: Request, error: Exception) -> Response:
    """Answer a query parameter of the wrong type or range."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [
        {"field": ".".join(map(str, one["loc"])), "detail": str(one["msg"])}
        for one in error.errors()
    ]
    names = "、".join(one["field"] for one in errors)
    return problem_response(
        422,
        f"参数 {names} 不符合要求，请按 errors 所列更正。",
        f"Parameter {names} is not as expected; see errors.",
        instance=request.url.path,
        errors=errors,
    )


async def _unexpected(request: Request, error: Exception) -> Response:
    """Answer what should not happen; the log gets the traceback, nobody gets the text."""
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_response(
        500,
        "服务内部出错，文本未被保存。请稍后再试；若再次发生，请联系管理员查看日志。",
        "Something failed inside; the text was not kept. Try again, or ask for the log to be read.",
        instance=request.url.path,
    )
