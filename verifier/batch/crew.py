"""The threads that grade: each with a runner of its own, taking one submission after another.

A submission on which the machine fails is tried again, and then the lab's own script is run, or a
plain one where that is not at hand: where it passes, it was the submission, and it gets a row that
says so. Each end, of a submission or of a thread, is told as an event, in the order in which they
come.
"""

from __future__ import annotations

import collections
import queue
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from verifier import pipeline
from verifier.errors import EngineError, EnvironmentFailure, LabcheckError, WorkerError
from verifier.report.fault import Fault, fault_of
from verifier.report.report import Verdict
from verifier.report.row import row_of
from verifier.run.interface import Exited
from verifier.submission import read_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from verifier.batch.item import Item
    from verifier.report.row import Row
    from verifier.run.interface import Runner
    from verifier.submission import Submission
    from verifier.task import Task

_Result = TypeVar("_Result")

TRIES = 3
"""Of a submission on which the runner fails; it begins each with a new server or container."""

TROUBLES_IN_A_ROW = 3
"""Different submissions on which the machine fails, with none graded between: it is broken."""

_PLAIN = b"import torch\nprint(torch.ones(2).sum().item())\n"
"""Runs wherever anything does, and is nobody's solution."""

_PASSING = (WorkerError, EngineError)
"""Troubles that another try may not meet again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A submission has its row."""

    row: Row
    fault: Fault | None = None
    """Of labcheck's own, which this submission brought out; the others go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubled:
    """A submission could not be graded, nor could the lab's own script: it is the machine."""

    path: str
    problem: str
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A thread cannot go on, and the others could not either."""

    error: BaseException


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclosed:
    """A thread's runner did its work, but could not tidy up after itself."""

    error: Exception


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A thread has ended; nothing more comes from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """Somebody wants an end: Ctrl-C, or SIGTERM."""


Event = Finished | Troubled | Broken | Unclosed | Left | Interrupted


class Crew:
    """Threads that grade items.

    Args:
        items: What to grade.
        task: What they answer.
        lab_revision: Of its lab, for the rows.
        make_runner: Called once in each thread, which enters what it gives and leaves it.
    """

    def __init__(
        self,
        items: Iterable[Item],
        *,
        task: Task,
        lab_revision: str,
        make_runner: Callable[[], Runner],
    ) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        """Made for signal handlers too: `put` may interrupt itself."""
        self._waiting = collections.deque(items)
        self._task = task
        self._lab_revision = lab_revision
        self._make_runner = make_runner
        self._lock = threading.Lock()
        self._streak = 0

    def start(self, jobs: int) -> int:
        """Start threads, at most one for each item; gives their number.

        They are daemons: where one hangs in a run, the process can end all the same, and with it
        what the run runs in.
        """
        jobs = min(jobs, len(self._waiting))
        for number in range(jobs):
            threading.Thread(target=self._work, name=f"grader-{number}", daemon=True).start()
        return jobs

    def stop(self) -> None:
        """Hand out nothing more; runs under way go on to their end."""
        self._waiting.clear()

    def _work(self) -> None:
        try:
            self._enter_and_grade()
        except BaseException as error:  # noqa: BLE001 - the main thread raises it again
            self.events.put(Broken(error=error))
        finally:
            self.events.put(Left())

    def _enter_and_grade(self) -> None:
        runner = self._make_runner()
        _again(runner.__enter__)
        try:
            self._grade_all(runner)
        except BaseException as error:
            runner.__exit__(type(error), error, error.__traceback__)
            raise
        try:
            runner.__exit__(None, None, None)
        except LabcheckError as error:
            self.events.put(Unclosed(error=error))

    def _grade_all(self, runner: Runner) -> None:
        while True:
            try:
                item = self._waiting.popleft()
            except IndexError:
                return
            event = self._attempt(item, runner)
            self.events.put(event)
            self._count(event)

    def _count(self, event: Finished | Troubled) -> None:
        """End everything when the machine fails on one submission after another."""
        with self._lock:
            self._streak = self._streak + 1 if isinstance(event, Troubled) else 0
            broken = self._streak == TROUBLES_IN_A_ROW
        if broken and isinstance(event, Troubled):
            self.stop()
            self.events.put(Broken(error=_too_many_troubles(event)))

    def _attempt(self, item: Item, runner: Runner) -> Finished | Troubled:
        submission = item.submission()
        graded = self._graded(submission, runner)
        try:
            row = self._row(graded)
        except Exception as error:  # noqa: BLE001 - such as one that would break its own schema
            graded = pipeline.faulted(submission, fault_of(error), task=self._task)
            row = self._row(graded)
        fault = graded.fault
        has_verdict = graded.report.verdict is not Verdict.NOT_GRADABLE
        if fault is None or has_verdict or self._machine_works(runner):
            return Finished(row=row, fault=fault)
        return Troubled(path=item.path, problem=fault.summary, fault=fault)

    def _graded(self, submission: Submission, runner: Runner) -> pipeline.Graded:
        if not submission.gradable:  # it changed since it was looked at
            report = pipeline.refuse(submission, task=self._task)
            return pipeline.Graded(report=report, runs=())
        try:
            return _again(partial(pipeline.grade, submission, task=self._task, runner=runner))
        except _PASSING as error:
            return pipeline.faulted(submission, fault_of(error), task=self._task)

    def _row(self, graded: pipeline.Graded) -> Row:
        return row_of(graded.report, graded.runs, lab_revision=self._lab_revision)

    def _machine_works(self, runner: Runner) -> bool:
        """Tell a fault that a submission brings out from a machine that is broken."""
        script, limits = self._task.exercise.script, self._task.lab.limits
        try:
            if not script.exists():  # as in an image for learners
                return _again(partial(runner.run, _PLAIN, limits=limits)).outcome == Exited(code=0)
            reference = read_reference(script)
            graded = _again(partial(pipeline.grade, reference, task=self._task, runner=runner))
        except _PASSING:
            return False
        return graded.report.verdict is Verdict.PASSED


def _too_many_troubles(last: Troubled) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"{TROUBLES_IN_A_ROW} submissions in a row could not be graded; the last: {last.problem}",
        remedy="`labcheck doctor` shows what is wrong; the same command goes on from there",
    )


def _again(call: Callable[[], _Result]) -> _Result:
    """Try up to `TRIES` times what a passing trouble may spoil."""
    for _ in range(TRIES - 1):
        try:
            return call()
        except _PASSING:
            continue
    return call()
