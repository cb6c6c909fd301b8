"""The client's end of the conversation with a sandbox server.

>>> parse_outcome({"kind": "exited", "code": 3})
Exited(code=3)
>>> parse_outcome({"kind": "killed", "signal": 9})
Killed(signal=9)

A frame of the server is a stranger's too: it is checked against ``schemas/frame.schema.json``
before a field of it is used. Whatever is no answer, or the answer to something else, is a
`WorkerError`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn, Protocol

from verifier.errors import (
    BadDataError,
    OtherVersionError,
    TorchMissingError,
    WallMissingError,
    WorkerError,
)
from verifier.printable import printable
from verifier.run.interface import (
    PLAIN,
    Environment,
    Exited,
    Killed,
    OutputFlood,
    RunResult,
    TimedOut,
)
from verifier.sandbox import wire
from verifier.sandbox.request import Request, run_frame
from verifier.sandbox.walls.tier import tier_of
from verifier.schema import validate

if TYPE_CHECKING:
    from collections.abc import Collection

    from verifier.run.interface import Examination, Limits, Outcome, RunnerName
    from verifier.sandbox.wire import Frame

HELLO_WITHIN_S = 60.0
"""Time a server has to import torch and find its walls."""

GRACE_S = 15.0
"""Time a result may take beyond the run's own limit: start, sweep, clean, transport."""

FrameType = Literal["hello", "result"]


class ByteStream(Protocol):
    """Bytes to and from a server. Deadlines are on the clock of `time.monotonic`, in seconds."""

    def write(self, data: bytes, *, deadline: float) -> None:
        """Send all of ``data``; raises TimeoutError or OSError."""

    def read(self, *, deadline: float) -> bytes:
        """Wait for some bytes, empty at the end; raises TimeoutError or OSError."""

    def last_words(self) -> str:
        """What the server wrote on its standard error last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    """A server as its client knows it: where it runs, which it cannot know itself."""

    runner: RunnerName
    image: str | None
    pins_sha256: str | None
    walls: frozenset[str]
    """Walls around the server itself."""


class Conversation:
    """Asks one server for one run after another."""

    def __init__(self, stream: ByteStream, *, server_info: ServerInfo) -> None:
        self._stream = stream
        self._server_info = server_info
        self._buffer = wire.FrameBuffer()
        self._last_id = 0
        self._environment: Environment | None = None
        self.turns: str | None = None
        """The file system whose `turn.take` a run needs; None for none. Known once it began."""

    def begin(self, *, within_s: float = HELLO_WITHIN_S) -> Environment:
        """Wait for the server's hello.

        Raises:
            OtherVersionError: It is of another version of labcheck.
            TorchMissingError: Its Python has no torch.
            WallMissingError: It cannot hide what it must.
            WorkerError: It died, is silent, or sent something else.
        """
        frame = self._receive("hello", deadline=time.monotonic() + within_s)
        self.turns = frame.get("turns")
        self._environment = Environment(
            runner=self._server_info.runner,
            image=self._server_info.image,
            pins_sha256=self._server_info.pins_sha256,
            **frame["environment"],
        )
        return self._environment

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Have ``source`` run; `begin` must have returned.

        Raises:
            WorkerError: The server died, is silent, or sent no answer to this.
        """
        if self._environment is None:
            msg = "the sandbox server has not said hello"
            raise WorkerError(msg)
        self._last_id += 1
        deadline = time.monotonic() + limits.time_limit_s + GRACE_S
        request = Request(id=self._last_id, source=source, limits=limits, examination=examination)
        self._send(run_frame(request), deadline=deadline)
        frame = self._receive("result", deadline=deadline)
        if frame["id"] != self._last_id:
            msg = f"the sandbox server answered run {frame['id']}, not run {self._last_id}"
            raise WorkerError(msg)
        return parse_result(
            frame, environment=self._environment, walls_outside=self._server_info.walls
        )

    def _send(self, frame: Frame, *, deadline: float) -> None:
        try:
            self._stream.write(wire.encode(frame), deadline=deadline)
        except wire.FrameError as error:
            raise WorkerError(str(error)) from error
        except TimeoutError as error:
            self._fail("takes no request", error)
        except OSError as error:
            self._fail("is gone", error)

    def _receive(self, expected: FrameType, *, deadline: float) -> Frame:
        try:
            while (frame := self._buffer.next_frame()) is None:
                data = self._stream.read(deadline=deadline)
                if not data:
                    self._fail("ended", None)
                self._buffer.feed(data)
        except wire.FrameError as error:
            self._fail(f"sent no frame: {error}", error)
        except TimeoutError as error:
            self._fail("does not answer", error)
        except OSError as error:
            self._fail("is gone", error)
        return check_frame(frame, expected)

    def _fail(self, what: str, cause: Exception | None) -> NoReturn:
        words = printable(self._stream.last_words().strip()[-400:], limit=400, keep="\n")
        detail = f"; its last words: {words}" if words else ""
        msg = f"the sandbox server {what}{detail}"
        raise WorkerError(msg) from cause


def check_frame(frame: Frame, expected: FrameType) -> Frame:
    """Make sure that a frame is what was waited for.

    Raises:
        OtherVersionError: It is the hello of a server of another version.
        TorchMissingError: It says that there is no torch.
        WallMissingError: It is a refusal.
        WorkerError: It is an error, of another type, or satisfies no type.
    """
    if expected == frame.get("type") == "hello":
        _check_protocol(frame.get("protocol"))
    try:
        validate("frame", frame)
    except BadDataError as error:
        msg = f"the sandbox server sent a malformed frame: {error.problem}"
        raise WorkerError(msg) from error
    match frame["type"]:
        case "refused":
            raise WallMissingError(printable(frame["message"], limit=400))
        case "error" if frame["kind"] == "torch_missing":
            raise TorchMissingError(python=printable(frame["message"]))
        case "error":
            msg = f"the sandbox server could not run it: {printable(frame['message'], limit=400)}"
            raise WorkerError(msg)
        case found if found != expected:
            msg = f"the sandbox server sent {found} where {expected} was due"
            raise WorkerError(msg)
    return frame


def _check_protocol(spoken: object) -> None:
    """Tell another version by its first word, before a field that it has otherwise is looked at."""
    if spoken != wire.PROTOCOL:
        raise OtherVersionError(spoken=printable(repr(spoken), limit=40), wanted=wire.PROTOCOL)


def parse_result(
    frame: Frame, *, environment: Environment, walls_outside: Collection[str] = ()
) -> RunResult:
    """Turn a checked ``result`` frame into values.

    Args:
        frame: Passed by `check_frame`.
        environment: The server's.
        walls_outside: Walls that stand around the server, which it may not know of.
    Raises:
        WorkerError: Its output is not base64.
    """
    try:
        stdout = wire.text_to_bytes(frame["stdout"])
        stderr = wire.text_to_bytes(frame["stderr"])
        trace = wire.text_to_bytes(frame["trace"])
        rerun = None if frame["rerun"] is None else wire.text_to_bytes(frame["rerun"])
    except wire.FrameError as error:
        raise WorkerError(f"the sandbox server sent a malformed frame: {error}") from error
    return RunResult(
        outcome=parse_outcome(frame["outcome"]),
        stdout=stdout,
        stderr=stderr,
        wall_s=frame["wall_s"],
        cpu_s=frame["cpu_s"],
        peak_bytes=frame["peak_bytes"],
        environment=environment,
        tier=tier_of({*frame["walls"], *walls_outside}),
        trace=trace,
        rerun=rerun,
    )


def parse_outcome(frame: Frame) -> Outcome:
    """Turn the ``outcome`` of a checked frame into a value."""
    match frame["kind"]:
        case "exited":
            return Exited(code=frame["code"])
        case "killed":
            return Killed(signal=frame["signal"])
        case "timed_out":
            return TimedOut()
        case _:
            return OutputFlood(stream=frame["stream"])
