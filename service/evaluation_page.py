"""
The evaluation report as one HTML file that needs nothing beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from classifier.report import build_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def evaluation_page(figures: Mapping[str, Any], *, sources: Sequence[str], field: str) -> str:
    """Return the page of some figures; the same figures give the same page."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    report = build_report(figures, sources=sources, field=field)
    return templates.get_template("report.html").render(report=report)
