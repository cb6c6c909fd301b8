"""Every canary names one mechanism, rests on no other's, and prints no digit that is not there."""

from __future__ import annotations

import ast
import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from verifier.golden.golden import load_golden
from verifier.lab.canary import CanaryCause
from verifier.lab.load import load_labs
from verifier.output.value import numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.lab.canary import CanarySpec
    from verifier.lab.spec import Lab

LABS = load_labs(LAB_ROOT)
CANARIES = {lab.id: lab.canary for lab in LABS.values() if lab.canary is not None}
DRAWING = {
    *("manual_seed", "seed", "rand", "randn", "randint", "randperm", "random_split", "DataLoader"),
    *("dropout", "Dropout", "bernoulli", "bernoulli_", "exponential_", "multinomial", "normal_"),
    *("gumbel_softmax", "trunc_normal_", "uniform_", "init"),
}
"""Names of torch that draw numbers."""


def test_every_mechanism_is_named_once() -> None:
    """Two canaries of one mechanism would be one cause told twice."""
    mechanisms = [canary.mechanism for canary in CANARIES.values()]

    assert len(mechanisms) == len(set(mechanisms))
    assert len(mechanisms) == len({canary.says for canary in CANARIES.values()})
    assert {canary.cause for canary in CANARIES.values()} == set(CanaryCause)
    assert all(name.startswith("canary-") for name in CANARIES)
    assert not any(name.startswith("canary-") for name in LABS.keys() - CANARIES.keys())


@pytest.mark.parametrize(("name", "canary"), CANARIES.items(), ids=list(CANARIES))
def test_only_canaries_of_samplers_draw_numbers(name: str, canary: CanarySpec) -> None:
    """Else another sampler would change what a kernel's canary prints, and hide the cause."""
    names = set(_names(LABS[name]))

    assert bool(names & DRAWING) == (canary.cause is CanaryCause.SAMPLER)


@pytest.mark.parametrize("name", CANARIES)
def test_optimizers_are_in_canaries_of_optimizers_alone(name: str) -> None:
    """A net's canary takes its steps by hand."""
    uses = "optim" in set(_names(LABS[name]))

    assert uses == (CANARIES[name].cause is CanaryCause.OPTIMIZER)


@pytest.mark.parametrize("name", CANARIES)
def test_golden_was_made_from_the_script_as_it_is(name: str) -> None:
    """And says on which kind of processor: exact values are compared on that kind alone."""
    lab = LABS[name]
    exercise = lab.exercise("baseline")
    came_from = load_golden(lab=name, exercise=exercise).provenance

    assert came_from.script_sha256 == hashlib.sha256(exercise.script.read_bytes()).hexdigest()
    assert came_from.cpu_capability
    assert came_from.runtime_image
    assert (came_from.torch or "").endswith("+cpu")


@pytest.mark.parametrize("name", CANARIES)
def test_no_canary_prints_more_than_six_digits_that_count(name: str) -> None:
    """A float32 has seven: its last bit alone seldom changes what is printed."""
    exercise = LABS[name].exercise("baseline")
    readings = load_golden(lab=name, exercise=exercise).record.readings
    asked = {field.key: field.decimals for field in exercise.fields}
    read = [reading for reading in readings if reading.key in asked]

    assert read
    for reading in read:
        assert (reading.decimals or 0) == asked[reading.key or ""]
        for number in numbers_in(reading.value):
            assert abs(number).scaleb(asked[reading.key or ""]) < 10**6


def _names(lab: Lab) -> Iterator[str]:
    tree = ast.parse(lab.exercise("baseline").script.read_bytes())
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield name
