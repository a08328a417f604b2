"""
The pictures of the evaluation report.

Level two is always a filled circle and a solid line, level one an open square and a dashed line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from classifier.report_svg import LETTER, Drawing, Scale, fitting, widest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from classifier.report_svg import Shape

_ROW = 22
_WIDE = 720.0
_LABELS = 300.0
_MARGIN = 12.0
_CELL = 28.0
_TICKS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
# Fewer notices than this say little of a bin; their mark is small.
_FEW = 20
_LONGEST_UPRIGHT_CODE = 3
# The surest few are a handful of answers: one error among them would flatten all the rest.
_SETTLED = 0.1


@dataclass(frozen=True, slots=True)
class _Hand:
    """How a level is drawn."""

    label: str
    shape: Shape
    line: str


_HANDS: Final = {
    "level_2": _Hand("二级", "circle", "solid"),
    "level_1": _Hand("一级", "square", "dashed"),
}
# What is marked on the bar of a topic: how, as what, and its name among the figures.
_MARKS: Final[tuple[tuple[Shape, str, str], ...]] = (
    ("triangle", "精确率", "precision"),
    ("square", "召回率", "recall"),
)


def topic_bars(key: str, title: str, topics: Sequence[Mapping[str, Any]]) -> str:
    """Draw the F1 of each topic as a bar, its precision and recall as marks on it."""
    labels = [f"{topic['label']}（{topic['n']}）" for topic in topics]
    room = widest(labels, most=_LABELS)
    height = 3 * _ROW + _ROW * len(topics) + _MARGIN
    drawing = Drawing(
        key,
        _WIDE,
        height,
        title=title,
        about="每个主题一行：条长为F1，三角为精确率，方块为召回率；括号内为公文数。数字见图后的表。",
    )
    across = Scale(0, 1, room + 2 * _MARGIN, _WIDE - 60)
    _legend(drawing, across.start, [(shape, label) for shape, label, _ in _MARKS])
    top = 2.5 * _ROW
    _grid(drawing, across, top, height - _MARGIN)
    for number, (topic, label) in enumerate(zip(topics, labels, strict=True)):
        middle = top + (number + 0.5) * _ROW
        drawing.text(across.start - 8, middle + 4, fitting(label, room), anchor="end")
        drawing.box(across.start, middle - 5, across(topic["f1"]) - across.start, 10, style="bar")
        for shape, _, name in _MARKS:
            if topic[name] is not None:
                drawing.mark(shape, across(topic[name]), middle)
        drawing.text(_WIDE - 50, middle + 4, f"{topic['f1']:.2f}", style="number")
    return drawing.svg()


def confusion_squares(key: str, title: str, confusion: Mapping[str, Any]) -> str:
    """Draw for what the notices of each topic were taken: the darker, the greater the share."""
    topics, counts = confusion["topics"], confusion["counts"]
    labels = [f"{topic['code']} {topic['label']}" for topic in topics]
    room = widest(labels, most=_LABELS)
    left, top = room + 2 * _MARGIN, 70.0
    drawing = Drawing(
        key,
        left + _CELL * len(topics) + _MARGIN,
        top + _CELL * len(topics) + _MARGIN,
        title=title,
        about="行是应有的主题，列是模型的回答（以代码表示）；格中为公文数，颜色越深占该行的份额"
        "越大，加框的对角线是答对的。",
    )
    codes = [topic["code"] for topic in topics]
    slant = -60 if any(len(code) > _LONGEST_UPRIGHT_CODE for code in codes) else 0
    drawing.text(left, 16, "模型的回答 →", style="note")
    drawing.text(left - 8, top - 8, "应有的主题 ↓", anchor="end", style="note")
    for column, code in enumerate(codes):
        x = left + (column + 0.5) * _CELL
        drawing.text(x, top - 8, code, anchor="start" if slant else "middle", slant=slant)
    for row, (label, of_row) in enumerate(zip(labels, counts, strict=True)):
        y = top + row * _CELL
        drawing.text(left - 8, y + 18, fitting(label, room), anchor="end")
        total = sum(of_row)
        for column, count in enumerate(of_row):
            x = left + column * _CELL
            # Up to a little more than half dark, so that the figure on it stays readable.
            shade = 0.6 * count / total if total else 0.0
            drawing.box(x, y, _CELL, _CELL, style="cell", opacity=shade)
            if count:
                drawing.text(x + _CELL / 2, y + 18, str(count), anchor="middle", style="number")
    for place in range(len(topics)):
        x, y = left + place * _CELL, top + place * _CELL
        drawing.box(x + 1, y + 1, _CELL - 2, _CELL - 2, style="frame")
    return drawing.svg()


def reliability_curve(
    key: str, title: str, levels: Mapping[str, Sequence[Mapping[str, Any]]]
) -> str:
    """Draw the share of right answers over the probability that was given for them."""
    side = 440.0
    drawing = Drawing(
        key,
        side,
        side,
        title=title,
        about="横轴是模型给出的概率，纵轴是答对的比例；点越靠近虚线，概率越可信。实心圆是二级，"
        f"空心方块是一级；不足{_FEW}份公文的点画得小。",
    )
    across, up = Scale(0, 1, 56, side - 20), Scale(0, 1, side - 46, 56)
    _legend(drawing, across.start, [(hand.shape, hand.label) for hand in _drawn(levels)])
    _axes(drawing, across, up, "给出的概率", "答对的比例")
    drawing.line(across(0), up(0), across(1), up(1), style="ideal")
    for level, bins in levels.items():
        hand = _HANDS[level]
        known = [one for one in bins if one["n"]]
        points = [(across(one["probability"]), up(one["accuracy"])) for one in known]
        drawing.curve(points, style=hand.line)
        for (x, y), one in zip(points, known, strict=True):
            drawing.mark(hand.shape, x, y, size=5 if one["n"] >= _FEW else 2.5)
    return drawing.svg()


def risk_curve(key: str, title: str, levels: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """Draw which share of the answers is wrong when only the surest are given."""
    height = 380.0
    drawing = Drawing(
        key,
        _WIDE,
        height,
        title=title,
        about="横轴是给出回答的公文所占的份额（从最有把握的开始），纵轴是其中答错的比例；横线是"
        "95%与98%正确的界限。实心圆是二级，空心方块是一级。",
    )
    settled = [p for points in levels.values() for p in points if p["coverage"] > _SETTLED]
    ceiling = max(0.1, math.ceil(20 * max(point["risk"] for point in settled)) / 20)
    across, up = Scale(0, 1, 56, _WIDE - 70), Scale(0, ceiling, height - 46, 56)
    _legend(drawing, across.start, [(hand.shape, hand.label) for hand in _drawn(levels)])
    _axes(drawing, across, up, "给出回答的份额", "答错的比例")
    for promised in (0.95, 0.98):
        y = up(1 - promised)
        drawing.line(across(0), y, across(1), y, style="ideal")
        drawing.text(across(1) + 4, y + 4, f"{promised:.0%}正确", style="note")
    for level, points in levels.items():
        hand = _HANDS[level]
        drawn = [(across(point["coverage"]), up(point["risk"])) for point in points]
        drawing.curve(drawn, style=hand.line)
        for x, y in drawn[::-5]:
            drawing.mark(hand.shape, x, y)
    return drawing.svg()


def accuracy_dots(key: str, title: str, parts: Sequence[Mapping[str, Any]]) -> str:
    """Draw the accuracy of each part at both levels, with its interval."""
    labels = [f"{part['name']}（{part['n']}）" for part in parts]
    room = widest(labels, most=_LABELS)
    row = 1.5 * _ROW
    height = 3 * _ROW + row * len(parts) + _MARGIN
    drawing = Drawing(
        key,
        _WIDE,
        height,
        title=title,
        about="每部分两个点：实心圆是二级的准确率，空心方块是一级的；横线是95%区间。数字见图后的表。",
    )
    across = Scale(0, 1, room + 2 * _MARGIN, _WIDE - 30)
    hands = [hand for level, hand in _HANDS.items() if any(part[level] for part in parts)]
    _legend(drawing, across.start, [(hand.shape, hand.label) for hand in hands])
    top = 2.5 * _ROW
    _grid(drawing, across, top, height - _MARGIN)
    for number, (part, label) in enumerate(zip(parts, labels, strict=True)):
        middle = top + (number + 0.5) * row
        drawing.text(across.start - 8, middle + 4, fitting(label, room), anchor="end")
        for level, y in (("level_2", middle + 6), ("level_1", middle - 6)):
            accuracy = part[level]
            if accuracy is not None:
                low, high = across(accuracy["low"]), across(accuracy["high"])
                drawing.line(low, y, high, y, style="whisker")
                drawing.mark(_HANDS[level].shape, across(accuracy["value"]), y)
    return drawing.svg()


def learning_curve(key: str, title: str, points: Sequence[Mapping[str, Any]]) -> str:
    """Draw how the accuracy grows with the notices that were trained on, doubled at each step."""
    height = 360.0
    drawing = Drawing(
        key,
        _WIDE,
        height,
        title=title,
        about="横轴是训练用的公文数（每步约加倍），纵轴是同一折上的准确率，竖线是95%区间。"
        "实心圆是二级，空心方块是一级。",
    )
    doublings = [math.log2(point["share"]) for point in points]
    across = Scale(min(doublings), 0, 100, _WIDE - 60)
    known = [point[level] for point in points for level in _HANDS if point[level] is not None]
    floor = math.floor(min(one["low"] for one in known) * 10) / 10
    up = Scale(floor, 1, height - 46, 40)
    hands = [hand for level, hand in _HANDS.items() if any(point[level] for point in points)]
    _legend(drawing, 56, [(hand.shape, hand.label) for hand in hands])
    drawing.line(56, up.start, _WIDE - 20, up.start)
    for step in range(round((1 - floor) * 10) + 1):
        value = floor + step / 10
        drawing.line(56, up(value), _WIDE - 20, up(value), style="grid")
        drawing.text(48, up(value) + 4, f"{value:.0%}", anchor="end", style="number")
    for point, doubling in zip(points, doublings, strict=True):
        drawing.text(
            across(doubling), up.start + 18, f"{point['n']}份", anchor="middle", style="number"
        )
    for (level, hand), shift in zip(_HANDS.items(), (-4, 4), strict=True):
        drawn = []
        for point, doubling in zip(points, doublings, strict=True):
            accuracy = point[level]
            if accuracy is None:
                continue
            x = across(doubling) + shift
            drawing.line(x, up(accuracy["low"]), x, up(accuracy["high"]), style="whisker")
            drawn.append((x, up(accuracy["value"])))
        drawing.curve(drawn, style=hand.line)
        for x, y in drawn:
            drawing.mark(hand.shape, x, y)
    return drawing.svg()


def other_bars(key: str, title: str, suggested: Sequence[Mapping[str, Any]]) -> str:
    """Draw what the notices of one 其他 would be called; the sure ones solid, the rest hatched."""
    labels = [topic["label"] for topic in suggested]
    room = widest(labels, most=_LABELS)
    height = 2 * _ROW + _ROW * len(suggested) + _MARGIN
    drawing = Drawing(
        key,
        _WIDE,
        height,
        title=title,
        about="每个主题一行：条长为建议该主题的公文数；实心部分是模型有把握的，斜线部分需要人看。",
    )
    most = max(topic["n"] for topic in suggested)
    across = Scale(0, most, room + 2 * _MARGIN, _WIDE - 90)
    x = across.start
    for style, label in (("bar", "有把握"), ("hatched", "需要人看")):
        drawing.box(x, 10, 20, 12, style=style)
        drawing.text(x + 26, 20, label)
        x += 46 + LETTER * len(label)
    for number, topic in enumerate(suggested):
        y = 1.5 * _ROW + number * _ROW
        drawing.text(across.start - 8, y + 15, fitting(topic["label"], room), anchor="end")
        sure, end = across(topic["accepted"]), across(topic["n"])
        drawing.box(across.start, y + 5, sure - across.start, 12, style="bar")
        drawing.box(sure, y + 5, end - sure, 12, style="hatched")
        drawing.text(end + 6, y + 15, f"{topic['n']}（{topic['accepted']}）", style="number")
    return drawing.svg()


def _drawn(levels: Mapping[str, Any]) -> list[_Hand]:
    """Return the hands of the levels that are there."""
    return [_HANDS[level] for level in levels]


def _legend(drawing: Drawing, x: float, entries: Sequence[tuple[Shape, str]]) -> None:
    """Say what the marks mean, above the picture."""
    for shape, label in entries:
        drawing.mark(shape, x + 6, 16)
        drawing.text(x + 18, 20, label)
        x += 40 + LETTER * len(label)


def _grid(drawing: Drawing, across: Scale, top: float, bottom: float) -> None:
    """Draw upright lines at every fifth, their shares above."""
    for tick in _TICKS:
        drawing.line(across(tick), top, across(tick), bottom, style="grid")
        drawing.text(across(tick), top - 6, f"{tick:.0%}", anchor="middle", style="number")


def _axes(drawing: Drawing, across: Scale, up: Scale, below: str, beside: str) -> None:
    """Draw two axes with five steps each, and what they measure."""
    for share in _TICKS:
        value = up.low + share * (up.high - up.low)
        drawing.line(across.start, up(value), across.end, up(value), style="grid")
        drawing.text(across.start - 6, up(value) + 4, f"{value:.0%}", anchor="end", style="number")
        drawing.text(across(share), up.start + 16, f"{share:.0%}", anchor="middle", style="number")
    drawing.line(across.start, up.start, across.end, up.start)
    drawing.line(across.start, up.start, across.start, up.end)
    drawing.text(across.end, up.start + 34, below, anchor="end", style="note")
    drawing.text(across.start, up.end - 6, beside, style="note")
