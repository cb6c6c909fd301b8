"""Measure how often wrong scripts are told the right thing, and what the telling costs.

Run ``make bench-diagnosis``; a few minutes on two cores. The scripts are the held-out ones of
`bench.diagnosis.held_out`, the lab's own mistakes, and the right ones of ``tests/lab/styles``,
which must be told nothing. Figures go to ``bench/diagnosis/results.json`` and, with the misses, to
standard output; exits 1 if a bound is broken.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import document, machine
from bench.bound import Bound
from bench.diagnosis.accuracy import Answer, accuracy_of, by_key, by_stage, misses
from bench.diagnosis.examination import Examiner
from bench.diagnosis.figures import show
from bench.diagnosis.held_out import CAP, held_out, right_scripts
from bench.diagnosis.lesson import LESSON
from bench.machine import say
from bench.speed.measure import percentile
from verifier.cli.progress import progress
from verifier.errors import ExitCode, LabcheckError
from verifier.lab.catalogue import load_catalogue
from verifier.lab.mistake import load_mistakes
from verifier.resources import pins_sha256
from verifier.run.container import IMAGE, ContainerRunner
from verifier.run.local import LocalRunner
from verifier.run.sandbox import SandboxRunner
from verifier.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

    from bench.diagnosis.examination import Examined
    from bench.diagnosis.held_out import HeldOut, HeldOutSet
    from verifier.batch.batch import Watcher
    from verifier.lab.mistake import Mistake
    from verifier.lab.stage import Stage
    from verifier.run.interface import Runner

SCHEMA = "bench-diagnosis"
UNREPEATABLE = frozenset({"seed-missing", "seed-after-model"})
"""Their numbers differ from run to run, and so may the checks that fail."""

BOUNDS = (
    Bound(name="right_stage", least=0.95),
    Bound(name="right_diagnosis", least=0.90),
    Bound(name="mistakes_right", least=1.0),
    Bound(name="styles_diagnosed", most=0),
    Bound(name="diagnosis_cpu_ms", most=10),
    Bound(name="diagnosis_wall_ms", most=10),
    Bound(name="held_out_scripts", least=300),
    Bound(name="held_out_diagnoses", least=45),
)
"""From the issue that asked for the diagnoses; a diagnosis's time is the 95th percentile's."""

OF_MISTAKES = frozenset({"mistakes_right", "diagnosis_cpu_ms", "diagnosis_wall_ms"})
"""What the lab's own mistakes alone are held to."""


@dataclass(slots=True, kw_only=True)
class Measured:
    """What was seen while it went on."""

    held_out: list[Answer] = field(default_factory=list)
    mistakes: list[Answer] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    """Names of the right scripts."""
    accused: list[str] = field(default_factory=list)
    """Names of those that were told something, or did not pass."""
    draw: int = 0
    """Which of many held-out sets it was."""
    left_out: Counter[str] = field(default_factory=Counter)
    failed: list[Examined] = field(default_factory=list)
    """Every script that did not pass; each was diagnosed."""
    seconds: float = 0.0


def main() -> int:
    """Measure, print, write JSON; 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="where the figures go, as JSON")
    parser.add_argument("--runner", choices=("sandbox", "container", "local"), default="sandbox")
    parser.add_argument("--image", default=IMAGE, help="the runtime image (%(default)s)")
    parser.add_argument("--cap", type=int, default=CAP, help="scripts of one diagnosis, at most")
    parser.add_argument(
        "--draw", type=int, default=0, help="which of many held-out sets (%(default)s)"
    )
    parser.add_argument(
        "--mistakes-only",
        action="store_true",
        help="the lab's own mistakes and nothing else; nothing is written",
    )
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _runner(arguments.runner, arguments.image) as runner:
            measured = measure(
                runner,
                cap=arguments.cap,
                draw=arguments.draw,
                mistakes_only=arguments.mistakes_only,
            )
    except KeyboardInterrupt:
        say("interrupted; nothing was written")
        return ExitCode.INTERRUPTED
    except LabcheckError as error:
        say(f"error: {error.problem}; {error.remedy}")
        return error.exit_code
    figures = figures_of(measured, runner=arguments.runner, partial=arguments.mistakes_only)
    show(figures)
    if arguments.output and not arguments.mistakes_only:
        document.write(arguments.output, figures, schema=SCHEMA)
    return 1 if figures["broken"] else 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _runner(name: str, image: str) -> Runner:
    if name == "container":
        return ContainerRunner(image=image, pins_sha256=pins_sha256())
    return LocalRunner() if name == "local" else SandboxRunner()


def measure(runner: Runner, *, cap: int, draw: int, mistakes_only: bool) -> Measured:
    """Grade everything, one after the other.

    Args:
        runner: Where the scripts run.
        cap: Held-out scripts of one diagnosis, at most.
        draw: Which of many held-out sets.
        mistakes_only: Whether the rest is left out.
    Raises:
        LabcheckError: The lab or the runner is at fault.
    """
    say("making the held-out scripts")
    made = None if mistakes_only else held_out(LESSON, cap=cap, draw=draw)
    mistakes = load_mistakes(LESSON)
    right = {} if mistakes_only else right_scripts(LESSON)
    measured = Measured(draw=draw, left_out=Counter() if made is None else made.left_out)
    examiner = Examiner(LESSON, runner)
    started = time.perf_counter()
    with progress(doing="diagnosing", noun="script") as watcher:
        total = len(mistakes) + len(right) + (0 if made is None else len(made.scripts))
        watcher.begin(total=total, before=0)
        failing = _of_mistakes(examiner, mistakes, measured, watcher)
        for name, source in right.items():
            _of_style(examiner, name, source, measured)
            watcher.graded()
        if made is not None:
            _of_held_out(examiner, made, failing, measured, watcher)
    measured.seconds = time.perf_counter() - started
    return measured


def _of_mistakes(
    examiner: Examiner, mistakes: tuple[Mistake, ...], measured: Measured, watcher: Watcher
) -> dict[str, tuple[str, ...]]:
    """Grade the lab's mistakes; give the checks that each fails."""
    failing = {}
    for each in mistakes:
        seen = examiner.examine(
            each.script.read_bytes(), exercise=each.exercise, diagnosis=each.diagnosis
        )
        failing[each.id] = seen.failing
        measured.failed.append(seen)
        measured.mistakes.append(_answer(each.id, each, seen))
        watcher.graded()
    return failing


def _of_style(examiner: Examiner, name: str, source: bytes, measured: Measured) -> None:
    seen = examiner.examine(source, exercise="baseline")
    measured.styles.append(name)
    if seen.diagnoses or not seen.passed:
        measured.accused.append(name)


def _of_held_out(
    examiner: Examiner,
    made: HeldOutSet,
    failing: Mapping[str, tuple[str, ...]],
    measured: Measured,
    watcher: Watcher,
) -> None:
    for each in made.scripts:
        seen = examiner.examine(each.source, exercise=each.exercise, diagnosis=each.diagnosis)
        watcher.graded()
        if seen.passed:
            measured.left_out["passed"] += 1
        elif _strays(each, seen, failing):
            measured.left_out["fails elsewhere"] += 1
            watcher.say(f"{each.name} fails other checks than its mistake")
        else:
            measured.failed.append(seen)
            measured.held_out.append(_answer(each.name, each, seen))


def _strays(script: HeldOut, seen: Examined, failing: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether restyling changed what a mistake does, so that its label may be wrong."""
    if script.mistake is None or script.diagnosis in UNREPEATABLE:
        return False
    return seen.failing != failing[script.mistake.id]


def _answer(name: str, due: HeldOut | Mistake, seen: Examined) -> Answer:
    return Answer(
        name=name,
        exercise=due.exercise,
        diagnosis=due.diagnosis,
        stage=due.stage,
        also=due.also,
        told=tuple((each.id, each.stage) for each in seen.diagnoses),
    )


def figures_of(measured: Measured, *, runner: str, partial: bool) -> dict[str, Any]:
    """Sum everything up as ``schemas/bench-diagnosis.schema.json`` asks."""
    stages = {name: each.stage for name, each in load_catalogue(LESSON).wordings.items()}
    total = accuracy_of(measured.held_out, stages)
    mistakes = accuracy_of(measured.mistakes, stages)
    cost = _cost(measured.failed)
    figures = {
        "right_stage": total.stage_share,
        "right_diagnosis": total.share,
        "mistakes_right": mistakes.exact / mistakes.scripts if mistakes.scripts else None,
        "styles_diagnosed": float(len(measured.accused)),
        "diagnosis_cpu_ms": cost["diagnosis_cpu_ms"]["p95"],
        "diagnosis_wall_ms": cost["diagnosis_wall_ms"]["p95"],
        "held_out_scripts": float(total.scripts),
        "held_out_diagnoses": float(len({each.diagnosis for each in measured.held_out})),
    }
    bounds = [each for each in BOUNDS if not partial or each.name in OF_MISTAKES]
    return {
        "schema_version": SCHEMA_VERSION,
        "date": document.today(),
        "machine": machine.describe(engine=None),
        "runner": runner,
        "seconds": round(measured.seconds, 1),
        "held_out": _group(measured.held_out, stages)
        | {"draw": measured.draw, "left_out": dict(sorted(measured.left_out.items()))},
        "mistakes": _group(measured.mistakes, stages),
        "styles": {"scripts": len(measured.styles), "diagnosed": sorted(measured.accused)},
        "cost": cost,
        "bounds": [each.to_json(figures[each.name]) for each in bounds],
        "broken": [each.name for each in bounds if not each.holds(figures[each.name])],
    }


def _group(answers: list[Answer], stages: Mapping[str, Stage]) -> dict[str, Any]:
    return accuracy_of(answers, stages).to_json() | {
        "by_stage": by_stage(answers, stages),
        "by_exercise": by_key(answers, stages, key="exercise"),
        "by_diagnosis": by_key(answers, stages, key="diagnosis"),
        "misses": misses(answers),
    }


def _cost(failed: list[Examined]) -> dict[str, Any]:
    """Give milliseconds of each failed submission."""
    return {
        "submissions": len(failed),
        "diagnosis_wall_ms": _spread_ms([each.diagnosis_wall_s for each in failed]),
        "diagnosis_cpu_ms": _spread_ms([each.diagnosis_cpu_s for each in failed]),
        "first_run_ms": _spread_ms([each.first_run_s for each in failed]),
        "more_runs_ms": _spread_ms([each.more_runs_s for each in failed if each.more_runs_s]),
        "more_runs": sum(each.more_runs_s > 0 for each in failed),
    }


def _spread_ms(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {"p50": 0.0, "p95": 0.0, "max": 0.0}
    return {
        "p50": round(percentile(seconds, 50) * 1000, 3),
        "p95": round(percentile(seconds, 95) * 1000, 3),
        "max": round(max(seconds) * 1000, 3),
    }


if __name__ == "__main__":
    sys.exit(main())
