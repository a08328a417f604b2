"""
The evaluation as a page a person reads: tables, pictures, and what each of them means.

Everything comes from the figures as ``zhuti evaluate --json`` prints them, so the page can say
nothing that a script could not check. Behind every picture stands the table it was drawn from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from classifier import report_plots as plots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LEVELS: Final = {"level_2": "二级", "level_1": "一级"}
_NOTHING = "–"
_ON_CALIBRATION: Final = (
    "校准误差是给出的概率与实际比例之差；完全可信的模型在这么多公文上也会有一点误差，列在旁边。"
)
_ON_COVERAGE: Final = (
    "覆盖率是在达到该正确率的前提下最多能回答的份额，界限取自同一批公文，因而略偏乐观；"
    "“有把握”则用模型自己事先定好的界限。"
)
_ON_THE_CURVE: Final = (
    "每一步只抽取一次，区间只反映被问公文的偶然性。曲线在右端仍上升，说明再标注一些公文还有用。"
)
# A picture of fewer notices than this would be looked at as if it said something.
_FEWEST_DRAWN = 10
_MOST_SUGGESTED = 12


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


def build_report(figures: Mapping[str, Any], *, sources: Sequence[str], field: str) -> Report:
    """
    Return the page of some figures.

    Args:
        figures: As ``evaluate`` or ``HeldOutEvaluation.measure`` return them.
        sources: The names of the files that the notices came from.
        field: The field that their topics were read from.
    """
    levels = [level for level in _LEVELS if figures[level] is not None]
    sections = [
        _main_figures(figures, levels),
        _parts(figures),
        *(_topics(figures, level) for level in reversed(levels)),
        _confusion(figures),
        _reliability(figures, levels),
        _risk(figures, levels),
        _learning(figures),
        _others(figures),
        _readers(figures),
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
        (Table("各级的结果", ("", *(_LEVELS[level] for level in levels)), rows),),
    )


def _level_cells(level: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the figures of one level, each by its Chinese name."""
    bounds, accuracy, accept = level["intervals"], level["accuracy"], level["accept"]
    return [
        ("公文数", str(level["n"])),
        ("准确率", _percent(accuracy["value"], accuracy)),
        ("前三个里有正确的", _percent(level["top_3"], bounds["top_3"])),
        ("宏平均F1", _number(level["macro_f1"], bounds["macro_f1"])),
        ("校准误差", _number(level["ece"], bounds["ece"])),
        ("完全可信的模型的校准误差", _number(level["ece_of_a_perfect_model"], None)),
        *(
            (
                f"{float(precision):.0%}正确时的覆盖率",
                _percent(coverage, bounds["coverage"][precision]),
            )
            for precision, coverage in level["coverage"].items()
        ),
        ("有把握的份额", _percent(accept["share"], bounds["accept"]["share"])),
        ("有把握时的正确率", _percent(accept["precision"], bounds["accept"]["precision"])),
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
                _NOTHING if part[level] is None else _percent(part[level]["value"], part[level])
                for level in _LEVELS
            ),
        )
        for part in shown
    )
    table = Table(f"{kind}的准确率", (kind[1:], "公文数", *_LEVELS.values()), rows)
    title = f"{kind}的准确率"
    picture = Picture(plots.accuracy_dots("parts", title, shown), title, table)
    return Section("parts", kind, pictures=(picture,))


def _part_name(name: str) -> str:
    """Return the name of a part in Chinese."""
    word, _, number = name.rpartition(" ")
    return f"第{number}折" if word == "fold" else name


def _topics(figures: Mapping[str, Any], level: str) -> Section:
    """Return how well each topic of a level is found."""
    topics = figures[level]["by_topic"]
    title = f"{_LEVELS[level]}各主题"
    rows = tuple(
        (
            f"{topic['code']} {topic['label']}",
            str(topic["n"]),
            str(topic["answered"]),
            *(_percent(topic[name], None) for name in ("precision", "recall")),
            _number(topic["f1"], None),
        )
        for topic in topics
    )
    table = Table(title, ("主题", "公文数", "回答数", "精确率", "召回率", "F1"), rows)
    picture = Picture(plots.topic_bars(f"topics-{level}", title, topics), title, table)
    texts = ["公文数少的主题，数字起伏很大：只有几份公文时，一份就能差几十个百分点。"]
    if level == "level_2":
        texts.append(
            "只有一级名称的行，是只答到一级的回答：二级的公文太少，学不会，这里算作未答对。"
        )
    return Section(f"topics-{level}", title, tuple(texts), pictures=(picture,))


def _confusion(figures: Mapping[str, Any]) -> Section:
    """Return which first-level topics are taken for which."""
    confusion = figures["confusion"]
    topics = confusion["topics"]
    title = "一级主题的混淆"
    taken = sorted(
        (
            (count, right, answered)
            for right, of_row in enumerate(confusion["counts"])
            for answered, count in enumerate(of_row)
            if count and right != answered
        ),
        key=lambda one: (-one[0], one[1:]),
    )
    names = [f"{topic['code']} {topic['label']}" for topic in topics]
    table = Table(
        "从多到少：应有的主题被当作了什么",
        ("应有的主题", "模型的回答", "公文数"),
        tuple((names[right], names[answered], str(count)) for count, right, answered in taken),
    )
    picture = Picture(plots.confusion_squares("confusion", title, confusion), title, table)
    return Section("confusion", title, pictures=(picture,))


def _reliability(figures: Mapping[str, Any], levels: Sequence[str]) -> Section:
    """Return whether the probabilities can be taken at their word."""
    title = "概率是否可信"
    of_levels = {level: figures[level]["reliability"] for level in levels}
    rows = tuple(
        (
            f"{first['low']:.0%}–{first['high']:.0%}",
            *(
                cell
                for level in levels
                for cell in (
                    str(of_levels[level][number]["n"]),
                    _percent(of_levels[level][number]["probability"], None),
                    _percent(of_levels[level][number]["accuracy"], None),
                )
            ),
        )
        for number, first in enumerate(of_levels[levels[0]])
    )
    measured = ("公文数", "平均概率", "答对的比例")
    head = ("给出的概率", *(f"{_LEVELS[level]}{name}" for level in levels for name in measured))
    picture = Picture(
        plots.reliability_curve("reliability", title, of_levels), title, Table(title, head, rows)
    )
    return Section(
        "reliability",
        title,
        ("说八成把握的回答，应当有八成是对的。点在虚线下方，是过于自信；在上方，是过于谨慎。",),
        pictures=(picture,),
    )


def _risk(figures: Mapping[str, Any], levels: Sequence[str]) -> Section:
    """Return what is wrong among the surest answers."""
    title = "只回答有把握的，会错多少"
    of_levels = {level: figures[level]["risk_coverage"] for level in levels}
    rows = tuple(
        (
            _LEVELS[level],
            _percent(point["coverage"], None),
            _percent(point["risk"], None),
            f"{point['probability']:.3f}",
        )
        for level in levels
        for point in of_levels[level]
    )
    table = Table(title, ("级", "给出回答的份额", "答错的比例", "概率不低于"), rows)
    picture = Picture(plots.risk_curve("risk", title, of_levels), title, table)
    return Section(
        "risk",
        title,
        ("从左到右，回答的公文越来越多，错误也越来越多；其余的留给人看。",),
        pictures=(picture,),
    )


def _learning(figures: Mapping[str, Any]) -> Section | None:
    """Return how the accuracy grows with the notices."""
    curve = figures.get("learning_curve")
    if curve is None or all(point["level_1"] is None for point in curve["points"]):
        return None
    title = "公文越多，准确率越高吗"
    rows = tuple(
        (
            f"{point['n']}份",
            *(
                _NOTHING if point[level] is None else _percent(point[level]["value"], point[level])
                for level in _LEVELS
            ),
        )
        for point in curve["points"]
    )
    table = Table(title, ("训练用的公文", *_LEVELS.values()), rows)
    picture = Picture(plots.learning_curve("learning", title, curve["points"]), title, table)
    return Section(
        "learning",
        title,
        (
            f"只在第1折上测过：同样的 {curve['held_out']} 份公文，由训练公文逐步加倍的模型回答。",
            _ON_THE_CURVE,
        ),
        pictures=(picture,),
    )


def _others(figures: Mapping[str, Any]) -> Section | None:
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


def _readers(figures: Mapping[str, Any]) -> Section | None:
    """Return how far two readers agree, which no model can be expected to surpass."""
    readers = figures["second_reader"]
    if readers is None:
        return None
    model = readers["model_on_agreed"]
    rows = tuple(
        (label, _percent(readers[level], None), _percent(model[level], None))
        for level, label in _LEVELS.items()
    )
    head = ("级", f"两位读者一致（{readers['n']}份）", f"两人一致处模型答对（{model['n']}份）")
    return Section(
        "readers",
        "两位读者",
        ("同一份公文由两个人各自选主题，也不总是一致：这是任何模型都难以超过的上限。",),
        (Table("两位读者的一致程度", head, rows),),
    )


def _percent(value: float | None, bounds: Mapping[str, float] | None) -> str:
    """Return a share in per cent, with its interval where there is one."""
    if value is None:
        return _NOTHING
    if bounds is None:
        return f"{value:.1%}"
    return f"{value:.1%}（{100 * bounds['low']:.1f}–{bounds['high']:.1%}）"


def _number(value: float, bounds: Mapping[str, float] | None) -> str:
    """Return a figure that is no share, with its interval where there is one."""
    if bounds is None:
        return f"{value:.3f}"
    return f"{value:.3f}（{bounds['low']:.3f}–{bounds['high']:.3f}）"
