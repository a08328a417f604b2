"""
A document read in a process of its own: a parser that hangs or breaks takes nothing with it.

    python -m corpus.document_process NAME < FILE > JSON
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys

from corpus.document import Document, DocumentKind, read_document
from corpus.errors import UnreadableDocumentError

SECONDS = 20.0
_MEMORY = 1_500_000_000
_REMEDY = "Open it where it can be read and save it again, as docx or txt."


def read_document_apart(content: bytes, name: str = "", *, seconds: float = SECONDS) -> Document:
    """
    Return the text of a file, read elsewhere with bounds on time and memory.

    Raises:
        UnreadableDocumentError: As :func:`corpus.document.read_document`; also if it takes too
            long or breaks what reads it.
    """
    try:
        ran = subprocess.run(  # noqa: S603 (our own module)
            [sys.executable, "-m", "corpus.document_process", name, str(seconds)],
            input=content,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        found = f"reading it takes over {seconds:.0f} seconds."
        raise UnreadableDocumentError("too_slow", name, found, _REMEDY) from None
    try:
        said = json.loads(ran.stdout)
    except ValueError:
        found = "what reads it broke (it may be made to do harm, or be damaged)."
        raise UnreadableDocumentError("broken", name, found, _REMEDY) from None
    if "refused" in said:
        raise UnreadableDocumentError(said["refused"], name, said["found"], said["remedy"])
    return Document(DocumentKind(said["kind"]), said["text"], said["pages"], said["cut"])


def main() -> None:
    """Read stdin, print what was found."""
    name, seconds = sys.argv[1], float(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    limit = int(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    try:
        document = read_document(sys.stdin.buffer.read(), name)
    except UnreadableDocumentError as error:
        print(json.dumps({"refused": error.kind, "found": error.found, "remedy": error.remedy}))  # noqa: T201
        return
    print(  # noqa: T201
        json.dumps(
            {
                "kind": document.kind.value,
                "text": document.text,
                "pages": document.pages,
                "cut": document.cut,
            }
        )
    )


if __name__ == "__main__":
    main()
