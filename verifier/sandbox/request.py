"""A ``run`` request, checked by hand: the server trusts nothing it is sent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.sandbox import wire

if TYPE_CHECKING:
    from verifier.sandbox.wire import Frame

_MIB = 1024 * 1024
_MAX_SOURCE_BYTES = 8 * _MIB
_MAX_ID = 2**53
_MAX_SEED_SHIFT = 2**31
MAX_TIME_S = 3600.0
_MAX_MEMORY_BYTES = 2**40
MAX_OUTPUT_BYTES = 11 * _MIB  # as base64 with its envelope still inside one frame
_MAX_FILE_BYTES = 2**40
MAX_TRACE_BYTES = 64 * 1024


class RequestError(ValueError):
    """The request is not one this server can carry out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """What one run may use; the same fields as the client's ``Limits``."""

    time_limit_s: float
    """Wall time in seconds."""
    memory_limit_bytes: int
    """Address space beside what importing torch takes."""
    stdout_limit_bytes: int
    """More standard output ends the run."""
    stderr_limit_bytes: int
    """Bytes of standard error kept, the last ones."""
    file_limit_bytes: int
    """The largest file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One source to run."""

    id: int
    """The client's number for it; it stands in the result."""
    source: bytes
    limits: RunLimits
    trace: bool
    """Whether its training steps are recorded."""
    seed_shift: int
    """Added to every seed that it gives to ``torch.manual_seed``."""
    rerun_shift: int
    """The same for running it once more in the same process; 0 for not doing so."""


def parse_run(frame: Frame) -> RunRequest:
    """Check every field of a ``run`` frame: present, of its type, inside its bounds.

    Raises:
        RequestError: One is not, or there are fields beside them.
    """
    _expect_keys(frame, {"type", "id", "source", "limits", "trace", "seed_shift", "rerun_shift"})
    limits = frame["limits"]
    if frame["type"] != "run" or not isinstance(limits, dict):
        msg = "the request is not a run with limits"
        raise RequestError(msg)
    _expect_keys(limits, set(RunLimits.__slots__))
    parsed = RunLimits(
        time_limit_s=_seconds(limits["time_limit_s"]),
        memory_limit_bytes=_whole(limits, "memory_limit_bytes", _MAX_MEMORY_BYTES),
        stdout_limit_bytes=_whole(limits, "stdout_limit_bytes", MAX_OUTPUT_BYTES),
        stderr_limit_bytes=_whole(limits, "stderr_limit_bytes", MAX_OUTPUT_BYTES),
        file_limit_bytes=_whole(limits, "file_limit_bytes", _MAX_FILE_BYTES),
    )
    if parsed.stdout_limit_bytes + parsed.stderr_limit_bytes > MAX_OUTPUT_BYTES:
        msg = f"stdout and stderr limits together pass {MAX_OUTPUT_BYTES} bytes"
        raise RequestError(msg)
    if not isinstance(frame["trace"], bool):
        msg = "trace is not true or false"
        raise RequestError(msg)
    return RunRequest(
        id=_whole(frame, "id", _MAX_ID),
        source=_source(frame["source"]),
        limits=parsed,
        trace=frame["trace"],
        seed_shift=_whole(frame, "seed_shift", _MAX_SEED_SHIFT),
        rerun_shift=_whole(frame, "rerun_shift", _MAX_SEED_SHIFT),
    )


def _expect_keys(frame: Frame, keys: set[str]) -> None:
    if frame.keys() != keys:
        msg = f"the request has not exactly the fields {', '.join(sorted(keys))}"
        raise RequestError(msg)


def _whole(frame: Frame, name: str, most: int) -> int:
    value = frame[name]
    if type(value) is not int or not 0 <= value <= most:  # a bool is an int to isinstance
        msg = f"{name} is not a whole number from 0 to {most}"
        raise RequestError(msg)
    return value


def _seconds(value: object) -> float:
    if type(value) not in (int, float):
        msg = "time_limit_s is not a number"
        raise RequestError(msg)
    seconds = float(value)  # type: ignore[arg-type] # the line above made sure
    if not math.isfinite(seconds) or not 0 < seconds <= MAX_TIME_S:
        msg = f"time_limit_s is not above 0 and at most {MAX_TIME_S}"
        raise RequestError(msg)
    return seconds


def _source(value: object) -> bytes:
    if not isinstance(value, str):
        msg = "source is not a string"
        raise RequestError(msg)
    try:
        source = wire.text_to_bytes(value)
    except wire.FrameError as error:
        raise RequestError(str(error)) from error
    if len(source) > _MAX_SOURCE_BYTES:
        msg = f"source is longer than {_MAX_SOURCE_BYTES} bytes"
        raise RequestError(msg)
    return source
