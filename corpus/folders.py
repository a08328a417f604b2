"""
Where the user's own data are kept if nobody says where.
"""

from __future__ import annotations

import os
from pathlib import Path


def data_folder() -> Path:
    """Return the folder in which the user's own data are kept if nobody says where."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "zhuti"
