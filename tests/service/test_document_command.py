"""Documents at the command line: their text, their themes, or what to do about them."""

from __future__ import annotations

from zipfile import ZipFile

import pytest

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LINES = (
    "关于做好农村公路养护工作的通知",
    "各乡镇人民政府：",
    "公路路面大修，治理超限超载，现通知如下。",
)


@pytest.fixture
def docx(tmp_path):
    """Return a Word document about roads."""
    path = tmp_path / "通知.docx"
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in _LINES)
    with ZipFile(path, "w") as made:
        made.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
        )
    return path


def test_the_text_of_a_document_is_printed(zhuti, docx):
    """As text for people, as JSON for machines."""
    assert zhuti("document", docx).out == "\n".join(_LINES) + "\n"

    ran = zhuti("document", docx, "--json")
    assert ran.json == {"kind": "docx", "pages": None, "cut": False, "text": "\n".join(_LINES)}


def test_themes_are_suggested_for_a_document(suggest, docx):
    """The title is found in its text."""
    ran = suggest(docx, "--json")

    assert ran.code == 0
    assert ran.json["notice"]["title"] == _LINES[0]
    assert ran.json["suggestions"][0]["label"] == "公路"


@pytest.mark.parametrize("command", ["document", "suggest"])
def test_what_cannot_be_read_is_refused_in_words(zhuti, tmp_path, command):
    """A scan or an old file: what it is, what to do."""
    old = tmp_path / "旧.doc"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)

    ran = zhuti(command, old)

    assert ran.code == 1
    assert "旧.doc: not readable here: it is an old Word, WPS or Excel file" in ran.err
    assert "ZHUTI_LIBREOFFICE" in ran.err


def test_a_refusal_has_a_name_for_machines(zhuti, tmp_path):
    """On stdout, with exit code 1."""
    picture = tmp_path / "扫描.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)

    ran = zhuti("document", picture, "--json")

    assert (ran.code, ran.json["refused"]) == (1, "picture")
