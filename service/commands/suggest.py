"""
``zhuti suggest``: a notice, or a file of them, in; ranked topics out.
"""

from __future__ import annotations

import sys
import unicodedata
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from classifier.suggestion import Verdict
from corpus.errors import CorpusError
from corpus.exchange import Entry, notice_as_json, read_entries, read_lines
from service.building import load_model, what_is_there
from service.commands.database import DatabaseOption
from service.commands.speaking import print_json, say
from service.documents import looks_like_document, read_any_document
from service.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from io import BufferedReader

    from classifier.model import TopicModel
    from classifier.suggestion import Answer, Suggestion
    from corpus.notice import Notice
    from corpus.taxonomy import Taxonomy
    from service.settings import Settings

IndexOption = Annotated[
    Path | None,
    typer.Option("--index", metavar="DIR", help="The index.  [$XDG_DATA_HOME/zhuti/index-…]"),
]

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
    precedents: Annotated[
        bool | None,
        typer.Option(
            "--precedents/--no-precedents",
            help="Show earlier notices of the corpus like it.  [for a single notice]",
        ),
    ] = None,
    map_: MapOption = None,
    model: ModelOption = None,
    database: DatabaseOption = None,
    index: IndexOption = None,
) -> None:
    """
    Suggest topics for a notice and say which words speak for each.

    FILE is a notice as you copy it from a page, one notice as JSON, or many as JSONL; then JSONL
    comes out, one line a notice, in the same order. Without FILE it is read from standard input.
    """
    settings = read_settings(model=model, map=map_, database=database, index=index)
    topic_model = load_model(settings, say=say)
    refused = 0
    with _opened(file) as (many, entries), ExitStack() as opened:
        wanted = not many if precedents is None else precedents
        archive = opened.enter_context(_archive(settings, topic_model)) if wanted else None
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
            found = None if archive is None else archive(answer.notice)
            if as_json or many:
                known = {} if found is None else {"precedents": found}
                print_json({**answer.as_json(), **known})
            else:
                sys.stdout.write(in_words(answer, topic_model.taxonomy))
                sys.stdout.write(precedents_in_words(found or ()))
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


@contextmanager
def _archive(
    settings: Settings, model: TopicModel
) -> Iterator[Callable[[Notice], list[dict[str, Any]]] | None]:
    """
    Give what finds the precedents of a notice; ``None`` where there is no corpus with an index.

    A corpus that cannot be read takes nothing from the suggestions.
    """
    with ExitStack() as opened:
        try:
            there = opened.enter_context(what_is_there(settings, model.taxonomy))
        except CorpusError as error:
            say(f"Without precedents: {error}")
            there = None
        if there is None:
            yield None
            return
        from classifier.precedents import find_precedents  # noqa: PLC0415 (needs a corpus anyway)

        corpus, index = there

        def find(notice: Notice) -> list[dict[str, Any]]:
            try:
                found = find_precedents(notice, model, index, corpus)
            except CorpusError as error:
                say(f"Without precedents: {error}")
                return []
            return [one.as_json(corpus.taxonomy) for one in found]

        yield find


def precedents_in_words(found: Iterable[Mapping[str, Any]]) -> str:
    """Return precedents as a person reads them in a terminal, the empty text if there are none."""
    lines = []
    for one in found:
        topic = one["topic"]["label"] if one["topic"] else "没有主题"
        facts = (topic, one["issuing_body"], one["published_on"], one["url"] or one["id"])
        lines.append(f"{one['similarity']:.2f}  {one['title'] or '（没有标题）'}")
        lines.append("      " + " · ".join(fact for fact in facts if fact))
        lines.append("      共同词语：" + "、".join(one["words"]))
    return "\n".join(["", "相似的已发布公文：", *lines]) + "\n" if lines else ""


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
