"""
``zhuti suggest``: a notice, or a file of them, in; ranked topics out.
"""

from __future__ import annotations

import sys
import unicodedata
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from classifier.suggestion import Verdict
from corpus.errors import CorpusError
from corpus.exchange import Entry, notice_as_json, read_entries, read_lines
from service.building import load_model
from service.commands.speaking import print_json, say
from service.documents import looks_like_document, read_any_document
from service.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

    from classifier.suggestion import Answer, Suggestion
    from corpus.taxonomy import Taxonomy

ModelOption = Annotated[
    Path | None, typer.Option("--model", help="A model folder; default: the shipped one.")
]
MapOption = Annotated[
    Path | None, typer.Option("--map", help="A CSV file (from,to) into the site's own list.")
]

_SHOWN_FIELDS = (
    ("标题", "title"),
    ("索引号", "index_number"),
    ("发文字号", "document_number"),
    ("发文机关", "issuing_body"),
    ("成文日期", "written_on"),
    ("发布日期", "published_on"),
    ("原主题分类", "declared_topic"),
)
_VERDICTS = {Verdict.ACCEPT: "可采用", Verdict.REVIEW: "请复核", Verdict.ABSTAIN: ""}
_WORDS_SHOWN = 5


def suggest(
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="Text, JSON, JSONL (.gz) or a document.")
    ] = "-",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=20, help="How many topics at most.")] = 5,
    raw: Annotated[bool, typer.Option("--raw", help="Show the model's own terms.")] = False,
    title: Annotated[str | None, typer.Option(help="The title, where the text lacks it.")] = None,
    map_: MapOption = None,
    model: ModelOption = None,
) -> None:
    """
    Suggest topics for a notice and say which words speak for each.

    FILE is a notice as you copy it from a page, one notice as JSON, or many as JSONL; then JSONL
    comes out, one line a notice, in the same order. Without FILE it is read from standard input.
    """
    settings = read_settings(model=model, map=map_)
    topic_model = load_model(settings, say=say)
    refused = 0
    with _opened(file) as (many, entries):
        for entry in entries:
            try:
                notice = entry.notice()
            except CorpusError as error:
                if not many:
                    raise
                say(str(error))
                refused += 1
                continue
            if title is not None:
                notice = replace(notice, title=title)
            answer = topic_model.suggest(notice, limit=limit, raw=raw)
            if as_json or many:
                print_json(answer.as_json())
            else:
                sys.stdout.write(in_words(answer, topic_model.taxonomy))
    sys.stdout.flush()
    if refused:
        say(f"{refused} notices were refused; all others were answered.")
        raise typer.Exit(1)


@contextmanager
def _opened(file: str) -> Iterator[tuple[bool, Iterator[Entry]]]:
    """Give whether an input holds many notices, and its notices as they are asked for."""
    if file == "-":
        if sys.stdin.isatty():
            say("Paste a notice, then press Ctrl-D on a line of its own.")
        yield read_entries(cast("BufferedReader", sys.stdin.buffer), source="standard input")
        return
    path = Path(file)
    if path.name.removesuffix(".gz").endswith((".jsonl", ".ndjson")):
        # A file of one line is still JSONL if its name says so.
        yield True, read_lines(path)
        return
    with path.open("rb") as stream:
        if looks_like_document(path.name, stream.peek(8)):
            document = read_any_document(stream.read(), file, read_settings())
            yield False, iter([Entry(1, file, {"body": document.text})])
            return
        yield read_entries(stream, source=file)


def in_words(answer: Answer, taxonomy: Taxonomy) -> str:
    """Return an answer as a person reads it in a terminal."""
    fields = notice_as_json(answer.notice)
    lines = [f"{label}：{fields[name]}" for label, name in _SHOWN_FIELDS if fields[name]]
    lines.extend(f"注意：{warning}" for warning in answer.warnings)
    if lines:
        lines.append("")
    labels = [_label(suggestion, taxonomy) for suggestion in answer.suggestions]
    width = max(map(_width, labels), default=0)
    for label, suggestion in zip(labels, answer.suggestions, strict=True):
        padding = " " * (width - _width(label))
        words = " ".join(_words(suggestion))
        verdict = _VERDICTS[suggestion.verdict]
        lines.append(
            f"{label}{padding}  {suggestion.probability:.2f}  {verdict:\u3000<3}  {words}".rstrip()
        )
    if answer.reason:
        lines.extend(("", answer.reason) if answer.suggestions else (answer.reason,))
    return "\n".join(lines) + "\n"


def _label(suggestion: Suggestion, taxonomy: Taxonomy) -> str:
    """Return a topic as it is printed, also one of a site's own list."""
    if suggestion.topic.code in taxonomy:
        return taxonomy.print(suggestion.topic)
    return suggestion.topic.code


def _words(suggestion: Suggestion) -> list[str]:
    """Return the words that speak most for a topic, each once."""
    words = dict.fromkeys(piece.word for piece in suggestion.evidence if piece.weight > 0)
    return list(words)[:_WORDS_SHOWN]


def _width(text: str) -> int:
    """Return how many columns a text takes in a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
