"""
The pages people see: for now the one on which a topic is suggested.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(Path(__file__).with_name("templates"))


@router.get("/")
async def suggest_page(request: Request) -> Response:
    """Return the page on which a notice is pasted and its topics appear."""
    model = request.app.state.model
    return templates.TemplateResponse(
        request,
        "suggest.html",
        {
            "model_name": model.name,
            "model_digest": model.digest[:8],
            "root": request.scope.get("root_path", ""),
        },
    )
