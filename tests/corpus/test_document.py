"""Documents are read for their text; whatever cannot be is refused with what to do, and soon."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import pytest

from corpus.attached import text_to_classify
from corpus.document import DocumentKind, read_document
from corpus.document_office import office_text
from corpus.document_process import read_document_apart
from corpus.errors import UnreadableDocumentError
from corpus.notice import Notice

_SPEC = importlib.util.spec_from_file_location(
    "document_samples", Path(__file__).with_name("document_samples.py")
)
assert _SPEC is not None
assert _SPEC.loader is not None
samples = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(samples)
TEXT = "\n".join(samples.LINES)
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
SECONDS = 3.0


def _refused(content, name="附件"):
    started = time.process_time()
    with pytest.raises(UnreadableDocumentError) as refused:
        read_document(content, name)
    assert time.process_time() - started < SECONDS
    assert refused.value.remedy
    return refused.value.kind


def test_a_word_document_is_read_in_its_order():
    """Paragraphs and tables as they stand, cells parted by tabs, nothing that was deleted."""
    table = f"<w:tbl>{samples.row('路线', '里程')}{samples.row('青石线', '12公里')}</w:tbl>"
    behind = (
        "<w:p><w:del><w:r><w:delText>删去</w:delText></w:r></w:del><w:r><w:t>附则</w:t></w:r></w:p>"
    )

    document = read_document(samples.docx(inside=table + behind))

    assert document.kind is DocumentKind.DOCX
    assert document.text == f"{TEXT}\n路线\t里程\n青石线\t12公里\n附则"


def test_an_ofd_file_is_read_from_the_top_down():
    """Its pieces of text lie in it in any order."""
    document = read_document(samples.ofd(pages=2))

    assert (document.kind, document.pages) == (DocumentKind.OFD, 2)
    assert document.text == f"{TEXT}\n{TEXT}"


def test_a_pdf_is_read_with_its_lines_put_together():
    """What only the width of the page has broken is one paragraph again; page numbers go."""
    page = "Roads are to be kept in repair by the\ntowns that they run through.\nSigned\n- 1 -"

    document = read_document(samples.pdf(page, "Second page of it."))

    assert (document.kind, document.pages) == (DocumentKind.PDF, 2)
    assert (
        document.text.split("\n")[0]
        == "Roads are to be kept in repair by the towns that they run through."
    )
    assert "- 1 -" not in document.text


def test_a_workbook_is_read_row_by_row():
    """Empty rows and cells at the end go."""
    document = read_document(samples.xlsx([["路线", "里程", None], [], ["青石线", 12.5]]))

    assert (document.kind, document.pages) == (DocumentKind.XLSX, 1)
    assert document.text == "路线\t里程\n青石线\t12.5"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_is_read_in_its_encoding(encoding):
    """As everywhere else."""
    document = read_document(TEXT.encode(encoding), "通知.doc")

    assert (document.kind, document.text) == (DocumentKind.TXT, TEXT)


def test_a_page_is_read_as_text():
    """Saved pages come as attachments too."""
    page = f"<html><body>{''.join(f'<p>{line}</p>' for line in samples.LINES)}</body></html>"

    assert read_document(page.encode("gbk")).text == TEXT


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (samples.docx([]), "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "picture"),
        (b"BM" + b"\0" * 80, "picture"),
        (b"Rar!\x1a\x07", "archive"),
        (samples.zipped({"a.txt": "x"}), "archive"),
        (samples.zipped({"ppt/presentation.xml": "x"}), "unreadable"),
        (b"{\\rtf1 abc}", "unreadable"),
        (OLD, "office"),
        (OLD + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (samples.pdf("", ""), "scanned"),
        (samples.ofd([]), "scanned"),
        (b"%PDF-1.4\n nothing of the kind", "broken"),
        (samples.docx()[:200], "broken"),
        (samples.zipped({"word/document.xml": "<w:document"}), "broken"),
        (samples.zipped({"xl/workbook.xml": "<x/>"}), "broken"),
        (samples.zipped({"OFD.xml": "<a/>"}), "scanned"),
        (bytes(range(256)) * 20, "unknown"),
    ],
    ids=range(19),
)
def test_what_cannot_be_read_is_refused_by_name(content, kind):
    """With what it is and what to do."""
    assert _refused(content) == kind


def test_a_locked_file_is_refused_as_locked():
    """A zip whose parts need a password."""
    content = bytearray(samples.docx())
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + place] |= 1

    assert _refused(bytes(content)) == "encrypted"


@pytest.mark.parametrize(
    "content",
    [
        samples.zipped({"word/document.xml": b" " * 30_000_000}),
        samples.zipped({f"word/{n}.xml": "x" for n in range(6000)}),
        samples.zipped({"xl/workbook.xml": "x", "xl/a.xml": b"\0" * 250_000_000}),
    ],
    ids=["one large part", "many parts", "large in all"],
)
def test_what_would_swell_is_refused(content):
    """A few kilobytes may ask for gigabytes."""
    assert _refused(content) == "too_large"


def test_entities_are_refused():
    """Ten lines of them make a billion laughs, or read a file of ours."""
    laughs = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
    )
    part = f"{laughs}]><w:document>&j;</w:document>"
    outside = "<!DOCTYPE l [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><w:document>&a;</w:document>"

    assert _refused(samples.zipped({"word/document.xml": part})) == "broken"
    assert _refused(samples.zipped({"word/document.xml": outside})) == "broken"


def test_a_document_of_two_hundred_pages_is_read():
    """Budgets and yearbooks are attached, too."""
    document = read_document(samples.ofd(["预算执行情况" * 5] * 30, pages=200))

    assert document.pages == 200
    assert len(document.text.split("\n")) == 6000
    assert not document.cut


def test_a_document_without_end_is_cut():
    """What is read of it is said to be a part."""
    document = read_document(("公路养护" * 250 + "\n").encode() * 2200)

    assert document.cut
    assert len(document.text) <= 2_000_000


def test_a_document_is_read_apart_as_here():
    """The same text, the same refusals."""
    assert read_document_apart(samples.docx(), "a.docx") == read_document(samples.docx(), "a.docx")
    with pytest.raises(UnreadableDocumentError, match="password") as refused:
        read_document_apart(OLD + "EncryptedPackage".encode("utf-16-le"), "锁.docx")
    assert refused.value.kind == "encrypted"


def test_what_takes_too_long_is_stopped():
    """Whatever it does, whoever asked goes on."""
    with pytest.raises(UnreadableDocumentError) as refused:
        read_document_apart(samples.docx(), "a.docx", seconds=0.01)

    assert refused.value.kind == "too_slow"


@pytest.fixture
def office(tmp_path):
    """Return a function that makes a program like LibreOffice's, which does what it is told."""

    def make(what: str) -> str:
        (tmp_path / "made.docx").write_bytes(samples.docx())
        program = tmp_path / "soffice"
        program.write_text(f'#!/bin/sh\nfor last; do :; done\nout="$7"\n{what}\n')
        program.chmod(0o755)
        return str(program)

    return make


def test_an_old_file_is_read_through_the_office_program(office, tmp_path):
    """It gets a folder of its own, and what it makes of the file is read."""
    program = office(f'mkdir -p "$7"; cp {tmp_path}/made.docx "$7/document.docx"')

    assert office_text(OLD, "通知.doc", program) == TEXT


@pytest.mark.parametrize(("what", "kind"), [("true", "broken"), ("sleep 60", "too_slow")])
def test_an_office_program_that_fails_is_said(office, what, kind):
    """It made nothing, or does not end: it and what it has started are stopped."""
    with pytest.raises(UnreadableDocumentError) as refused:
        office_text(OLD, "通知.doc", office(what), seconds=0.5)

    assert refused.value.kind == kind


def test_an_office_program_that_is_not_there_is_named():
    """The setting is to be put right."""
    with pytest.raises(UnreadableDocumentError, match="ZHUTI_LIBREOFFICE"):
        office_text(OLD, "通知.doc", "/nowhere/soffice")


@pytest.mark.parametrize(
    ("body", "used"),
    [(None, True), ("请见附件。", True), ("公路养护" * 60, False)],
)
def test_the_text_of_files_counts_where_the_body_says_little(body, used):
    """请见附件 is no text to tell a theme from."""
    notice = Notice(title="关于公路养护的通知", body=body)

    read = text_to_classify(notice, ["各乡镇要落实养护责任。"])

    assert ("养护责任" in (read.body or "")) is used
    assert text_to_classify(notice, []) == notice
