"""A child: a fork of the warm fork server that turns into the submission, wall by wall."""

from __future__ import annotations

import contextlib
import io
import itertools
import linecache
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from verifier.sandbox import rerun, script, seed, slot, variables
from verifier.sandbox.descriptor import close_from
from verifier.sandbox.trace import recording
from verifier.sandbox.trace.format import KEY_BYTES
from verifier.sandbox.walls import privilege
from verifier.sandbox.walls.walls import raise_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.sandbox.walls.rlimits import Bounds
    from verifier.sandbox.walls.walls import Walls

_STATUS = 3
_OUT_OF_THE_WAY = 100
_UNABLE = 127

COMPLAINT_BYTES = 4096
"""No longer is what a child says that could not become a submission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """All that a child needs to become a submission."""

    ends: tuple[int, int]
    """Descriptors of its stdout and stderr."""
    source: int
    """Descriptor of the file that holds it."""
    trace: int | None
    """Descriptor of the file for its training steps; None to record none."""
    rerun: int | None
    """Descriptor of the file for what it prints when it is run again; None to run it once."""
    seed_shift: int
    """Added to its seeds."""
    rerun_shift: int
    """The same for running it again; 0 for not doing so."""
    generators: tuple[str, ...]
    """Whose seeds are raised."""
    arithmetic: bool
    """Whether the trace holds its own arithmetic too."""
    milestones: bool
    """Whether it holds milestones in place of steps."""
    walls: Walls
    bounds: Bounds
    """Limits of its process; none where they are left down."""
    ruleset: int | None
    """Landlock's, for this run; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is left to do once all walls stand."""

    source: bytes
    path: str
    """Where it lies; stands in tracebacks."""
    trace: int | None
    rerun: int | None
    arithmetic: bool
    milestones: bool


def prepare(walls: Walls, *, keep: Sequence[str] = ()) -> None:
    """Make the fork server's process what its children are to find.

    It does so once, for all of them: every write in a child copies a page of memory.

    Args:
        walls: Theirs.
        keep: Names of variables that they find as they are here.
    """
    privilege.forbid_new_privileges()
    kept = {name: os.environ[name] for name in keep}
    os.environ.clear()
    os.environ.update(variables.of_run(walls.slot, kept))
    tempfile.tempdir = None  # to be found anew, by a script that asks
    for module in (script, seed, sys.modules[__name__]):
        linecache.getlines(str(module.__file__))  # torch reads its callers' lines when it is seeded
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as the interpreter sets it
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def become_submission(start: Start, *, parent: int, complaints: int) -> Script:
    """Turn this fresh fork into the submission, wall by wall, up to its first line.

    Args:
        start: What to run, behind which walls.
        parent: The fork server's pid; the script dies with it.
        complaints: Descriptor of the pipe that says what went wrong, until it runs.
    Returns:
        What `run` takes; where a wall cannot be raised, the process says so and ends.
    """
    step = "descriptors"
    try:
        source = _read(start.source)
        extra = (start.trace, start.rerun, start.ruleset)
        trace_file, rerun_file, ruleset = _take_descriptors((*start.ends, complaints), extra)
        complaints = _STATUS  # what was 3 until here is the fork server's own
        step = "session"
        _start_afresh()
        raising = raise_all(
            start.walls, parent=parent, source=source, ruleset=ruleset, bounds=start.bounds
        )
        for step in raising:  # noqa: B007 - a complaint names it
            pass
        step = "script"
        # No frame below the script's holds them.
        seed.shift(start.seed_shift, start.rerun_shift, start.generators)
        os.close(_STATUS)
    except BaseException as error:  # noqa: BLE001 - carried to the fork server as text
        os.write(complaints, f"{step}: {type(error).__name__}: {error}".encode()[:COMPLAINT_BYTES])
        os._exit(_UNABLE)
    return Script(
        source=source,
        path=f"{start.walls.slot}/{slot.SCRIPT}",
        trace=trace_file,
        rerun=rerun_file,
        arithmetic=start.arithmetic,
        milestones=start.milestones,
    )


def run(submission: Script) -> NoReturn:
    """Run a script in this process, which ends with it."""
    status = _UNABLE
    try:
        began = time.monotonic()
        _record(submission)
        status = script.run_as_main(
            submission.source,
            path=submission.path,
            compiler=(submission.arithmetic and recording.compiler()) or script.compiled,
            stdout=recording.counted_output() if submission.milestones else io.FileIO,
        )
        recording.stop()
        quick = time.monotonic() - began < rerun.QUICK_S
        if submission.rerun is not None and status == 0 and quick and seed.shift_again():
            status = rerun.run(
                submission.source,
                path=submission.path,
                writer=submission.rerun,
            )
    finally:
        os._exit(status)


def _record(submission: Script) -> None:
    """Begin a trace, sealed with the key that its file holds until here."""
    if submission.trace is not None:
        key = os.pread(submission.trace, KEY_BYTES, 0)
        os.ftruncate(submission.trace, 0)
        begin = recording.look if submission.milestones else recording.start
        begin(submission.trace, script_path=submission.path, key=key)


def _read(descriptor: int) -> bytes:
    """Read all of a file, whose position another process may have moved."""
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def _take_descriptors(ends: Sequence[int], extra: Sequence[int | None]) -> list[int | None]:
    """Keep null, stdout, stderr and the status pipe as 0 to 3, then ``extra``, and nothing else.

    Returns:
        The new numbers of ``extra``; None stays None.
    """
    null = os.open(os.devnull, os.O_RDONLY)
    wanted = [null, *ends, *(each for each in extra if each is not None)]
    # First out of the way of the low numbers, whatever numbers they have.
    high = [os.dup2(each, _OUT_OF_THE_WAY + number) for number, each in enumerate(wanted)]
    for number, descriptor in enumerate(high):
        os.dup2(descriptor, number)
    close_from(len(wanted))
    numbers = itertools.count(_STATUS + 1)
    return [None if each is None else next(numbers) for each in extra]


def _start_afresh() -> None:
    os.setsid()
    with contextlib.suppress(OSError):  # a hint to the kernel, not a wall
        score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(score, b"1000")
        os.close(score)
