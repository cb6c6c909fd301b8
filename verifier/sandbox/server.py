"""The server: it says where runs take place, then runs one source after another.

==========  ===============================================================
from        frame
==========  ===============================================================
server      ``hello`` {protocol, environment, walls, missing, turns}, the last only
            where other servers may write to the same small file system; instead of it
            ``refused`` {message} or ``error`` {kind: torch_missing, message}
client      ``run`` {id, source, limits, trace, arithmetic, milestones, seed_shift,
            rerun_shift, generators}
server      ``result`` {id, outcome, stdout, stderr, trace, rerun, wall_s, cpu_s,
            peak_bytes, walls, missing}, or ``error`` {kind: request | worker, message}
==========  ===============================================================

End-of-file on its input, at any time, ends the server and what it runs.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from verifier.sandbox import enclosure, wire
from verifier.sandbox.descriptor import write_all
from verifier.sandbox.janitor import Janitor, UntidyError
from verifier.sandbox.launcher import ForkServerLostError, start_fork_server
from verifier.sandbox.pump import End, Pump, Watch, outcome
from verifier.sandbox.records import Records
from verifier.sandbox.request import RequestError, parse_run
from verifier.sandbox.slot import without_folder
from verifier.sandbox.walls import privilege
from verifier.sandbox.warm import description

if TYPE_CHECKING:
    from verifier.sandbox.enclosure import Enclosure
    from verifier.sandbox.launcher import ForkServer
    from verifier.sandbox.wire import Frame

ErrorKind = Literal["torch_missing", "request", "worker"]

_READ_BYTES = 65536


class ClientGoneError(Exception):
    """The other end closed the stream."""


@dataclass(slots=True)
class Connection:
    """Frames in and out over two descriptors."""

    reader: int
    writer: int
    buffer: wire.FrameBuffer

    def receive(self) -> Frame:
        """Wait for one frame.

        Raises:
            ClientGoneError: The stream ended.
            wire.FrameError: What came is no frame.
        """
        while (frame := self.buffer.next_frame()) is None:
            if self.lost():
                raise ClientGoneError
        return frame

    def lost(self) -> bool:
        """Read what has come; True if the stream ended, or holds more than a request."""
        data = os.read(self.reader, _READ_BYTES)
        self.buffer.feed(data)
        return not data or len(self.buffer) > wire.MAX_FRAME_BYTES + _READ_BYTES

    def send(self, frame: Frame) -> None:
        """Write one frame.

        Raises:
            ClientGoneError: Nobody reads any more.
        """
        try:
            write_all(self.writer, wire.encode(frame))
        except BrokenPipeError as error:
            raise ClientGoneError from error


class Server:
    """Runs sources in one enclosure, until its client goes."""

    def __init__(
        self,
        connection: Connection,
        *,
        enclosure: Enclosure,
        environment: Frame,
        forks: ForkServer,
        janitor: Janitor,
    ) -> None:
        self._connection = connection
        self._enclosure = enclosure
        self._environment = environment
        self._forks = forks
        self._janitor = janitor
        self._worn: str | None = None

    def serve(self) -> None:
        """Say hello, then answer requests, until one is no frame.

        Raises:
            ClientGoneError: The end of the conversation; all that ran is gone by then.
        """
        turns = self._enclosure.slot.turns
        self._connection.send(
            {
                "type": "hello",
                "protocol": wire.PROTOCOL,
                "environment": self._environment,
                "walls": list(self._enclosure.tier.walls),
                "missing": list(self._enclosure.tier.missing),
                **({} if turns is None else {"turns": turns}),
            }
        )
        while True:
            try:
                frame = self._connection.receive()
            except wire.FrameError as error:
                self._connection.send(error_frame("request", str(error)))
                return  # where the next frame begins is unknown
            self._connection.send(self._answer(frame))

    def _answer(self, frame: Frame) -> Frame:
        if self._worn:
            return error_frame("worker", self._worn)
        try:
            request = parse_run(frame)
        except RequestError as error:
            return error_frame("request", str(error))
        limits = self._enclosure.limits(request.limits)
        try:
            pump, stdout_end, stderr_end = Pump.open(limits)
        except OSError as error:
            return error_frame("worker", f"the run could not be started: {error}")
        records = None
        try:
            try:
                records = Records(request.examination)
                self._forks.start(request, stdout=stdout_end, stderr=stderr_end, records=records)
            finally:
                os.close(stdout_end)
                os.close(stderr_end)
            return self._run(request.id, pump, records, time_limit_s=limits.time_limit_s)
        except ForkServerLostError:
            self._worn = "the fork server died"
            return error_frame("worker", self._worn)
        except OSError as error:
            return error_frame("worker", f"the run could not be started: {error}")
        finally:
            pump.close()
            if records is not None:
                records.close()

    def _run(self, number: int, pump: Pump, records: Records, *, time_limit_s: float) -> Frame:
        started_at = time.monotonic()
        try:
            end = pump.run(
                process=self._forks.ended,
                deadline=started_at + time_limit_s,
                watch=Watch(descriptor=self._connection.reader, gone=self._connection.lost),
            )
            wall_s = time.monotonic() - started_at
        finally:
            self._clear()
        pump.drain()
        if end is End.ABANDONED:
            raise ClientGoneError
        status, cpu_s, peak_bytes = self._forks.status()
        printed = records.rerun()
        stderr = without_folder(pump.stderr.kept(), self._enclosure.slot.path)
        return {
            "type": "result",
            "id": number,
            "outcome": outcome(end, status, reran=records.reran()),
            "stdout": wire.bytes_to_text(pump.stdout.kept()),
            "stderr": wire.bytes_to_text(stderr),
            "trace": wire.bytes_to_text(records.trace()),
            "rerun": None if status or printed is None else wire.bytes_to_text(printed),
            "wall_s": wall_s,
            "cpu_s": cpu_s,
            "peak_bytes": peak_bytes,
            "walls": list(self._enclosure.tier.walls),
            "missing": list(self._enclosure.tier.missing),
        }

    def _clear(self) -> None:
        """Leave nothing of the run; where that fails, this server runs nothing more."""
        try:
            self._janitor.tidy()
        except UntidyError as error:
            self._worn = f"an earlier run left {error}"


def error_frame(kind: ErrorKind, message: str) -> Frame:
    """Say that there is no answer, and why."""
    return {"type": "error", "kind": kind, "message": message[:2000]}


def converse(
    connection: Connection,
    *,
    hide: tuple[str, ...],
    without: frozenset[str],
    settings: dict[str, str],
) -> None:
    """Find out what is here, say so, and serve.

    Args:
        connection: To the client.
        hide: Folders whose files no source may read.
        without: Walls to leave down.
        settings: Variables of the environment that torch is loaded in, and that scripts find.
    Raises:
        ClientGoneError: The client went.
    """
    privilege.adopt_orphans()
    forks = start_fork_server(settings)
    try:
        _converse(connection, forks, hide=hide, without=without)
    finally:
        forks.stop()


def _converse(
    connection: Connection, forks: ForkServer, *, hide: tuple[str, ...], without: frozenset[str]
) -> None:
    try:
        found = enclosure.find(hide=hide, without=without)  # while torch loads
    except enclosure.ExposedError as error:
        connection.send({"type": "refused", "message": str(error)})
        return
    except OSError as error:
        connection.send(error_frame("worker", f"the walls could not be tried: {error}"))
        return
    try:
        _serve(connection, forks, found)
    finally:
        found.slot.remove()


def _serve(connection: Connection, forks: ForkServer, found: Enclosure) -> None:
    janitor = Janitor(found.slot, spare=frozenset({forks.pid}))
    try:
        environment = forks.environment()
        forks.confine(found.walls)
        Server(
            connection, enclosure=found, environment=environment, forks=forks, janitor=janitor
        ).serve()
    except description.NoTorchError as error:
        connection.send(error_frame("torch_missing", str(error)))
    except ForkServerLostError:
        connection.send(error_frame("worker", "the fork server died before it was ready"))
    finally:
        janitor.stop()
