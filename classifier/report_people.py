"""
The sections of the report that set the model beside people: what 其他 holds, and two readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifier import report_plots as plots
from classifier.report_parts import LEVELS, Picture, Section, Table, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

# A picture of fewer notices than this would be looked at as if it said something.
_FEWEST_DRAWN = 10
_MOST_SUGGESTED = 12


def others_section(figures: Mapping[str, Any]) -> Section | None:
    """Return what each 其他 holds."""
    others = figures["others"]
    if not others:
        return None
    table = Table(
        "各个“其他”",
        ("其他", "公文数", "提出了具体主题", "二级有把握", "一级有把握", "最常见的建议"),
        tuple(
            (
                f"{other['code']} {other['label']}",
                *(str(other[name]) for name in ("n", "offered", "accepted", "accepted_level_1")),
                "；".join(f"{one['label']} {one['n']}" for one in other["suggested"][:3]),
            )
            for other in others
        ),
    )
    return Section(
        "others",
        "“其他”里有什么",
        (
            "没有选过主题的公文（一级的“其他”），这里没有对错，只有模型会怎么叫它们。",
            f"二级的“其他”若是读者所选，答作它自己就是答对。不足{_FEWEST_DRAWN}份的不画图。",
        ),
        (table,),
        tuple(_inside(other) for other in others if other["n"] >= _FEWEST_DRAWN),
    )


def _inside(other: Mapping[str, Any]) -> Picture:
    """Return what the notices of one 其他 would be called."""
    title = f"{other['code']} {other['label']}（{other['n']}份）会被称作"
    suggested = other["suggested"]
    drawn = suggested[:_MOST_SUGGESTED]
    caption = title
    if len(suggested) > len(drawn):
        caption += f"：最常见的{len(drawn)}个主题，其余{len(suggested) - len(drawn)}个见表"
    table = Table(
        title,
        ("建议的主题", "公文数", "其中有把握的"),
        tuple(
            (f"{one['code']} {one['label']}", str(one["n"]), str(one["accepted"]))
            for one in suggested
        ),
    )
    return Picture(plots.other_bars(f"other-{other['code']}", title, drawn), caption, table)


def readers_section(figures: Mapping[str, Any]) -> Section | None:
    """Return how far two readers agree, which no model can be expected to surpass."""
    readers = figures["second_reader"]
    if readers is None:
        return None
    model = readers["model_on_agreed"]
    rows = tuple(
        (label, percent(readers[level], None), percent(model[level], None))
        for level, label in LEVELS.items()
    )
    head = ("级", f"两位读者一致（{readers['n']}份）", f"两人一致处模型答对（{model['n']}份）")
    return Section(
        "readers",
        "两位读者",
        ("同一份公文由两个人各自选主题，也不总是一致：这是任何模型都难以超过的上限。",),
        (Table("两位读者的一致程度", head, rows),),
    )
