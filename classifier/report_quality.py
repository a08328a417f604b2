"""
The sections of the report that say where the answers are right and when they can be trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from classifier import report_plots as plots
from classifier.report_parts import LEVELS, NOTHING, Picture, Section, Table, number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ON_THE_CURVE: Final = (
    "每一步只抽取一次，区间只反映被问公文的偶然性。曲线在右端仍上升，说明再标注一些公文还有用。"
)


def topics_section(figures: Mapping[str, Any], level: str) -> Section:
    """Return how well each topic of a level is found."""
    topics = figures[level]["by_topic"]
    title = f"{LEVELS[level]}各主题"
    rows = tuple(
        (
            f"{topic['code']} {topic['label']}",
            str(topic["n"]),
            str(topic["answered"]),
            *(percent(topic[name], None) for name in ("precision", "recall")),
            number(topic["f1"], None),
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


def confusion_section(figures: Mapping[str, Any]) -> Section:
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


def reliability_section(figures: Mapping[str, Any], levels: Sequence[str]) -> Section:
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
                    percent(of_levels[level][number]["probability"], None),
                    percent(of_levels[level][number]["accuracy"], None),
                )
            ),
        )
        for number, first in enumerate(of_levels[levels[0]])
    )
    measured = ("公文数", "平均概率", "答对的比例")
    head = ("给出的概率", *(f"{LEVELS[level]}{name}" for level in levels for name in measured))
    picture = Picture(
        plots.reliability_curve("reliability", title, of_levels), title, Table(title, head, rows)
    )
    return Section(
        "reliability",
        title,
        ("说八成把握的回答，应当有八成是对的。点在虚线下方，是过于自信；在上方，是过于谨慎。",),
        pictures=(picture,),
    )


def risk_section(figures: Mapping[str, Any], levels: Sequence[str]) -> Section:
    """Return what is wrong among the surest answers."""
    title = "只回答有把握的，会错多少"
    of_levels = {level: figures[level]["risk_coverage"] for level in levels}
    rows = tuple(
        (
            LEVELS[level],
            percent(point["coverage"], None),
            percent(point["risk"], None),
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


def learning_section(figures: Mapping[str, Any]) -> Section | None:
    """Return how the accuracy grows with the notices."""
    curve = figures.get("learning_curve")
    if curve is None or all(point["level_1"] is None for point in curve["points"]):
        return None
    title = "公文越多，准确率越高吗"
    rows = tuple(
        (
            f"{point['n']}份",
            *(
                NOTHING if point[level] is None else percent(point[level]["value"], point[level])
                for level in LEVELS
            ),
        )
        for point in curve["points"]
    )
    table = Table(title, ("训练用的公文", *LEVELS.values()), rows)
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
