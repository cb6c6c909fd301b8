"""A parting: the first place where a script and the reference differ, seen from all sides."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.diagnosis.divergence import Sides
    from verifier.lab.field import Field
    from verifier.output.transcript import Reading
    from verifier.run.script_error import ScriptError
    from verifier.trace.milestone import Milestone, Sums

_ROUND = 5e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The first value that is printed wrong, or not at all."""

    field: Field
    golden: Reading
    printed: Reading | None
    """None where it is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What was printed, and how it was judged; all in the reference's order."""

    wrong: tuple[Wrong, ...] = ()
    missing: tuple[Wrong, ...] = ()
    right: tuple[tuple[Reading, Reading], ...] = ()
    """The golden reading of each value that is right, and the one that was printed."""
    answers: Mapping[Field, Reading] = field(default_factory=dict)
    """The golden reading of every field."""

    @property
    def first(self) -> Wrong | None:
        """The first value that is printed wrong; where none is, the first that is missing."""
        return next(iter((*self.wrong, *self.missing)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Where a script parted from the reference. What is not known is None."""

    sides: Sides
    first: Wrong | None
    wanted: Milestone | None
    """What the reference has and the script lacks."""
    found: Milestone | None
    """What the script has in its place."""
    operation: Milestone | None
    """The script's first operation on the way there that the reference has not."""
    instead_of: Milestone | None
    """The reference's first operation on the way there that the script has not."""
    error: ScriptError | None = None

    @property
    def line(self) -> int | None:
        """The line of the script to look at first."""
        for each in (self.operation, self.found):
            if each is not None and each.line is not None:
                return each.made or each.line
        return None if self.error is None else self.error.line


_NAMES = {
    "addmm": "a linear layer or matrix product",
    "mm": "a matrix product",
    "bmm": "a matrix product",
    "baddbmm": "a matrix product",
    "mv": "a matrix product",
    "dot": "a dot product",
    "max_pool2d_with_indices": "max_pool2d",
    "nll_loss_forward": "nll_loss",
    "rsub": "a subtraction",
    "sub": "a subtraction",
    "add": "an addition",
    "add_": "an addition",
    "mul": "a multiplication",
    "mul_": "a multiplication",
    "div": "a division",
    "div_": "a division",
    "bernoulli_": "dropout",
    "native_batch_norm": "batch normalisation",
    "native_layer_norm": "layer normalisation",
    "_safe_softmax": "softmax",
    "lift_fresh": "a tensor made of numbers",
    "index": "a selection by index",
    "select": "a selection",
    "slice": "a selection",
}


def named(operation: Milestone) -> str:
    """Name an operation as people call it."""
    name = _NAMES.get(operation.name)
    return name or operation.name.strip("_").removeprefix("native_").removesuffix("_forward")


def with_line(text: str, milestone: Milestone | None) -> str:
    """Add the script's line to a statement."""
    if milestone is None or milestone.line is None:
        return text
    return f"{text} (line {milestone.line})"


def factor(found: Sums | None, wanted: Sums | None) -> float | None:
    """Say by which number all of a tensor differs from another's; None where no one number does."""
    if found is None or wanted is None or wanted.size <= 0 or not found.size > 0:
        return None
    size = found.size / wanted.size
    if not math.isclose(found.square, size * size * wanted.square, rel_tol=_ROUND):
        return None
    for ratio in (size, -size):
        least = _ROUND * found.size
        if math.isclose(found.total, ratio * wanted.total, rel_tol=_ROUND, abs_tol=least):
            return ratio
    return None


def number(value: float) -> str:
    """Show a number in four digits."""
    return f"{value:.4g}"


def as_factor(ratio: float) -> str:
    """Show a factor: as a whole number, or one over it, where it is one."""
    if abs(ratio - round(ratio)) < _ROUND * abs(ratio):
        return f"{round(ratio)} times"
    if abs(1 / ratio - round(1 / ratio)) < _ROUND * abs(1 / ratio):
        return f"1/{round(1 / ratio)} of"
    return f"{number(ratio)} times"


def shapes(several: tuple[tuple[int, ...], ...]) -> str:
    """Show the shapes of an operation's tensors."""
    return " and ".join(str(list(each)) for each in several)
