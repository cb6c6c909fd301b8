"""Frames: what one end writes the other reads, and nothing else is taken for a frame."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.sandbox import wire

JSON_OBJECTS = st.dictionaries(
    st.text(),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
)


def raw(body: bytes) -> bytes:
    """Put a length before any body."""
    return len(body).to_bytes(4, "big") + body


@given(frames=st.lists(JSON_OBJECTS, max_size=4), cut=st.integers(1, 40))
def test_frames_arrive_whole_and_in_order_however_they_are_cut(
    frames: list[wire.Frame], cut: int
) -> None:
    """A stream has no message bounds: a read may end anywhere."""
    stream = b"".join(wire.encode(frame) for frame in frames)
    buffer = wire.FrameBuffer()
    received = []
    for at in range(0, len(stream), cut):
        buffer.feed(stream[at : at + cut])
        while (frame := buffer.next_frame()) is not None:
            received.append(frame)

    assert received == frames
    assert len(buffer) == 0


@given(data=st.binary(max_size=64))
def test_any_bytes_give_a_frame_or_a_frame_error(data: bytes) -> None:
    """Nothing a stranger sends raises anything else."""
    buffer = wire.FrameBuffer()
    buffer.feed(raw(data))
    try:
        frame = buffer.next_frame()
    except wire.FrameError:
        return

    assert isinstance(frame, dict)


@given(data=st.binary())
def test_bytes_survive_the_way_through_text(data: bytes) -> None:
    """Output need not be UTF-8."""
    assert wire.text_to_bytes(wire.bytes_to_text(data)) == data


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"1",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1} x',
        b"\xff{}",
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "list", "number", "nan", "infinity", "two", "not utf-8", "deep", "long number"],
)
def test_a_body_that_is_no_strict_object_is_refused(body: bytes) -> None:
    """JSON of a stranger: strict, and an object."""
    buffer = wire.FrameBuffer()
    buffer.feed(raw(body))

    with pytest.raises(wire.FrameError):
        buffer.next_frame()


def test_a_frame_over_the_bound_is_refused_before_it_is_read() -> None:
    """Four bytes must not make the reader hold 4 GB."""
    buffer = wire.FrameBuffer()
    buffer.feed((wire.MAX_FRAME_BYTES + 1).to_bytes(4, "big"))

    with pytest.raises(wire.FrameError, match="announces"):
        buffer.next_frame()


def test_a_frame_at_the_bound_passes_and_one_byte_more_does_not() -> None:
    """The bound is inclusive at both ends."""
    room = wire.MAX_FRAME_BYTES - len(json.dumps({"a": ""}, separators=(",", ":")))
    buffer = wire.FrameBuffer()
    buffer.feed(wire.encode({"a": "x" * room}))

    assert buffer.next_frame() == {"a": "x" * room}
    with pytest.raises(wire.FrameError, match="over the bound"):
        wire.encode({"a": "x" * (room + 1)})


@pytest.mark.parametrize("text", ["a", "====", "é", "YQ==\n", "Y Q="])
def test_text_that_is_no_base64_is_refused(text: str) -> None:
    """A decoder that skips what it does not know would hide a malformed frame."""
    with pytest.raises(wire.FrameError):
        wire.text_to_bytes(text)


def test_what_is_missing_never_reaches_into_the_next_frame() -> None:
    """Read piece by piece, a buffer holds one frame only; the next one stays in the socket."""
    data = wire.encode({"a": 1}) + wire.encode({"b": 2})
    buffer = wire.FrameBuffer()
    frames = []
    while data:
        size = buffer.missing()
        buffer.feed(data[:size])
        data = data[size:]
        if (frame := buffer.next_frame()) is not None:
            frames.append(frame)
            assert len(buffer) == 0

    assert frames == [{"a": 1}, {"b": 2}]
