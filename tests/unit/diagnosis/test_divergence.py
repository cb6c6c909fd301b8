"""Where a script parted from the reference, as made-up milestones of both tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from verifier.diagnosis.alike import alike, alike_in_order, is_telling
from verifier.diagnosis.divergence import Sides
from verifier.diagnosis.side import Side
from verifier.trace.milestone import Milestone, Sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.trace.milestone import Kind


def sums(*numbers: float, strange: int = 0) -> Sums:
    """Sum up as the recorder does."""
    count = len(numbers) + strange
    return Sums(
        count=count,
        size=sum(map(abs, numbers)),
        square=sum(each * each for each in numbers),
        total=sum(numbers),
        placed=sum(place * each for place, each in enumerate(numbers, 1)) / max(count, 1),
        strange=strange,
    )


class Run:
    """Milestones in the making."""

    def __init__(self) -> None:
        self.all: list[Milestone] = []

    def add(self, kind: Kind, *numbers: float, of: Sequence[int] = (), **more: Any) -> int:  # noqa: ANN401
        """Add one; give its number."""
        number = len(self.all)
        made = Milestone(kind=kind, id=number, of=tuple(of), sums=sums(*numbers), **more)
        self.all.append(made)
        return number

    def step(self, start: float, *, rate: float = 0.1, kept: float = 0.0) -> float:
        """Add one full step of a training from a parameter; give the parameter after it."""
        loss, gradient = start * start + 0.31, 2 * start + kept
        self.add("data", 1.5, 2.25, line=4)
        self.add("out", start * 1.5, line=4, mode=True)
        self.add("loss", loss, line=5)
        self.add("grad", gradient, line=6, before=sums(kept) if kept else sums())
        after = start - rate * gradient
        self.add("update", after, line=7, grads=sums(gradient), delta=sums(-rate * gradient))
        return after


def test_numbers_are_the_same_in_any_order_and_shape() -> None:
    """And alike where float32 rounds; an infinity is only like another."""
    assert alike(sums(1.0, 2.0, 3.5), sums(3.5, 1.0, 2.00001))
    assert not alike(sums(1.0, 2.0, 3.5), sums(1.0, 2.0, 3.6))
    assert not alike(sums(1.0), sums(-1.0))
    assert not alike(sums(1.0, strange=1), sums(1.0))
    assert alike(sums(strange=3), sums(strange=3))
    assert not alike(None, sums(1.0))
    assert alike_in_order(sums(1.0, 2.0), sums(1.0, 2.0))
    assert not alike_in_order(sums(1.0, 2.0), sums(2.0, 1.0))


@pytest.mark.parametrize(
    ("numbers", "telling"), [((0.0, 0.0), False), ((1.0, 1.0), False), ((0.137, 2.9), True)]
)
def test_zeros_and_ones_tell_nothing(numbers: tuple[float, ...], *, telling: bool) -> None:
    """Any script has them."""
    assert is_telling(Milestone(kind="op", sums=sums(*numbers))) is telling


def _sides(*scripts: Run, crashed: bool = False) -> Sides:
    reference, script = scripts
    return Sides(reference.all, script.all, crashed=crashed)


def test_the_same_training_is_not_accused() -> None:
    """Nor one that computes more beside it."""
    reference, script = Run(), Run()
    one = two = 0.7
    for _ in range(4):
        one = reference.step(one)
        script.add("op", 0.123, 9.1)
        two = script.step(two)

    sides = _sides(reference, script)
    assert sides.guilty() is None


@pytest.mark.parametrize(("mistake", "kind"), [({"rate": 0.2}, "update"), ({"kept": 0.4}, "grad")])
def test_the_first_difference_is_found(mistake: dict[str, float], kind: str) -> None:
    """And what the script has in its place, with its line."""
    reference, script = Run(), Run()
    one = reference.step(reference.step(0.7))
    reference.step(one)
    two = script.step(script.step(0.7), **mistake)
    script.step(two)

    sides = _sides(reference, script)
    wanted = sides.guilty()
    assert wanted is not None
    assert (wanted.kind, wanted.id) == (kind, 8 if kind == "grad" else 9)
    found = sides.found_for(wanted)
    assert found is not None
    assert found.line == wanted.line


def test_what_comes_to_the_same_is_excused() -> None:
    """A loss of another scale whose gradient is the lesson's."""
    reference, script = Run(), Run()
    reference.step(reference.step(0.7))
    for each in Run.step, Run.step:
        each(script, 0.7 if not script.all else 0.56)
    script.all = [
        Milestone(kind="loss", id=each.id, sums=sums(99.5), line=5) if each.kind == "loss" else each
        for each in script.all
    ]

    assert _sides(reference, script).guilty() is None


def test_a_script_that_stopped_is_not_accused_of_what_it_did_not_come_to() -> None:
    """Only of what it did otherwise."""
    reference, script = Run(), Run()
    reference.step(reference.step(0.7))
    script.step(0.7)

    assert _sides(reference, script, crashed=True).guilty() is None
    assert _sides(reference, script).guilty() is not None


def test_two_trainings_may_take_turns() -> None:
    """One after the other in the reference, step by step in the script."""
    reference, script = Run(), Run()
    one = reference.step(0.7)
    reference.step(one)
    other = reference.step(3.3)
    reference.step(other)
    first, second = script.step(0.7), script.step(3.3)
    script.step(first)
    script.step(second)

    assert _sides(reference, script).guilty() is None


def test_the_first_operation_that_differs_is_named_with_the_reference_s() -> None:
    """By what both were given; what leads to right numbers is excused."""
    reference, script = Run(), Run()
    for run in (reference, script):
        run.add("op", 0.3, 1.7, name="mm", line=3)
    reference.add("op", 0.15, 0.85, of=[0], name="div", arguments=(2.0,), line=4)
    reference.add("op", 0.44, 0.56, of=[1], name="_softmax", line=5)
    script.add("op", 0.2, 0.8, of=[0], name="_softmax", line=9)
    end = script.add("read", 0.2, 0.8, of=[1])

    sides = _sides(reference, script)
    mine = sides.first_operation(script.all[end])
    assert mine is not None
    assert (mine.name, mine.line) == ("_softmax", 9)
    theirs = sides.in_place_of(mine, towards=reference.all[2])
    assert theirs is not None
    assert theirs.name == "div"
    assert sides.reference.is_followed_by(theirs, "_softmax")


def test_a_forged_graph_that_turns_in_a_circle_ends() -> None:
    """Only what came before counts; many of a kind are joined up to a bound."""
    script = [
        Milestone(kind="loss", id=number, of=(number + 1, number), sums=sums(float(number) + 0.5))
        for number in range(1500)
    ]
    reference = Run()
    reference.step(reference.step(0.7))

    sides = Sides(reference.all, script, crashed=False)
    assert sides.guilty() is not None
    assert sides.script.leading_to(script[7]) == [script[7]]
    assert sides.first_operation(None) is None


def test_a_pass_is_one_of_training_where_a_backward_pass_starts_from_it() -> None:
    """Before the next pass: one beside it is none, in whatever mode the model is."""
    run = Run()
    judged = run.add("out", 1.5, line=3, mode=True, training=False)
    run.step(0.7)
    last = run.add("out", 2.5, line=9, mode=False)
    side = Side(run.all)

    assert not side.is_trained_on(run.all[judged])
    assert side.is_trained_on(side.of("out")[1])
    assert not side.is_trained_on(run.all[last])
