"""The benchmark of the diagnoses: what is scored, what is left out, what it is held to."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.diagnosis import diagnoses
from bench.diagnosis.accuracy import Answer
from bench.diagnosis.diagnoses import BOUNDS, Measured, figures_of, measure
from bench.diagnosis.examination import Examined, Examiner
from bench.diagnosis.figures import show
from bench.diagnosis.held_out import HeldOut, HeldOutSet
from tests.fakes import CHECKOUT, LAB_ROOT, PUBLISHED, FakeRunner, run_result
from verifier.lab.load import load_labs
from verifier.lab.mistake import load_mistakes
from verifier.lab.stage import Stage
from verifier.run.interface import PLAIN, Exited, TimedOut
from verifier.schema import validate

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from verifier.run.interface import Examination, Limits, RunResult

LAB = load_labs(LAB_ROOT)["forward-backward"]
EXAMPLE = json.loads((CHECKOUT / "schemas" / "examples" / "bench-diagnosis.json").read_text())
MISTAKE = next(each for each in load_mistakes(LAB) if each.id == "step-missing-first")
LATE = run_result(PUBLISHED.replace(b"after= 0.888", b"after= 0.825"))
"""One value is that of before the update."""

SEEN = Examined(
    passed=False,
    failing=("update/prediction_after",),
    diagnoses=(),
    diagnosis_wall_s=0.005,
    diagnosis_cpu_s=0.004,
    first_run_s=0.03,
    more_runs_s=0.0,
)


def _answer(name: str, told: str) -> Answer:
    return Answer(
        name=name,
        exercise="baseline",
        diagnosis="step-missing",
        stage=Stage.UPDATE,
        also=(),
        told=((told, Stage.UPDATE),) if told else (),
    )


def _script(name: str, source: bytes) -> HeldOut:
    return HeldOut(
        name=name,
        source=source,
        exercise="baseline",
        diagnosis="step-missing",
        stage=Stage.UPDATE,
        also=(),
        mistake=MISTAKE if name.startswith(MISTAKE.id) else None,
    )


def test_bounds_are_those_of_the_issue() -> None:
    """They change with it, not with what was measured."""
    assert {bound.name: str(bound) for bound in BOUNDS} == {
        "right_stage": ">= 0.95",
        "right_diagnosis": ">= 0.9",
        "mistakes_right": ">= 1",
        "styles_diagnosed": "<= 0",
        "diagnosis_cpu_ms": "<= 10",
        "diagnosis_wall_ms": "<= 10",
        "held_out_scripts": ">= 300",
        "held_out_diagnoses": ">= 45",
    }


def test_figures_satisfy_their_schema_and_name_what_is_broken() -> None:
    """Three scripts are too few, and one of three is told the wrong thing."""
    measured = Measured(
        held_out=[_answer("a", "step-missing"), _answer("b", "lr-wrong"), _answer("c", "")],
        mistakes=[_answer("d", "step-missing")],
        styles=["one", "two"],
        failed=[SEEN, replace(SEEN, diagnosis_cpu_s=0.006, more_runs_s=0.02)],
    )
    measured.left_out["passed"] += 2
    figures = figures_of(measured, runner="sandbox", partial=False)

    validate("bench-diagnosis", figures)
    assert figures["held_out"]["share"] == 0.3333
    assert figures["held_out"]["stage_share"] == 0.6667
    assert figures["held_out"]["left_out"] == {"passed": 2}
    assert [each["name"] for each in figures["held_out"]["misses"]] == ["b", "c"]
    assert figures["cost"]["diagnosis_cpu_ms"] == {"p50": 5.0, "p95": 5.9, "max": 6.0}
    assert figures["cost"]["more_runs"] == 1
    assert figures["broken"] == [
        "right_stage",
        "right_diagnosis",
        "held_out_scripts",
        "held_out_diagnoses",
    ]


def test_accused_style_breaks_a_bound() -> None:
    """No right script may be told anything."""
    figures = figures_of(Measured(accused=["one"]), runner="sandbox", partial=False)

    assert "styles_diagnosed" in figures["broken"]
    assert figures["styles"]["diagnosed"] == ["one"]


def test_mistakes_alone_are_held_to_their_own_bounds() -> None:
    """What was not measured is not asked for."""
    measured = Measured(mistakes=[_answer("d", "step-missing")], failed=[SEEN])
    figures = figures_of(measured, runner="local", partial=True)

    assert [each["name"] for each in figures["bounds"]] == [
        "mistakes_right",
        "diagnosis_cpu_ms",
        "diagnosis_wall_ms",
    ]
    assert figures["broken"] == []


def test_example_is_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Tables, misses, bounds."""
    show(EXAMPLE)
    out = capsys.readouterr().out

    assert "some-style--rate-0.1: lr-wrong was due, told step-twice" in out
    assert "BROKEN" in out


def test_script_that_passes_or_fails_elsewhere_is_not_scored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The checks say whether it is wrong at all, and whether restyling spoilt it."""
    passing, failing, strayed = (
        _script("style--nothing-wrong", b"1"),
        _script("style--step-nowhere", b"2"),
        _script(f"{MISTAKE.id}--renamed", b"3"),
    )
    made = HeldOutSet(scripts=[passing, failing, strayed])
    monkeypatch.setattr(diagnoses, "held_out", lambda *_a, **_k: made)
    monkeypatch.setattr(diagnoses, "load_mistakes", lambda _lab: (MISTAKE,))
    monkeypatch.setattr(diagnoses, "right_scripts", lambda _lab: {"right": b"4"})
    crashed = run_result(b"", outcome=Exited(code=1), stderr=b"ValueError\n")
    results = {b"2": LATE, b"3": crashed, MISTAKE.script.read_bytes(): LATE}
    measured = measure(
        FakeRunner(run_result(), results=results), cap=1, draw=0, mistakes_only=False
    )

    assert [each.name for each in measured.held_out] == [failing.name]
    assert measured.left_out == {"passed": 1, "fails elsewhere": 1}
    assert (measured.styles, measured.accused) == (["right"], [])
    assert [each.name for each in measured.mistakes] == [MISTAKE.id]
    assert len(measured.failed) == 2


def test_examination_times_diagnosis_and_runs() -> None:
    """A crash is not run again; what fails is named by stage."""
    crashed = run_result(b"", outcome=Exited(code=1), stderr=b"ValueError: x\n")
    seen = Examiner(LAB, FakeRunner(crashed)).examine(b"x", exercise="baseline")

    assert not seen.passed
    assert seen.failing[0] == "run/script_ran"
    assert seen.diagnosis_wall_s > 0
    assert seen.diagnosis_cpu_s >= 0
    assert seen.first_run_s > 0
    assert seen.more_runs_s == 0


def test_endless_script_has_less_time() -> None:
    """It is known never to end, and ten seconds each are many."""
    given: list[Limits] = []

    class Noting(FakeRunner):
        def run(
            self, source: bytes, *, limits: Limits, examination: Examination = PLAIN
        ) -> RunResult:
            given.append(limits)
            return super().run(source, limits=limits, examination=examination)

    examiner = Examiner(LAB, Noting(run_result(b"", outcome=TimedOut())))
    examiner.examine(b"x", exercise="baseline", diagnosis="endless-loop")
    examiner.examine(b"x", exercise="baseline", diagnosis="seed-wrong")

    assert [each.time_limit_s for each in given] == [2.0, LAB.limits.time_limit_s]


def test_mistakes_alone_write_nothing_and_exit_1_where_one_is_missed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The committed figures are of everything."""
    monkeypatch.setattr(diagnoses, "load_mistakes", lambda _lab: (MISTAKE,))
    monkeypatch.setattr(diagnoses, "_runner", lambda *_args: FakeRunner(run_result()))
    output = tmp_path / "diagnosis.json"
    monkeypatch.setattr(sys, "argv", ["bench", "--output", str(output), "--mistakes-only"])

    assert diagnoses.main() == 1
    assert not output.exists()
    assert f"{MISTAKE.id}: step-missing was due, told nothing" in capsys.readouterr().out
