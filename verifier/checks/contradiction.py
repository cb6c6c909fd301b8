"""What contradicts a relation, and the values that show it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from verifier.checks.closeness import Apart, Unlike, compare, shape
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from verifier.lab.relation import RelationSpec
    from verifier.output.value import Value

_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One value, and how people call it."""

    key: str
    where: str = ""
    """What stands after the key in its name, as `` at step=3``."""
    value: Value

    @property
    def name(self) -> str:
        """Its name, as in ``loss at step=3``."""
        return self.element(())

    def element(self, index: tuple[int, ...]) -> str:
        """Name one of its elements, as in ``weight_grad[0][1] at step=3``."""
        return self.key + "".join(f"[{place}]" for place in index) + self.where


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """What shows that a relation does not hold."""

    evidence: str
    """A fact that a person can check in the output."""
    expected: str | None = None
    observed: str | None = None
    difference: str | None = None
    allowed: str | None = None


Curve = tuple[Printed, ...]
"""An operand: its value on every row, or the one value that it has."""


def said(each: Printed) -> str:
    """Say what a value is."""
    return f"{each.name} is {shown(each.value)}"


def shown(value: Value) -> str:
    """Write a value for people, bounded in length."""
    if isinstance(value, tuple):
        text = "[" + ", ".join(map(shown, value)) + "]"
    elif isinstance(value, Decimal):
        text = str(value).lower().replace("infinity", "inf")
    else:
        text = str(value)
    return printable(text, limit=_SHOWN_CHARACTERS)


def apart(
    spec: RelationSpec, observed: Printed, expected: Value | Unlike, *, called: str
) -> Contradiction | None:
    """Compare a value with what it should be, which people call by another name."""
    if isinstance(expected, Unlike):
        return Contradiction(evidence=f"{called} cannot be computed: {expected.reason}")
    result = compare(observed=observed.value, golden=expected, bound=spec)
    if isinstance(result, Unlike):
        return Contradiction(evidence=f"{observed.name} and {called} differ: {result.reason}")
    if not isinstance(result, Apart):
        return None
    worst = result.worst
    return Contradiction(
        evidence=f"{observed.element(worst.index)} is {shown(worst.observed)} and {called} "
        f"is {shown(worst.expected)}; difference {shown(worst.difference)}, "
        f"allowed {spec.atol}",
        expected=shown(worst.expected),
        observed=shown(worst.observed),
        difference=shown(worst.difference),
        allowed=str(spec.atol),
    )


def combined(function: Callable[..., Decimal], *values: Value) -> Value | Unlike:
    """Apply a function of numbers element by element; all values must have one shape."""
    if all(isinstance(value, Decimal) for value in values):
        return function(*values)
    nests = [value for value in values if isinstance(value, tuple)]
    if len(nests) < len(values) or len({len(nest) for nest in nests}) > 1:
        shapes = " and ".join(shape(value) for value in values)
        return Unlike(reason=f"the shapes {shapes} differ")
    elements: list[Value] = []
    for inner in zip(*nests, strict=True):
        element = combined(function, *inner)
        if isinstance(element, Unlike):
            return element
        elements.append(element)
    return tuple(elements)
