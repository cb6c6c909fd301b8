"""From fork to exec: a copy of the server becomes the submission, wall by wall."""

from __future__ import annotations

import contextlib
import math
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from . import landlock, privilege, reach, slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .request import RunRequest
    from .slot import Slot

_STATUS = 3
_OUT_OF_THE_WAY = 100
_LAST_DESCRIPTOR = 1 << 20
_OPEN_FILES = 256
_CPU_SLACK_S = 5
_READ_BYTES = 4096


class StartError(OSError):
    """The child could not be put behind its walls; the submission did not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walls:
    """How a run is confined; the same for every run of a server."""

    uid: int | None
    """Its own uid; None where it cannot be changed."""
    landlock_abi: int
    """0 where there is none."""
    hide: tuple[str, ...]
    """Folders whose files it must not read."""
    import_bytes: int
    """Address space that importing torch takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A submission that runs. Its holder closes the descriptors."""

    pid: int
    pidfd: int
    stdout: int
    stderr: int
    started_at: float
    """On the clock of `time.monotonic`."""


def environment(home: str) -> dict[str, str]:
    """All a submission finds in its environment, whichever runner starts it.

    Unbuffered, so that what was printed before a kill is kept; a name, because torch asks
    who it is and a run's uid is in no list.
    """
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "USER": "submission",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def command() -> list[str]:
    """How a submission is started, its folder being the working directory."""
    return [sys.executable, slot.SCRIPT]


def start(request: RunRequest, *, walls: Walls, slot: Slot) -> Started:
    """Fork, raise the walls in the child, and exec the submission.

    Raises:
        StartError: Something of it was refused; nothing of the submission ran.
    """
    stdout, stdout_end = os.pipe()
    stderr, stderr_end = os.pipe()
    status, status_end = os.pipe()
    server = os.getpid()
    started_at = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _become_submission(
            request,
            walls=walls,
            slot=slot,
            server=server,
            ends=(stdout_end, stderr_end, status_end),
        )
    for end in (stdout_end, stderr_end, status_end):
        os.close(end)
    with os.fdopen(status, "rb") as reader:
        trouble = reader.read(_READ_BYTES)  # empty once exec has closed the other end
    if trouble:
        os.close(stdout)
        os.close(stderr)
        os.waitpid(pid, 0)
        raise StartError(trouble.decode(errors="replace"))
    return Started(
        pid=pid,
        pidfd=os.pidfd_open(pid),
        stdout=stdout,
        stderr=stderr,
        started_at=started_at,
    )


def raise_walls(walls: Walls, *, slot: str) -> None:
    """Give up uid and files for good; the part of the walls that hides things.

    Raises:
        OSError: A wall that was found at the start cannot be raised now.
    """
    privilege.give_up(walls.uid)
    privilege.forbid_new_privileges()
    hide_files(walls, slot=slot)


def hide_files(walls: Walls, *, slot: str) -> None:
    """Leave this process no file but those of `reach`, where Landlock can."""
    if walls.landlock_abi:
        ruleset = landlock.build(
            reach.rules(slot=slot, hide=walls.hide), version=walls.landlock_abi
        )
        landlock.restrict(ruleset)
        os.close(ruleset)


def _become_submission(
    request: RunRequest, *, walls: Walls, slot: Slot, server: int, ends: Sequence[int]
) -> NoReturn:
    step = "descriptors"
    try:
        _take_descriptors(ends)
        step = "session"
        _start_afresh()
        step = "uid"
        privilege.give_up(walls.uid)
        privilege.die_with(server)
        step = "slot"
        slot.fill(request.source)
        step = "landlock"
        privilege.forbid_new_privileges()
        hide_files(walls, slot=slot.path)
        step = "rlimits"
        _limit(request, walls)
        step = "exec"
        os.execve(sys.executable, command(), environment(slot.path))  # noqa: S606 - no shell is the point
    except BaseException as error:  # noqa: BLE001 - carried to the server as text
        os.write(_STATUS, f"{step}: {type(error).__name__}: {error}".encode()[:_READ_BYTES])
    finally:
        os._exit(127)


def _take_descriptors(ends: Sequence[int]) -> None:
    """Keep null, stdout, stderr and the status pipe as 0 to 3, and nothing else."""
    # First out of the way of 0 to 3, whatever numbers the ends have.
    null = os.open(os.devnull, os.O_RDONLY)
    high = [
        os.dup2(end, _OUT_OF_THE_WAY + number, inheritable=False)
        for number, end in enumerate((null, *ends))
    ]
    for number, descriptor in enumerate(high):
        os.dup2(descriptor, number, inheritable=number != _STATUS)
    os.closerange(_STATUS + 1, _LAST_DESCRIPTOR)


def _start_afresh() -> None:
    os.setsid()
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    with contextlib.suppress(OSError):  # a hint to the kernel, not a wall
        Path("/proc/self/oom_score_adj").write_text("1000")


def _limit(request: RunRequest, walls: Walls) -> None:
    limits = request.limits
    cpu_s = math.ceil(limits.time_limit_s) * (os.cpu_count() or 1) + _CPU_SLACK_S
    bounds = {
        resource.RLIMIT_AS: walls.import_bytes + limits.memory_limit_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: limits.file_limit_bytes,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        # Last and after the change of uid: an exec in a uid over its limit is refused.
        resource.RLIMIT_NPROC: 0,
    }
    for kind, most in bounds.items():
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))
