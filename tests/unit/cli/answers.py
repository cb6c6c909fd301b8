"""What learners hand in to each exercise, and the numbers that must not be told to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.exercises import PRINTED
from tests.fakes import LAB_ROOT, run_result
from tests.unit.diagnosis.diagnosing import told
from verifier.lab.load import load_labs
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.output.value import numbers_in
from verifier.task import load_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.golden.golden import Golden
    from verifier.run.interface import RunResult
    from verifier.task import Task

LAB = load_labs(LAB_ROOT)["forward-backward"]
TASKS = {name: load_task(LAB, name) for name in LAB.exercises}
_DECIMAL = re.compile(rb"(?<![\w.])-?[0-9]+\.[0-9]+(?![0-9]|\.[0-9])")
_TOKEN = re.compile(r"(?<![\w.])[0-9]+\.[0-9]{2,}(?![0-9]|\.[0-9])")
_TELLING = range(-12, -2)
"""Exponents of a number that stands nowhere by chance, as on an axis."""
_CLOSEST = Decimal("0.002")
"""A smaller difference is what tolerances are, and tells nothing by itself."""


@dataclass(frozen=True, kw_only=True)
class HandIn:
    """One learner's script, and what came of it."""

    name: str
    source: bytes
    run: RunResult

    def secrets(self, task: Task) -> frozenset[str]:
        """Give every golden number, as it could be shown, that the learner did not print."""
        own = numbers_of((self.source + b"\n" + self.run.stdout).decode())
        answered = match_output(read_stdout(self.run.stdout), task.exercise).judged
        golden = set(golden_texts(task))
        for field, reading in answered.items():
            seen, right = numbers_in(reading.value), numbers_in(task.answers[field].value)
            for one, other in zip(seen, right, strict=False):
                apart = abs(one - other) if one.is_finite() else Decimal(0)
                if apart > _CLOSEST and apart.as_tuple().exponent in _TELLING:
                    golden.add(str(apart))
        # As JSON has it, a number has lost its last zeros.
        return frozenset(golden) - own - {each.rstrip("0") for each in own}


def golden_texts(task: Task) -> frozenset[str]:
    """Give every golden number, as it could be shown."""
    return frozenset((*_texts_of(task.golden), *_texts_of_related(task)))


def numbers_of(text: str) -> frozenset[str]:
    """Find the numbers of two decimals or more that stand in a text, without their signs."""
    return frozenset(_TOKEN.findall(text))


def _texts_of(golden: Golden) -> Iterator[str]:
    for reading in golden.record.readings:
        yield from numbers_of(reading.text)
        for number in (*map(float, numbers_in(reading.value)), *(reading.exact or ())):
            if not number.is_integer():
                yield from (f"{abs(number):.{places}f}" for places in range(3, 10))
                yield str(abs(number))


def _texts_of_related(task: Task) -> Iterator[str]:
    for answers in task.related.values():
        for reading in answers.values():
            yield from numbers_of(reading.text)


def _changed(stdout: bytes, *places: int) -> bytes:
    """Print other numbers at some places, or at all, with the same number of decimals."""
    count = 0

    def other(found: re.Match[bytes]) -> bytes:
        nonlocal count
        count += 1
        number = Decimal(found[0].decode())
        if places and count not in {each % total + 1 for each in places}:
            return found[0]
        return str((number * Decimal("1.07") + Decimal("0.011")).quantize(number)).encode()

    total = len(_DECIMAL.findall(stdout))
    return _DECIMAL.sub(other, stdout)


def _shuffled(stdout: bytes) -> bytes:
    numbers = _DECIMAL.findall(stdout)
    return _DECIMAL.sub(lambda _found: numbers.pop(), stdout)


def _rounded(stdout: bytes, decimals: int) -> bytes:
    unit = Decimal(1).scaleb(-decimals)
    return _DECIMAL.sub(
        lambda found: str(Decimal(found[0].decode()).quantize(unit)).encode(), stdout
    )


def hand_ins(exercise: str) -> Iterator[HandIn]:
    """Give submissions of several kinds, none of them right."""
    right = PRINTED[exercise]
    printed = {
        "all-wrong": _changed(right),
        "first-wrong": _changed(right, 0),
        "last-wrong": _changed(right, -1),
        "nothing": b"",
        "no-values": re.sub(rb"= ?\S.*", b"= ", right),
        "words": _DECIMAL.sub(b"word", right),
        "shuffled": _shuffled(right),
        "coarse": _rounded(right, 1),
        "rounded": _rounded(right, 2),
        "commas": _DECIMAL.sub(lambda found: found[0].replace(b".", b","), _changed(right)),
        "twice": _changed(right) + right,
    }
    for name, stdout in printed.items():
        yield _hand_in(exercise, name, stdout)
    for name, switches in _mistakes(exercise).items():
        story = told(**{**_USUAL[exercise], "exercise": exercise, **switches})
        yield _hand_in(exercise, name, story.stdout, trace=story.trace)


_USUAL: dict[str, dict[str, Any]] = {
    "baseline": {},
    "weights": {"rounds": 0},
    "logits": {"activation": "nothing", "loss": "binary_cross_entropy_with_logits"},
    "no-zero-grad": {"first": "", "loop": "FLGBS"},
    "two-samples": {
        "x": (1.0, 2.0, 2.0, -1.0),
        "x_shape": (2, 2),
        "y": (1.0, 0.0),
        "y_shape": (2, 1),
    },
}
"""A right training, as a story; a sweep would be three."""


def _mistakes(exercise: str) -> dict[str, dict[str, Any]]:
    """Give trainings that went wrong, as a story's switches."""
    if exercise not in _USUAL:
        return {}
    usual = _USUAL[exercise]
    x, y = usual.get("x", (1.0, 2.0)), usual.get("y", 1.0)
    return {
        "untrained": {
            "first": usual.get("first", "FLZBS").replace("S", ""),
            "loop": usual.get("loop", "FLZBS").replace("S", ""),
        },
        "other-rate": {"lr": 0.1},
        "other-target": {"y": 0.0 if isinstance(y, float) else (0.0, 0.0)},
        "other-input": {"x": tuple(3.0 * each for each in x)},
        "scaled": {"scale": 0.5},
        "other-seed": {"weights": (0.3643, -0.3121), "bias": -0.1371, "seeds": ((1, 0),)},
    }


def _hand_in(exercise: str, name: str, stdout: bytes, *, trace: bytes = b"") -> HandIn:
    source = f"# {exercise}: {name}\nprint()\n".encode()
    return HandIn(name=name, source=source, run=run_result(stdout, trace=trace))
