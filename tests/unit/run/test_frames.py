"""The client's end: whatever a server says becomes a value or an error of ours."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import ENVIRONMENT, LIMITS
from tests.unit.run.server import HELLO, JSON, RESULT, SERVER_INFO, BrokenStream, FakeStream, talk
from verifier.errors import (
    EnvironmentFailure,
    OtherVersionError,
    TorchMissingError,
    WallMissingError,
    WorkerError,
)
from verifier.run.frames import Conversation, check_frame, parse_outcome, parse_result
from verifier.run.interface import (
    WALLS,
    Exited,
    Killed,
    OutputFlood,
    RunResult,
    Tier,
    TimedOut,
)
from verifier.sandbox import wire
from verifier.sandbox.request import parse_run

if TYPE_CHECKING:
    from verifier.run.interface import Outcome


def test_a_result_becomes_values_with_the_walls_of_both_sides() -> None:
    """The server knows its own walls, the client those around it."""
    assert talk(HELLO, RESULT) == RunResult(
        outcome=Exited(code=3),
        stdout=b"out\xff",
        stderr=b"err",
        wall_s=0.5,
        cpu_s=0.25,
        peak_bytes=1 << 20,
        environment=ENVIRONMENT,
        tier=Tier(
            walls=("container", "uid", "rlimits", "no_network"),
            missing=("landlock", "seccomp", "disk", "wall_time", "output_caps"),
        ),
        trace=b"steps",
        rerun=b"again",
    )


def test_what_the_client_asks_is_what_the_server_reads() -> None:
    """Both ends name the same fields."""
    stream = FakeStream(wire.encode(HELLO), wire.encode(RESULT))
    conversation = Conversation(stream, server_info=SERVER_INFO)
    conversation.begin()
    conversation.run(b"print(1)\x00", limits=LIMITS)
    buffer = wire.FrameBuffer()
    buffer.feed(stream.written)
    request = parse_run(buffer.next_frame() or {})

    assert request.id == 1
    assert request.source == b"print(1)\x00"
    assert asdict(request.limits) == asdict(LIMITS)


@pytest.mark.parametrize(
    ("frame", "outcome"),
    [
        ({"kind": "exited", "code": 0}, Exited(code=0)),
        ({"kind": "killed", "signal": 9}, Killed(signal=9)),
        ({"kind": "timed_out"}, TimedOut()),
        ({"kind": "output_flood", "stream": "stderr"}, OutputFlood(stream="stderr")),
    ],
)
def test_every_outcome_has_its_value(frame: wire.Frame, outcome: Outcome) -> None:
    """What the schema allows is what the client knows."""
    check_frame(RESULT | {"outcome": frame}, "result")

    assert parse_outcome(frame) == outcome


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        ({"type": "refused", "message": "a submission could read /lab"}, WallMissingError),
        ({"type": "error", "kind": "torch_missing", "message": "/py"}, TorchMissingError),
        ({"type": "error", "kind": "worker", "message": "no slot"}, WorkerError),
        ({"type": "error", "kind": "request", "message": "no id"}, WorkerError),
        (RESULT, WorkerError),
        ({"type": "hello"}, OtherVersionError),
        ({"type": "gruß"}, WorkerError),
        (HELLO | {"protocol": 1}, OtherVersionError),
        (HELLO | {"protocol": 2}, OtherVersionError),
        (HELLO | {"protocol": True}, OtherVersionError),
        (HELLO | {"protocol": None, "more": 1}, OtherVersionError),
        ({"type": "hello", "protocol": 4}, WorkerError),
        (HELLO | {"walls": ["moat"]}, WorkerError),
        (HELLO | {"more": 1}, WorkerError),
    ],
)
def test_anything_but_hello_is_the_right_error(
    frame: wire.Frame, error: type[EnvironmentFailure]
) -> None:
    """Each kind of trouble has its remedy, so each has its error."""
    with pytest.raises(error):
        talk(frame)


def test_an_image_of_another_version_is_called_that() -> None:
    """Its hello has other fields, so what it is comes first; and what helps is said."""
    with pytest.raises(OtherVersionError) as caught:
        talk({"type": "hello", "protocol": "1\x1b", "old": True})

    assert str(caught.value) == (
        "the image is of another version of labcheck: its sandbox server speaks protocol "
        "'1\\x1b', not 4\n  → run `make image`"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"id": 2},
        {"id": True},
        {"stdout": "!"},
        {"stderr": 1},
        {"wall_s": -1},
        {"wall_s": 1e7},
        {"cpu_s": "1"},
        {"outcome": {"kind": "exited"}},
        {"outcome": {"kind": "exited", "code": 256}},
        {"outcome": {"kind": "killed", "signal": 0}},
        {"outcome": {"kind": "output_flood", "stream": "both"}},
        {"outcome": {"kind": "timed_out", "code": 0}},
        {"walls": ["uid", "uid"]},
        {"type": "hello"},
    ],
    ids=str,
)
def test_a_result_that_is_not_as_agreed_is_a_worker_error(change: dict[str, Any]) -> None:
    """A server that a submission took over must not choose what the client believes."""
    with pytest.raises(WorkerError):
        talk(HELLO, RESULT | change)


@given(frame=st.dictionaries(st.sampled_from([*RESULT, *HELLO, "kind", "message"]), JSON))
def test_any_frame_is_a_value_or_an_environment_failure(frame: wire.Frame) -> None:
    """No frame raises anything else."""
    for known in ({}, RESULT, HELLO):
        try:
            checked = check_frame(known | frame, "result")
        except EnvironmentFailure:
            continue
        try:
            result = parse_result(checked, environment=ENVIRONMENT)
        except WorkerError:
            continue

        assert set(result.tier.walls) | set(result.tier.missing) == set(WALLS)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (FakeStream(words="Killed\x1b[2J"), r"ended; its last words: Killed\\x1b\[2J"),
        (FakeStream(silent=True), "does not answer"),
        (FakeStream(b"HTTP/1.1 400 Bad Request"), "sent no frame"),
        (FakeStream(wire.encode(HELLO)[:9]), "ended"),
    ],
)
def test_a_server_that_says_no_hello_is_a_worker_error(stream: FakeStream, message: str) -> None:
    """Whatever happens to it, the message says what, and shows its last words safely."""
    with pytest.raises(WorkerError, match=message):
        Conversation(stream, server_info=SERVER_INFO).begin()


@pytest.mark.parametrize(
    ("error", "message"), [(BrokenPipeError(), "is gone"), (TimeoutError(), "takes no request")]
)
def test_a_server_that_takes_no_request_is_a_worker_error(error: OSError, message: str) -> None:
    """A broken pipe is the machine's failure, not the learner's."""
    conversation = Conversation(
        BrokenStream(wire.encode(HELLO), error=error), server_info=SERVER_INFO
    )
    conversation.begin()

    with pytest.raises(WorkerError, match=message):
        conversation.run(b"", limits=LIMITS)


def test_a_source_too_large_for_a_frame_is_a_worker_error() -> None:
    """The bound holds for what the client sends, too."""
    conversation = Conversation(FakeStream(wire.encode(HELLO)), server_info=SERVER_INFO)
    conversation.begin()

    with pytest.raises(WorkerError, match="over the bound"):
        conversation.run(b"#" * wire.MAX_FRAME_BYTES, limits=LIMITS)


def test_a_run_before_hello_is_a_worker_error() -> None:
    """Without a hello nobody knows what would run it."""
    with pytest.raises(WorkerError, match="hello"):
        Conversation(FakeStream(), server_info=SERVER_INFO).run(b"", limits=LIMITS)
