"""
The summary of a plan: as a page that can be read, printed and sent, and as an Excel file.

Both are Chinese, for whoever decides whether the plan is applied. The page holds everything it
needs: no script, no picture from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

from corpus.cells import excel_cells
from corpus.row_writing import replacing
from service.page_templates import render_alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from classifier.model import TopicModel
    from corpus.batch_figures import BatchFigures, Sample, Share
    from corpus.batches import Batch
    from corpus.taxonomy import Taxonomy

_MOST_FLIPS = 200
_MOST_BODIES = 50
_FLIPS_WITH_SAMPLES = 15
_SAMPLES = 3
_TO_REVIEW = 20
_STEPS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
_NO_THEME = "（无主题或无法识别）"
_OTHERS = "其余"
# Of the picture, in its own units.
_WIDTH, _HEIGHT, _BAR, _GAP, _MOST_BANDS = 900, 460, 12, 6, 10
_LEFT, _RIGHT = 250, 650
_LONGEST_LABEL = 18
_STATES = {
    "planning": "计划中",
    "planned": "已计划，未执行",
    "applying": "执行中",
    "applied": "已执行",
    "undoing": "撤销中",
    "undone": "已撤销",
}


@dataclass(frozen=True, slots=True)
class Band:
    """A theme at one side of the picture: its label, where it begins, and how high it is."""

    label: str
    y: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A flow from a band at the left to one at the right, as the path of an SVG."""

    path: str
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Who flows where, by first-level theme."""

    left: tuple[Band, ...]
    right: tuple[Band, ...]
    ribbons: tuple[Ribbon, ...]


def summary(
    batch: Batch, figures: BatchFigures, taxonomy: Taxonomy, model: TopicModel
) -> dict[str, Any]:
    """Return what a plan comes to, with every theme by its label."""

    def label(code: str | None) -> str:
        if code is None:
            return _NO_THEME
        return taxonomy.print(taxonomy.topic(code)) if code in taxonomy else code

    def sample(one: Sample) -> dict[str, Any]:
        return {
            "id": one.id,
            "url": one.url if (one.url or "").startswith(("http://", "https://")) else None,
            "title": one.title or "（无标题）",
            "old": label(one.old),
            "new": label(one.new),
            "probability": one.probability or 0.0,
            "words": "、".join(one.words),
        }

    flips = figures.flips()
    steps = sorted({*_STEPS, round(batch.planning.accept, 4)})
    return {
        "batch": batch,
        "state": _STATES[batch.state],
        "where": batch.planning.chosen.as_json(),
        "flips": [(label(flip.old), label(flip.new), flip.count) for flip in flips[:_MOST_FLIPS]],
        "left_out": len(flips[_MOST_FLIPS:]),
        "picture": _picture(
            [(_root(flip.old, taxonomy), _root(flip.new, taxonomy), flip.count) for flip in flips]
        ),
        "bodies": figures.by_issuing_body(limit=_MOST_BODIES),
        "years": figures.by_year(),
        "steps": list(zip(steps, figures.at_thresholds(steps), strict=True)),
        "promises": _promises(model, figures),
        "samples": [
            sample(one)
            for flip in flips[:_FLIPS_WITH_SAMPLES]
            for one in figures.samples(flip.old, flip.new, limit=_SAMPLES)
        ],
        "to_review": [sample(one) for one in figures.samples_to_review(limit=_TO_REVIEW)],
    }


def _promises(model: TopicModel, figures: BatchFigures) -> list[tuple[float, float, int]]:
    """Return each precision that the model can promise, from which probability on, and changes."""
    from classifier.relabel_rules import promises  # noqa: PLC0415 (it needs the database)

    offered = [(precision, pair[0].accept) for precision, pair in sorted(promises(model).items())]
    counts = figures.at_thresholds([accept for _, accept in offered])
    return [(*one, count) for one, count in zip(offered, counts, strict=True)]


def write_html(path: Path, found: dict[str, Any]) -> None:
    """Write a summary as a page."""
    with replacing(path) as file:
        file.write(render_alone("relabel_report.html", found).encode("utf-8"))


def write_xlsx(path: Path, found: dict[str, Any]) -> None:
    """Write a summary as a workbook of one sheet for each part."""
    counts = found["batch"].counts
    workbook = Workbook(write_only=True)
    _sheet(
        workbook,
        "概况",
        ("项目", "数量"),
        [
            ("批次", found["batch"].id),
            ("公文", counts["notices"]),
            ("将更改", counts["changes"]),
            ("其中原为“其他”", counts["from_other"]),
            ("其中原无主题", counts["from_none"]),
            ("待复核", counts["to_review"]),
            ("不变", counts["kept"]),
        ],
    )
    _sheet(workbook, "主题变化", ("原主题", "新主题", "公文数"), found["flips"])
    heads = ("公文数", "将更改", "待复核")
    _sheet(workbook, "发布机构", ("发布机构", *heads), map(_of_share, found["bodies"]))
    _sheet(workbook, "年份", ("年份", *heads), map(_of_share, found["years"]))
    _sheet(workbook, "承诺", ("自概率", "将更改"), found["steps"])
    names = ("title", "url", "id", "old", "new", "probability", "words")
    for title, part in (("样例", "samples"), ("待复核样例", "to_review")):
        rows = ([one[name] for name in names] for one in found[part])
        _sheet(workbook, title, ("标题", "网址", "标识", "原主题", "新主题", "概率", "依据"), rows)
    with replacing(path) as file:
        workbook.save(file)


def _sheet(
    workbook: Workbook, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add a sheet."""
    sheet = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(list(heads))
    for row in rows:
        sheet.append(
            [next(excel_cells(cell), "") if isinstance(cell, str) else cell for cell in row]
        )


def _of_share(share: Share) -> tuple[Any, ...]:
    """Return a share as a row."""
    return (share.name or "（未注明）", share.notices, share.changes, share.to_review)


def _root(code: str | None, taxonomy: Taxonomy) -> str:
    """Return the label of the first-level theme of a code."""
    if code is None:
        return _NO_THEME
    if code not in taxonomy:
        return code
    topic = taxonomy.topic(code)
    return (taxonomy.parent(topic) or topic).label


def _picture(flows: Sequence[tuple[str, str, int]]) -> Picture:
    """Return the picture of some flows: what is small is drawn together."""
    total = sum(count for *_, count in flows)
    if not total:
        return Picture((), (), ())
    left = _merged([(old, count) for old, _, count in flows])
    right = _merged([(new, count) for _, new, count in flows])
    gaps = _GAP * max(len(left), len(right))
    scale = (_HEIGHT - gaps) / total
    lefts, rights = _bands(left, scale), _bands(right, scale)
    summed: dict[tuple[str, str], int] = {}
    for old, new, count in flows:
        pair = (old if old in left else _OTHERS, new if new in right else _OTHERS)
        summed[pair] = summed.get(pair, 0) + count
    starts = {band.label: band.y for band in lefts}
    ends = {band.label: band.y for band in rights}
    ribbons = []
    order = {label: place for place, label in enumerate((*left, *right))}
    for (old, new), count in sorted(
        summed.items(), key=lambda entry: (order[entry[0][0]], order[entry[0][1]])
    ):
        width = count * scale
        begin, end = starts[old] + width / 2, ends[new] + width / 2
        starts[old] += width
        ends[new] += width
        middle = (_LEFT + _RIGHT) / 2
        path = (
            f"M{_LEFT + _BAR},{begin:.1f} C{middle},{begin:.1f} {middle},{end:.1f}"
            f" {_RIGHT},{end:.1f}"
        )
        ribbons.append(Ribbon(path, max(width, 0.5), f"{old} → {new}：{count:,}"))
    return Picture(tuple(lefts), tuple(rights), tuple(ribbons))


def _merged(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return how many each label has, the largest first; the smallest together at the end."""
    summed: dict[str, int] = {}
    for label, count in counts:
        summed[label] = summed.get(label, 0) + count
    ranked = sorted(summed.items(), key=lambda entry: (-entry[1], entry[0]))
    kept = dict(ranked[:_MOST_BANDS])
    rest = sum(count for _, count in ranked[_MOST_BANDS:])
    return {**kept, _OTHERS: rest} if rest else kept


def _bands(counts: dict[str, int], scale: float) -> list[Band]:
    """Return the bands of one side, from the top down."""
    bands, y = [], 0.0
    for label, count in counts.items():
        bands.append(Band(label, y, count * scale, count))
        y += count * scale + _GAP
    return bands
