"""A request to run a source: what may be asked for, as a value and as a ``run`` frame.

>>> limits = Limits(time_limit_s=10, memory_limit_bytes=1 << 30, stdout_limit_bytes=1 << 20,
...                 stderr_limit_bytes=1 << 16, file_limit_bytes=1 << 24)
>>> frame = run_frame(Request(id=7, source=b"print(1)", limits=limits))
>>> frame["type"], frame["id"], frame["source"], frame["trace"]
('run', 7, 'cHJpbnQoMSk=', False)
>>> parse_run(frame).source
b'print(1)'
>>> parse_run({**frame, "seed_shift": -1})
Traceback (most recent call last):
verifier.sandbox.request.RequestError: seed_shift is not a whole number from 0 to 2147483648

The client makes requests, the server checks each by hand: it trusts nothing it is sent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.sandbox import wire

if TYPE_CHECKING:
    from verifier.sandbox.wire import Frame

GENERATORS = ("torch", "numpy", "random")
"""Whose seeds can be raised: torch's with those of its generators, NumPy's, Python's own."""
_MIB = 1024 * 1024
_MAX_SOURCE_BYTES = 8 * _MIB
_MAX_ID = 2**53
_MAX_SEED_SHIFT = 2**31
MAX_TIME_S = 3600.0
_MAX_MEMORY_BYTES = 2**40
MAX_OUTPUT_BYTES = 11 * _MIB  # as base64 with its envelope still inside one frame
_MAX_FILE_BYTES = 2**40


class RequestError(ValueError):
    """The request is not one this server can carry out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may use. Every bound is enforced by the runner, not by the script."""

    time_limit_s: float
    """Wall time, from the start of the script."""
    memory_limit_bytes: int
    """Memory the script may ask for besides what importing torch takes."""
    stdout_limit_bytes: int
    """Bytes of standard output kept; more ends the run."""
    stderr_limit_bytes: int
    """Bytes of standard error kept: the last ones, for the traceback is at the end.
    More ends a run only beyond 64 times the limit."""
    file_limit_bytes: int
    """The largest file the script may write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a run is to show besides its output."""

    trace: bool = False
    """Whether its training steps are recorded."""
    arithmetic: bool = False
    """Whether the results of its own arithmetic are recorded as well."""
    milestones: bool = False
    """Whether milestones are recorded in place of steps, for a second look at a script."""
    seed_shift: int = 0
    """Added to every seed that the script gives to one of the generators."""
    rerun_shift: int = 0
    """The same for running it once more in the same process, after an end with status 0; 0 for
    not doing so."""
    generators: tuple[str, ...] = GENERATORS
    """Whose seeds are raised."""


PLAIN = Examination()
"""Nothing but its output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One source to run."""

    id: int
    """The client's number for it; it stands in the result."""
    source: bytes
    limits: Limits
    examination: Examination = PLAIN


def run_frame(request: Request) -> Frame:
    """Write a request as a ``run`` frame."""
    return {
        "type": "run",
        "id": request.id,
        "source": wire.bytes_to_text(request.source),
        **terms(request),
    }


def terms(request: Request) -> Frame:
    """Give the fields of a frame that say how a source is run: limits and examination."""
    limits, examination = request.limits, request.examination
    return {
        "limits": {name: getattr(limits, name) for name in Limits.__slots__},
        **{name: getattr(examination, name) for name in Examination.__slots__},
        "generators": list(examination.generators),
    }


def parse_run(frame: Frame) -> Request:
    """Check every field of a ``run`` frame: present, of its type, inside its bounds.

    Raises:
        RequestError: One is not, or there are others.
    """
    _expect_keys(frame, {"type", "id", "source", "limits", *Examination.__slots__})
    limits = frame["limits"]
    if frame["type"] != "run" or not isinstance(limits, dict):
        msg = "the request is not a run with limits"
        raise RequestError(msg)
    _expect_keys(limits, set(Limits.__slots__))
    parsed = Limits(
        time_limit_s=_seconds(limits["time_limit_s"]),
        memory_limit_bytes=_whole(limits, "memory_limit_bytes", _MAX_MEMORY_BYTES),
        stdout_limit_bytes=_whole(limits, "stdout_limit_bytes", MAX_OUTPUT_BYTES),
        stderr_limit_bytes=_whole(limits, "stderr_limit_bytes", MAX_OUTPUT_BYTES),
        file_limit_bytes=_whole(limits, "file_limit_bytes", _MAX_FILE_BYTES),
    )
    if parsed.stdout_limit_bytes + parsed.stderr_limit_bytes > MAX_OUTPUT_BYTES:
        msg = f"stdout and stderr limits together pass {MAX_OUTPUT_BYTES} bytes"
        raise RequestError(msg)
    return Request(
        id=_whole(frame, "id", _MAX_ID),
        source=_source(frame["source"]),
        limits=parsed,
        examination=Examination(
            trace=_flag(frame, "trace"),
            arithmetic=_flag(frame, "arithmetic"),
            milestones=_flag(frame, "milestones"),
            seed_shift=_whole(frame, "seed_shift", _MAX_SEED_SHIFT),
            rerun_shift=_whole(frame, "rerun_shift", _MAX_SEED_SHIFT),
            generators=_generators(frame["generators"]),
        ),
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


def _flag(frame: Frame, name: str) -> bool:
    value = frame[name]
    if not isinstance(value, bool):
        msg = f"{name} is not true or false"
        raise RequestError(msg)
    return value


def _generators(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or [each for each in GENERATORS if each in value] != value:
        msg = f"generators are not some of {', '.join(GENERATORS)}, in this order"
        raise RequestError(msg)
    return tuple(value)


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
