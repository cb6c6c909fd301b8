"""A pump reads both streams of a process together, until that ends or passes a limit.

Shared by the server and the local runner. The process is waited for by its pidfd,
never by the end of its pipes: a daemon it left behind can hold those open.
"""

from __future__ import annotations

import os
import select
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    from verifier.sandbox.request import Limits
    from verifier.sandbox.wire import Frame

_READ_BYTES = 65536

_REST_MS = 2
"""Between two reads, while the pipe holds what is printed: a script prints a word at a time, and
each would wake both."""

STDERR_FLOOD_FACTOR = 64
"""Standard error ends the run beyond this many times what is kept of it."""


class End(Enum):
    """Why the pump stopped."""

    EXITED = "exited"
    TIMED_OUT = "timed_out"
    STDOUT_FLOOD = "stdout"
    STDERR_FLOOD = "stderr"
    ABANDONED = "abandoned"


def outcome(end: End, status: int, *, reran: bool = False) -> Frame:
    """Say how a run ended.

    Args:
        end: Why the pump stopped.
        status: The wait status.
        reran: Whether the script had ended by itself, and what ended is its rerun.
    """
    if end in (End.STDOUT_FLOOD, End.STDERR_FLOOD):
        return {"kind": "output_flood", "stream": end.value}
    if reran:
        return {"kind": "exited", "code": 0}
    if end is End.TIMED_OUT:
        return {"kind": "timed_out"}
    code = os.waitstatus_to_exitcode(status)
    return {"kind": "killed", "signal": -code} if code < 0 else {"kind": "exited", "code": code}


class Head:
    """The first bytes of a stream, up to a limit."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._kept = bytearray()
        self.flooded = False

    def add(self, data: bytes) -> None:
        """Take what was read next."""
        room = self._limit - len(self._kept)
        self._kept += data[:room]
        self.flooded = self.flooded or len(data) > room

    def kept(self) -> bytes:
        """At most the limit."""
        return bytes(self._kept)


class Tail:
    """The last bytes of a stream, up to a limit."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._kept = bytearray()
        self._seen = 0

    @property
    def flooded(self) -> bool:
        """There were more than `STDERR_FLOOD_FACTOR` times the limit."""
        return self._seen > self._limit * STDERR_FLOOD_FACTOR

    def add(self, data: bytes) -> None:
        """Take what was read next."""
        self._seen += len(data)
        self._kept += data
        if len(self._kept) > 2 * self._limit:
            del self._kept[: len(self._kept) - self._limit]

    def kept(self) -> bytes:
        """At most the limit."""
        return bytes(self._kept[max(0, len(self._kept) - self._limit) :])


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A descriptor that is not the process's own, looked after while it runs."""

    descriptor: int
    gone: Callable[[], bool]
    """Called when there is something to read; True ends the run."""


class Pump:
    """Both streams of one process. Owns their descriptors and closes them."""

    def __init__(
        self, *, stdout: int, stderr: int, stdout_limit_bytes: int, stderr_limit_bytes: int
    ) -> None:
        self.stdout = Head(stdout_limit_bytes)
        self.stderr = Tail(stderr_limit_bytes)
        self._sinks: dict[int, Head | Tail] = {stdout: self.stdout, stderr: self.stderr}
        for descriptor in self._sinks:
            os.set_blocking(descriptor, False)

    @classmethod
    def open(cls, limits: Limits) -> tuple[Self, int, int]:
        """Make the pump of a process to come, and the two ends that it prints to.

        Raises:
            OSError: There are no more descriptors.
        """
        stdout, stdout_end = os.pipe()
        try:
            stderr, stderr_end = os.pipe()
        except OSError:
            os.close(stdout)
            os.close(stdout_end)
            raise
        pump = cls(
            stdout=stdout,
            stderr=stderr,
            stdout_limit_bytes=limits.stdout_limit_bytes,
            stderr_limit_bytes=limits.stderr_limit_bytes,
        )
        return pump, stdout_end, stderr_end

    def run(self, *, process: int, deadline: float, watch: Watch | None = None) -> End:
        """Read until the process ends or has to be ended.

        Args:
            process: Its pidfd.
            deadline: On the clock of `time.monotonic`, in seconds.
            watch: Something else that may end the run.
        """
        ends, poll = select.poll(), select.poll()
        for descriptor in (process, *([watch.descriptor] if watch else [])):
            ends.register(descriptor, select.POLLIN)
            poll.register(descriptor, select.POLLIN)
        for descriptor in self._sinks:
            poll.register(descriptor, select.POLLIN)
        resting = False
        while True:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return End.TIMED_OUT
            found = ends.poll(min(left_s * 1000, _REST_MS)) if resting else poll.poll(left_s * 1000)
            ready = {descriptor for descriptor, _ in found}
            resting = self._take(ready, poll)
            if flood := self._flood():
                return flood
            if process in ready:
                self.drain()
                return self._flood() or End.EXITED
            if watch and watch.descriptor in ready and watch.gone():
                return End.ABANDONED

    def drain(self) -> None:
        """Read what lies in the pipes, without waiting and not past a flood."""
        for descriptor, sink in list(self._sinks.items()):
            while not sink.flooded:
                try:
                    data = os.read(descriptor, _READ_BYTES)
                except BlockingIOError:
                    break
                if not data:
                    break
                sink.add(data)

    def close(self) -> None:
        """Close both streams."""
        for descriptor in list(self._sinks):
            self._close(descriptor)

    def _take(self, ready: set[int], poll: select.poll) -> bool:
        """Read what was printed; True if anything was."""
        printed = ready & self._sinks.keys()
        for descriptor in printed:
            if not self._read(descriptor):
                poll.unregister(descriptor)
                self._close(descriptor)
        return bool(printed)

    def _read(self, descriptor: int) -> bool:
        try:
            data = os.read(descriptor, _READ_BYTES)
        except BlockingIOError:
            return True
        self._sinks[descriptor].add(data)
        return bool(data)

    def _flood(self) -> End | None:
        if self.stdout.flooded:
            return End.STDOUT_FLOOD
        return End.STDERR_FLOOD if self.stderr.flooded else None

    def _close(self, descriptor: int) -> None:
        del self._sinks[descriptor]
        os.close(descriptor)
