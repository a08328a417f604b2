"""
The command line: each command parses, calls, and prints.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 the input was refused (the
message says why), 2 wrong usage. Heavy libraries are imported by the commands that need them, so
that help and suggestions come at once.
"""

from __future__ import annotations

import io
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from classifier.errors import ClassifierError
from corpus.errors import CorpusError
from service.commands import (
    about,
    audit,
    batches,
    crawl,
    document,
    evaluate,
    export,
    hiding,
    import_,
    index,
    page,
    registry,
    relabel,
    review,
    search,
    serve,
    suggest,
    threshold,
    train,
)
from service.settings import InvalidSettingError, describe

app = typer.Typer(
    name="zhuti",
    help="Tells which themes (主题分类) a Chinese government notice is about, and says why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Settings (environment): "
    + "; ".join(f"{name} ({default or 'empty'}): {text}" for name, default, text in describe()),
)
app.command()(suggest.suggest)
app.command()(train.train)
app.command()(evaluate.evaluate)
app.command()(audit.audit)
app.command()(about.topics)
app.command("import")(import_.import_)
app.command()(export.export)
app.command()(crawl.crawl)
app.command()(page.page)
app.command()(document.document)
app.command()(search.search)
app.command()(hiding.withdraw)
app.command()(hiding.restore)
app.command()(hiding.purge)
app.command()(serve.serve)
app.add_typer(relabel.relabel_app, name="relabel")
app.add_typer(batches.batches_app, name="batches")
app.add_typer(index.index_app, name="index")
app.add_typer(crawl.sites_app, name="sites")
about.model_app.command("threshold")(threshold.threshold)
about.model_app.command("list")(registry.list_)
about.model_app.command("activate")(registry.activate)
about.model_app.command("rollback")(registry.rollback)
app.add_typer(about.model_app, name="model")
app.add_typer(review.review_app, name="review")


def _version(wanted: bool) -> None:  # noqa: FBT001 (typer calls it)
    """Print the version and stop."""
    if wanted:
        typer.echo(f"zhuti {metadata.version('zhuti')}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def main() -> None:
    """Run a command; whatever goes wrong is said in words, never as a traceback."""
    _prepare_streams()
    try:
        app()
    except InvalidSettingError as error:
        _say(error)
        sys.exit(2)
    except (CorpusError, ClassifierError, OSError) as error:
        _say(_in_words(error))
        _leave_unwritten()
        sys.exit(1)


def _prepare_streams() -> None:
    """
    Make sure that there is something to read from and to write to.

    Whoever starts a command may have closed its streams; and a terminal's encoding may lack a
    character of an answer, which is then shown as a question mark.
    """
    nowhere = Path(os.devnull)
    sys.stdin = sys.stdin or nowhere.open(encoding="utf-8")
    sys.stdout = sys.stdout or nowhere.open("w", encoding="utf-8")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _leave_unwritten() -> None:
    """Let go of what could not be written, or Python tries again at its end and complains."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _in_words(error: Exception) -> str:
    """Return an error's text; the system's own errors name the file first."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'The output'}: {error.strerror}."
    return str(error)


def _say(message: object) -> None:
    """Print an error."""
    typer.echo(f"Error: {message}", err=True)
