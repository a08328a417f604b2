"""
Says what to install where an optional part is missing.
"""

from __future__ import annotations

from importlib.util import find_spec

from classifier.errors import ClassifierError

_LIBRARIES = {"sklearn": "scikit-learn", "scipy": "scipy", "datasketch": "datasketch"}


class MissingExtraError(ClassifierError, ImportError):
    """A command that needs libraries which are not installed."""


def need_audit_libraries() -> None:
    """Raise an error that says what to install, unless an audit can start."""
    libraries = {**_LIBRARIES, "cleanlab": "cleanlab"}
    missing = [name for module, name in libraries.items() if find_spec(module) is None]
    if missing:
        msg = f"This needs {', '.join(missing)}. Run: pip install 'zhuti[train,audit]'"
        raise MissingExtraError(msg)


def need_training_libraries() -> None:
    """Raise an error that says what to install, unless training and evaluating can start."""
    missing = [name for module, name in _LIBRARIES.items() if find_spec(module) is None]
    if missing:
        msg = f"This needs {', '.join(missing)}. Run: pip install 'zhuti[train]'"
        raise MissingExtraError(msg)
