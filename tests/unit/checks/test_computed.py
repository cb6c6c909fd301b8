"""Numbers that follow the reference to other seeds were computed; those that stay are looked at."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from verifier.checks.computed import (
    Computed,
    Runs,
    discriminating_fields,
    judge,
    judge_followed,
    judge_uncalculated,
)
from verifier.checks.explained import unexplained
from verifier.lab.load import load_labs
from verifier.output.value import numbers_in
from verifier.task import load_task
from verifier.trace.event import (
    NO_TRACE,
    Backward,
    Calculated,
    Event,
    Forward,
    Item,
    Model,
    Moved,
    Parameter,
    Tensor,
    Trace,
    Update,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.lab.field import Field
    from verifier.output.transcript import Reading

TASK = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")
OTHER = TASK.reseeded[0]
FIELDS = discriminating_fields(TASK.answers, answers=TASK.answers, expected=OTHER.answers)
RUNS = Runs(first=NO_TRACE, source=b"")
RIGHT = [float(each) for field in FIELDS for each in numbers_in(TASK.answers[field].value)]
UNROUNDED = [value * 1.00002 for value in RIGHT]
DECODED = b"import base64\nprint(base64.b64decode('bG9zcz0='))"
BY_HAND = b"from math import exp, log\nprint(log(exp(0.25)))"


def _trace(*events: Event) -> Trace:
    return Trace(events=events, unreadable=0)


def _calculated(results: Sequence[float], used: Sequence[float] = ()) -> Trace:
    return _trace(Calculated(results=tuple(results), used=tuple(used)))


def _tensor(*values: float) -> Tensor:
    return Tensor(shape=(len(values),), dtype="float32", grad=True, fn=None, values=values)


def _judged(printed: dict[Field, Reading] | None, runs: Runs = RUNS) -> Computed:
    runs = replace(runs, readings=printed)
    return judge(fields=FIELDS, answers=TASK.answers, expected=OTHER.answers, runs=runs)


def _first(runs: Runs) -> Computed | None:
    return judge_uncalculated(FIELDS, readings=TASK.answers, expected=OTHER.answers, runs=runs)


def test_every_value_that_must_change_with_the_seed_discriminates() -> None:
    """A step's number is the same under any seed, and tells nothing."""
    assert set(FIELDS) == set(TASK.exercise.fields)
    assert discriminating_fields({}, answers=TASK.answers, expected=OTHER.answers) == ()


def test_what_follows_the_reference_was_computed() -> None:
    """All of it: the script cannot have known the other seed's numbers."""
    found = judge_followed(FIELDS, readings=OTHER.answers, expected=OTHER.answers)
    missing = judge_followed(FIELDS, readings={}, expected=OTHER.answers)

    assert (found.answer if found else None, missing) == ("yes", None)


def test_what_changes_otherwise_than_the_reference_is_unclear() -> None:
    """It was not typed, and nobody knows what it was."""
    first, *rest = FIELDS
    printed = {**OTHER.answers, first: OTHER.answers[rest[-1]]}

    found = _judged(printed)

    assert (found.answer, "not as the reference's do" in found.evidence) == ("unclear", True)


def test_what_stays_and_was_trained_nowhere_was_typed() -> None:
    """Every value is what it was under the lab's own seed."""
    found = _judged(dict(TASK.answers))

    assert (found.answer, "nothing that the script trained" in found.evidence) == ("no", True)


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        (b"print('weight_grad= [[-0.1753, -0.3505]]')", "no"),
        (b"print('hello', None)", "unclear"),
        (b"what is no Python at all", "unclear"),
        (b"(" * 3_000, "unclear"),
    ],
    ids=["typed", "not typed", "no Python", "too deep to be parsed"],
)
def test_one_value_that_stays_is_chance_unless_it_stands_in_the_script(
    source: bytes, answer: str
) -> None:
    """A text that cannot be parsed holds no number."""
    one = next(field for field in FIELDS if field.key == "weight_grad")
    found = _judged({**OTHER.answers, one: TASK.answers[one]}, replace(RUNS, source=source))

    assert found.answer == answer


def test_who_leaves_no_time_or_breaks_off_under_other_seeds_is_unclear() -> None:
    """What the first run printed was explained already."""
    assert _judged(None).evidence == "the script left no time for a run with other seeds"
    found = _judged({}, replace(RUNS, trouble="timed out"))
    assert (found.answer, "not run to its end: it timed out" in found.evidence) == ("unclear", True)


def test_what_stays_and_was_trained_again_is_unclear() -> None:
    """The script draws nothing by torch's seed."""
    found = _judged(dict(TASK.answers), replace(RUNS, second=_calculated(UNROUNDED)))

    assert (found.answer, "gave these numbers again" in found.evidence) == ("unclear", True)


def test_who_calculates_without_torch_and_could_not_be_watched_is_unclear() -> None:
    """There was no time for it, or it printed otherwise then."""
    found = _judged(dict(TASK.answers), replace(RUNS, source=BY_HAND))

    assert (found.answer, "without torch" in found.evidence) == ("unclear", True)
    assert _first(replace(RUNS, source=BY_HAND)) is None


def test_one_typed_number_beside_drawn_weights_was_typed() -> None:
    """The others followed the seed; it stayed, stands in the script, and nothing gave it."""
    one = next(field for field in FIELDS if field.key == "bias_grad")
    typed = replace(RUNS, source=b"print('bias_grad= [-0.1753]')")
    found = _judged({**OTHER.answers, one: TASK.answers[one]}, typed)

    assert found.answer == "no"


def test_in_a_script_that_draws_nothing_one_number_may_be_short_by_chance() -> None:
    """Even where it stands in the script: in an expected output, perhaps."""
    source = f"expected = {RIGHT[0]}".encode()
    second = _calculated(UNROUNDED[1:])
    found = _judged(dict(TASK.answers), replace(RUNS, source=source, second=second))

    assert found.answer == "unclear"


def test_numbers_that_nothing_calculated_were_typed() -> None:
    """However the script is run otherwise; decoys that calculate something else do not help."""
    decoy = replace(RUNS, source=BY_HAND, by_hand=_calculated([0.123456]))
    found = [_first(each) for each in (replace(RUNS, source=DECODED), decoy)]

    assert [each.answer if each else None for each in found] == ["no", "no"]
    assert all("101" not in each.evidence for each in found if each)


def test_numbers_of_the_scripts_own_arithmetic_are_calculated() -> None:
    """Signs and order do not matter; one that is missing may be chance."""
    by_hand = _calculated([-value for value in UNROUNDED[:0:-1]])

    assert _first(replace(RUNS, by_hand=by_hand)) is None


@pytest.mark.parametrize(
    ("value", "left"),
    [(0.8250123, 0), (0.825, 1), (0.824999988079071, 1), (0.8246, 1), (0.8251, 1), (0.826, 1)],
    ids=["calculated", "typed", "typed as float32", "stands there", "stands there too", "other"],
)
def test_a_value_without_more_digits_explains_nothing(value: float, left: int) -> None:
    """And neither does one that stands in the script."""
    found = unexplained(
        [Decimal("0.825")], traces=[_calculated([value])], typed=[0.1, 0.8246, 0.8251]
    )

    assert len(found) == left


def test_all_digits_of_a_number_are_its_own() -> None:
    """Who prints everything has nothing more to show; NaN is no value."""
    number = Decimal("0.8250123262405396")
    traces = [_calculated([float("nan"), float(number)])]

    assert unexplained([number, Decimal("1E+3")], traces=traces, typed=[]) == [Decimal("1E+3")]
    assert unexplained([Decimal("NaN")], traces=traces, typed=[]) != []


def test_a_training_explains_losses_gradients_steps_and_what_it_started_from() -> None:
    """What it showed counts where something was trained; starts are no more than a third."""
    numbers = [Decimal(text) for text in ("0.11", "0.22", "0.33", "0.44", "0.55", "0.66")]
    moved = Moved(id=0, before=(0.55,), after=(0.331,))
    trained: list[Event] = [
        Backward(
            line=None,
            root=_tensor(0.111),
            params=(Moved(id=0, before=None, after=(0.221,)), Moved(id=1, before=None, after=None)),
            reached=(),
        ),
        Update(line=None, kind=None, id=None, params=(moved, Moved(id=1, before=None, after=None))),
    ]
    started = Model(
        line=None, id=0, kind="", params=(Parameter(id=0, name=None, tensor=_tensor(0.66)),)
    )
    shown: list[Event] = [
        Item(line=None, value=0.441),
        Forward(line=None, id=0, kind="", depth=0, grad=True, inputs=(), out=None),
        Forward(line=None, id=0, kind="", depth=0, grad=True, inputs=(), out=_tensor(0.441)),
    ]

    def left(*events: Event) -> int:
        return len(unexplained(numbers, traces=[_trace(*events)], typed=[]))

    assert [left(), left(*shown), left(*trained), left(*trained, *shown)] == [6, 6, 2, 1]
    assert left(*trained, *shown, started) == 0


def test_a_backward_pass_without_gradients_trained_nothing() -> None:
    """Zeros alone; where no parameter is known, its root counts."""
    zero = Moved(id=0, before=None, after=(0.0,))
    passes = [
        Backward(line=None, root=_tensor(0.111), params=params, reached=())
        for params in ((zero,), ())
    ]
    found = [unexplained([Decimal("0.11")], traces=[_trace(each)], typed=[]) for each in passes]

    assert found == [[Decimal("0.11")], []]


def test_more_than_a_third_are_no_starts() -> None:
    """What a script types and calculates with is not thereby calculated."""
    numbers = [Decimal("0.11"), Decimal("0.22")]

    assert unexplained(numbers, traces=[_calculated([0.221], [0.11])], typed=[]) == numbers[:1]
