"""What a value is about follows from the trace of the run that printed it."""

from __future__ import annotations

import json

import pytest

from verifier.authoring.concepts import concepts_of
from verifier.output.transcript import read_stdout
from verifier.trace.event import NO_TRACE, Backward, Forward, Loss, Moved, Tensor, Trace, Update


def _tensor(*values: float) -> Tensor:
    return Tensor(shape=(len(values),), dtype="float32", grad=True, fn=None, values=values)


def _forward(*values: float, depth: int = 0) -> Forward:
    return Forward(
        line=1, id=1, kind="Linear", depth=depth, grad=True, inputs=(), out=_tensor(*values)
    )


def _moved(*values: float) -> Moved:
    return Moved(id=1, before=None, after=values)


def _loss(out: Tensor | None) -> Loss:
    return Loss(
        line=1, fn="mse_loss", input=_tensor(1), target=_tensor(1), out=out, reduction="mean"
    )


def _backward(root: float, *params: Moved) -> Backward:
    return Backward(line=1, root=_tensor(root), params=params, reached=(1,))


TRACE = Trace(
    events=(
        _forward(0.9999, depth=1),
        _forward(0.8252, 0.25),
        _loss(_tensor(0.1927)),
        _backward(0.1927, _moved(-0.1753, -0.3505), Moved(id=2, before=None, after=None)),
        Update(line=1, kind="SGD", id=1, params=(_moved(0.5877, 0.5253),)),
        _forward(0.888, 0.5),
        _loss(None),
        _backward(0.1183),
    ),
    unreadable=0,
)


@pytest.mark.parametrize(
    ("printed", "concept"),
    [
        ("a= [0.825, 0.25]", "forward"),
        ("a= 0.1927", "loss"),
        ("a= [-0.1753, -0.3505]", "gradient"),
        ("a= [0.588, 0.525]", "update"),
        ("a= [0.888, 0.500]", "update"),
        ("a= 0.1183", "update"),
        ("a= 1.00", "none"),
        ("a= 0.2", "none"),
        ("a= [0.825]", "none"),
        ("a= nan", "none"),
        ("a= word", "none"),
    ],
)
def test_a_value_belongs_to_the_step_whose_numbers_it_prints(printed: str, concept: str) -> None:
    """Rounded as printed; numbers with fewer than two decimals are found anywhere."""
    readings = read_stdout(f"{printed}\n".encode()).readings

    assert concepts_of(readings, in_loop=[False], trace=TRACE) == (concept,)


def test_what_the_trace_does_not_know_goes_with_what_is_around_it() -> None:
    """A shape before anything is data; after the loop comes an evaluation."""
    text = b"shape= (2, 3)\nloss= 0.1927\ncount= 3\nstep=1 row=0.5\nstep=2 row=0.5\nacc= 1.0\n"
    readings = [each for each in read_stdout(text).readings if each.key != "step"]
    in_loop = [each.key == "row" for each in readings]

    found = dict(
        zip(
            [r.key for r in readings],
            concepts_of(readings, in_loop=in_loop, trace=TRACE),
            strict=True,
        )
    )
    assert json.dumps(found) == json.dumps(
        {"shape": "data", "loss": "loss", "count": "loss", "row": "loop", "acc": "evaluation"}
    )


def test_without_a_trace_nothing_is_said() -> None:
    """As of a script that uses no torch."""
    readings = read_stdout(b"a= 0.1927\nb= 1\n").readings

    assert concepts_of(readings, in_loop=[False, True], trace=NO_TRACE) == ("none", "none")


def test_of_long_tensors_the_first_numbers_are_known() -> None:
    """A trace keeps sixteen."""
    values = tuple(number / 100 for number in range(16))
    trace = Trace(events=(_forward(*values),), unreadable=0)
    shown = ", ".join(f"{number / 100:.2f}" for number in range(20))
    readings = read_stdout(f"a= [{shown}]\n".encode()).readings

    assert concepts_of(readings, in_loop=[False], trace=trace) == ("forward",)
