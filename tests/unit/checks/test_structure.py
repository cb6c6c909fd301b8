"""Relations that say how a printed value is built hold to the printed digit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.output.transcripts import read
from verifier.checks.contradiction import Contradiction, Printed
from verifier.checks.relations import contradiction
from verifier.lab.relation import RelationKind, RelationSpec
from verifier.lab.stage import Stage

if TYPE_CHECKING:
    from verifier.checks.contradiction import Curve

RISES, RATIO, SUMS_TO = RelationKind.RISES, RelationKind.RATIO, RelationKind.SUMS_TO
ZERO, WITHIN, SHAPE = RelationKind.ZERO_OUTSIDE, RelationKind.WITHIN, RelationKind.SAME_SHAPE
TRIANGLE = "[[True, False], [True, True]]"


def _spec(kind: RelationKind, *, axis: int = -1, factor: str = "1") -> RelationSpec:
    return RelationSpec(
        name="point", kind=kind, stage=Stage.LOOP, operands=(), factor=Decimal(factor),
        atol=Decimal("0.001"), claim="it is so", hint="look there", why="because", axis=axis,
        low=Decimal(0), high=Decimal("0.5"),
    )  # fmt: skip


def _curve(name: str, operand: str) -> Curve:
    return tuple(
        Printed(key=name, value=read(f"x= {text}").readings[0].value) for text in operand.split("|")
    )


def _found(spec: RelationSpec, *operands: str) -> Contradiction | None:
    return contradiction(spec, tuple(map(_curve, "abc", operands)))


@pytest.mark.parametrize(
    ("spec", "operands"),
    [
        (_spec(RISES), ["0.1|0.2|0.3"]),
        (_spec(RATIO, factor="2"), ["[0.2, 0.4]", "[0.1, 0.2]"]),
        (_spec(RATIO, factor="-0.5"), ["-0.5|1", "1.001|-2"]),
        (_spec(SUMS_TO), ["[[0.25, 0.75], [0.5, 0.501]]"]),
        (_spec(SUMS_TO, axis=0), ["[[0.25, 0.75], [0.75, 0.25]]"]),
        (_spec(SUMS_TO, axis=0), ["[0.5, 0.5]|[1.0, 0.0]"]),
        (_spec(ZERO), ["[[1.0, 0.0], [0.5, 0.5]]", TRIANGLE]),
        (_spec(ZERO), ["[[1.0, 0.001], [0.5, 0.5]]", "[[1, 0], [1, 1]]"]),
        (_spec(WITHIN), ["[0, 0.25, 0.5]", "0.1"]),
        (_spec(SHAPE), ["[[1, 2], [3, 4]]", "[[True, False], [True, True]]"]),
        (_spec(SHAPE), ["0.5", "7"]),
    ],
)
def test_relation_that_holds_has_no_contradiction(spec: RelationSpec, operands: list[str]) -> None:
    """Within the tolerance, bounds included."""
    assert _found(spec, *operands) is None


@pytest.mark.parametrize(
    ("spec", "operands", "says"),
    [
        (_spec(RISES), ["0.1|0.1"], "a is 0.1 and a is 0.1"),
        (_spec(RATIO, factor="2"), ["0.2", "0.2"], "a is 0.2 and 2 × b is 0.4"),
        (_spec(RATIO, factor="2"), ["0.2", "[0.1]"], "2 × b differ"),
        (_spec(SUMS_TO), ["[[0.25, 0.75], [0.5, 0.502]]"], "axis -1 at [1] is 1.002, not 1"),
        (_spec(SUMS_TO), ["[0.5, 0.4]"], "the sum of a along axis -1 is 0.9, not 1"),
        (_spec(SUMS_TO, axis=1), ["[0.5, 0.5]"], "a is [0.5, 0.5], which has no axis 1"),
        (_spec(SUMS_TO), ["0.5"], "which has no axis -1"),
        (_spec(SUMS_TO), ["[[0.5, 0.5], [1.0]]"], "which has no axis -1"),
        (_spec(SUMS_TO), ["[[0.5, 0.5], 1.0]"], "which has no axis -1"),
        (_spec(SUMS_TO), ["[[0.5, nan]]"], "which is no finite number"),
        (_spec(SUMS_TO), ["[word, word]"], "which is no finite number"),
        (_spec(ZERO), ["[[1.0, 0.1], [0.5, 0.5]]", TRIANGLE], "a[0][1] is 0.1, where the mask"),
        (_spec(ZERO), ["[1.0, 0.1]", TRIANGLE], "have the shapes [2] and [2, 2]"),
        (_spec(ZERO), ["[[1.0], [1.0, 0.1]]", TRIANGLE], "have the shapes"),
        (_spec(WITHIN), ["[0.1, -0.1]"], "a has -0.1, below 0"),
        (_spec(WITHIN), ["0.1", "0.6"], "b has 0.6, above 0.5"),
        (_spec(SHAPE), ["[1, 2]", "[1, 2, 3]"], "a has the shape [2] and b the shape [3]"),
        (_spec(SHAPE), ["[1, 2]", "1"], "b the shape []"),
    ],
)
def test_what_contradicts_a_relation_is_said(
    spec: RelationSpec, operands: list[str], says: str
) -> None:
    """Which value, and where in it."""
    found = _found(spec, *operands)

    assert found is not None
    assert says in found.evidence


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=6), st.integers(-9, 9))
def test_parts_of_a_whole_sum_to_it(parts: list[int], extra: int) -> None:
    """And to nothing else."""
    whole = str(sum(parts))
    text = f"[{', '.join(map(str, parts))}]"

    assert _found(_spec(SUMS_TO, factor=whole), text) is None
    if extra:
        assert _found(_spec(SUMS_TO, factor=str(sum(parts) + extra)), text) is not None
