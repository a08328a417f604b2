"""
How large a request body may be: more is refused before it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.problems import problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _TooLargeError(Exception):
    """A body that grew beyond the limit while it was read."""


class BodyLimit:
    """
    Answers 413 to any body over *limit* bytes.

    A body that announces its length is refused unread; one that comes in chunks is refused as
    soon as it is over, so no more than the limit is ever held.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._announced(scope) > self._limit:
            await self._refuse(scope, receive, send)
            return
        size = 0
        started = False

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._limit:
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLargeError:
            if started:
                raise
            await self._refuse(scope, receive, send)

    def _announced(self, scope: Scope) -> int:
        """Return the length that a request announces, 0 if none or no number."""
        for name, value in scope["headers"]:
            if name == b"content-length":
                return int(value) if value.isdigit() and len(value) < 16 else 0  # noqa: PLR2004
        return 0

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 and close."""
        response = problem_response(
            413,
            f"请求超过 {self._limit} 字节。请只提交标题和正文，或删去附表后再试。",
            f"The request is over {self._limit} bytes. Send title and body only, without annexes.",
            instance=scope["path"],
            headers={"Connection": "close"},
        )
        await response(scope, receive, send)
