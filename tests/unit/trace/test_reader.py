"""Any bytes give a trace; only what is an event is in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.diagnosis.diagnosing import told
from verifier.sandbox.trace.format import MAX_BYTES, MAX_EVENTS
from verifier.trace.event import NO_TRACE, Clear, End, Forward, Item, Seed, Trace, Update
from verifier.trace.reader import read_trace

SEED = b'{"e":"seed","line":3,"seed":42,"params":0}\n'
WHOLE = told(loop="FLzBSI", kind=None).trace + told().trace


def test_nothing_recorded_is_an_empty_trace() -> None:
    """A run without a recorder is diagnosed all the same."""
    assert read_trace(b"") == NO_TRACE


def test_every_kind_of_event_is_read() -> None:
    """Each comes back as a value of its own, in order."""
    trace = read_trace(WHOLE)

    assert trace.unreadable == 0
    assert trace.events[0] == Seed(line=3, seed=42, params=0)
    assert len({type(event) for event in trace.events}) == 10
    assert [round(e.value, 3) for e in trace.events if isinstance(e, Item)][:1] == [0.918]
    assert isinstance(trace.events[-1], End)


def test_change_and_clear_by_hand_are_told_from_an_optimizers() -> None:
    """An update by hand has no class."""
    by_hand = read_trace(told(first="FLBS", loop="FLzBS", kind=None).trace).events

    assert {e.kind for e in by_hand if isinstance(e, Update)} == {None}
    assert {e.of for e in by_hand if isinstance(e, Clear)} == {"hand"}


def test_zero_grad_of_a_module_is_the_modules() -> None:
    """Both kinds clear."""
    line = b'{"e":"zero_grad","line":null,"of":"module","id":0}'

    assert read_trace(line).events == (Clear(line=None, of="module", ids=(0,)),)


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b"[]",
        b"{}",
        b'{"e":[]}',
        b'{"e":"other"}',
        b'{"e":"optimizer","line":9,"id":0,"class":"SGD","groups":[null]}',
        b'{"e":"seed","line":3,"seed":42}',
        b'{"e":"seed","line":true,"seed":42,"params":0}',
        b'{"e":"seed","line":3,"seed":%d,"params":0}' % 2**80,
        b'{"e":"seed","line":3,"seed":NaN,"params":0}',
        b'{"e":"item","line":3,"v":1.5}',
        b'{"e":"item","line":3,"v":"0x1p+99999"}',
        b'{"e":"item","line":3,"v":"one"}',
        b'{"e":"clear","line":3,"params":%s}' % json.dumps([0] * 65).encode(),
        b'{"e":"forward","line":1,"id":0,"class":7,"depth":0,"grad":true,"in":[],"out":null}',
        b'{"e":"forward","line":1,"id":0,"class":"A","depth":0,"grad":1,"in":[],"out":null}',
        b"[" * 50_000,
        b"\xff\xfe",
    ],
    ids=lambda line: line[:40].decode(errors="replace"),
)
def test_line_that_is_no_event_is_counted_and_left_out(line: bytes) -> None:
    """The lines around it are read."""
    trace = read_trace(SEED + line + b"\n" + SEED)

    assert (len(trace.events), trace.unreadable) == (2, 1)


def test_forward_without_a_tensor_is_an_event() -> None:
    """A model may give a tuple."""
    line = b'{"e":"forward","line":1,"id":0,"class":"A","depth":0,"grad":true,"in":[],"out":null}'
    (event,) = read_trace(line).events

    assert isinstance(event, Forward)
    assert event.out is None


def test_events_behind_the_bound_are_left_out() -> None:
    """A flood costs no more than the bound."""
    trace = read_trace(
        b'{"e":"end","events":1,"dropped":0}\n' * 1 + b'{"e":"item","line":1,"v":"0"}\n' * 2010
    )

    assert (len(trace.events), trace.unreadable) == (MAX_EVENTS, 1)


def test_bytes_behind_the_bound_are_left_out() -> None:
    """A line that the bound cuts is none."""
    trace = read_trace(SEED * (MAX_BYTES // len(SEED) + 100))

    assert len(trace.events) <= MAX_BYTES // len(SEED)
    assert trace.unreadable == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
LINES = [json.loads(line) for line in WHOLE.splitlines()]


@given(st.binary(max_size=300))
def test_any_bytes_give_a_trace(raw: bytes) -> None:
    """It is a stranger's text."""
    trace = read_trace(raw)

    assert len(trace.events) + trace.unreadable <= raw.count(b"\n") + 1


@given(st.sampled_from(LINES), st.data())
def test_event_with_any_field_changed_is_read_or_counted(
    event: dict[str, object], data: st.DataObject
) -> None:
    """No type in any place makes the reader raise."""
    name = data.draw(st.sampled_from(sorted(event)))
    changed = event | {name: data.draw(JSON)}
    trace = read_trace(json.dumps(changed).encode())

    assert len(trace.events) + trace.unreadable == 1


def test_of_one_kind_only_the_events_of_that_kind_are_read() -> None:
    """The same as in the whole trace, in their order."""
    whole = read_trace(WHOLE)
    items = tuple(event for event in whole.events if isinstance(event, Item))

    assert read_trace(WHOLE, only="item") == Trace(events=items, unreadable=0)
    assert len(items) == 5


def test_another_event_that_names_the_kind_is_read_with_it() -> None:
    """Whatever a line is, it is what it is without the restriction."""
    line = SEED.replace(b'"e"', b'"item":0,"e"')

    assert read_trace(line, only="item").events == (Seed(line=3, seed=42, params=0),)
    assert read_trace(SEED + b'"item"', only="item").unreadable == 1
