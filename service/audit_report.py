"""
An audit as one page in Chinese: to be read in a browser or printed, without any script.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from corpus.row_writing import replacing

if TYPE_CHECKING:
    from classifier.audit_decisions import Audit

# What is beyond is in the table that --out writes; nobody reads on paper what has no end.
MOST_SHOWN = 300
MOST_NOTICES_SHOWN = 8
_SECTIONS = (
    (
        "wrong",
        "可能标错的主题",
        "由未见过该公文（及其近似件）的模型判断；最有把握、一次能改正最多的排在前面。",
    ),
    ("other", "有主题可归的“其他”", "印作“其他”，但模型认为有明确主题可归。"),
    ("twins", "同文异题", "内容几乎相同，主题却不同。"),
)
_REMARKS = {"alternative": "标注时已注明为备选主题", "confident_learning": "置信学习亦判为误标"}


def write_report(path: Path, found: Audit) -> None:
    """
    Write an audit as a page; what stood under the name before is replaced once it is whole.

    Raises:
        OSError: If it cannot be written.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("audit.html").render(
        found=found,
        sections=[(title, note, found.decisions[kind]) for kind, title, note in _SECTIONS],  # type: ignore[index]
        print_topic=found.taxonomy.print,
        remarks=_REMARKS,
        most=MOST_SHOWN,
        most_notices=MOST_NOTICES_SHOWN,
    )
    with replacing(path) as file:
        file.write(text.encode("utf-8", "replace"))
