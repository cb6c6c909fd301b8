"""A forged second look does no harm: no exception, no long wait, nothing that cannot be shown."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exercises import matched
from tests.fakes import LAB_ROOT, LIMITS, run_result
from verifier.checks.check import in_debug_order
from verifier.checks.ending import ending_checks
from verifier.checks.grade import grade_output
from verifier.diagnosis.alike import alike, alike_in_order, is_telling
from verifier.diagnosis.diagnose import diagnose
from verifier.diagnosis.walk import side_by_side
from verifier.lab.load import load_labs
from verifier.run.interface import Exited
from verifier.task import load_task
from verifier.trace.milestone import (
    Milestone,
    Sums,
    milestone_to_json,
    read_look,
    read_milestones,
)
from verifier.trace.reader import read_trace

if TYPE_CHECKING:
    from verifier.diagnosis.diagnosis import Diagnosis
    from verifier.task import Task

TASKS = [
    task
    for lab in load_labs(LAB_ROOT).values()
    for exercise in lab.exercises
    if (task := load_task(lab, exercise)).compares
]
NAMES = ["\u202e\x1b[31mred\n", "{name}", "n" * 9_000, "\ud800", "", "Adam", "mse_loss"]
ODD: list[Any] = [
    *("nan", "inf", "-inf", "1" * 200, "x", True, None, [], {}),
    *(1e308, -1e308, 5e-324, 0, 0.0, 1, -1, 7, 10**400, 2**62, 2**63, float("inf"), 3.5e38),
]
CRASH = """\
Traceback (most recent call last):
  File "/run/submission.py", line 3, in <module>
RuntimeError: mat1 and mat2 shapes cannot be multiplied (5x3 and 2x3)
"""
MOST_S = 1.5
"""Half a second, on a machine with other things to do."""


def _forged(random: Random, value: Any, share: float) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {
            name: random.choice(NAMES)
            if name in {"op", "class", "name", "dtype"} and random.random() < 10 * share
            else _forged(random, each, share)
            for name, each in value.items()
            if random.random() > share / 4
        }
    if isinstance(value, list):
        return [_forged(random, each, share) for each in value]
    return random.choice(ODD) if random.random() < share else value


def _judged(task: Task, raw: bytes, stdout: bytes, stderr: str = "") -> tuple[Diagnosis, ...]:
    run = run_result(stdout, outcome=Exited(code=1 if stderr else 0), stderr=stderr.encode())
    match = matched(stdout, task.exercise)
    ending = ending_checks(run, limits=LIMITS, match=match, exercise=task.exercise)
    checks = in_debug_order([*ending, *grade_output(match, answers=task.answers)])
    found = diagnose(
        source=b"", run=run, match=match, checks=checks, task=task, trace=read_trace(b""),
        look=read_look(raw, is_steady=True),
    )  # fmt: skip
    shown = side_by_side(task.reference, read_milestones(raw))
    assert all(line.isprintable() and len(line) < 200 for line in shown)
    for each in found:
        assert all(text.isprintable() for text in (each.message, each.fix, *each.evidence))
        assert len(each.message) < 2_000
    return found


def _lines(number: int, **members: Any) -> bytes:  # noqa: ANN401 - JSON
    chosen = [
        {name: each(place) if callable(each) else each for name, each in members.items()}
        for place in range(number)
    ]
    return "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in chosen).encode()


@given(st.integers(0, 2**32), st.sampled_from(TASKS), st.sampled_from(["", CRASH]))
def test_a_forged_look_raises_nothing(seed: int, task: Task, stderr: str) -> None:
    """Any order, any numbers, any names."""
    random = Random(seed)  # noqa: S311 - no secret
    documents = [milestone_to_json(each) for each in random.choice([task, *TASKS]).reference]
    if random.random() < 0.3:
        random.shuffle(documents)
    share = random.choice([0.0, 0.003, 0.02, 0.1])
    lines = [json.dumps(_forged(random, each, share)) for each in documents]

    assert len(_judged(task, "\n".join(lines).encode(), b"loss 0.1234", stderr)) <= 3


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 1e308])
def test_sums_beyond_all_numbers_are_told_from_others(number: float) -> None:
    """A training that has run away has squares that no float holds."""
    wild = Sums(1.0, number, number, number, number, 0.0)
    tame = Sums(1.0, 0.5, 0.25, 0.5, 0.5, 0.0)

    assert not alike(wild, tame)
    alike_in_order(wild, tame)
    is_telling(Milestone(kind="loss", sums=wild))


@pytest.mark.parametrize("kind", ["op", "param", "loss", "update"])
@pytest.mark.parametrize("stderr", ["", CRASH], ids=["ended", "crashed"])
@pytest.mark.parametrize("total", [0.5, 0.49], ids=["alike", "apart"])
def test_many_milestones_that_are_alike_take_no_long_time(
    kind: str, stderr: str, total: float
) -> None:
    """Neither of a script nor of a lab: numbers that are all the same are compared once."""
    task = TASKS[0]
    sums = [1, 0.53, 0.2809, 0.53, 0.53, 0]
    raw = _lines(1500, e=kind, at=0, d=sums, id=int, of=lambda place: [max(0, place - 1)])
    others = _lines(
        1500, e=kind, at=0, d=lambda place: [1, 0.53 + place * 1e-9, 0.2809, total, 0.5, 0], id=int
    )
    for mine, theirs in ((raw, None), (raw, raw), (others, raw), (raw, others)):
        judged = task if theirs is None else replace(task, reference=read_milestones(theirs))
        begun = time.process_time()
        _judged(judged, mine, b"loss 0.1234", stderr)
        assert time.process_time() - begun < MOST_S
