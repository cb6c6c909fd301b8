"""What one run of a lab may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may use. Every bound is enforced by the runner, not by the script."""

    time_limit_s: float
    """Wall time, from the start of the script."""
    memory_limit_bytes: int
    """Memory the script may ask for besides what importing torch takes."""
    stdout_limit_bytes: int
    """Bytes of standard output kept; the run ends with `OutputFlood` beyond it."""
    stderr_limit_bytes: int
    """Bytes of standard error kept: the last ones, for the traceback is at the end.
    More ends a run only beyond 64 times the limit."""
    file_limit_bytes: int
    """The largest file the script may write."""
