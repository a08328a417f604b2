"""
Errors as problem details: what was wrong, what was expected and what to do, in both languages.

Source: RFC 9457. ``title`` and ``detail`` are Chinese; ``title_en`` and ``detail_en`` say the same
in English; ``errors`` names the fields of a notice that cannot be used. Who reads pages in a
browser gets the Chinese as a page.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from corpus.errors import (
    CorpusError,
    InvalidNoticeError,
    QuestionSettledError,
    QuestionTakenError,
    SearchIndexError,
    StoreError,
    UnknownDecisionError,
    UnknownNoticeError,
    UnknownQuestionError,
    UnknownTagError,
    UnknownTopicError,
)
from corpus.review_records import BEIJING
from service.page_templates import page, root_of

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

logger = logging.getLogger("zhuti.service")

MEDIA_TYPE = "application/problem+json"
_UNAVAILABLE = 503
_TRY_AGAIN = {"Retry-After": "2"}

# Status to the name in the type URI, and the title in both languages.
TITLES = {
    400: ("invalid-json", "请求不是有效的 JSON", "The request is not valid JSON"),
    404: ("not-found", "没有这个地址", "There is nothing at this address"),
    405: ("method-not-allowed", "这个地址不接受此方法", "This address does not take this method"),
    409: ("nothing-to-undo", "没有可撤销的选择", "There is nothing to undo"),
    413: ("too-large", "请求过大", "The request is too large"),
    422: ("invalid-notice", "请求内容不符合要求", "The request does not have the expected shape"),
    500: ("internal-error", "服务出错", "The service failed"),
    503: ("not-ready", "服务尚未就绪", "The service is not ready"),
}
# Where one status has several reasons: the name in the type URI, and the title.
KINDS = {
    "taken": ("他人正在审核这件公文", "Somebody else has this notice before him"),
    "settled": ("这件公文已经审定", "This notice is settled already"),
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
        headers: dict[str, str] | None = None,
        kind: str | None = None,
    ) -> None:
        super().__init__(detail_en)
        self.status = status
        self.detail = detail
        self.detail_en = detail_en
        self.errors = errors
        self.headers = headers
        self.kind = kind


def problem_response(
    status: int,
    detail: str,
    detail_en: str,
    *,
    instance: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
    kind: str | None = None,
) -> Response:
    """Return a problem as an HTTP answer."""
    name, title, title_en = _titles(status, kind)
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


def _titles(status: int, kind: str | None = None) -> tuple[str, str, str]:
    """Return what a status is called: in the type, in Chinese and in English."""
    if kind is not None:
        return kind, *KINDS[kind]
    return TITLES.get(status, (f"http-{status}", "请求未能完成", "Request failed"))


def answer(
    request: Request,
    status: int,
    detail: str,
    detail_en: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
    kind: str | None = None,
) -> Response:
    """Return a problem as the answer to a request: as a page to a browser, else as JSON."""
    if not _reads_pages(request):
        return problem_response(
            status,
            detail,
            detail_en,
            instance=request.url.path,
            errors=errors,
            headers=headers,
            kind=kind,
        )
    _, title, _ = _titles(status, kind)
    # The path alone, or a link on the page could lead anywhere.
    here = f"{root_of(request)}{request.url.path}"
    again = f"{here}?{request.url.query}" if request.url.query else here
    known = {"title": title, "detail": detail, "again": again if status == _UNAVAILABLE else None}
    response = page(request, "problem.html", status, **known)
    response.headers.update(headers or {})
    return response


def _reads_pages(request: Request) -> bool:
    """Return whether somebody looks at a page; what asks an interface gets JSON in any case."""
    asked_for = request.headers.get("accept", "")
    return "text/html" in asked_for and not request.url.path.startswith("/api/")


def install(app: FastAPI) -> None:
    """Make an application answer every error with problem details."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(CorpusError, _of_the_corpus)
    app.add_exception_handler(Exception, _unexpected)


async def _problem(request: Request, error: Exception) -> Response:
    """Answer an error of our own."""
    assert isinstance(error, ProblemError)  # noqa: S101 (installed for this class)
    return _answer(request, error)


def _answer(request: Request, problem: ProblemError) -> Response:
    """Return the answer to a request that has a problem."""
    return answer(
        request,
        problem.status,
        problem.detail,
        problem.detail_en,
        errors=problem.errors,
        headers=problem.headers,
        kind=problem.kind,
    )


async def _of_the_corpus(request: Request, error: Exception) -> Response:
    """Answer what the corpus or its index refuses."""
    problem = in_both_languages(error)
    if problem is None:
        return await _unexpected(request, error)
    if problem.status == _UNAVAILABLE:
        # The text names folders and servers, which are nobody's business but the administrator's.
        logger.warning("%s %s: %s", request.method, request.url.path, error)
    return _answer(request, problem)


def in_both_languages(error: Exception) -> ProblemError | None:
    """Return an error of the corpus as a problem; ``None`` if it should not happen here."""
    match error:
        case UnknownNoticeError():
            states = {"withdrawn": "该公文已撤回，可以恢复。", "purged": "该公文已清除。"}
            unknown = "公文库中没有这件公文。请核对其 id 或网址。"
            return ProblemError(404, states.get(error.state or "", unknown), str(error))
        case UnknownTagError():
            detail = "这件公文没有发布者或审核者的选择可供撤销。"
            return ProblemError(409, detail, str(error))
        case UnknownTopicError():
            near = f"是否指：{'、'.join(error.suggestions)}？" if error.suggestions else ""
            errors = [{"field": "topic", "detail": str(error)}]
            detail = f"主题目录中没有“{error.text}”。{near}"
            return ProblemError(422, detail, str(error), errors=errors)
        case InvalidNoticeError():
            errors = [{"field": error.field, "detail": f"expected {error.expected}"}]
            detail = f"{error.field} 的内容不符合要求。"
            return ProblemError(422, detail, str(error), errors=errors)
    return _of_the_review(error) or _unavailable(error)


def _of_the_review(error: Exception) -> ProblemError | None:
    """Return what the review refuses as a problem, ``None`` if it is something else."""
    match error:
        case UnknownQuestionError():
            detail = "这件公文不在待审之列。请取下一件。"
            return ProblemError(404, detail, str(error))
        case QuestionTakenError():
            until = error.until.astimezone(BEIJING)
            detail = f"他人正在审核这件公文（至 {until:%H:%M}）。请取下一件。"
            return ProblemError(409, detail, str(error), kind="taken")
        case QuestionSettledError():
            who = "他人已在别处选定主题" if error.by is None else f"{error.by} 已作出决定"
            detail = f"这件公文已经审定：{who}。请取下一件。"
            return ProblemError(409, detail, str(error), kind="settled")
        case UnknownDecisionError():
            return _no_decision(error)
    return None


def _no_decision(error: UnknownDecisionError) -> ProblemError:
    """Return that a decision cannot be taken back."""
    if error.number is None:
        return ProblemError(409, "没有可撤销的决定。", str(error))
    if error.undone_by is None:
        return ProblemError(404, f"没有编号为 {error.number} 的决定。", str(error))
    return ProblemError(409, f"这个决定已由 {error.undone_by} 撤销。", str(error))


def _unavailable(error: Exception) -> ProblemError | None:
    """Return that the corpus or its index cannot be used, ``None`` if that is not the matter."""
    match error:
        case StoreError():
            return ProblemError(
                _UNAVAILABLE,
                "公文库暂时无法使用，已确认的内容没有丢失。请稍后再试；若持续出现，请管理员查看日志。",
                "The corpus cannot be used just now; nothing that was confirmed is lost. Try again"
                " soon; if that lasts, the log says why.",
                headers=dict(_TRY_AGAIN),
            )
        case SearchIndexError():
            return ProblemError(
                _UNAVAILABLE,
                "检索索引暂时无法使用，正在自动重建。请稍后再试；若持续出现，请管理员查看日志。",
                "The search index cannot be used just now; it is made again by itself. Try again"
                " soon; if that lasts, the log says why.",
                headers=dict(_TRY_AGAIN),
            )
    return None


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
    return answer(request, error.status_code, detail, detail_en, headers=headers)


async def _validation(request: Request, error: Exception) -> Response:
    """Answer a query parameter of the wrong type or range."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [
        {"field": ".".join(map(str, one["loc"])), "detail": str(one["msg"])}
        for one in error.errors()
    ]
    names = "、".join(one["field"] for one in errors)
    return answer(
        request,
        422,
        f"参数 {names} 不符合要求，请按 errors 所列更正。",
        f"Parameter {names} is not as expected; see errors.",
        errors=errors,
    )


async def _unexpected(request: Request, error: Exception) -> Response:
    """Answer what should not happen; the log gets the traceback, nobody gets the text."""
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(
        request,
        500,
        "服务内部出错，文本未被保存。请稍后再试；若再次发生，请联系管理员查看日志。",
        "Something failed inside; the text was not kept. Try again, or ask for the log to be read.",
    )
