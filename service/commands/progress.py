"""
How far a long command is: rows done, rows a second, time left.

A bar in a terminal; elsewhere, as in the log of a nightly run, a line every few seconds.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from service.commands.speaking import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress, TaskID

_SECONDS_BETWEEN_LINES = 5.0
_MINUTE, _HOUR = 60, 3600


class Meter:
    """
    Shows on stderr how far a command is.

    Call it with the step, how many rows are done, and of how many if that is known.

    Args:
        unit: What is counted, in the plural.
        clock: Tells the time in seconds.
    """

    def __init__(self, unit: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._unit = unit
        self._clock = clock
        self._step = ""
        self._started = self._said = clock()
        self._bar = _bar(unit) if sys.stderr.isatty() else None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, step: str, done: int, total: int | None) -> None:
        """Show how far a step is."""
        if step != self._step:
            self._step = step
            self._started = self._said = self._clock()
            if self._bar is not None:
                if self._task is not None:
                    self._bar.remove_task(self._task)
                self._task = self._bar.add_task(step, total=total)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
        elif self._clock() - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = self._clock()
            say(in_words(step, done, total, self._said - self._started, self._unit))

    def say(self, message: str) -> None:
        """Print a line without disturbing the bar."""
        if self._bar is not None:
            self._bar.console.print(message, markup=False, highlight=False, soft_wrap=True)
        else:
            say(message)


def in_words(step: str, done: int, total: int | None, seconds: float, unit: str) -> str:
    """Return how far a step is, as a line."""
    rate = done / seconds if seconds else 0.0
    of = "" if total is None else f" of {total:,}"
    line = f"{step}: {done:,}{of} {unit}, {rate:,.0f} a second"
    if total is None or not rate:
        return line
    return f"{line}, {_duration((total - done) / rate)} left"


def _duration(seconds: float) -> str:
    """Return a stretch of time as a person says it."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds // _HOUR:.0f} h {seconds % _HOUR / _MINUTE:.0f} min"


def _bar(unit: str) -> Progress:
    """Return a bar on stderr that goes away when it is done."""
    from rich.console import Console  # noqa: PLC0415 (only a terminal needs it)
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text  # noqa: PLC0415

    class Rate(ProgressColumn):
        """How many are done a second."""

        def render(self, task: Task) -> Text:
            """Return the rate of a step."""
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:,.0f} {unit}/s")

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,}"),
        Rate(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
