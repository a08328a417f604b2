"""
What the evaluation report is made of: sections with tables and pictures, and figures as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS: Final = {"level_2": "二级", "level_1": "一级"}
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells under their heads; the first cell of a row says what the row is."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as SVG, what it shows, and the table behind it."""

    svg: str
    caption: str
    table: Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page."""

    key: str
    heading: str
    texts: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The whole page: what was measured, and its sections."""

    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]


def percent(value: float | None, bounds: Mapping[str, float] | None) -> str:
    """Return a share in per cent, with its interval where there is one."""
    if value is None:
        return NOTHING
    if bounds is None:
        return f"{value:.1%}"
    return f"{value:.1%}（{100 * bounds['low']:.1f}–{bounds['high']:.1%}）"


def number(value: float, bounds: Mapping[str, float] | None) -> str:
    """Return a figure that is no share, with its interval where there is one."""
    if bounds is None:
        return f"{value:.3f}"
    return f"{value:.3f}（{bounds['low']:.3f}–{bounds['high']:.3f}）"
