"""
The file of rows that an import could not use.

Each line is the row as it stood, with the reason beside it: whoever mends the row can import the
file as it is. It appears when the import ends, so that an older one can be read meanwhile.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from corpus.row_writing import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import BinaryIO


class Rejects:
    """
    Writes rejected rows; without any there is no file.

    Args:
        path: Where they go.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # However the import ended, what was rejected until then is worth keeping.
        self._open.close()

    def add(self, source: str, number: int, reason: str, original: Mapping[str, Any]) -> None:
        """
        Write a row with the reason why it could not be used.

        Raises:
            OSError: If the file cannot be written.
        """
        if self._file is None:
            self._file = self._open.enter_context(replacing(self.path))
        # Last, so that a row that was mended wrongly shows its new reason.
        entry = {**original, "file": source, "row": number, "reason": reason}
        line = json.dumps(entry, ensure_ascii=False, default=str)
        self._file.write(line.encode("utf-8", "replace") + b"\n")
