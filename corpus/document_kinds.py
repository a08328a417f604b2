"""
Which kind of document a file is, by its first bytes; and what to do about those not read here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NoReturn

from corpus.document_zip import names_in
from corpus.errors import UnreadableDocumentError

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_HEAD = 4096
_SAVE = "Open it where it can be read and save it as docx or as a PDF with text."
_PICTURE = "Type its text, or have it recognised (OCR) and save the result as docx, PDF or txt."
_UNPACK = "Unpack it and give the files in it one by one."
_REFUSED: tuple[tuple[bytes, str, str, str], ...] = (
    (b"\x89PNG", "picture", "it is a picture (PNG).", _PICTURE),
    (b"\xff\xd8\xff", "picture", "it is a picture (JPEG).", _PICTURE),
    (b"GIF8", "picture", "it is a picture (GIF).", _PICTURE),
    (b"BM", "picture", "it is a picture (BMP).", _PICTURE),
    (b"II*\0", "picture", "it is a picture (TIFF).", _PICTURE),
    (b"MM\0*", "picture", "it is a picture (TIFF).", _PICTURE),
    (b"Rar!", "archive", "it is an archive (rar).", _UNPACK),
    (b"7z\xbc\xaf", "archive", "it is an archive (7z).", _UNPACK),
    (b"\x1f\x8b", "archive", "it is an archive (gzip).", _UNPACK),
    (b"{\\rtf", "unreadable", "it is an RTF file, which is not read here.", _SAVE),
    (b"Founder CEB", "unreadable", "it is a CEB file, which is not read here.", _SAVE),
    (b"CEB", "unreadable", "it is a CEB file, which is not read here.", _SAVE),
)


class DocumentKind(StrEnum):
    """The kinds of documents that are read."""

    DOCX = "docx"
    PDF = "pdf"
    OFD = "ofd"
    XLSX = "xlsx"
    HTML = "html"
    TXT = "txt"


def kind_of_document(content: bytes, name: str) -> DocumentKind:
    """
    Return the kind of a file that is read here.

    Raises:
        UnreadableDocumentError: If it is of another; *kind* of the error is ``office`` where
            LibreOffice could read it.
    """
    if not content:
        raise UnreadableDocumentError(
            "empty", name, "it has no content.", "See whether it was saved or sent completely."
        )
    if b"%PDF" in content[:1024]:
        return DocumentKind.PDF
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_zip(content, name)
    if content.startswith(_OLD_OFFICE):
        _refuse_old_office(content, name)
    for magic, kind, found, remedy in _REFUSED:
        if content.startswith(magic) and (magic != b"BM" or b"\0" in content[:64]):
            raise UnreadableDocumentError(kind, name, found, remedy)
    head = content[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")) or (
        head.startswith(b"<") and b"<body" in head
    ):
        return DocumentKind.HTML
    return DocumentKind.TXT


def _kind_of_zip(content: bytes, name: str) -> DocumentKind:
    """Return the kind of a zip file, which Word, Excel and OFD files are."""
    names = names_in(content, name)
    for inside, kind in (
        ("word/document.xml", DocumentKind.DOCX),
        ("xl/workbook.xml", DocumentKind.XLSX),
        ("OFD.xml", DocumentKind.OFD),
    ):
        if inside in names:
            return kind
    if any(one.startswith("ppt/") for one in names):
        raise UnreadableDocumentError("unreadable", name, "it is a presentation (pptx).", _SAVE)
    raise UnreadableDocumentError("archive", name, "it is an archive (zip).", _UNPACK)


def _refuse_old_office(content: bytes, name: str) -> NoReturn:
    """Refuse a file in the old format of Office: locked, or doc, wps, xls."""
    if _LOCKED in content:
        raise UnreadableDocumentError(
            "encrypted", name, "it is locked with a password.", "Open it and save it without one."
        )
    raise UnreadableDocumentError(
        "office",
        name,
        "it is an old Word, WPS or Excel file (doc, wps, xls).",
        "Save it as docx or xlsx; or name LibreOffice's program in ZHUTI_LIBREOFFICE.",
    )
