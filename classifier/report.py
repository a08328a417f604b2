"""
The evaluation as a page a person reads: tables, pictures, and what each of them means.

Everything comes from the figures as ``zhuti evaluate --json`` prints them, so the page can say
nothing that a script could not check. Behind every picture stands the table it was drawn from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from classifier import report_plots as plots
from classifier.report_parts import (
    LEVELS,
    NOTHING,
    Picture,
    Report,
    Section,
    Table,
    number,
    percent,
)
from classifier.report_people import others_section, readers_section
from classifier.report_quality import (
    confusion_section,
    learning_section,
    reliability_section,
    risk_section,
    topics_section,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ON_CALIBRATION: Final = (
    "校准误差是给出的概率与实际比例之差；完全可信的模型在这么多公文上也会有一点误差，列在旁边。"
)
_ON_COVERAGE: Final = (
    "覆盖率是在达到该正确率的前提下最多能回答的份额，界限取自同一批公文，因而略偏乐观；"
    "“有把握”则用模型自己事先定好的界限。"
)


def build_report(figures: Mapping[str, Any], *, sources: Sequence[str], field: str) -> Report:
    """
    Return the page of some figures.

    Args:
        figures: As ``evaluate`` or ``HeldOutEvaluation.measure`` return them.
        sources: The names of the files that the notices came from.
        field: The field that their topics were read from.
    """
    levels = [level for level in LEVELS if figures[level] is not None]
    sections = [
        _main_figures(figures, levels),
        _parts(figures),
        *(topics_section(figures, level) for level in reversed(levels)),
        confusion_section(figures),
        reliability_section(figures, levels),
        risk_section(figures, levels),
        learning_section(figures),
        others_section(figures),
        readers_section(figures),
    ]
    return Report(
        "主题分类评测报告",
        (
            _what_was_measured(figures),
            f"公文 {figures['n']} 份，取自 {'、'.join(sources)}，主题取自字段 {field}。",
            f"其中 {figures['n_other']} 份的主题是“其他”：没有人为它们选过主题，两级都不计入。",
            "二级只计已知二级主题的公文。结果只说明与这些公文相似的公文；换一类公文，请另行测量。",
        ),
        tuple(section for section in sections if section is not None),
    )


def _what_was_measured(figures: Mapping[str, Any]) -> str:
    """Say whether it was a model or the recipe, and how what was asked was kept apart."""
    split = figures.get("split")
    if split is None:
        model = figures["model"]
        return (
            f"测量的是模型 {model['name']}（摘要 {model['digest'][:12]}）。"
            "只有它训练时没有见过的公文，才能说明它有多好。"
        )
    recipe = "测量的是训练方法，不是某一个模型："
    if split["kind"] == "cross_validation":
        return (
            f"{recipe}公文分成 {split['trained']} 折，每折都由只见过其余各折的模型回答；"
            "近似的公文总在同一折。"
        )
    if split["kind"] == "leave_out_source":
        return (
            f"{recipe}{split['trained']} 个来源依次留出，每个来源都由没有见过它的模型回答；"
            "与留出公文近似的，不参加训练。这最接近用到陌生单位时的情形。"
        )
    return (
        f"{recipe}在每个来源内留出日期最新的公文，由只见过较早公文的模型回答；与留出公文近似的，"
        f"不参加训练。未被留出的有 {split['never_held_out']} 份。不同来源之间不按时间划分：那只会"
        "测出来源的差别。"
    )


def _main_figures(figures: Mapping[str, Any], levels: Sequence[str]) -> Section:
    """Return the figures of each level, with their intervals."""
    columns = [_level_cells(figures[level]) for level in levels]
    names = [name for name, _ in columns[0]]
    rows = tuple(
        (name, *(column[number][1] for column in columns)) for number, name in enumerate(names)
    )
    return Section(
        "figures",
        "总的结果",
        (
            "括号内是95%区间：把近似的公文作为一组，整组重新抽取一千次。",
            _ON_CALIBRATION,
            _ON_COVERAGE,
        ),
        (Table("各级的结果", ("", *(LEVELS[level] for level in levels)), rows),),
    )


def _level_cells(level: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the figures of one level, each by its Chinese name."""
    bounds, accuracy, accept = level["intervals"], level["accuracy"], level["accept"]
    return [
        ("公文数", str(level["n"])),
        ("准确率", percent(accuracy["value"], accuracy)),
        ("前三个里有正确的", percent(level["top_3"], bounds["top_3"])),
        ("宏平均F1", number(level["macro_f1"], bounds["macro_f1"])),
        ("校准误差", number(level["ece"], bounds["ece"])),
        ("完全可信的模型的校准误差", number(level["ece_of_a_perfect_model"], None)),
        *(
            (
                f"{float(precision):.0%}正确时的覆盖率",
                percent(coverage, bounds["coverage"][precision]),
            )
            for precision, coverage in level["coverage"].items()
        ),
        ("有把握的份额", percent(accept["share"], bounds["accept"]["share"])),
        ("有把握时的正确率", percent(accept["precision"], bounds["accept"]["precision"])),
    ]


def _parts(figures: Mapping[str, Any]) -> Section | None:
    """Return the accuracies of each fold or source."""
    parts = figures.get("parts")
    if not parts:
        return None
    kind = "各折" if figures["split"]["kind"] == "cross_validation" else "各来源"
    shown = [{**part, "name": _part_name(part["name"])} for part in parts]
    rows = tuple(
        (
            part["name"],
            str(part["n"]),
            *(
                NOTHING if part[level] is None else percent(part[level]["value"], part[level])
                for level in LEVELS
            ),
        )
        for part in shown
    )
    table = Table(f"{kind}的准确率", (kind[1:], "公文数", *LEVELS.values()), rows)
    title = f"{kind}的准确率"
    picture = Picture(plots.accuracy_dots("parts", title, shown), title, table)
    return Section("parts", kind, pictures=(picture,))


def _part_name(name: str) -> str:
    """Return the name of a part in Chinese."""
    word, _, number = name.rpartition(" ")
    return f"第{number}折" if word == "fold" else name
