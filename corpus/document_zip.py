"""
Zip files of XML, opened within limits: nothing swells, nothing refers outside, nothing is locked.
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from lxml import etree

from corpus.errors import UnreadableDocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element

# A notice of 200 pages has some 150,000 characters.
MOST_CHARACTERS = 2_000_000
_MOST_FILES = 5000
_MOST_EXPANDED = 200_000_000
_LARGEST_PART = 20_000_000
_BROKEN = "Open it where it can be read and save it again."
_ENCRYPTED_FLAG = 1


def open_zip(content: bytes, name: str) -> ZipFile:
    """
    Return a zip file whose parts together stay within the limits.

    Raises:
        UnreadableDocumentError: If it is broken, locked, or would swell.
    """
    try:
        opened = ZipFile(io.BytesIO(content))
    except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableDocumentError(
            "broken", name, f"it is a zip, docx, xlsx or ofd file, but damaged ({error}).", _BROKEN
        ) from None
    parts = opened.infolist()
    if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
        raise UnreadableDocumentError(
            "encrypted", name, "it is locked with a password.", "Open it and save it without one."
        )
    expanded = sum(part.file_size for part in parts)
    if len(parts) > _MOST_FILES or expanded > _MOST_EXPANDED:
        found = f"it would swell to {expanded / 1e6:.0f} MB in {len(parts)} parts."
        raise UnreadableDocumentError("too_large", name, found, "Save its text as a smaller file.")
    return opened


def names_in(content: bytes, name: str) -> set[str]:
    """Return the names of the parts of a zip file."""
    with open_zip(content, name) as opened:
        return set(opened.namelist())


def read_xml(opened: ZipFile, part: str, name: str) -> _Element:
    """
    Return a part of a zip file as XML; nothing that it refers to is fetched.

    Raises:
        UnreadableDocumentError: If it is not there, broken, too large, or defines entities.
    """
    try:
        with opened.open(part) as stream:
            content = stream.read(_LARGEST_PART + 1)
    except (
        KeyError,
        BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise UnreadableDocumentError(
            "broken", name, f"it is damaged ({part}: {error}).", _BROKEN
        ) from None
    if len(content) > _LARGEST_PART:
        found = f"its text takes over {_LARGEST_PART // 1_000_000} MB."
        raise UnreadableDocumentError("too_large", name, found, "Save its text as a smaller file.")
    if b"<!ENTITY" in content or b"<!DOCTYPE" in content[:4096]:
        raise UnreadableDocumentError(
            "broken",
            name,
            f"it defines words of its own ({part}), which no office program does.",
            _BROKEN,
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root: _Element = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableDocumentError(
            "broken", name, f"it is damaged ({part}: {error}).", _BROKEN
        ) from None
    return root
