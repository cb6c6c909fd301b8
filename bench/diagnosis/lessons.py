"""Measure what is told of the wrong scripts of the six lessons, and that right ones are left alone.

Run ``make bench-diagnosis``; a minute and a half on two cores. Two sets, apart: ``wrong``, on which
rules may be tuned, and ``held-out``, written by somebody who has not read them. A script is right
if the first thing told of it is about a concept that is due, by the table beside it. Right scripts
in other styles are judged as if one of their values, chosen by chance, were wrong: what is then
said of a step of their computing is false. Figures go to ``bench/diagnosis/lessons.json``.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import tomllib
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import document, machine
from bench.bound import Bound
from bench.diagnosis.lesson import ROOT
from bench.machine import say
from bench.speed.measure import percentile
from verifier import pipeline
from verifier.checks.check import Status
from verifier.checks.grade import grade_output
from verifier.cli.progress import progress
from verifier.diagnosis.diagnose import diagnose
from verifier.lab.load import load_labs
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.resources import lab_root
from verifier.run.interface import Examination
from verifier.run.sandbox import SandboxRunner
from verifier.run.second import LOOK
from verifier.schema import SCHEMA_VERSION
from verifier.submission import read_submission
from verifier.task import load_task
from verifier.trace.milestone import read_look
from verifier.trace.reader import read_trace

if TYPE_CHECKING:
    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.run.interface import Runner
    from verifier.task import Task

SCHEMA = "bench-lessons"
SCRIPTS = ROOT / "tests" / "lessons"
PLAIN_NUMPY = frozenset({"logistic-numpy"})
"""Lessons without torch: they are told from printed values alone."""
TAKEN_FOR_WRONG = 4
"""So many values of each right script, one after the other."""
_LINE = re.compile(r"\(line ([0-9]+)\)")
_NEAR = 1
"""So many lines beside one that is due are right as well."""
_STEPS_OF_PRINTING = frozenset({"run", "output"})

BOUNDS = (
    Bound(name="held_out_right", least=0.80),
    Bound(name="held_out_told", least=0.90),
    Bound(name="held_out_wrong_line", most=0.10),
    Bound(name="crash_causes", least=0.60),
    Bound(name="styles_accused", most=0.02),
    Bound(name="diagnosis_ms", most=500),
)
"""From the issue that asked for it; of the lessons with torch."""


@dataclass(slots=True, kw_only=True)
class Count:
    """What was told of the wrong scripts of one lesson."""

    scripts: int = 0
    right: int = 0
    told: int = 0
    lined: int = 0
    """Those of which a line is named first, and a line is due."""
    wrong_line: int = 0
    crashes: int = 0
    """Those that an error ends whose cause lies in training."""
    causes: int = 0
    """Those of them that are told the cause first."""
    by_concept: Counter[str] = field(default_factory=Counter)
    """Scripts that were not told right, by the concept that is due."""

    def add(self, other: Count) -> None:
        """Take in another lesson's."""
        for name in ("scripts", "right", "told", "lined", "wrong_line", "crashes", "causes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.by_concept += other.by_concept

    def note(self, due: dict[str, Any], told: tuple[Diagnosis, ...]) -> None:
        """Count one script."""
        first = told[0] if told else None
        is_right = first is not None and first.concept in {due["concept"], *due.get("also", ())}
        line = None if first is None else _LINE.search(first.message)
        self.scripts += 1
        self.told += bool(told)
        self.right += is_right
        if not is_right:
            self.by_concept[due["concept"]] += 1
        if line is not None and due["lines"]:
            self.lined += 1
            self.wrong_line += all(abs(int(line[1]) - each) > _NEAR for each in due["lines"])
        if due["crash"] and due["concept"] != "run":
            self.crashes += 1
            self.causes += is_right

    def to_json(self) -> dict[str, Any]:
        """Give it as the schema has it."""
        return {
            "scripts": self.scripts,
            "right": self.right,
            "told": self.told,
            "lined": self.lined,
            "wrong_line": self.wrong_line,
            "crashes": self.crashes,
            "causes": self.causes,
            "not_right": dict(sorted(self.by_concept.items())),
        }


def main() -> int:
    """Measure, print, write JSON; 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="where the figures go, as JSON")
    parser.add_argument("--draw", type=int, default=0, help="which values are taken for wrong")
    arguments, _ = parser.parse_known_args()
    labs = load_labs(lab_root(None))
    tasks = {
        name: load_task(lab, "baseline") for name, lab in labs.items() if (SCRIPTS / name).is_dir()
    }
    seconds: list[float] = []
    with SandboxRunner() as runner:
        counts = {
            kind: {
                name: _of_wrong(SCRIPTS / name / kind, task, runner, seconds)
                for name, task in tasks.items()
            }
            for kind in ("wrong", "held-out")
        }
        chance = random.Random(arguments.draw)
        judged, accused = _of_styles(tasks, runner, chance)
    figures = _figures(counts, judged, accused, seconds)
    _show(figures)
    if arguments.output:
        document.write(arguments.output, figures, schema=SCHEMA)
    return 1 if figures["broken"] else 0


def _of_wrong(folder: Path, task: Task, runner: Runner, seconds: list[float]) -> Count:
    """Grade the wrong scripts of a folder."""
    tables = tomllib.loads((folder / "mistakes.toml").read_text(encoding="utf-8"))
    count = Count()
    with progress(doing=f"{task.lab.id}, {folder.name}", noun="script") as watcher:
        watcher.begin(total=len(tables), before=0)
        for name, due in sorted(tables.items()):
            told = _timed(folder / f"{name}.py", task, runner, seconds)
            count.note(due, told)
            watcher.graded()
    return count


def _timed(script: Path, task: Task, runner: Runner, seconds: list[float]) -> tuple[Diagnosis, ...]:
    """Grade one; note how long all of it took but for the runs."""
    started = time.perf_counter()
    graded = pipeline.grade(read_submission(script), task=task, runner=runner)
    spent = time.perf_counter() - started
    seconds.append(max(0.0, spent - sum(each.wall_s for each in graded.runs)))
    return graded.report.diagnoses


def _of_styles(
    tasks: dict[str, Task], runner: Runner, chance: random.Random
) -> tuple[int, list[str]]:
    """Judge right scripts with one value taken for wrong; give how many, and those accused."""
    judged, accused = 0, []
    for name, task in tasks.items():
        for script in sorted((SCRIPTS / name / "styles").glob("*.py")):
            source = script.read_bytes()
            first = Examination(trace=True)
            run = runner.run(source, limits=task.lab.limits, examination=first)
            look = runner.run(source, limits=task.lab.limits, examination=LOOK)
            match = match_output(read_stdout(run.stdout), task.exercise)
            checks = grade_output(match, answers=task.answers)
            for wrong in chance.sample(list(task.answers), TAKEN_FOR_WRONG):
                told = diagnose(
                    source=source,
                    run=run,
                    match=match,
                    checks=tuple(
                        replace(each, status=Status.FAILED)
                        if (each.stage, each.name) == (wrong.stage, wrong.name)
                        else each
                        for each in checks
                    ),
                    task=task,
                    trace=read_trace(run.trace),
                    look=read_look(look.trace, look.stdout == run.stdout),
                )
                judged += 1
                is_vague = not told or told[0].id == "first-difference"
                if not is_vague and told[0].concept not in _STEPS_OF_PRINTING:
                    accused.append(f"{name}/{script.stem}, {wrong.name}: {told[0].id}")
    return judged, accused


def _figures(
    counts: dict[str, dict[str, Count]], judged: int, accused: list[str], seconds: list[float]
) -> dict[str, Any]:
    held = Count()
    for name, count in counts["held-out"].items():
        if name not in PLAIN_NUMPY:
            held.add(count)
    figures = {
        "held_out_right": held.right / held.scripts,
        "held_out_told": held.told / held.scripts,
        "held_out_wrong_line": held.wrong_line / max(held.lined, 1),
        "crash_causes": held.causes / max(held.crashes, 1),
        "styles_accused": len(accused) / judged,
        "diagnosis_ms": max(seconds) * 1000,
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "date": document.today(),
        "machine": machine.describe(engine=None),
        "known": {name: each.to_json() for name, each in counts["wrong"].items()},
        "held_out": {name: each.to_json() for name, each in counts["held-out"].items()},
        "styles": {"judged": judged, "accused": accused},
        "judging_ms": {
            "p50": round(percentile(seconds, 50) * 1000, 1),
            "p95": round(percentile(seconds, 95) * 1000, 1),
            "max": round(max(seconds) * 1000, 1),
        },
        "bounds": [each.to_json(figures[each.name]) for each in BOUNDS],
        "broken": [each.name for each in BOUNDS if not each.holds(figures[each.name])],
    }


def _show(figures: dict[str, Any]) -> None:
    for kind in ("known", "held_out"):
        for name, each in figures[kind].items():
            say(
                f"{kind:<9}{name:<19}{each['right']:>3} of {each['scripts']:<3} right, "
                f"{each['told']} told, {each['wrong_line']} of {each['lined']} lines wrong, "
                f"{each['causes']} of {each['crashes']} causes of crashes"
            )
    styles = figures["styles"]
    say(f"right scripts, a value taken for wrong: {len(styles['accused'])} of {styles['judged']}")
    for each in styles["accused"]:
        say(f"  accused: {each}")
    say(f"judging: {figures['judging_ms']} ms")
    say(f"broken bounds: {', '.join(figures['broken']) or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
