"""Numbers that follow the reference to other seeds were computed; those that stay are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from verifier.checks.computed import Computed, SecondRun, discriminating_fields, judge
from verifier.lab.spec import load_labs
from verifier.task import load_task
from verifier.trace.event import NO_TRACE

if TYPE_CHECKING:
    from verifier.lab.spec import Field
    from verifier.output.transcript import Reading

TASK = load_task(load_labs(LAB_ROOT)["forward-backward"], "baseline")
OTHER = TASK.reseeded[0]
FIELDS = discriminating_fields(TASK.answers, answers=TASK.answers, expected=OTHER.answers)


def _judged(printed: dict[Field, Reading], source: bytes = b"") -> Computed:
    second = SecondRun(shift=OTHER.shift, readings=printed, expected=OTHER.answers, trace=NO_TRACE)
    return judge(fields=FIELDS, answers=TASK.answers, second=second, source=source)


def test_every_value_that_must_change_with_the_seed_discriminates() -> None:
    """A step's number is the same under any seed, and tells nothing."""
    assert set(FIELDS) == set(TASK.exercise.fields)
    assert discriminating_fields({}, answers=TASK.answers, expected=OTHER.answers) == ()


def test_what_follows_the_reference_was_computed() -> None:
    """All of it: the script cannot have known the other seed's numbers."""
    assert _judged(dict(OTHER.answers)).answer == "yes"


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
        (b"print('hello')", "unclear"),
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
    found = _judged({**OTHER.answers, one: TASK.answers[one]}, source)

    assert found.answer == answer
