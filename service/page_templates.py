"""
The templates of all pages, and what every page needs to know.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.templating import Jinja2Templates

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_TEMPLATES = Jinja2Templates(Path(__file__).with_name("templates"))


def root_of(request: Request) -> str:
    """Return the path below which a proxy shows the service."""
    root: str = request.scope.get("root_path", "")
    return root


def page(request: Request, name: str, status: int = 200, **known: Any) -> Response:
    """Return a page made from a template."""
    known["root"] = root_of(request)
    known["searchable"] = request.app.state.corpus is not None
    return _TEMPLATES.TemplateResponse(request, name, known, status_code=status)


def render_alone(name: str, known: dict[str, Any]) -> str:
    """Return a page that stands alone: a file, not an answer."""
    return _TEMPLATES.get_template(name).render(known)
