"""
A picture as SVG, written piece by piece.

Only what the plots of the report need. Colours come from the page's style by class, so that one
picture serves light and dark screens and paper; what differs, differs in shape, dash or pattern,
so that it can be told apart in grey. A title and a description say in words what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Anchor = Literal["start", "middle", "end"]
Shape = Literal["circle", "square", "triangle"]

LETTER = 12
# Han characters are as wide as they are high; others are about half as wide.
_NARROW = 0.55
_FIRST_WIDE = "\u2e80"


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to its place on the picture; beyond its ends a value stays on the edge."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where a value stands."""
        share = (value - self.low) / ((self.high - self.low) or 1)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


class Drawing:
    """A picture that grows by lines, boxes, marks and texts."""

    def __init__(self, key: str, width: float, height: float, *, title: str, about: str) -> None:
        self._key = key
        self._size = (width, height)
        self._title = title
        self._about = about
        self._parts: list[str] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, *, style: str = "axis") -> None:
        """Draw a straight line."""
        self._parts.append(
            f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        )

    def curve(self, points: Iterable[tuple[float, float]], *, style: str) -> None:
        """Draw a line through points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polyline class="{style}" points="{path}"/>')

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        style: str,
        opacity: float | None = None,
    ) -> None:
        """Draw a rectangle; the style ``hatched`` fills it with slanted lines."""
        fill = f' fill="url(#{self._key}-hatch)"' if style == "hatched" else ""
        shade = "" if opacity is None else f' fill-opacity="{opacity:.2f}"'
        self._parts.append(
            f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}"'
            f' height="{height:.1f}"{fill}{shade}/>'
        )

    def mark(self, shape: Shape, x: float, y: float, *, size: float = 4) -> None:
        """Draw a small mark around a point: a filled circle, an open square or a triangle."""
        if shape == "circle":
            self._parts.append(f'<circle class="full" cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"/>')
        elif shape == "square":
            self.box(x - size, y - size, 2 * size, 2 * size, style="open")
        else:
            corners = ((x, y - size), (x + size, y + size), (x - size, y + size))
            path = " ".join(f"{one:.1f},{other:.1f}" for one, other in corners)
            self._parts.append(f'<polygon class="open" points="{path}"/>')

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: Anchor = "start",
        style: str = "word",
        slant: int = 0,
    ) -> None:
        """Write a text, *slant* degrees turned round its beginning."""
        turned = f' transform="rotate({slant} {x:.1f} {y:.1f})"' if slant else ""
        self._parts.append(
            f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turned}>'
            f"{escape(text)}</text>"
        )

    def svg(self) -> str:
        """Return the picture as an element that can stand in a page."""
        width, height = self._size
        key = self._key
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}"'
            f' width="{width:.0f}" height="{height:.0f}" role="img"'
            f' aria-labelledby="{key}-title {key}-about">'
            f'<title id="{key}-title">{escape(self._title)}</title>'
            f'<desc id="{key}-about">{escape(self._about)}</desc>'
            f'<defs><pattern id="{key}-hatch" width="5" height="5" patternUnits="userSpaceOnUse"'
            ' patternTransform="rotate(45)"><line class="stripe" x1="0" y1="0" x2="0" y2="5"/>'
            "</pattern></defs>" + "".join(self._parts) + "</svg>"
        )


def width_of(text: str) -> float:
    """Return about how wide a text is."""
    return LETTER * sum(1 if letter >= _FIRST_WIDE else _NARROW for letter in text)


def fitting(text: str, width: float) -> str:
    """Return a text, cut short with … where it is wider than there is room for."""
    if width_of(text) <= width:
        return text
    while text and width_of(text) + LETTER > width:
        text = text[:-1]
    return f"{text}…"


def widest(texts: Sequence[str], *, most: float) -> float:
    """Return the room that texts need, but no more than there is."""
    return min(most, max(map(width_of, texts), default=0.0))
