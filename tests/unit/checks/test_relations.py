"""A relation holds to the printed digit, and what is no number never satisfies one."""

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
    from verifier.output.value import Value

FALLS, ORDERED, EQUAL = RelationKind.FALLS, RelationKind.ORDERED, RelationKind.EQUAL
RUNNING_SUM, SIGMOID_OF = RelationKind.RUNNING_SUM, RelationKind.SIGMOID_OF
DIMENSION, MOVED_BY = RelationKind.EQUAL_FIRST_DIMENSION, RelationKind.MOVED_BY
CHANGED = RelationKind.CHANGED
OPERANDS = dict.fromkeys(RelationKind, 2) | {FALLS: 1, MOVED_BY: 3}


def _spec(kind: RelationKind, atol: str) -> RelationSpec:
    return RelationSpec(
        name="point",
        kind=kind,
        stage=Stage.LOOP,
        operands=(),
        factor=Decimal("-0.5"),
        atol=Decimal(atol),
        claim="it is so",
        hint="look there",
        why="because",
    )


def _value(text: str) -> Value:
    return read(f"x= {text}").readings[0].value


def _found(kind: RelationKind, *operands: str, atol: str = "0.0002") -> Contradiction | None:
    """Judge operands called a, b, c …, each written as its rows with bars between."""
    curves = tuple(
        tuple(
            Printed(key=name, where=f" at step={row}", value=_value(text))
            for row, text in enumerate(operand.split("|"), start=1)
        )
        for name, operand in zip("abcd", operands, strict=False)
    )
    return contradiction(_spec(kind, atol), curves)


@pytest.mark.parametrize(
    ("kind", "operands"),
    [
        (FALLS, ("0.3|0.2|0.1",)),
        (FALLS, ("0.3",)),
        (FALLS, ("0.3|0.2999", "7|[[6.5]]")),
        (ORDERED, ("0.3|0.2", "0.2|0.1", "0.1|0.05")),
        (EQUAL, ("0.5|0.6", "0.5002|0.5998", "[0.5]|0.6")),
        (EQUAL, ("[[1.0, 2.0]]", "[[1.0, 2.0]]")),
        (RUNNING_SUM, ("-0.1|-0.3|-0.35", "-0.1|-0.2|-0.05")),
        (RUNNING_SUM, ("[[1, 2]]|[[1.5, 2.0002]]", "[[1, 2]]|[[0.5, 0]]")),
        (SIGMOID_OF, ("0.5", "0")),
        (SIGMOID_OF, ("[[0.825], [1]]", "[[1.5506], [1e308]]")),
        (SIGMOID_OF, ("0", "-60.5")),
        (DIMENSION, ("[2, 2]", "[2, 1]", "torch.Size([2])")),
        (MOVED_BY, ("0.6282", "0.5406", "-0.1753")),
        (MOVED_BY, ("[[0.5], [1]]", "[[0], [2]]", "[[-1], [2.0004]]")),
        (CHANGED, ("[0.1, 0.2]", "[0.1, 0.2]", "0.5", "0.6")),
        (CHANGED, ("[0.1, 0.2]", "[0.1, 0.3]")),
    ],
)
def test_relation_that_holds_is_not_contradicted(
    kind: RelationKind, operands: tuple[str, ...]
) -> None:
    """The bound itself is inside."""
    assert _found(kind, *operands) is None


@pytest.mark.parametrize(
    ("kind", "operands", "said"),
    [
        (FALLS, ("0.3|0.2|0.2",), "a at step=3 is 0.2 and a at step=2 is 0.2"),
        (FALLS, ("0.3|0.2", "0.1|0.3"), "b at step=2 is 0.3 and b at step=1 is 0.1"),
        (FALLS, ("[1, 2]|0.1",), "a at step=1 is [1, 2], which is no single number"),
        (FALLS, ("1|[1, 2]",), "a at step=2 is [1, 2], which is no single number"),
        (ORDERED, ("0.3|0.2", "0.2|0.2"), "b at step=2 is 0.2 and a at step=2 is 0.2"),
        (
            EQUAL,
            ("0.5", "0.50020000000000000001"),
            "difference 0.00020000000000000001, allowed 0.0002",
        ),
        (
            EQUAL,
            ("[[1, 2]]", "[[1, 3]]"),
            "b[0][1] at step=1 is 3 and a at step=1 is 2; difference 1, allowed 0.0002",
        ),
        (EQUAL, ("[1, 2]", "[1]"), "b at step=1 and a at step=1 differ: its shape is [1], not [2]"),
        (RUNNING_SUM, ("1|1", "2|0"), "a at step=1 is 1 and b at step=1 is 2"),
        (
            RUNNING_SUM,
            ("-0.1753|-0.1116|-0.1", "-0.1753|-0.1116|-0.1"),
            "a at step=2 is -0.1116 and a at step=1 plus b at step=2 is -0.2869",
        ),
        (
            RUNNING_SUM,
            ("1|2|[3]", "1|1|[1]"),
            "a at step=2 plus b at step=3 cannot be computed: the shapes [] and [1] differ",
        ),
        (
            RUNNING_SUM,
            ("[[1, 2]]|[[1, 2]]", "[[1, 2]]|[[1]]"),
            "cannot be computed: the shapes [2] and [1] differ",
        ),
        (SIGMOID_OF, ("0.825", "0.825"), "the sigmoid of b at step=1 is 0.695297"),
        (SIGMOID_OF, ("0.5", "-1e300"), "is 0; difference 0.5"),
        (SIGMOID_OF, ("0.5|0.5", "0|[0]"), "a at step=2 and the sigmoid of b at step=2 differ"),
        (DIMENSION, ("[2, 2]", "[2, 1]", "[1, 1]"), "a at step=1 is [2, 2] and c at step=1 is"),
        (DIMENSION, ("[2, 2]", "2"), "b at step=1 is 2, which is no shape"),
        (DIMENSION, ("[]", "[2]"), "a at step=1 is [], which is no shape"),
        (
            MOVED_BY,
            ("0.5406", "0.5406", "-0.1753"),
            "a at step=1 is 0.5406 and b at step=1 - 0.5 × c at step=1 is 0.62825",
        ),
        (MOVED_BY, ("1", "[1]", "1"), "cannot be computed: the shapes [1] and [] differ"),
        (
            CHANGED,
            ("0.1", "0.1", "[2]", "[2]"),
            "a at step=1 is the same as b at step=1 and c at step=1 is the same as d at step=1",
        ),
    ],
)
def test_contradiction_is_a_fact_that_can_be_checked_by_hand(
    kind: RelationKind, operands: tuple[str, ...], said: str
) -> None:
    """Which values, and by how much."""
    found = _found(kind, *operands)

    assert found is not None
    assert said in found.evidence


def test_numbers_of_a_contradiction_are_exact_decimals() -> None:
    """A program reads them without parsing the sentence."""
    assert _found(EQUAL, "0.5", "0.51") == Contradiction(
        evidence="b at step=1 is 0.51 and a at step=1 is 0.5; difference 0.01, allowed 0.0002",
        expected="0.5",
        observed="0.51",
        difference="0.01",
        allowed="0.0002",
    )


@pytest.mark.parametrize(
    ("text", "said"), [("nan", "nan"), ("-inf", "-inf"), ("None", "None"), ("[1, oops]", "oops")]
)
@pytest.mark.parametrize("kind", RelationKind)
def test_what_is_no_finite_number_satisfies_no_relation(
    kind: RelationKind, text: str, said: str
) -> None:
    """Equal NaNs are not equal, and a missing gradient does not fall."""
    found = _found(kind, *[text] * OPERANDS[kind], atol="1000")

    assert found is not None
    assert "which is no finite number" in found.evidence
    assert said in found.evidence


def test_strangers_text_is_made_safe() -> None:
    """The evidence goes to terminals and pages."""
    printed = Printed(key="a", value=("\x1b[31m" + "x" * 500,))
    found = contradiction(_spec(EQUAL, "0"), ((printed,), (printed,)))

    assert found is not None
    assert "\x1b" not in found.evidence
    assert len(found.evidence) < 200


_numbers = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-9, max_value=9)
_values: st.SearchStrategy[Value] = st.recursive(
    st.one_of(
        _numbers,
        st.none(),
        st.booleans(),
        st.text(max_size=5),
        st.sampled_from([Decimal("NaN"), Decimal("1e308"), Decimal("-1e-390"), Decimal("inf")]),
    ),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=6,
)


@given(st.sampled_from(list(RelationKind)), st.lists(_values, min_size=6, max_size=6))
def test_no_value_makes_a_relation_raise(kind: RelationKind, values: list[Value]) -> None:
    """A crash of the grader would be the learner's to trigger."""
    count = OPERANDS[kind]
    curves = tuple(
        tuple(Printed(key="x", value=value) for value in values[place::count])
        for place in range(count)
    )

    assert isinstance(contradiction(_spec(kind, "0.1"), curves), Contradiction | None)


@given(_numbers, _numbers)
def test_moved_by_holds_for_every_start_and_slope(start: Decimal, slope: Decimal) -> None:
    """Rounded to four decimals, as printed, and within the lab's own bound."""
    end = (start - slope / 2).quantize(Decimal("0.0001"))

    assert _found(MOVED_BY, str(end), str(start), str(slope)) is None


@given(st.lists(_numbers, min_size=1, max_size=6))
def test_running_sum_holds_for_every_series(parts: list[Decimal]) -> None:
    """Exactly: no rounding is added by the check."""
    sums = [sum(parts[: place + 1], Decimal(0)) for place in range(len(parts))]
    rows = ["|".join(map(str, each)) for each in (sums, parts)]

    assert _found(RUNNING_SUM, *rows, atol="0") is None
