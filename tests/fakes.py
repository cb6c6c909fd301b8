"""Stand-ins for the real ports, and values that many tests start from."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from verifier.lab.load import load_lab
from verifier.run.interface import (
    PLAIN,
    Environment,
    Examination,
    Exited,
    Limits,
    Outcome,
    RunResult,
    Tier,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKOUT = Path(__file__).resolve().parent.parent
LAB_ROOT = CHECKOUT / "lab"
WRITTEN = CHECKOUT / "tests" / "unit" / "lab" / "written" / "lab.toml"
"""A manifest of schema 1 of the lesson: every field is written down."""

PUBLISHED = b"""\
one_training_step
prediction_before= 0.825
loss_before= 0.1927
weight_grad= [[-0.1753, -0.3505]]
bias_grad= [-0.1753]
prediction_after= 0.888
loss_after= 0.1183
mini_training_loop
step=1 loss=0.1183 pred=0.888
step=2 loss=0.0861 pred=0.918
step=3 loss=0.0678 pred=0.934
step=4 loss=0.0560 pred=0.945
step=5 loss=0.0478 pred=0.953
"""
"""Lesson 6.1.4's published output, to the character."""

ITEMS = (
    "0x1.a643acp-1", "0x1.8aa2aep-3", "-0x1.66f15p-3", "-0x1.66f15p-2", "-0x1.66f15p-3",
    "0x1.c6dd1cp-1", "0x1.e4aaa2p-4", "0x1.e4aaa2p-4", "0x1.c6dd1cp-1", "0x1.60831ap-4",
    "0x1.d5c764p-1", "0x1.15cfp-4", "0x1.de6ce6p-1", "0x1.cb1dc2p-5", "0x1.e41832p-1",
    "0x1.877d2cp-5", "0x1.e81b7ep-1",
)  # fmt: skip
"""Its numbers before they were rounded, in order, as AVX-512 computed them."""
TRACE = "".join(f'{{"e":"item","line":50,"v":"{item}"}}\n' for item in ITEMS).encode()
"""What a recorder writes of them."""

LIMITS = Limits(
    time_limit_s=10.0,
    memory_limit_bytes=1 << 30,
    stdout_limit_bytes=1 << 20,
    stderr_limit_bytes=1 << 16,
    file_limit_bytes=1 << 24,
)
ENVIRONMENT = Environment(
    runner="container",
    image="sha256:" + "a" * 64,
    pins_sha256="b" * 64,
    torch="2.13.0+cpu",
    python="3.11.2",
    platform="Linux-x86_64-glibc2.36",
    cpu_capability="AVX2",
    threads=1,
)
TIER = Tier(walls=("container", "uid"), missing=())


def run_result(
    stdout: bytes = PUBLISHED,
    *,
    outcome: Outcome | None = None,
    stderr: bytes = b"",
    trace: bytes = b"",
) -> RunResult:
    """Make the result of a run that went as told."""
    return RunResult(
        outcome=Exited(code=0) if outcome is None else outcome,
        stdout=stdout,
        stderr=stderr,
        wall_s=0.5,
        cpu_s=0.4,
        environment=ENVIRONMENT,
        tier=TIER,
        trace=trace,
    )


class FakeRunner:
    """Runs nothing: gives the result it was made with, and remembers what it was asked to run.

    Sources in ``results`` get the result that stands there. Only who asks for a trace gets it.
    """

    def __init__(
        self,
        result: RunResult | BaseException,
        *,
        results: Mapping[bytes, RunResult] | None = None,
    ) -> None:
        self.result = result
        self.results = results or {}
        self.sources: list[bytes] = []
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.closed = True

    def run(
        self,
        source: bytes,
        *,
        limits: Limits,  # noqa: ARG002 - the protocol's
        examination: Examination = PLAIN,
    ) -> RunResult:
        """Pretend; under other seeds, that each right number is the reference's."""
        result = self.results.get(source, self.result)
        if examination.seed_shift and isinstance(result, RunResult):
            return replace(result, stdout=reseeded(result.stdout, examination.seed_shift))
        if isinstance(result, RunResult) and result.trace and not examination.trace:
            result = replace(result, trace=b"")
        self.sources.append(source)
        if isinstance(result, BaseException):
            raise result
        return result


_NUMBER = re.compile(rb"-?[0-9]+\.[0-9]+")


@cache
def _other_numbers(shift: int) -> dict[bytes, bytes]:
    """Give what each number of the lesson becomes, with every seed raised."""
    found: dict[bytes, bytes] = {}
    exercises = load_lab(LAB_ROOT / "forward-backward" / "lab.toml").exercises.values()
    for path in sorted(exercise.golden for exercise in exercises):
        document = json.loads(path.read_text())
        (other,) = (each["stdout"] for each in document["reseeded"] if each["shift"] == shift)
        texts = " ".join(reading["text"] for reading in document["record"]["readings"])
        old = _NUMBER.findall(texts.encode())
        new = _NUMBER.findall(other.encode())
        found = dict(zip(old, new, strict=False)) | found
    return found


def reseeded(stdout: bytes, shift: int) -> bytes:
    """Print what a script that computes its numbers prints with its seeds raised."""
    numbers = _other_numbers(shift)
    return _NUMBER.sub(lambda found: numbers.get(found[0], found[0]), stdout)
