"""What all tests share: where the data beside the project is, if it is there at all."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real notices beside the project, or skip the test."""
    if not (SHARED / "data" / "notices.jsonl.gz").is_file():
        pytest.skip(f"needs the notices beside the project ({SHARED.name}/ is not there)")
    return SHARED
