"""Every script runs from two starts; what it shows is kept as it was, whatever that is."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import ENVIRONMENT, ITEMS, PUBLISHED, TRACE, FakeRunner, run_result
from tests.unit.drift.observing import LABS
from verifier.drift import torch_environment
from verifier.drift.observation import load_observation, observation_text
from verifier.drift.observe import STARTS, observe, run_count
from verifier.drift.torch_environment import TorchEnvironment
from verifier.errors import (
    BadDataError,
    EnvironmentFailure,
    ExitCode,
    OtherVersionError,
    TorchMissingError,
    WorkerError,
)
from verifier.run.interface import Exited, Killed, OutputFlood, TimedOut

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.drift.observation import Observation
    from verifier.run.interface import Outcome, RunResult

LESSON = LABS["forward-backward"]
DROPOUT = LABS["canary-dropout"]
PYTHON = TorchEnvironment(kind="python", name=sys.executable, settings={"A": "1"})


class Starts:
    """Takes the place of the sandbox runner: each start is a fake one."""

    def __init__(self, result: RunResult | BaseException) -> None:
        self.result = result
        self.runners: list[FakeRunner] = []

    def __call__(self, **_how: object) -> FakeRunner:
        """Start."""
        self.runners.append(FakeRunner(self.result))
        return self.runners[-1]


def _observe(
    monkeypatch: pytest.MonkeyPatch, result: RunResult | BaseException, repeat: int = 1
) -> tuple[Observation, Starts, int]:
    starts, ran = Starts(result), []
    monkeypatch.setattr(torch_environment, "SandboxRunner", starts)
    found = observe(PYTHON, labs=[LESSON, DROPOUT], repeat=repeat, ran=lambda: ran.append(1))
    return found, starts, len(ran)


def test_every_script_runs_so_often_from_each_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a first run that has torch ready; each start is ended."""
    found, starts, ran = _observe(monkeypatch, run_result(), repeat=3)
    scripts = [(lab.id, name) for lab in (LESSON, DROPOUT) for name in lab.exercises]

    assert [(script.lab, script.exercise) for script in found.scripts] == scripts
    assert {len(script.runs) for script in found.scripts} == {STARTS * 3}
    assert ran == run_count([LESSON, DROPOUT], repeat=3) == len(scripts) * STARTS * 3
    assert [len(each.sources) for each in starts.runners] == [1 + 3 * len(scripts)] * STARTS
    assert len(found.start_s) == STARTS
    assert all(each.closed for each in starts.runners)


def test_it_says_what_was_observed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was named, and what the server says of itself."""
    found, _, _ = _observe(monkeypatch, run_result())

    assert found.name == f"python:{sys.executable} A=1"
    assert (found.environment, found.settings) == (ENVIRONMENT, {"A": "1"})


def test_values_have_their_text_and_their_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trace of the same run tells them."""
    found, _, _ = _observe(monkeypatch, run_result(trace=TRACE))
    shown = found.scripts[0].runs[0].shown

    assert (shown["loss_before"].text, shown["loss_before"].exact) == (
        "0.1927", (float.fromhex(ITEMS[1]),),
    )  # fmt: skip
    assert shown["weight_grad"].exact == tuple(map(float.fromhex, ITEMS[2:4]))


def test_what_is_not_printed_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made up."""
    found, _, _ = _observe(
        monkeypatch, run_result(PUBLISHED.replace(b"loss_before= 0.1927\n", b""))
    )

    assert "loss_before" not in found.scripts[0].runs[0].shown
    assert found.scripts[-1].runs[0].shown == {}


@pytest.mark.parametrize(
    ("outcome", "ended"),
    [
        (Exited(code=0), "exited 0"),
        (Exited(code=3), "exited 3"),
        (Killed(signal=9), "was killed by signal 9"),
        (TimedOut(), "timed out"),
        (OutputFlood(stream="stderr"), "flooded stderr"),
    ],
)
def test_how_a_run_ended_is_kept(
    monkeypatch: pytest.MonkeyPatch, outcome: Outcome, ended: str
) -> None:
    """With the last words of one that did not end well."""
    result = run_result(outcome=outcome, stderr=b"Traceback\nImportError: no\n\n")
    (run, *_) = _observe(monkeypatch, result)[0].scripts[0].runs

    assert run.ended == ended
    assert run.last_words == ("" if outcome == Exited(code=0) else "ImportError: no")


@pytest.mark.parametrize(
    "stderr", [b"", b"\n \n", b"\x1b[2J" * 5000, b"\xff" * 1000, "\u202e\U000e0001".encode() * 500]
)
def test_whatever_a_script_says_last_can_be_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stderr: bytes
) -> None:
    """Bounded, and nothing in it that a terminal obeys."""
    found, _, _ = _observe(monkeypatch, run_result(outcome=Exited(code=1), stderr=stderr))
    path = tmp_path / "a.json"
    path.write_text(observation_text(found))

    words = load_observation(path).scripts[0].runs[0].last_words
    assert words.isprintable()
    assert len(words) <= 400


def test_warnings_are_counted_by_category(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own form of them; no more than a hundred."""
    stderr = b"<string>:1: UserWarning: no\n  x\nfoo.FutureWarning: yes\nWarning: a\nxWarning: b\n"
    (run, *_) = _observe(monkeypatch, run_result(stderr=stderr))[0].scripts[0].runs

    assert run.warnings == ("UserWarning", "FutureWarning")

    flood = run_result(stderr=b"a: UserWarning: no\n" * 1000)
    (run, *_) = _observe(monkeypatch, flood)[0].scripts[0].runs
    assert run.warnings == ("UserWarning",) * 100


@pytest.mark.parametrize(
    ("error", "said", "remedy"),
    [
        (WorkerError("it died"), "it died", "labcheck doctor"),
        (OtherVersionError(spoken="1", wanted=2), "protocol 1, not 2", "make image"),
        (TorchMissingError(python="/x"), "/x cannot import torch", "install torch there"),
    ],
)
def test_an_environment_that_cannot_be_run_is_named(
    monkeypatch: pytest.MonkeyPatch, error: EnvironmentFailure, said: str, remedy: str
) -> None:
    """Of two, a reader must know which; and where none is missing, nothing is compared."""
    with pytest.raises(EnvironmentFailure) as caught:
        _observe(monkeypatch, error)

    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    assert caught.value.problem.startswith(f"python:{sys.executable} A=1: ")
    assert said in caught.value.problem
    assert remedy in caught.value.remedy


def test_a_lab_without_a_script_is_bad_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty script prints the same everywhere, which says nothing."""
    script = tmp_path / "empty.py"
    script.write_bytes(b"")
    exercise = replace(DROPOUT.exercise("baseline"), script=script)
    lab = replace(DROPOUT, exercises={"baseline": exercise})
    monkeypatch.setattr(torch_environment, "SandboxRunner", Starts(run_result()))

    with pytest.raises(BadDataError, match=r"empty\.py cannot be run: the file is empty"):
        observe(PYTHON, labs=[lab], repeat=1, ran=lambda: None)
