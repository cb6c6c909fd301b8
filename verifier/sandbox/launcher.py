"""The fork server as the server sees it: started, told to fork, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from verifier.sandbox import variables, wire
from verifier.sandbox.descriptor import write_all
from verifier.sandbox.forkserver import Channel
from verifier.sandbox.request import terms
from verifier.sandbox.variables import NO_SETTINGS
from verifier.sandbox.warm import description

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.sandbox.records import Records
    from verifier.sandbox.request import Request
    from verifier.sandbox.walls.walls import Walls
    from verifier.sandbox.wire import Frame

_FORK_SERVER = f"""
import sys
sys.path[0] = {variables.PACKAGE_PARENT!r}
from verifier.sandbox import forkserver
del sys.path[0]
forkserver.main()
"""


class ForkServerLostError(Exception):
    """The fork server is gone; no more can be run."""


class ForkServer:
    """The fork server, seen from the server that started it."""

    def __init__(self, process: subprocess.Popen[bytes], channel: Channel) -> None:
        self._process = process
        self._channel = channel

    @property
    def pid(self) -> int:
        """Its process, which stays when what a run left is ended."""
        return self._process.pid

    @property
    def ended(self) -> int:
        """A descriptor that can be read once the script has ended."""
        return self._channel.connection.fileno()

    def environment(self) -> Frame:
        """Wait until torch is loaded and warm, and give what it says of itself.

        Raises:
            description.NoTorchError: There is none.
            ForkServerLostError: It died.
        """
        frame = self._receive()
        if frame["type"] == "torch_missing":
            raise description.NoTorchError(frame["message"])
        environment: Frame = frame["environment"]
        return environment

    def confine(self, walls: Walls) -> None:
        """Tell it the walls of every run to come."""
        self._send({"type": "walls", "walls": asdict(walls)})

    def start(self, request: Request, *, stdout: int, stderr: int, records: Records) -> None:
        """Have it fork a script, which runs when this returns.

        The source goes with the frame, in a file of memory that only the child reads: whatever
        the fork server reads, every later script can find in its own memory.

        Args:
            request: What to run.
            stdout: Where it prints.
            stderr: The same.
            records: Where its training steps go, and what it prints when it is run again.
        Raises:
            OSError: The script could not be put behind its walls, and did not run.
            ForkServerLostError: It died.
        """
        source = _file_of_memory(request.source)
        try:
            frame = {"type": "fork", **terms(request)}
            self._send(frame, (stdout, stderr, source, *records.files))
        finally:
            os.close(source)
        frame = self._receive()
        if frame["type"] == "failed":
            raise OSError(frame["message"])

    def status(self) -> tuple[int, float, int]:
        """Wait for the script's end; give its wait status, CPU seconds and most bytes in memory."""
        frame = self._receive()
        return frame["status"], frame["cpu_s"], frame["peak_bytes"]

    def stop(self) -> None:
        """End it."""
        self._channel.connection.close()
        self._process.kill()
        self._process.wait()

    def _send(self, frame: Frame, descriptors: tuple[int, ...] = ()) -> None:
        try:
            self._channel.send(frame, descriptors)
        except OSError as error:
            raise ForkServerLostError from error

    def _receive(self) -> Frame:
        try:
            return self._channel.receive()
        except (EOFError, OSError, wire.FrameError) as error:
            raise ForkServerLostError from error


def _file_of_memory(content: bytes) -> int:
    descriptor = os.memfd_create("source")
    try:
        write_all(descriptor, content)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def start_fork_server(settings: Mapping[str, str] = NO_SETTINGS) -> ForkServer:
    """Start a fork server; it loads torch while this process goes on.

    Args:
        settings: Variables of its environment, and of its scripts', besides the usual ones.
    Raises:
        OSError: It cannot be started.
    """
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-c", _FORK_SERVER, str(theirs.fileno()), str(os.getpid())),
                    *settings,
                ],
                env=variables.of_fork_server(settings),
                cwd="/",
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
    except BaseException:
        ours.close()
        raise
    return ForkServer(process, Channel(ours))
