"""
``zhuti topics`` and ``zhuti model show``: what can be suggested, and by what.
"""

from __future__ import annotations

from typing import Annotated

import typer

from corpus.taxonomy_file import read_taxonomy, state_council
from service.building import load_model
from service.commands.compare import compare
from service.commands.speaking import print_json
from service.commands.suggest import ModelOption
from service.commands.train import TaxonomyOption, summary
from service.settings import read_settings

model_app = typer.Typer(help="Look at model folders.", no_args_is_help=True)
model_app.command("compare")(compare)


def topics(
    *,
    taxonomy: TaxonomyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """List the topics of a taxonomy: the State Council's, or your own."""
    listed = state_council() if taxonomy is None else read_taxonomy(taxonomy)
    if as_json:
        entries = [
            {
                "code": topic.code,
                "label": topic.label,
                "parent": topic.parent,
                "aliases": list(topic.aliases),
            }
            for topic in listed.topics
        ]
        print_json({"name": listed.name, "topics": entries})
        return
    for topic in listed.topics:
        indent = "" if topic.parent is None else "    "
        typer.echo(f"{indent}{topic.code}  {topic.label}")


@model_app.command("show")
def show(
    *,
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole card.")] = False,
) -> None:
    """Show what a model was made from, how good it is and what it promises."""
    loaded = load_model(read_settings(model=model))
    card = loaded.card
    if as_json:
        print_json(card)
        return
    typer.echo(f"{loaded.name}, digest {loaded.digest}")
    for line in summary(card, loaded.taxonomy):
        typer.echo(line)
    for level, threshold in sorted(card["thresholds"].items(), reverse=True):
        if threshold is not None:
            typer.echo(
                f"{level}: accepted from {threshold['accept']:.3f} on (precision"
                f" {card['promised_precision']:.0%}), abstains below {threshold['abstain']:.3f}"
            )
