"""
The page on which a notice is pasted and its topics appear.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.page_templates import page

router = APIRouter(include_in_schema=False)


@router.get("/")
async def suggest_page(request: Request) -> Response:
    """Return the page on which a notice is pasted and its topics appear."""
    model = request.app.state.model
    return page(request, "suggest.html", model_name=model.name, model_digest=model.digest[:8])
