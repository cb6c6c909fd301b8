"""One process from start to end, with what the kernel says it took."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


_STOP_S = 20.0
_POLL_S = 0.02
_WORDS_CHARACTERS = 300


class Finished:
    """A process that ended, and what the kernel says it took."""

    def __init__(
        self,
        *,
        code: int,
        wall_s: float,
        cpu_s: float,
        peak_bytes: int,
        stdout: bytes,
        last_words: str,
    ) -> None:
        self.code = code
        self.wall_s = wall_s
        self.cpu_s = cpu_s
        """Its own and that of the children it waited for."""
        self.peak_bytes = peak_bytes
        self.stdout = stdout
        self.last_words = last_words
        """The end of its standard error, on one line."""


def timed_process(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    meanwhile: Callable[[int], None] | None = None,
    cwd: Path | None = None,
) -> Finished:
    """Run a command to its end; on an interrupt, end it first.

    Args:
        command: What to run; it reads nothing.
        environment: None takes this process's own.
        meanwhile: Called with its pid every 20 ms.
        cwd: Where it runs.
    """
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        started_at = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=environment,
            cwd=cwd,
        )
        try:
            if meanwhile is not None:
                # Left a zombie until it is waited for below: its times come with that.
                while (
                    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
                ):
                    meanwhile(process.pid)
                    time.sleep(_POLL_S)
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _end(process)
            raise
        wall_s = time.perf_counter() - started_at
        process.returncode = os.waitstatus_to_exitcode(status)  # or it would be waited for again
        stdout.seek(0)
        stderr.seek(0)
        words = stderr.read().decode(errors="replace").split()
        return Finished(
            code=process.returncode,
            wall_s=wall_s,
            cpu_s=usage.ru_utime + usage.ru_stime,
            peak_bytes=usage.ru_maxrss * 1024,
            stdout=stdout.read(),
            last_words=" ".join(words)[-_WORDS_CHARACTERS:],
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    for nudge in (process.terminate, process.kill):
        nudge()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
            return
