"""A small class, a crew of fake runners, and a batch graded with them."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.fakes import ENVIRONMENT, LAB_ROOT, PUBLISHED, FakeRunner, run_result
from verifier.batch.batch import Configuration, grade_batch
from verifier.batch.folder import ResultsFolder
from verifier.batch.intake import Intake
from verifier.batch.journal import Journal
from verifier.lab.load import load_labs
from verifier.run.interface import PLAIN, Exited
from verifier.task import load_task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from verifier.batch.batch import Summary
    from verifier.run.interface import Examination, Limits, Runner, RunResult

LAB = load_labs(LAB_ROOT)["forward-backward"]
TASK = load_task(LAB, "baseline")
CONFIGURATION = Configuration(
    task=TASK,
    image=ENVIRONMENT.image,
    required=frozenset(),
    jobs=1,
    make_runner=lambda: FakeRunner(run_result()),
)
WRONG = PUBLISHED.replace(b"0.1927", b"0.5")


class ScriptedRunner(FakeRunner):
    """Gives whatever a function of the source gives, or raises it."""

    def __init__(self, answer: Callable[[bytes], RunResult | BaseException]) -> None:
        super().__init__(run_result())
        self._answer = answer
        self.answers: dict[bytes, RunResult | BaseException] = {}

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Pretend."""
        if not examination.seed_shift:
            self.answers[source] = self._answer(source)
        self.result = self.answers[source]
        return super().run(source, limits=limits, examination=examination)


def by_name(source: bytes) -> RunResult:
    """Answer as a submission's name says: right, wrong, or with a crash."""
    if b"wrong" in source:
        return run_result(WRONG)
    if b"crash" in source:
        return run_result(b"", outcome=Exited(code=1), stderr=b"ValueError: <b>\x1b[2J\n")
    return run_result()


def fails_on(word: bytes, error: BaseException) -> ScriptedRunner:
    """Make a runner that fails on the submissions that hold a word."""
    return ScriptedRunner(lambda source: error if word in source else run_result())


@dataclass
class Notes:
    """A watcher that remembers."""

    begun: list[tuple[int, int]] = field(default_factory=list)
    count: int = 0
    said: list[str] = field(default_factory=list)

    def begin(self, *, total: int, before: int) -> None:
        """Remember."""
        self.begun.append((total, before))

    def graded(self) -> None:
        """Count."""
        self.count += 1

    def say(self, message: str) -> None:
        """Remember."""
        self.said.append(message)


def configured(runner: Callable[[], Runner] | Runner, **changes: Any) -> Configuration:  # noqa: ANN401 - any field
    """Have a batch graded by a runner, or by what makes one."""
    make = runner if callable(runner) else lambda: runner
    return replace(CONFIGURATION, make_runner=make, **changes)


def hand_in(folder: Path, *names: str) -> Path:
    """Make a folder of submissions, each different from the others."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"print({name!r})\n")
    return folder


def grade(
    arguments: Sequence[Path | str],
    results: Path,
    graded_by: Configuration = CONFIGURATION,
    notes: Any = None,  # noqa: ANN401 - a watcher
) -> Summary:
    """Grade what the arguments name."""
    with contextlib.ExitStack() as stack:
        intake = stack.enter_context(Intake([str(each) for each in arguments], apart_from=results))
        folder = stack.enter_context(ResultsFolder(results))
        journal = stack.enter_context(Journal(folder))
        return grade_batch(intake.items, graded_by, journal=journal, watcher=notes or Notes())


def rows(results: Path) -> list[dict[str, Any]]:
    """Read the rows, sorted by path."""
    lines = (results / "results.jsonl").read_text().splitlines()
    return sorted((json.loads(line) for line in lines), key=lambda row: str(row["path"]))


def verdicts(results: Path) -> dict[str, str]:
    """Read what every submission got."""
    return {row["path"]: row["report"]["verdict"] for row in rows(results)}


def untimed(results: Path) -> list[dict[str, Any]]:
    """Read the rows without what differs between two runs of the same script."""
    return [row | {"wall_s": None, "cpu_s": None} for row in rows(results)]
