"""Grading one script as a learner's, and what became of it: verdict, diagnoses, time.

The real pipeline runs, with any runner. The diagnosis is timed where the pipeline calls it: the
reading of the trace and `diagnose`, nothing else.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from unittest import mock

from verifier import pipeline
from verifier.checks.check import WOULD_FAIL, Status
from verifier.diagnosis.diagnose import diagnose
from verifier.report.report import Verdict
from verifier.run.interface import PLAIN
from verifier.submission import read_submission
from verifier.task import load_task
from verifier.trace.reader import read_trace

if TYPE_CHECKING:
    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.lab.spec import Lab
    from verifier.run.interface import Examination, Limits, Runner, RunResult
    from verifier.task import Task
    from verifier.trace.event import Trace

ENDLESS = frozenset({"endless-loop"})
"""Diagnoses whose scripts get less time: they are known never to end."""
ENDLESS_LIMIT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What became of one script."""

    passed: bool
    failing: tuple[str, ...]
    """Stages and names of the checks that fail or would fail, in debug order."""
    diagnoses: tuple[Diagnosis, ...]
    diagnosis_wall_s: float
    diagnosis_cpu_s: float
    first_run_s: float
    """Wall time of the first run, as its client sees it."""
    more_runs_s: float
    """Of the second and third run together; 0 where there was none."""


@dataclass(slots=True)
class _Clock:
    """Times what the pipeline does between two scripts."""

    trace_wall_s: float = 0.0
    """Of the trace that was read last: the diagnosis reads it right before it starts."""
    trace_cpu_s: float = 0.0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    runs_s: list[float] = field(default_factory=list)

    def read_trace(self, raw: bytes, **given: Any) -> Trace:  # noqa: ANN401 - passed on
        wall, cpu = time.perf_counter(), time.process_time()
        trace = read_trace(raw, **given)
        self.trace_cpu_s = time.process_time() - cpu
        self.trace_wall_s = time.perf_counter() - wall
        return trace

    def diagnose(self, **given: Any) -> tuple[Diagnosis, ...]:  # noqa: ANN401 - passed on
        wall, cpu = time.perf_counter(), time.process_time()
        found = diagnose(**given)
        self.cpu_s = self.trace_cpu_s + time.process_time() - cpu
        self.wall_s = self.trace_wall_s + time.perf_counter() - wall
        return found


class _TimedRunner:
    """Notes how long each run took."""

    def __init__(self, runner: Runner, clock: _Clock) -> None:
        self._runner = runner
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave the runner to whoever opened it."""

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        started = time.perf_counter()
        result = self._runner.run(source, limits=limits, examination=examination)
        self._clock.runs_s.append(time.perf_counter() - started)
        return result


class Examiner:
    """Grades scripts of one lab with one runner."""

    def __init__(self, lab: Lab, runner: Runner) -> None:
        self._tasks = {name: load_task(lab, name) for name in lab.exercises}
        self._runner = runner

    def examine(self, source: bytes, *, exercise: str, diagnosis: str = "") -> Examined:
        """Grade a script that should get a diagnosis, or none.

        Raises:
            EnvironmentFailure: The runner could not do its work.
        """
        clock = _Clock()
        with (
            tempfile.TemporaryDirectory(prefix="labcheck-bench-") as folder,
            mock.patch.object(pipeline, "read_trace", clock.read_trace),
            mock.patch.object(pipeline, "diagnose", clock.diagnose),
        ):
            file = Path(folder) / "submission.py"
            file.write_bytes(source)
            report = pipeline.grade(
                read_submission(file),
                task=self._task(exercise, diagnosis),
                runner=_TimedRunner(self._runner, clock),
            ).report
        return Examined(
            passed=report.verdict is Verdict.PASSED,
            failing=tuple(
                f"{check.stage.value}/{check.name}"
                for check in report.checks
                if check.status is Status.FAILED or WOULD_FAIL in check.message
            ),
            diagnoses=report.diagnoses,
            diagnosis_wall_s=clock.wall_s,
            diagnosis_cpu_s=clock.cpu_s,
            first_run_s=clock.runs_s[0],
            more_runs_s=sum(clock.runs_s[1:]),
        )

    def _task(self, exercise: str, diagnosis: str) -> Task:
        task = self._tasks[exercise]
        if diagnosis not in ENDLESS:
            return task
        limits = replace(task.lab.limits, time_limit_s=ENDLESS_LIMIT_S)
        return replace(task, lab=replace(task.lab, limits=limits))
