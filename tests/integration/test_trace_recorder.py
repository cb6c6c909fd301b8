"""The recorder sees what a script does with torch, in order and in numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import CHECKOUT
from tests.integration import trace_scripts as scripts
from tests.integration.trace_client import Parent, warm_parent
from verifier.schema import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.torch

_HALF = (0.5).hex()
_ZERO = (0.0).hex()


@pytest.fixture(scope="module")
def parent() -> Iterator[Parent]:
    """Warm one up for all tests."""
    with warm_parent() as found:
        yield found


def _numbers(*values: float) -> list[str]:
    return [value.hex() for value in values]


def _tensor(
    *values: float, shape: list[int], fn: str | None = None, grad: bool = False
) -> dict[str, Any]:
    v = _numbers(*values)
    return {"shape": shape, "dtype": "float32", "grad": grad or fn is not None, "fn": fn, "v": v}


def test_the_reference_is_seen_step_by_step(parent: Parent) -> None:
    """The order is the lesson's, and what is printed follows from the numbers."""
    events = parent.events(scripts.SCRIPTS["the-reference"])
    training = ["forward"] * 3 + ["loss", "zero_grad", "backward"]

    assert [event["e"] for event in events] == [
        *("seed", "optimizer", "model"),
        *("forward", "forward", "forward", "item"),
        *(*training, "item", "item", "item", "item", "step"),
        *("forward", "forward", "forward", "item", "loss", "item"),
        *([*training, "step", "item", "item"] * 5),
        "end",
    ]
    outermost = [event for event in events if event["e"] == "forward" and event["depth"] == 0]
    predictions = [float.fromhex(event["out"]["v"][0]) for event in outermost]
    losses = [float.fromhex(e["out"]["v"][0]) for e in events if e["e"] == "loss"]
    assert [f"{each:.3f}" for each in predictions] == [
        *("0.825", "0.825", "0.888", "0.888", "0.918", "0.934", "0.945", "0.953")
    ]
    assert [f"{each:.4f}" for each in losses] == [
        *("0.1927", "0.1183", "0.1183", "0.0861", "0.0678", "0.0560", "0.0478")
    ]
    assert [event["grad"] for event in outermost] == [False, True, False, *([True] * 5)]
    assert [event["line"] for event in events[:4]] == [6, 13, 26, 26]
    assert events[-1] == {"e": "end", "events": len(events) - 1, "dropped": 0}


def test_every_kind_of_event_says_what_happened(parent: Parent) -> None:
    """Whole events, of a training in which every number is exact."""
    linear, sgd = {"id": 0, "class": "Linear"}, {"id": 0, "class": "SGD"}
    weight = {"id": 0, "name": "weight", "shape": [1, 2], "dtype": "float32", "grad": True}
    group = {"lr": _HALF, "momentum": (0.25).hex(), "weight_decay": _ZERO, "params": [0]}
    x, target = _tensor(1.0, 1.0, shape=[1, 2]), _tensor(1.0, shape=[1, 1])
    prediction = _tensor(3.0, shape=[1, 1], fn="MmBackward0")
    loss = _tensor(4.0, shape=[], fn="MseLossBackward0")
    gathered = {"id": 0, "before": None, "after": _numbers(4.0, 4.0)}
    moved = {"id": 0, "before": _numbers(1.0, 2.0), "after": _numbers(-1.0, 0.0)}
    called = {"depth": 0, "grad": True, "training": True, "in": [x], "out": prediction}
    lost = {"fn": "mse_loss", "input": prediction, "target": target, "out": loss}
    events = parent.events(scripts.MOMENTS)
    drawn = events[2]["params"][0].pop("before")

    assert len(drawn) == 2
    assert events == [
        {"e": "seed", "line": 5, "seed": 3, "params": 1},
        {"e": "optimizer", "line": 6, **sgd, "groups": [group]},
        {"e": "change", "line": 9, "params": [{"id": 0, "after": _numbers(1.0, 2.0)}]},
        {"e": "model", "line": 9, **linear, "params": [{**weight, "v": _numbers(1.0, 2.0)}]},
        {"e": "forward", "line": 9, **linear, **called},
        {"e": "loss", "line": 9, **lost, "reduction": "sum"},
        {"e": "backward", "line": 10, "root": loss, "reached": [0], "params": [gathered]},
        {"e": "step", "line": 11, **sgd, "params": [{**moved, "grad": _numbers(4.0, 4.0)}]},
        {"e": "zero_grad", "line": 12, "of": "module", "id": 0},
        {"e": "item", "line": 13, "v": (4.0).hex()},
        {"e": "item", "line": 13, "v": (-1.0).hex()},
        {"e": "item", "line": 13, "v": (0.0).hex()},
        {"e": "item", "line": 13, "v": (4.0).hex()},
        {"e": "end", "events": 13, "dropped": 0},
    ]


def test_every_line_satisfies_the_schema_of_a_trace(parent: Parent) -> None:
    """The schema says what the recorder writes, of the lesson's reference and of stranger scripts.

    One of them fills the trace with bytes of its own.
    """
    kinds = set()
    for name in scripts.SCRIPTS.keys() - {"descriptor-filled"}:
        for event in parent.events(scripts.SCRIPTS[name]):
            validate("trace", event)
            kinds.add(event["e"])

    schema = json.loads((CHECKOUT / "schemas" / "trace.schema.json").read_text())
    # What a script's own arithmetic gave is recorded in a run of its own alone.
    assert kinds | {"calculated"} == {
        each["$ref"].removeprefix("#/$defs/") for each in schema["oneOf"]
    }


@pytest.mark.parametrize(
    ("script", "left"),
    [(scripts.HAND_WRITTEN, None), (scripts.THROUGH_DATA, _numbers(0.0, 0.0))],
    ids=["in-place", "through-data"],
)
def test_what_is_done_by_hand_is_noticed_at_the_next_event(
    parent: Parent, script: str, left: list[str] | None
) -> None:
    """An update or a clearing that calls nothing is known by what it leaves."""
    first = {"id": 0, "before": _numbers(1.0, 2.0), "after": _numbers(-7.0, -14.0)}
    gradient = 4.0 * 244.0 * -7.0
    second = _numbers(gradient, 2 * gradient)
    after = _numbers(-7.0 - gradient / 2, -14.0 - gradient)

    assert parent.events(script) == [
        {
            "e": "backward",
            "line": 7,
            "reached": [0],
            "root": _tensor(16.0, shape=[], fn="PowBackward0"),
            "params": [{"id": 0, "before": None, "after": _numbers(16.0, 32.0)}],
        },
        {"e": "change", "line": 7, "params": [first]},
        {"e": "clear", "line": 7, "params": [0]},
        {
            "e": "backward",
            "line": 7,
            "reached": [0],
            "root": _tensor(244.0**2, shape=[], fn="PowBackward0"),
            "params": [{"id": 0, "before": left, "after": second}],
        },
        {
            "e": "change",
            "line": None,
            "params": [{"id": 0, "before": first["after"], "after": after}],
        },
        {"e": "clear", "line": None, "params": [0]},
        {"e": "end", "events": 6, "dropped": 0},
    ]


def test_gradients_that_are_given_are_recorded_as_if_gathered(parent: Parent) -> None:
    """`torch.autograd.grad` leaves no gradient in the parameter; the event tells what it gave."""
    events = parent.events(scripts.GRAD_FUNCTION)

    assert [event["e"] for event in events] == [*(["backward", "change"] * 2), "end"]
    assert events[0]["params"] == [{"id": 0, "before": None, "after": _numbers(16.0, 32.0)}]
    assert events[0]["apart"] is True


def test_loading_a_module_meanwhile_costs_no_event(parent: Parent) -> None:
    """To start from a gradient of the script's own, torch loads a library with many calls."""
    events = parent.events(scripts.SCRIPTS["gradient-given"])

    assert [event["e"] for event in events] == ["backward", "backward", "end"]
    assert [event["params"][0]["after"] for event in events[:2]] == [
        _numbers(40.0),
        _numbers(80.0),
    ]
    assert events[-1]["dropped"] == 0


def test_a_step_with_a_closure_is_one_step_around_what_it_calls(parent: Parent) -> None:
    """What an optimizer does to parameters within its step is no change by hand."""
    kinds = [event["e"] for event in parent.events(scripts.CLOSURE)]

    assert kinds[:4] == ["seed", "optimizer", "zero_grad", "model"]
    assert kinds[-2:] == ["step", "end"]
    assert kinds.count("step") == 1
    assert kinds.count("backward") == kinds.count("forward") > 1
    assert "change" not in kinds


def test_a_loss_that_raises_is_recorded_without_its_result(parent: Parent) -> None:
    """The shapes that did not fit are the evidence."""
    loss = parent.events(scripts.SCRIPTS["shape-mismatch"])[-2]

    assert (loss["fn"], loss["out"]) == ("binary_cross_entropy", None)
    assert (loss["input"]["shape"], loss["target"]["shape"]) == ([1, 1], [1])


def test_a_replaced_method_does_not_hide_the_number(parent: Parent) -> None:
    """What is recorded comes from torch's own base class, which no script can change."""
    events = parent.events(scripts.PATCHED)
    items = [event["v"] for event in events if event["e"] == "item"]

    assert items == [(1.0).hex()]
    assert events[-1]["dropped"] == 0


def test_tensors_of_every_kind_are_survived(parent: Parent) -> None:
    """Whatever cannot be read is recorded with its shape alone; none costs an event."""
    events = parent.events(scripts.ODD_TENSORS)
    seen = [event["in"][0] for event in events if event["e"] == "forward"]

    assert len(seen) == scripts.ODD_COUNT
    assert events[-1]["dropped"] == 0
    assert [each["v"] for each in seen[:8]] == [[]] * 8
    assert seen[8]["v"] == ["nan"]
    assert (seen[9]["dtype"], seen[9]["shape"]) == ("unknown", [])
    assert [len(each["v"]) for each in seen[13:17]] == [16, 2, 16, 16]
    assert (seen[20]["shape"], seen[20]["v"]) == ([1 << 40], [])


def test_a_number_printed_behind_a_long_training_is_seen(parent: Parent) -> None:
    """Steps fill the trace; numbers that leave torch have room of their own behind them."""
    source = """
import torch
weight = torch.ones(8, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.001)
for _ in range(400):
    optimizer.zero_grad()
    (weight * weight).sum().backward()
    optimizer.step()
print(torch.tensor(0.125).item())
"""
    events = parent.events(source)

    assert events[-1]["e"] == "end"
    assert events[-1]["dropped"] > 0
    assert events[-2] == {"e": "item", "line": 9, "v": (0.125).hex()}
