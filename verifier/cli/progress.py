"""The progress of many runs on standard error: a bar on a terminal, elsewhere a line at times."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING

import click

from verifier.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress

    from verifier.batch.batch import Watcher

_EVERY_S = 10.0
_MOST_LINES = 40
_REFRESHES_PER_S = 4


@contextlib.contextmanager
def progress(*, doing: str = "grading", noun: str = "submission") -> Iterator[Watcher]:
    """Give whoever tells of the progress here.

    Args:
        doing: What is done, in front of the bar.
        noun: What it is done to, one of them; their plural has an s.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield LineWatcher(noun=noun)
        return
    from rich.console import Console  # noqa: PLC0415 - only where it is seen
    from rich.progress import (  # noqa: PLC0415 - only where it is seen
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn(doing),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=Console(stderr=True),
        refresh_per_second=_REFRESHES_PER_S,
        transient=True,
    ) as bar:
        yield BarWatcher(bar)


@contextlib.contextmanager
def working(message: str) -> Iterator[None]:
    """Show on a terminal that work goes on; elsewhere say nothing."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - only where it is seen
    from rich.text import Text  # noqa: PLC0415 - only where it is seen

    with Console(stderr=True).status(Text(f"running {printable(message)} …")):
        yield


class _Pace:
    """Counts what is graded, and how fast."""

    def __init__(self) -> None:
        self.total = 0
        self.done = 0
        self._before = 0
        self._began = time.monotonic()

    def begin(self, *, total: int, before: int) -> None:
        self.total, self.done, self._before = total, before, before
        self._began = time.monotonic()

    @property
    def per_second(self) -> float:
        return (self.done - self._before) / max(time.monotonic() - self._began, 1e-9)


class BarWatcher:
    """Draws a bar with count, rate and the time that is left."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._pace = _Pace()
        self._task = bar.add_task("", total=None, rate="")

    def begin(self, *, total: int, before: int) -> None:
        """Show how much there is to do."""
        self._pace.begin(total=total, before=before)
        self._bar.update(self._task, total=total, completed=before)

    def graded(self) -> None:
        """Move on by one."""
        self._pace.done += 1
        rate = f"{self._pace.per_second:.1f} per second"
        self._bar.update(self._task, completed=self._pace.done, rate=rate)

    def say(self, message: str) -> None:
        """Print a line above the bar."""
        self._bar.console.print(message, markup=False, highlight=False)


class LineWatcher:
    """Writes a line now and then, so that a log shows life and stays short."""

    def __init__(self, *, noun: str = "submission") -> None:
        self._noun = noun
        self._pace = _Pace()
        self._next_s = time.monotonic() + _EVERY_S
        self._lines = 0

    def begin(self, *, total: int, before: int) -> None:
        """Say how much there is to do."""
        self._pace.begin(total=total, before=before)
        graded = f", {before} of them graded before" if before else ""
        self.say(f"labcheck: {counted(total, self._noun)}{graded}")

    def graded(self) -> None:
        """Count one more, and say so if it is time."""
        pace = self._pace
        pace.done += 1
        if time.monotonic() < self._next_s or self._lines == _MOST_LINES:
            return
        self._lines += 1
        # Ever longer, so that hours make no more lines than minutes.
        self._next_s = time.monotonic() + _EVERY_S * (1 + self._lines // 4)
        left_s = (pace.total - pace.done) / max(pace.per_second, 1e-9)
        self.say(
            f"labcheck: {pace.done} of {pace.total}, "
            f"{pace.per_second:.1f} per second, {left_s:.0f} s left"
        )

    def say(self, message: str) -> None:
        """Write a line."""
        click.echo(message, err=True)
