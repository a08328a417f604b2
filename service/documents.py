"""
Documents as the doors take them: read apart, with LibreOffice where a setting names it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import UnreadableDocumentError

if TYPE_CHECKING:
    from corpus.document import Document
    from service.settings import Settings

_SUFFIXES = frozenset(
    ".docx .docm .pdf .ofd .xlsx .xlsm .doc .wps .xls .et .htm .html".split()  # noqa: SIM905 (short)
)
_MAGIC = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def looks_like_document(name: str, head: bytes) -> bool:
    """Return whether a file is a document to be read first, rather than text or JSON."""
    return Path(name).suffix.lower() in _SUFFIXES or head.startswith(_MAGIC)


def read_any_document(content: bytes, name: str, settings: Settings) -> Document:
    """
    Return the text of a document.

    Raises:
        UnreadableDocumentError: If it is not readable here; its text says what to do.
    """
    # Suggesting for plain text needs none of the libraries that read documents.
    from corpus.document import Document, DocumentKind  # noqa: PLC0415
    from corpus.document_office import office_text  # noqa: PLC0415
    from corpus.document_process import read_document_apart  # noqa: PLC0415

    try:
        return read_document_apart(content, name)
    except UnreadableDocumentError as error:
        if error.kind != "office" or not settings.libreoffice:
            raise
    return Document(DocumentKind.DOCX, office_text(content, name, settings.libreoffice))
