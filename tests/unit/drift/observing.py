"""Observations as if labs had been run: what they show is said number by number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.fakes import ENVIRONMENT, LAB_ROOT
from verifier.drift.comparison import compare_observations
from verifier.drift.observation import Observation, Script, ScriptRun, Shown
from verifier.golden.golden import golden_answers, load_golden
from verifier.lab.load import load_labs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.drift.drift import Drift

HOSTILE = (
    "\x1b[2J\r\u202e\u200b\x00<script>alert(1)</script> | a | b |\n\n# title\n"
    "::error::x\n##[group]y [z](/z) ![i](x) **b** `c` @user &lt; $m$ ~~s~~ www.e.org"
)
LABS = load_labs(LAB_ROOT)
LESSON = ("forward-backward", "baseline")
DROPOUT = ("canary-dropout", "baseline")
GOLDENS = {
    key: load_golden(lab=key[0], exercise=LABS[key[0]].exercise(key[1]))
    for key in (LESSON, DROPOUT)
}


def shown_by(key: tuple[str, str]) -> dict[str, Shown]:
    """Give what the golden record says, unrounded numbers left out."""
    answers = golden_answers(GOLDENS[key], LABS[key[0]].exercise(key[1]))
    return {field.name: Shown(text=reading.text, exact=None) for field, reading in answers.items()}


def run_of(
    key: tuple[str, str] = LESSON,
    *,
    other: Mapping[str, Shown | None] | None = None,
    ended: str = "exited 0",
    warnings: tuple[str, ...] = (),
) -> ScriptRun:
    """Make one run; values in ``other`` stand in for those of the golden record."""
    shown = {**shown_by(key), **(other or {})}
    return ScriptRun(
        ended=ended,
        last_words="" if ended == "exited 0" else "RuntimeError: no such thing",
        shown={name: each for name, each in shown.items() if each is not None},
        warnings=warnings,
        wall_s=0.5,
        peak_bytes=1 << 20,
    )


def observation_of(
    *runs: ScriptRun,
    key: tuple[str, str] = LESSON,
    torch: str = "2.13.0+cpu",
    cpu_capability: str = "AVX2",
    settings: Mapping[str, str] | None = None,
) -> Observation:
    """Make an observation of one script."""
    return Observation(
        name="python:/venv/bin/python",
        environment=replace(ENVIRONMENT, torch=torch, cpu_capability=cpu_capability),
        settings=settings or {},
        wheel_sha256=None,
        start_s=(1.0, 1.5),
        scripts=(Script(lab=key[0], exercise=key[1], runs=runs or (run_of(key), run_of(key))),),
    )


def drift_of(baseline: Observation, candidate: Observation) -> Drift:
    """Compare the two."""
    return compare_observations(baseline, candidate, labs=LABS, goldens=GOLDENS)


def hostile_drift() -> Drift:
    """Compare two observations all of whose strangers' texts are hostile."""
    shown = {name: Shown(text=HOSTILE, exact=None) for name in run_of().shown}
    other = {name: Shown(text=HOSTILE + "!", exact=None) for name in run_of().shown}
    sides = []
    for number, run in enumerate((replace(run_of(), shown=shown), replace(run_of(), shown=other))):
        found = observation_of(
            run, replace(run, shown={"loss_before": Shown(text=HOSTILE, exact=None)})
        )
        environment = replace(
            found.environment,
            torch=f"{number}{HOSTILE}",
            python=HOSTILE,
            platform=HOSTILE + str(number),
            cpu_capability=HOSTILE + str(number),
        )
        sides.append(
            replace(
                found,
                name=HOSTILE,
                environment=environment,
                settings={"A": HOSTILE + str(number)},
                scripts=(
                    *found.scripts,
                    replace(
                        found.scripts[0],
                        exercise="logits",
                        runs=(replace(run, ended=HOSTILE, last_words=HOSTILE),),
                    ),
                ),
            )
        )
    return drift_of(*sides)
