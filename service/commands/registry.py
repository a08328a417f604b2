"""
``zhuti model list``, ``activate`` and ``rollback``: which model answers.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classifier.artefact import default_folder, read_card
from classifier.crosswalk import Crosswalk
from classifier.errors import ClassifierError
from classifier.registry import SHIPPED, Registry, check_activation
from corpus.errors import InvalidStoreUrlError
from corpus.taxonomy import Taxonomy
from service.building import models_folder, open_corpus
from service.commands.database import DatabaseOption
from service.commands.speaking import print_json, say
from service.commands.who import ByOption, login_name
from service.settings import read_settings

if TYPE_CHECKING:
    from classifier.registry import Entry
    from service.settings import Settings

ModelsOption = Annotated[
    Path | None,
    typer.Option("--models", metavar="DIR", help="The folder of models.  [ZHUTI_MODELS]"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
_REASONS_SHOWN = 20


def list_(*, models: ModelsOption = None, as_json: JsonOption = False) -> None:
    """List the models of the registry and the shipped one, and say which answers."""
    settings = read_settings(models=models)
    registry = Registry(models_folder(settings))
    entries = registry.entries()
    if as_json:
        print_json(
            {"folder": str(registry.folder), "models": [_entry_as_json(one) for one in entries]}
        )
        return
    for entry in entries:
        typer.echo(f"{'*' if entry.active else ' '} {entry.name}  {_in_words(entry)}")
    _tell_what_overrides(settings)


def activate(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=f"Its folder's name; {SHIPPED}: the shipped one.")
    ],
    *,
    even_if_worse: Annotated[
        bool, typer.Option("--even-if-worse", help="Also if it is worse than the active one.")
    ] = False,
    models: ModelsOption = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Make a model of the registry the one that answers.

    Its files must be what its card says, and its list of topics must fit the corpus and the
    crosswalk. It is refused if its cross-validated accuracy is below the floor of the active one,
    or if it answers a notice of golden.jsonl wrongly, unless --even-if-worse.
    """
    settings = read_settings(models=models, database=database)
    registry = Registry(models_folder(settings))
    reasons = check_activation(
        registry,
        name,
        _active_folder(registry),
        codes_in_use=_codes_in_use(settings),
        engine=settings.segmenter,
    )
    _check_crosswalk(settings, registry.path(name))
    if reasons:
        for reason in reasons[:_REASONS_SHOWN]:
            say(reason)
        if not even_if_worse:
            raise WorseModelError(name, len(reasons))
    active = registry.activate(name, by=by or login_name())
    if as_json:
        print_json({**asdict(active), "worse": reasons})
    else:
        say(f"{active.name} answers from now on (digest {active.digest[:12]}…).")
    _tell_what_overrides(settings)


def rollback(*, models: ModelsOption = None, as_json: JsonOption = False) -> None:
    """Make the model that was active before this one answer again."""
    settings = read_settings(models=models)
    active = Registry(models_folder(settings)).rollback()
    name = SHIPPED if active is None else active.name
    if as_json:
        print_json({"name": name, "digest": None if active is None else active.digest})
    else:
        say(f"{name} answers again.")
    _tell_what_overrides(settings)


class WorseModelError(ClassifierError, ValueError):
    """A model that is worse than the one it would replace."""

    def __init__(self, name: str, count: int) -> None:
        super().__init__(
            f"{name} is worse than the active model in {count} respects and was not activated."
            " --even-if-worse activates it all the same."
        )


def _entry_as_json(entry: Entry) -> dict[str, Any]:
    """Return a model of the registry as JSON."""
    card = entry.card
    return {
        "name": entry.name,
        "folder": str(entry.folder),
        "active": entry.active,
        "digest": None if card is None else card["digest"],
        "topics": None if card is None else len(card["columns"]),
        "notices": None if card is None else card["trained_on"]["notices"],
        "accuracy": None
        if card is None
        else {
            level: None if figures is None else figures["accuracy"]["value"]
            for level, figures in card["cross_validation"].items()
            if level != "folds"
        },
        "problem": entry.problem,
    }


def _in_words(entry: Entry) -> str:
    """Return a model of the registry as a line."""
    card = entry.card
    if card is None:
        return entry.problem or ""
    figures = card["cross_validation"]["level_2"] or card["cross_validation"]["level_1"]
    return (
        f"digest {card['digest'][:12]}…, {len(card['columns'])} topics,"
        f" {card['trained_on']['notices']:,} notices, accuracy {figures['accuracy']['value']:.3f}"
    )


def _active_folder(registry: Registry) -> Path:
    """Return the model to compare with: the active one, or the shipped one if that is broken."""
    try:
        return registry.active_folder()
    except ClassifierError as error:
        say(f"{error} Compared with the shipped model.")
        return default_folder()


def _codes_in_use(settings: Settings) -> list[str]:
    """Return the topics that notices of the corpus have; none if there is no corpus yet."""
    from sqlalchemy import make_url  # noqa: PLC0415 (the database takes time to load)
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    from corpus.database import default_url  # noqa: PLC0415

    url = settings.database or default_url()
    try:
        file = make_url(url)
    except ArgumentError:
        raise InvalidStoreUrlError(url, "it is no address of a database") from None
    if file.get_backend_name() == "sqlite" and not Path(str(file.database)).is_file():
        return []
    with open_corpus(settings, taxonomy=Taxonomy("any", (), catch_all=None)) as corpus:
        return [code for code in corpus.counts_by_topic() if code is not None]


def _check_crosswalk(settings: Settings, folder: Path) -> None:
    """Refuse a model whose topics the site's crosswalk does not know."""
    if settings.map is not None:
        Crosswalk.read(settings.map, Taxonomy.from_json(read_card(folder)["taxonomy"]))


def _tell_what_overrides(settings: Settings) -> None:
    """Say so where the choice has no effect."""
    if "model" in settings.model_fields_set:
        say(f"ZHUTI_MODEL is set, so {settings.model} answers whatever is active here.")
