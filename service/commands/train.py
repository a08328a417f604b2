"""
``zhuti train``: labelled notices in, a model folder out.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.taxonomy_file import read_taxonomy, state_council
from service.building import open_corpus
from service.commands.database import DatabaseOption
from service.commands.extras import need_training_libraries
from service.commands.speaking import end_progress, say, show_progress
from service.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifier.corpus_rows import CorpusRows
    from classifier.rows import LabelledNotice, LabelledNotices
    from classifier.training import Trained
    from corpus.taxonomy import Taxonomy
    from service.settings import Settings

NoticesOption = Annotated[
    list[Path],
    typer.Option("--notices", metavar="FILE", help="Notices as JSONL (.gz); may be repeated."),
]
TaxonomyOption = Annotated[
    Path | None,
    typer.Option("--taxonomy", metavar="FILE", help="Your own list of topics, CSV or TOML."),
]
_PROBLEMS_SHOWN = 5


def train(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the model goes.")],
    *,
    notices: Annotated[
        list[Path] | None,
        typer.Option("--notices", metavar="FILE", help="Notices as JSONL (.gz); may be repeated."),
    ] = None,
    corpus: Annotated[
        bool, typer.Option("--corpus", help="Learn from the corpus: what people decided first.")
    ] = False,
    field: Annotated[str, typer.Option(help="The field that holds the topic.")] = "topic",
    level_one_field: Annotated[
        str | None,
        typer.Option(help="A field to use where --field is empty, trusted at level one only."),
    ] = None,
    taxonomy: TaxonomyOption = None,
    name: Annotated[str | None, typer.Option(help="What the model is called.")] = None,
    examples: Annotated[
        bool,
        typer.Option(
            help="Teach the shipped list's themes by made-up notices as well (never measured)."
        ),
    ] = True,
    jobs: Annotated[int, typer.Option(min=1, help="How many processes fit at the same time.")] = 2,
    database: DatabaseOption = None,
) -> None:
    """
    Train a model on notices whose topics are known.

    A topic is a code or a printed label of the taxonomy: the State Council's, with --corpus that of
    the model that answers, unless you give your own. Notices of 其他 count as unlabelled. The same
    notices give the same bytes.

    With --corpus, reviewers' decisions count first, then publishers' choices, then printed themes.
    Notices that were decided blindly are kept apart: models are measured on them.
    """
    if not notices and not corpus:
        raise typer.BadParameter("Give --notices FILE, or --corpus, or both.")
    need_training_libraries()
    from classifier.examples import examples_for  # noqa: PLC0415
    from classifier.rows import read_labelled  # noqa: PLC0415 (scikit-learn takes a second to load)
    from classifier.training import train as fit  # noqa: PLC0415

    topics = None if taxonomy is None else read_taxonomy(taxonomy)
    rows: list[LabelledNotice] = []
    learned: CorpusRows | None = None
    if corpus:
        topics, learned = _from_corpus(read_settings(database=database), topics)
        rows += learned.rows
    topics = topics or state_council()
    if notices:
        show_progress(f"Reading {', '.join(path.name for path in notices)} …")
        labelled = read_labelled(notices, topics, field=field, level_one_field=level_one_field)
        report_unused(labelled, field)
        # What the corpus says of a notice goes before what a file says.
        known = frozenset() if learned is None else learned.ids
        rows += (row for row in labelled.rows if row.notice.id not in known)
    trained = fit(
        rows,
        topics,
        name=name or out.name,
        examples=examples_for(topics) if examples else (),
        progress=show_progress,
        jobs=jobs,
    )
    if learned is not None:
        trained = _with_sources(trained, learned, in_files=len(rows) - len(learned.rows))
    card = trained.save(out)
    end_progress()
    for line in summary(card, topics):
        say(line)
    say(f"Saved as {out}.")


def _from_corpus(settings: Settings, topics: Taxonomy | None) -> tuple[Taxonomy, CorpusRows]:
    """Return the list of the corpus, and the notices that somebody gave a topic."""
    from classifier.corpus_rows import labelled_in  # noqa: PLC0415 (a second to load)

    show_progress("Reading the corpus …")
    with open_corpus(settings, taxonomy=topics) as corpus:
        return corpus.taxonomy, labelled_in(corpus)


def _with_sources(trained: Trained, learned: CorpusRows, *, in_files: int) -> Trained:
    """Say in the card of a model who gave the topics that it learned."""
    from classifier.artefact import card_digest  # noqa: PLC0415

    origin = {
        **trained.card["trained_on"],
        "sources": {**learned.sources, "files": in_files},
        "kept_apart": learned.kept_apart,
        "without_theme": learned.others + learned.unknown,
    }
    card = {**trained.card, "trained_on": origin}
    return replace(trained, card={**card, "digest": card_digest(card)})


def _sources_in_words(origin: Mapping[str, Any]) -> str:
    """Return who gave the topics that a model learned from."""
    sources = origin["sources"]
    return (
        f"Topics by reviewers: {sources['reviewer']:,}; by publishers: {sources['publisher']:,};"
        f" printed: {sources['issuer']:,}; from files: {sources['files']:,}."
        f" {origin['kept_apart']:,} notices that were decided blindly are kept apart,"
        f" {origin['without_theme']:,} are 其他 or have no theme."
    )


def report_unused(labelled: LabelledNotices, field: str) -> None:
    """Say which rows could not be used, and how many name no topic."""
    for problem in labelled.problems[:_PROBLEMS_SHOWN]:
        say(problem)
    if labelled.problems:
        say(f"{len(labelled.problems)} rows could not be used.")
    if labelled.unlabelled:
        say(f"{labelled.unlabelled} rows have no {field} and were left out.")


def summary(card: Mapping[str, Any], topics: Taxonomy) -> list[str]:
    """Return what a card says of a model, in a few lines."""
    origin = card["trained_on"]
    apart = (
        f"{origin['unlabelled']} of 其他 left out,"
        f" {origin['level_one_only']} known at level one only,"
        f" {origin['examples']} made-up examples beside them"
    )
    lines = [f"Trained on {origin['notices']} notices ({apart}); {len(card['columns'])} topics."]
    if "sources" in origin:
        lines.append(_sources_in_words(origin))
    for level in ("level_2", "level_1"):
        figures = card["cross_validation"][level]
        if figures is not None:
            lines.append(f"{level}, cross-validated: {in_figures(figures)}")
    if origin["too_few"]:
        listed = ", ".join(
            f"{topics.print(topics.topic(c))} ({n})" for c, n in origin["too_few"].items()
        )
        lines.append(f"Too few notices, suggested at level one only: {listed}.")
    if origin["unseen"]:
        listed = ", ".join(topics.print(topics.topic(code)) for code in origin["unseen"])
        lines.append(f"No notices at all, only the level above can be suggested: {listed}.")
    return lines


def in_figures(figures: Mapping[str, Any]) -> str:
    """Return the figures of one level as a line."""
    accuracy, accept = figures["accuracy"], figures["accept"]
    precision = "–" if accept["precision"] is None else f"{accept['precision']:.3f}"
    return (
        f"accuracy {accuracy['value']:.3f} ({accuracy['low']:.3f}–{accuracy['high']:.3f}),"
        f" top 3 {figures['top_3']:.3f}, macro-F1 {figures['macro_f1']:.3f},"
        f" ECE {figures['ece']:.3f} (a perfect model {figures['ece_of_a_perfect_model']:.3f}),"
        f" accepted {accept['share']:.3f} with precision {precision}; {figures['n']} notices"
    )
