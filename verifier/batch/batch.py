"""Grading a batch: read every submission, grade those without a row, write the results.

Every row is on disk before the next one is counted. So the batch may end at any moment, by
whatever hand, and the same command goes on from there.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, assert_never

from verifier import pipeline
from verifier.batch.crew import Broken, Crew, Finished, Interrupted, Left, Troubled, Unclosed
from verifier.batch.folder import FAULTS, GRADEBOOK, REPORT
from verifier.lab.revision import lab_revision
from verifier.printable import counted
from verifier.report.gradebook import gradebook
from verifier.report.html import html_report
from verifier.report.row import row_of
from verifier.report.tally import Tally, entry_of
from verifier.resources import package_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from verifier.batch.crew import Event
    from verifier.batch.folder import ResultsFolder
    from verifier.batch.item import Item
    from verifier.batch.journal import Journal, Repair
    from verifier.report.fault import Fault
    from verifier.report.row import Row
    from verifier.run.interface import Runner
    from verifier.submission import Submission
    from verifier.task import Task

DRAIN_S = 3.0
"""Time that runs under way have to end by themselves once the batch is interrupted."""
_WAIT_S = 0.5


class Watcher(Protocol):
    """Somebody who is told how a batch gets on."""

    def begin(self, *, total: int, before: int) -> None:
        """Grading begins: ``before`` of ``total`` submissions have their row already."""

    def graded(self) -> None:
        """One more submission has its row."""

    def say(self, message: str) -> None:
        """Something happened that a person should know; printable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a batch is graded by, and how."""

    task: Task
    image: str | None
    """Id of the runtime image that runs will take place in; None where it is no image."""
    required: frozenset[str]
    """Walls that must have stood around every run."""
    jobs: int
    """Runs at the same time."""
    make_runner: Callable[[], Runner]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came out of a batch; its rows are in the results folder."""

    tally: Tally
    """Of every submission that has a row."""
    expected: int
    """Submissions that were handed in."""
    before: int
    """Of these, those that had their row already."""
    repair: Repair
    troubled: tuple[Troubled, ...]
    """Submissions that could not be graded, by the machine's fault."""
    warnings: tuple[str, ...]
    jobs: int
    seconds: float
    """Spent on grading, the start of the runners included."""
    interrupted: bool
    error: BaseException | None
    """What ended the batch before its time."""
    faults: int = 0
    """Submissions that brought out a fault of labcheck's own; they have their rows."""

    @property
    def complete(self) -> bool:
        """Whether every submission has its row."""
        return self.tally.total == self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a submission's row must say to be about this very submission."""

    sha256: str | None
    refusals: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Progress:
    """What has come of the grading so far."""

    jobs: int = 0
    seconds: float = 0.0
    faults: int = 0
    troubled: list[Troubled] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    interrupted: bool = False
    error: BaseException | None = None


def grade_batch(
    items: Sequence[Item], configuration: Configuration, *, journal: Journal, watcher: Watcher
) -> Summary:
    """Grade every item that has no current row in the journal, and write all results.

    Args:
        items: Submissions, each under its own path.
        configuration: What they are graded by.
        journal: Entered; gradebook and report are written into its folder.
        watcher: Is told how it gets on.
    Raises:
        EnvironmentFailure: A file of the results cannot be written; rows that were are kept.
    """
    task = configuration.task
    revision = lab_revision(task.lab)
    seen, refusals = _look(items)
    repair = journal.settle(lambda row: _is_current(row, seen, configuration, revision=revision))
    waiting = [item for item in items if item.path not in journal.paths]
    before = len(items) - len(waiting)
    watcher.begin(total=len(items), before=before)
    for item in waiting:
        if item.path in refusals:
            report = pipeline.refuse(refusals[item.path], task=task)
            journal.append(row_of(report, (), lab_revision=revision))
            watcher.graded()
    crew = Crew(
        (item for item in waiting if item.path not in refusals),
        task=task,
        lab_revision=revision,
        make_runner=configuration.make_runner,
    )
    progress = _follow(crew, jobs=configuration.jobs, journal=journal, watcher=watcher)
    tally = _write(journal, configuration, revision=revision)
    return _summary(progress, tally=tally, expected=len(items), before=before, repair=repair)


def _look(items: Sequence[Item]) -> tuple[dict[str, _Seen], dict[str, Submission]]:
    """Read every submission once, keeping no source; those that cannot be graded are kept."""
    seen, refusals = {}, {}
    for item in items:
        submission = item.submission()
        messages = tuple(finding.message for finding in submission.refusals)
        seen[item.path] = _Seen(sha256=submission.sha256, refusals=messages)
        if not submission.gradable:
            refusals[item.path] = submission
    return seen, refusals


def _is_current(
    row: Row, seen: dict[str, _Seen], configuration: Configuration, *, revision: str
) -> bool:
    """Whether a row says what grading its submission now would say."""
    report = row["report"]
    refused = report["verdict"] == "not_gradable"
    messages = tuple(finding["message"] for finding in report["findings"]) if refused else ()
    task, answers = configuration.task, (row["lab_revision"], report["lab"], report["exercise"])
    if row["labcheck_sha256"] != package_sha256():
        return False
    if answers != (revision, task.lab.id, task.exercise.id):
        return False
    if report.get("feedback") != task.feedback:
        return False
    if seen.get(row["path"]) != _Seen(sha256=row["sha256"], refusals=messages):
        return False
    same_image = row["image"] == configuration.image
    return refused or (same_image and configuration.required.issubset(report["tier"]["walls"]))


def _follow(crew: Crew, *, jobs: int, journal: Journal, watcher: Watcher) -> _Progress:
    """Start the crew and write down what it tells, until its last thread has left."""
    progress = _Progress()
    began = time.monotonic()
    deadline: float | None = None
    with contextlib.ExitStack() as stack:
        stack.callback(crew.stop)
        stack.enter_context(_interrupts_as_events(crew.events))
        working = progress.jobs = crew.start(jobs)
        while working and (event := _next(crew.events, deadline)) is not None:
            match event:
                case Finished(row=row, fault=fault):
                    journal.append(row)
                    watcher.graded()
                    if fault is not None:
                        progress.faults += 1
                        _tell(fault, row["path"], folder=journal.folder, watcher=watcher)
                case Troubled(path=path, fault=fault):
                    progress.troubled.append(event)
                    _tell(fault, path, folder=journal.folder, watcher=watcher)
                case Broken(error=error):
                    crew.stop()
                    progress.error = progress.error or error
                case Unclosed(error=error):
                    progress.warnings.append(str(error))
                case Left():
                    working -= 1
                case Interrupted():
                    if progress.interrupted:  # asked for twice: now
                        break
                    crew.stop()
                    progress.interrupted = True
                    deadline = time.monotonic() + DRAIN_S
                    watcher.say(f"interrupted: runs under way have {DRAIN_S:g} s to end")
                case _:
                    assert_never(event)
    progress.seconds = time.monotonic() - began
    return progress


def _tell(fault: Fault, path: str, *, folder: ResultsFolder, watcher: Watcher) -> None:
    """Say aloud that labcheck failed on a submission, and keep the traceback for its authors."""
    watcher.say(
        f"{path}: a fault in labcheck, reference {fault.reference}: {fault.summary}; "
        f"please report what {FAULTS} in the results says of it"
    )
    told = f"{path}: reference {fault.reference}\n{fault.traceback}\n"
    folder.append(FAULTS, [told.encode("ascii", "backslashreplace")])


def _next(events: queue.SimpleQueue[Event], deadline: float | None) -> Event | None:
    """Wait for the next event; None where the deadline passes first.

    A signal that comes just before a wait begins is seen after it, so none is long.
    """
    while True:
        left_s = _WAIT_S if deadline is None else deadline - time.monotonic()
        try:
            return events.get(timeout=min(_WAIT_S, max(0.0, left_s)))
        except queue.Empty:
            if left_s <= 0:
                return None


@contextlib.contextmanager
def _interrupts_as_events(events: queue.SimpleQueue[Event]) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM wait their turn, so that no row is torn between two steps."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def tell(_number: int, _frame: FrameType | None) -> None:
        events.put(Interrupted())

    numbers = (signal.SIGINT, signal.SIGTERM)
    old = [signal.signal(number, tell) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, old, strict=True):
            signal.signal(number, handler)


def _write(journal: Journal, configuration: Configuration, *, revision: str) -> Tally:
    """Write gradebook and report of the rows that there are."""
    folder, lab, basis = journal.folder, configuration.task.lab, configuration.task.basis
    tally = Tally()
    entries = []
    for row in journal.rows():
        tally.add(row)
        entries.append(entry_of(row))
    folder.replace(GRADEBOOK, gradebook(entries))
    page = html_report(
        journal.rows(),
        entries=entries,
        tally=tally,
        title=f"labcheck: {lab.id}/{configuration.task.exercise.id}",
        headline=headline(tally),
        notes=(
            lab.title,
            f"lab revision {revision}",
            f"golden {basis.golden_sha256}",
            f"labs in {basis.lab_root}",
            f"feedback {configuration.task.feedback}",
            f"runtime image {configuration.image or 'none'}",
        ),
    )
    folder.replace(REPORT, page)
    return tally


def _summary(
    progress: _Progress, *, tally: Tally, expected: int, before: int, repair: Repair
) -> Summary:
    return Summary(
        tally=tally,
        expected=expected,
        before=before,
        repair=repair,
        troubled=tuple(progress.troubled),
        warnings=tuple(progress.warnings),
        jobs=progress.jobs,
        seconds=progress.seconds,
        interrupted=progress.interrupted,
        faults=progress.faults,
        error=progress.error,
    )


def headline(tally: Tally) -> str:
    """Say in one sentence what came out."""
    words = ("passed", "failed", "not_gradable")
    parts = [f"{tally.verdicts[word]} {word.replace('_', ' ')}" for word in words]
    return f"{counted(tally.total, 'submission')}: {', '.join(parts)}"
