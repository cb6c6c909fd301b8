"""The runner protocol: a source, limits and an examination in, a result out. Plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, Self

from verifier.sandbox.request import PLAIN, Examination, Limits
from verifier.sandbox.variables import NO_SETTINGS
from verifier.sandbox.walls.tier import WALLS, Tier

__all__ = [
    "NOWHERE", "NO_SETTINGS", "PLAIN", "WALLS", "Environment", "Examination", "Exited", "Killed",
    "Limits", "Outcome", "OutputFlood", "RunResult", "Runner", "RunnerName", "Tier", "TimedOut",
    "in_words",
]  # fmt: skip

RunnerName = Literal["container", "sandbox", "local"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a run took place; None where nothing ran or it cannot be known."""

    runner: RunnerName | None
    image: str | None
    """Id (``sha256:…``) of the runtime image."""
    pins_sha256: str | None
    """sha256 of ``docker/pins.toml``, as hex."""
    torch: str | None
    python: str | None
    platform: str | None
    """``platform.platform(aliased=True, terse=True)``-like text: system, architecture, libc."""
    cpu_capability: str | None
    """torch's name for the instruction set in use, such as ``AVX2``."""
    threads: int | None
    """torch's intra-op threads."""


NOWHERE = Environment(
    runner=None, image=None, pins_sha256=None, torch=None, python=None, platform=None,
    cpu_capability=None, threads=None,
)  # fmt: skip
"""The environment of a submission that was never run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exited:
    """The script ended by itself."""

    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """A signal ended it that the time limit did not send."""

    signal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """It was still running at the wall limit and was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFlood:
    """It printed more than its cap and was killed."""

    stream: Literal["stdout", "stderr"]


Outcome = Exited | Killed | TimedOut | OutputFlood


def in_words(outcome: Outcome) -> str:
    """Say how a run ended, as what follows 'it'."""
    match outcome:
        case Exited(code=code):
            return f"exited {code}"
        case Killed(signal=signal):
            return f"was killed by signal {signal}"
        case TimedOut():
            return "timed out"
        case OutputFlood(stream=stream):
            return f"flooded {stream}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What one run gave. A script's own trouble is an outcome here, never an exception."""

    outcome: Outcome
    stdout: bytes
    """What had been printed by then, up to the cap: the last line is the best clue."""
    stderr: bytes
    """The last bytes of standard error, up to the cap."""
    wall_s: float
    cpu_s: float | None
    """User and system time of the script; None where the runner cannot tell."""
    environment: Environment
    tier: Tier
    trace: bytes = b""
    """What the examined run recorded of its training steps, for `trace.reader`; written by the
    learner's own process, so evidence, never authority."""
    peak_bytes: int | None = None
    """Most memory that it held at a time, shared with others or not; None where the runner cannot
    tell."""
    rerun: bytes | None = None
    """What it printed when it was run again in the same process, as far as that ended with status 0
    in good time; written there as well."""


class Runner(Protocol):
    """A context manager that runs sources, one at a time.

    Raises (from any method):
        EnvironmentFailure: The engine, image or worker is at fault, never the script.
    """

    def __enter__(self) -> Self: ...

    def __exit__(self, *_error: object) -> None: ...

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Run ``source`` as ``submission.py`` to its end or to a limit."""
        ...
