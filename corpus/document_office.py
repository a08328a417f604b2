"""
Old Word, WPS and Excel files through LibreOffice, where a setting names its program.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from pathlib import Path

from corpus.document_process import SECONDS, read_document_apart
from corpus.errors import UnreadableDocumentError

_OUT = "docx"
_SUFFIXES = frozenset({".doc", ".wps", ".xls", ".et", ".rtf"})
_REMEDY = "Save it as docx or xlsx, or see that ZHUTI_LIBREOFFICE names a program that works."


def office_text(content: bytes, name: str, program: str, *, seconds: float = 3 * SECONDS) -> str:
    """
    Return the text of a file that only an office program reads.

    The program works in a folder of its own and is stopped with all it has started when its time
    is over.

    Raises:
        UnreadableDocumentError: If the program cannot be started, takes too long, or makes nothing.
    """
    suffix = Path(name).suffix.lower()
    table = suffix in {".xls", ".et"}
    out = "xlsx" if table else _OUT
    with tempfile.TemporaryDirectory(prefix="zhuti-office-") as folder:
        file = Path(folder) / f"document{suffix if suffix in _SUFFIXES else '.doc'}"
        file.write_bytes(content)
        _run(
            [
                program, "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile",
                "--convert-to", out, "--outdir", f"{folder}/out", str(file),
            ],
            name,
            seconds,
        )  # fmt: skip
        made = list((Path(folder) / "out").glob(f"*.{out}"))
        if not made:
            found = "the office program made nothing of it."
            raise UnreadableDocumentError("broken", name, found, _REMEDY)
        return read_document_apart(made[0].read_bytes(), f"{name}.{out}").text


def _run(command: list[str], name: str, seconds: float) -> None:
    """Run a program in a group of its own, and stop the whole group when its time is over."""
    try:
        process = subprocess.Popen(  # noqa: S603 (the administrator names the program)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        found = f"the office program cannot be started ({command[0]}: {error.strerror})."
        raise UnreadableDocumentError("office", name, found, _REMEDY) from None
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        found = f"the office program took over {seconds:.0f} seconds."
        raise UnreadableDocumentError("too_slow", name, found, _REMEDY) from None
