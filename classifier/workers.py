"""
The same task for many pieces of work: in this process, in several, or on a Dask cluster.

joblib hands the pieces out; what it carries is a description of a piece (where it begins and ends)
and a small answer, never a notice. A worker that dies takes nothing with it: Dask gives its
pieces to another by itself, and a pool of processes is made anew here with the pieces that are not
answered yet. So every task must be one that can be done twice.
"""

from __future__ import annotations

import traceback
import warnings
from collections import deque
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from multiprocessing import TimeoutError as TimeoutOfJoblib
from typing import TYPE_CHECKING, Any, TypeVar

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.process_executor import BrokenProcessPool

from classifier.errors import ClassifierError, RelabelError
from corpus.errors import CorpusError, MissingLibraryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Piece = TypeVar("_Piece")
_Answer = TypeVar("_Answer")

# A piece on which so many workers died one after the other is what kills them.
_MOST_DEATHS = 3
_PATIENCE = 15
# A piece takes some seconds; a worker that dies is replaced in some more.
_SILENCE = 300
_DEATHS = (
    f"A worker process died {_MOST_DEATHS} times at the same place: it was killed, or there is too"
    " little memory. Give fewer workers, then start again; what is done stays done."
)


@dataclass(frozen=True, slots=True)
class Workers:
    """
    Who does the work.

    Attributes:
        jobs: How many processes of this machine.
        scheduler: The address of a Dask scheduler, whose workers do it instead.
    """

    jobs: int = 1
    scheduler: str | None = None


@dataclass(frozen=True, slots=True)
class _Failed:
    """A task that failed, in words: not every error can be carried from one process to another."""

    words: str


def in_order(
    task: Callable[[_Piece], _Answer], pieces: Iterable[_Piece], workers: Workers
) -> Iterator[_Answer]:
    """
    Yield the answer to each piece of work, in the order of the pieces.

    Args:
        task: A function of a module, which every worker can import; doing it twice must be the
            same as doing it once.
        pieces: What it is given; asked for as work goes on, in another thread.
        workers: Who does it.

    Raises:
        RelabelError: If a task failed, or its workers keep dying.
        MissingLibraryError: If there is a scheduler and Dask is not installed.
    """
    begun: deque[_Piece] = deque()

    def noting(some: Iterable[_Piece]) -> Iterator[Any]:
        for piece in some:
            begun.append(piece)
            yield delayed(_attempt)(task, piece)

    waiting = iter(pieces)
    deaths = 0
    with _where(workers) as options:
        while True:
            again = list(begun)
            begun.clear()
            parallel = Parallel(
                return_as="generator", batch_size=1, pre_dispatch="2*n_jobs", **options
            )
            try:
                with warnings.catch_warnings():
                    # joblib also warns of what it raises, and of work that is given up.
                    warnings.filterwarnings(
                        "ignore", r"A worker stopped while some jobs|\d+ tasks "
                    )
                    with closing(parallel(noting(chain(again, waiting)))) as answers:
                        for answer in answers:
                            begun.popleft()
                            deaths = 0
                            yield _unpacked(answer)
            except BrokenProcessPool:
                deaths += 1
                if deaths == _MOST_DEATHS:
                    raise RelabelError(_DEATHS) from None
            except TimeoutOfJoblib:
                msg = (
                    f"No worker of the cluster has answered for {_SILENCE} seconds: there is none,"
                    " or one piece of work kills them all (see their logs). Start again when that"
                    " is mended; what is done stays done."
                )
                raise RelabelError(msg) from None
            else:
                return


def _attempt(task: Callable[[_Piece], _Answer], piece: _Piece) -> _Answer | _Failed:
    """Return a worker's answer, or in words why there is none."""
    try:
        return task(piece)
    except (CorpusError, ClassifierError, OSError) as error:
        return _Failed(str(error))
    except Exception as error:  # noqa: BLE001 (raised on a cluster, it would be waited for)
        line = traceback.extract_tb(error.__traceback__)[-1]
        return _Failed(
            f"This should not happen; report it: {type(error).__name__}: {error}"
            f" ({line.name}, line {line.lineno})"
        )


def _unpacked(answer: _Answer | _Failed) -> _Answer:
    """Return an answer, or raise what stands in its place."""
    if isinstance(answer, _Failed):
        raise RelabelError(answer.words)
    return answer


@contextmanager
def _where(workers: Workers) -> Iterator[dict[str, Any]]:
    """Give the options by which joblib finds the workers."""
    if workers.scheduler is None:
        yield {"n_jobs": workers.jobs}
        return
    try:
        distributed = import_module("distributed")
    except ImportError:
        raise MissingLibraryError("A Dask cluster", "distributed", "cluster") from None
    try:
        client = distributed.Client(workers.scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        msg = (
            f"No Dask scheduler answers at {workers.scheduler} ({error})."
            " Start one with 'dask scheduler', and workers with 'dask worker'."
        )
        raise RelabelError(msg) from None
    with client, parallel_config(backend="dask", client=client):
        # What a cluster gives up never comes back through joblib.
        yield {"timeout": _SILENCE}
