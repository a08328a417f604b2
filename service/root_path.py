"""
The path below which a proxy shows the service.

Some proxies pass the whole path on and some cut the prefix off first; both must find the same
pages. ASGI says that a path includes its root, so one that came without it gets it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class RootPath:
    """Tells the application where it is shown; *root_path* is empty or like ``/zhuti``."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its whole path."""
        if self._root_path and scope["type"] in {"http", "websocket"}:
            path = scope["path"]
            if path != self._root_path and not path.startswith(f"{self._root_path}/"):
                path = self._root_path + path
            scope = {**scope, "path": path, "root_path": self._root_path}
        await self._app(scope, receive, send)
