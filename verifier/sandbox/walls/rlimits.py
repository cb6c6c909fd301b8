"""The kernel's limits on one process: memory, CPU, files, other processes."""

from __future__ import annotations

import math
import os
import resource
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.sandbox.request import Limits

Bounds = tuple[tuple[int, tuple[int, int]], ...]
"""What `resource.setrlimit` takes, for each limit."""

_OPEN_FILES = 256
_CPUS = os.cpu_count() or 1
_CPU_SLACK_S = 5


def bounds(limits: Limits, *, room_bytes: int) -> Bounds:
    """Give the limits of a child of this process, each with its two values.

    Args:
        limits: What the run may use.
        room_bytes: Address space taken before the script asks for any.
    """
    cpu_s = math.ceil(limits.time_limit_s) * _CPUS + _CPU_SLACK_S
    wanted = {
        resource.RLIMIT_AS: room_bytes + limits.memory_limit_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: limits.file_limit_bytes,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        # No process and no thread for a uid of its own; an exec only the filter refuses.
        resource.RLIMIT_NPROC: 0,
    }
    return tuple((kind, at_most(kind, most)) for kind, most in wanted.items())


def at_most(kind: int, most: int) -> tuple[int, int]:
    """Give both values of one limit for a child of this process: no more than its own."""
    _, hard = resource.getrlimit(kind)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    return bound, bound


def restrict(bounds: Bounds) -> None:
    """Put this process behind its limits, for good.

    Raises:
        OSError: The kernel refused.
    """
    for kind, bound in bounds:
        resource.setrlimit(kind, bound)
