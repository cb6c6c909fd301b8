"""A script that ended well is run once more in the same process, with its seeds raised."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, LIMITS
from verifier.lab.load import load_labs
from verifier.run.interface import Examination, Exited, OutputFlood

if TYPE_CHECKING:
    from verifier.run.interface import Outcome
    from verifier.run.local import LocalRunner
    from verifier.run.sandbox import SandboxRunner

pytestmark = pytest.mark.torch

EXERCISES = load_labs(LAB_ROOT)["forward-backward"].exercises
AGAIN = Examination(rerun_shift=101)
TRACED = Examination(trace=True, rerun_shift=101)
MARKED = "import sys\nagain = hasattr(sys, 'marked')\nsys.marked = True\n"
"""What a script may do to tell its two runs apart."""
KILL = "__import__('os').kill(__import__('os').getpid(), 9)"
PATIENT = replace(LIMITS, time_limit_s=60.0)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_rerun_prints_what_a_process_of_its_own_prints(boxed: SandboxRunner, exercise: str) -> None:
    """With the same seeds raised; and the first run prints what it prints alone."""
    source = EXERCISES[exercise].script.read_bytes()
    first = boxed.run(source, limits=LIMITS, examination=TRACED)
    alone = boxed.run(source, limits=LIMITS, examination=Examination(trace=True))
    fresh = boxed.run(source, limits=LIMITS, examination=Examination(seed_shift=101))

    assert first.rerun == fresh.stdout != first.stdout
    assert (first.stdout, first.stderr, first.trace) == (alone.stdout, alone.stderr, alone.trace)


def test_local_rerun_prints_the_same(boxed: SandboxRunner, unboxed: LocalRunner) -> None:
    """Without a wall, and after torch was imported for it."""
    source = EXERCISES["baseline"].script.read_bytes()
    inside = boxed.run(source, limits=LIMITS, examination=TRACED)
    outside = unboxed.run(source, limits=PATIENT, examination=TRACED)

    assert inside.rerun == outside.rerun is not None
    assert outside.outcome == Exited(code=0)


def test_nobody_is_run_again_unasked(boxed: SandboxRunner) -> None:
    """A golden record is what one run prints."""
    assert boxed.run(b"print(1)", limits=LIMITS).rerun is None


@pytest.mark.parametrize(
    ("source", "outcome", "stdout", "rerun"),
    [
        (f"{MARKED}print(again)", Exited(code=0), b"False\n", b"True\n"),
        (f"{MARKED}print(again)\n1 / 0", Exited(code=1), b"False\n", None),
        (f"{MARKED}print(again)\nraise SystemExit(3)", Exited(code=3), b"False\n", None),
        (f"{MARKED}print(again)\nif again: 1 / 0", Exited(code=0), b"False\n", None),
        (f"{MARKED}print(again)\nif again: {KILL}", Exited(code=0), b"False\n", None),
        (f"{MARKED}print(again)\nwhile again: pass", Exited(code=0), b"False\n", None),
        (f"{MARKED}print('x' * (again * 70_000))", Exited(code=0), b"\n", None),
        (f"{MARKED}print(again, file=sys.stderr)", Exited(code=0), b"", b""),
        ("import os\nprint(1, flush=True)\nos._exit(0)", Exited(code=0), b"1\n", None),
        ("import atexit\natexit.register(print, 1)", Exited(code=0), b"1\n", b"1\n"),
        ("import time\ntime.sleep(0.6)", Exited(code=0), b"", None),
        ("import os\nos.closerange(3, 99)\nprint(1)", Exited(code=0), b"1\n", None),
    ],
    ids=[
        *("state-is-left", "crash", "status-3", "rerun-crashes", "rerun-is-killed"),
        *("rerun-never-ends", "rerun-floods", "rerun-complains", "no-exit-handlers"),
        *("exit-handlers", "slow", "file-closed"),
    ],
)  # fmt: skip
def test_only_a_rerun_that_ends_well_is_kept(
    boxed: SandboxRunner, source: str, outcome: Outcome, stdout: bytes, rerun: bytes | None
) -> None:
    """And whatever becomes of it, the first run's end and output stand."""
    run = boxed.run(source.encode(), limits=LIMITS, examination=AGAIN)

    assert (run.outcome, run.stdout, run.rerun) == (outcome, stdout, rerun)
    assert b"True" not in run.stderr


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("1 / 0", Exited(code=0)),
        ("os.kill(os.getpid(), 9)", Exited(code=0)),
        ("while True: print('x' * 9999)", OutputFlood(stream="stdout")),
    ],
    ids=["crash", "killed", "flood"],
)
def test_forged_mark_says_no_more_than_an_end_with_status_0(
    boxed: SandboxRunner, source: str, outcome: Outcome
) -> None:
    """A script may end so whenever it likes; more than that it does not get."""
    forged = f"import os\nos.write(4, b'rerun\\nloss= 1\\n')\nprint(1, flush=True)\n{source}"
    run = boxed.run(forged.encode(), limits=LIMITS, examination=AGAIN)

    assert (run.outcome, run.rerun) == (outcome, None)
    assert boxed.run(b"print('next')", limits=LIMITS, examination=AGAIN).rerun == b"next\n"
