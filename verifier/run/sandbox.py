"""`SandboxRunner` runs sources in a sandbox server that is a child process of this one.

`docker run labcheck …` uses it inside the image, and a machine without an engine can: server and
walls are those in the container, but for the container itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from verifier.errors import EnvironmentFailure, WorkerError
from verifier.run import turn
from verifier.run.frames import Conversation, ServerInfo
from verifier.run.interface import NO_SETTINGS, PLAIN
from verifier.sandbox import variables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from verifier.run.interface import Environment, Examination, Limits, RunResult

STAMP_VARIABLE = "LABCHECK_STAMP"
"""Names the JSON file that the image's build leaves: ``runtime_image`` and ``pins_sha256``."""

_READ_BYTES = 1 << 20
_WORDS_BYTES = 4096
_STOP_S = 5.0
_SERVE = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1));"
    "runpy.run_module('verifier.sandbox', run_name='__main__', alter_sys=True)"
)


class SandboxRunner:
    """A `Runner` on this machine's kernel; its server starts once and serves many runs.

    Args:
        hide: Folders whose files no source may read; the server refuses if it can hide
            one of them neither by uid nor by Landlock.
        stamp: The image's stamp; None takes the one named by `STAMP_VARIABLE`, if any.
        without: Walls to leave down, for tests of the lower tiers.
        python: The interpreter whose torch is used; None for this one.
        settings: Variables of the environment that torch is loaded in.
    """

    def __init__(
        self,
        *,
        hide: Sequence[Path] = (),
        stamp: Path | None = None,
        without: Collection[str] = (),
        python: Path | None = None,
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        self._python = sys.executable if python is None else str(python)
        self._arguments = [f"--hide={path.resolve()}" for path in hide]
        self._arguments += [f"--without={wall}" for wall in without]
        self._arguments += [f"--set={name}={value}" for name, value in settings.items()]
        self._stamp = stamp
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end()

    @property
    def image(self) -> str | None:
        """Id of the runtime image that the stamp names; None outside an image."""
        return self._server_info().image

    @property
    def environment(self) -> Environment:
        """Of the server that runs now."""
        return self._begin().environment

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Run ``source`` behind every wall this machine has.

        Raises:
            EnvironmentFailure: The server failed; the next run gets a new one.
        """
        server = self._begin()
        try:
            with turn.take(server.conversation.turns):
                return server.conversation.run(source, limits=limits, examination=examination)
        except OSError as error:
            self._end()
            raise WorkerError(f"no turn for the slot: {error}") from error
        except BaseException:
            self._end()
            raise

    def _begin(self) -> _Server:
        if self._server is None:
            self._server = _Server(self._python, self._arguments, server_info=self._server_info())
        return self._server

    def _end(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _server_info(self) -> ServerInfo:
        named = os.environ.get(STAMP_VARIABLE)
        stamp = self._stamp or (Path(named) if named else None)
        if stamp is None:
            return ServerInfo(runner="sandbox", image=None, pins_sha256=None, walls=frozenset())
        image, pins_sha256 = read_stamp(stamp)
        return ServerInfo(
            runner="sandbox",
            image=image,
            pins_sha256=pins_sha256,
            walls=frozenset({"container"}),  # only an image has a stamp
        )


def read_stamp(path: Path) -> tuple[str, str]:
    """Read which runtime image and pins this image was built from.

    Raises:
        EnvironmentFailure: There is no such file, or not with these two strings.
    """
    try:
        stamp = json.loads(path.read_text(encoding="utf-8"))
        image, pins_sha256 = stamp["runtime_image"], stamp["pins_sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _bad_stamp(path) from error
    if not isinstance(image, str) or not isinstance(pins_sha256, str):
        raise _bad_stamp(path)
    return image, pins_sha256


def _bad_stamp(path: Path) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"the image's stamp {path} cannot be read", remedy="build the image again: `make image`"
    )


class _Server:
    """One server process and the conversation with it."""

    def __init__(self, python: str, arguments: Sequence[str], *, server_info: ServerInfo) -> None:
        # In memory: a read-only container may have no folder for temporary files.
        self._words = os.fdopen(os.memfd_create("labcheck-server-stderr"), "rb")
        try:
            self._process = _start(python, arguments, words=self._words)
        except BaseException as error:
            self._words.close()
            if isinstance(error, OSError):
                msg = f"the sandbox server cannot be started: {error}"
                raise WorkerError(msg) from error
            raise
        try:
            stream = PipeStream(self._process, words=self._words)
            self.conversation = Conversation(stream, server_info=server_info)
            self.environment = self.conversation.begin()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it: it leaves by itself when its input ends, once its run is cleaned up."""
        process = self._process
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        for nudge in (process.terminate, process.kill):
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                nudge()
        process.wait()
        self._words.close()


def _start(python: str, arguments: Sequence[str], *, words: IO[bytes]) -> subprocess.Popen[bytes]:
    # -c rather than -m: with -I only an installed package would be found, not a checkout.
    return subprocess.Popen(
        [python, "-I", "-c", _SERVE, variables.PACKAGE_PARENT, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=words,
        bufsize=0,
        cwd="/",
        env=variables.BARE,
        start_new_session=True,  # Ctrl-C is the client's to handle
    )


class PipeStream:
    """A child process's standard input and output, never waited for without a bound."""

    def __init__(self, process: subprocess.Popen[bytes], *, words: IO[bytes]) -> None:
        if process.stdin is None or process.stdout is None:
            msg = "the process has no pipes"
            raise ValueError(msg)
        self._writer = process.stdin.fileno()
        self._reader = process.stdout.fileno()
        self._words = words
        os.set_blocking(self._writer, False)

    def write(self, data: bytes, *, deadline: float) -> None:
        """Send all of ``data``.

        Raises:
            TimeoutError: The process does not read.
            BrokenPipeError: It is gone.
        """
        left = memoryview(data)
        while left:
            _wait(self._writer, select.POLLOUT, deadline)
            with contextlib.suppress(BlockingIOError):
                left = left[os.write(self._writer, left) :]

    def read(self, *, deadline: float) -> bytes:
        """Wait for some bytes; empty once the process closed its end.

        Raises:
            TimeoutError: None came in time.
        """
        _wait(self._reader, select.POLLIN, deadline)
        return os.read(self._reader, _READ_BYTES)

    def last_words(self) -> str:
        """The end of its standard error."""
        size = os.fstat(self._words.fileno()).st_size
        # Not by seeking: the server writes at the same position.
        tail = os.pread(self._words.fileno(), _WORDS_BYTES, max(0, size - _WORDS_BYTES))
        return tail.decode(errors="replace")


def _wait(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
