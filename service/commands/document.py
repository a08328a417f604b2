"""
``zhuti document``: the text of a docx, pdf, ofd or xlsx file, or what to do if there is none.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import UnreadableDocumentError
from service.commands.speaking import print_json
from service.documents import read_any_document
from service.settings import read_settings


def document(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A document; - for stdin.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """
    Print the text of a document: docx, pdf with text, ofd, xlsx, html or txt.

    What cannot be read is refused with what to do. Old Word and WPS files are read where
    ZHUTI_LIBREOFFICE names LibreOffice's program.
    """
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    name = "" if file == "-" else file
    try:
        found = read_any_document(content, name, read_settings())
    except UnreadableDocumentError as error:
        if not as_json:
            raise
        print_json({"refused": error.kind, "reason": str(error)})
        raise typer.Exit(1) from None
    if as_json:
        print_json({"kind": found.kind, "pages": found.pages, "cut": found.cut, "text": found.text})
    else:
        sys.stdout.write(found.text + "\n")
