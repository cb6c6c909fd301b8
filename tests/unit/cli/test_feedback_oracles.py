"""Whoever may hand in a hundred times learns no more than which checks pass.

Each pair answers the lab equally wrong; one is nearer to the golden values than the other. Were
they told apart, a few tries would find the values: digit by digit, or many candidates at once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.exercises import PRINTED
from tests.fakes import PUBLISHED, run_result
from tests.unit.batch.batches import ScriptedRunner
from verifier import cli
from verifier.cli import grade

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import FakeRunner


def _said(old: str, one: str, other: str, exercise: str = "baseline") -> tuple[str, bytes, bytes]:
    right = PRINTED[exercise]
    assert old.encode() in right
    nearer, further = (right.replace(old.encode(), new.encode()) for new in (one, other))
    return exercise, nearer, further


def _candidates(*numbers: str) -> bytes:
    lines = "".join(f"loss_before= {each}\n" for each in numbers)
    return PUBLISHED.replace(b"loss_before= 0.1927\n", lines.encode())


_MANY = [f"0.{each}" for each in range(3001, 3500)]

PAIRS = {
    "one digit": _said("loss_before= 0.1927", "loss_before= 0.2", "loss_before= 0.3"),
    "two digits": _said("loss_before= 0.1927", "loss_before= 0.19", "loss_before= 0.18"),
    "three digits": _said("loss_after= 0.1183", "loss_after= 0.118", "loss_after= 0.111"),
    "digits of a later step": _said(
        "loss=0.0861 pred=0.918", "loss=0.09 pred=0.92", "loss=0.08 pred=0.99"
    ),
    "digits of a list": _said("[[-0.1753, -0.3505]]", "[[-0.18, -0.35]]", "[[-0.12, -0.35]]"),
    "near and far": _said("loss_before= 0.1927", "loss_before= 0.1930", "loss_before= 9.9999"),
    "one element of two": _said("[[-0.1753, -0.3505]]", "[[-0.1753, 0.1000]]", "[[0.2, 0.1000]]"),
    "half of it": _said("bias_grad= [-0.1753]", "bias_grad= [-0.0876]", "bias_grad= [-0.0999]"),
    "another step's value": _said("loss=0.0861", "loss=0.0678", "loss=0.0699"),
    "each other's values": _said(
        "loss=0.0861 pred=0.918", "loss=0.918 pred=0.0861", "loss=0.911 pred=0.0812"
    ),
    "all values of the row below": (
        "baseline",
        PUBLISHED.replace(b"0.0861", b"0.0678").replace(b"0.918", b"0.934")
        .replace(b"step=3 loss=0.0678 pred=0.934", b"step=3 loss=0.0560 pred=0.945")
        .replace(b"step=4 loss=0.0560 pred=0.945", b"step=4 loss=0.0478 pred=0.953"),
        PUBLISHED.replace(b"0.0861", b"0.0671").replace(b"0.918", b"0.931")
        .replace(b"step=3 loss=0.0678 pred=0.934", b"step=3 loss=0.0561 pred=0.941")
        .replace(b"step=4 loss=0.0560 pred=0.945", b"step=4 loss=0.0471 pred=0.951"),
    ),
    "among many": ("baseline", _candidates(*_MANY, "0.1927"), _candidates(*_MANY, "0.2")),
    "behind another": ("baseline", _candidates("0.5", "0.1927"), _candidates("0.5", "0.6")),
    "later stages": (
        "baseline",
        PUBLISHED.replace(b"loss_before= 0.1927", b"loss_before= 0.5"),
        PUBLISHED.replace(b"loss_before= 0.1927", b"loss_before= 0.5").replace(b"0.0861", b"0.7"),
    ),
    "a relation to what is golden": _said(
        "logit_before= 1.5488", "logit_before= 1.6", "logit_before= 9.0", "logits"
    ),
}  # fmt: skip


def _without_own(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the learner printed, and whether that was computed."""
    for check in document["checks"]:
        del check["observed"]
    for key in ("submission", "record", "computed"):
        del document[key]
    return document


def _told(folder: Path, exercise: str, *stdouts: bytes, policy: str) -> list[dict[str, Any]]:
    """Give what is said of each output, first where it was run, then where it was captured."""
    told = []
    for stdout in stdouts:
        (folder / "a.py").write_bytes(b"print()\n")
        (folder / "captured.txt").write_bytes(stdout)
        for command in (("grade", "a.py"), ("check", "captured.txt")):
            options = ["--exercise", exercise, "--feedback", policy, "-o", "json=said.json"]
            cli.run([*command, *options])
            told.append(_without_own(json.loads((folder / "said.json").read_text())))
    return told


@pytest.fixture
def folder(fake: FakeRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory, with a runner that prints what is asked for."""
    del fake
    runner = ScriptedRunner(lambda _source: run_result((tmp_path / "captured.txt").read_bytes()))
    monkeypatch.setattr(grade, "chosen_runner", lambda *_args, **_kwargs: runner)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("policy", ["no-values", "verdict"])
@pytest.mark.parametrize("name", PAIRS)
def test_nearer_is_told_as_further_is(folder: Path, name: str, policy: str) -> None:
    """In every word of the report but the learner's own."""
    one, one_checked, other, other_checked = _told(folder, *PAIRS[name], policy=policy)

    assert one == other
    assert one_checked == other_checked
    assert one["verdict"] == "failed"


@pytest.mark.parametrize("name", PAIRS)
def test_the_two_are_told_apart_in_full(folder: Path, name: str) -> None:
    """So the test above looks where something can be seen."""
    one, _, other, _ = _told(folder, *PAIRS[name], policy="full")

    assert one != other
