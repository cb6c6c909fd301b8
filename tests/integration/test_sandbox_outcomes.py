"""What becomes of a script, with real child processes: boxed in a sandbox, and run locally."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LIMITS
from tests.integration.leftovers import GRACE_S, assert_ends, slots_left
from verifier.run.interface import Exited, Killed, OutputFlood, TimedOut
from verifier.run.sandbox import SandboxRunner

if TYPE_CHECKING:
    from verifier.run.interface import Limits
    from verifier.run.local import LocalRunner

pytestmark = pytest.mark.torch

DEAF = b"""
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
time.sleep(99)
"""
SHORT = replace(LIMITS, time_limit_s=1.0)


def test_boxed_output_equals_unboxed_output(
    boxed: SandboxRunner, unboxed: LocalRunner, training: bytes
) -> None:
    """A wall that changes arithmetic would change verdicts."""
    patient = replace(LIMITS, time_limit_s=60.0)  # the unboxed one imports torch first
    inside, outside = (each.run(training, limits=patient) for each in (boxed, unboxed))

    assert inside.stderr == b""
    assert inside.stdout == outside.stdout
    assert inside.outcome == Exited(code=0)
    assert replace(inside.environment, runner="local") == outside.environment


@pytest.mark.parametrize(
    ("source", "limits", "outcome"),
    [
        (b"", LIMITS, Exited(code=0)),
        (b"raise SystemExit(3)", LIMITS, Exited(code=3)),
        (b"1/0", LIMITS, Exited(code=1)),
        (b"def", LIMITS, Exited(code=1)),
        (b"import time\ntime.sleep(99)", SHORT, TimedOut()),
        (b"while True: pass", SHORT, TimedOut()),
        (DEAF, SHORT, TimedOut()),
        (b"while True: print('x' * 9999)", LIMITS, OutputFlood(stream="stdout")),
        (b"import os\nwhile True: os.write(2, b'x' * 65536)", LIMITS, OutputFlood(stream="stderr")),
        (b"import os\nos.kill(os.getpid(), 11)", LIMITS, Killed(signal=signal.SIGSEGV)),
        (b"open('big', 'wb').write(bytes(1 << 25))", LIMITS, Exited(code=1)),
    ],
)  # fmt: skip
def test_every_ending_is_its_outcome(
    runner: SandboxRunner | LocalRunner, source: bytes, limits: Limits, outcome: object
) -> None:
    """A script's own trouble is a value; no folder of it stays."""
    result = runner.run(source, limits=limits)

    assert result.outcome == outcome
    assert result.wall_s < limits.time_limit_s + GRACE_S
    assert slots_left(runner) == set()


def test_output_before_a_time_out_is_kept(runner: SandboxRunner | LocalRunner) -> None:
    """The last line is the best clue to where it hung."""
    result = runner.run(b"print('step 1', 'done')\nwhile True: pass", limits=SHORT)

    assert result.stdout == b"step 1 done\n"


def test_a_flood_keeps_as_much_as_the_limit(runner: SandboxRunner | LocalRunner) -> None:
    """The first bytes are kept, to the byte."""
    result = runner.run(
        b"while True: print('x' * 99)", limits=replace(LIMITS, stdout_limit_bytes=1000)
    )

    assert result.stdout == (b"x" * 99 + b"\n") * 10


def test_output_of_exactly_the_limit_is_no_flood(runner: SandboxRunner | LocalRunner) -> None:
    """The bound is inclusive."""
    result = runner.run(b"print('x' * 99)", limits=replace(LIMITS, stdout_limit_bytes=100))

    assert result.outcome == Exited(code=0)
    assert len(result.stdout) == 100


def test_a_megabyte_of_stderr_blocks_nothing_and_its_end_is_kept(
    runner: SandboxRunner | LocalRunner,
) -> None:
    """Both pipes are drained together; the traceback is at the end."""
    source = b"import sys\nsys.stderr.write('x' * (1 << 20))\nprint('on')\nsys.stderr.write('end')"
    result = runner.run(source, limits=LIMITS)

    assert (result.outcome, result.stdout) == (Exited(code=0), b"on\n")
    assert result.stderr == b"x" * (LIMITS.stderr_limit_bytes - 3) + b"end"


def test_output_that_is_no_utf8_arrives_as_it_is(runner: SandboxRunner | LocalRunner) -> None:
    """Bytes are judged later; here they only travel."""
    result = runner.run(b"import os\nos.write(1, bytes(range(256)))\nprint('\\xe9')", limits=LIMITS)

    assert result.stdout == bytes(range(256)) + "\xe9\n".encode()


def test_a_traceback_names_the_script_and_no_folder(runner: SandboxRunner | LocalRunner) -> None:
    """Whose folder it ran in says nothing to a learner, and changes from run to run."""
    result = runner.run(b"def f(): return {}['w']\nf()", limits=LIMITS)

    assert b'  File "submission.py", line 2, in <module>\n' in result.stderr
    assert b"labcheck-" not in result.stderr


@pytest.mark.parametrize(
    "source",
    [b"x = []\nwhile True: x.append(bytearray(1 << 24))", b"import torch\ntorch.empty(10**12)"],
)
def test_too_much_memory_is_the_scripts_own_error(
    runner: SandboxRunner | LocalRunner, source: bytes
) -> None:
    """The allocation fails, so the learner sees in which line."""
    result = runner.run(source, limits=replace(LIMITS, memory_limit_bytes=1 << 28))

    assert result.outcome == Exited(code=1)
    assert b"MemoryError" in result.stderr or b"can't allocate memory" in result.stderr


def test_memory_inside_the_limit_can_be_had(boxed: SandboxRunner) -> None:
    """What importing torch takes is not the script's."""
    source = b"import torch\ntorch.optim.Adam([torch.ones(1 << 25, requires_grad=True)])\nprint(1)"
    result = boxed.run(source, limits=replace(LIMITS, memory_limit_bytes=1 << 28))

    assert (result.outcome, result.stdout) == (Exited(code=0), b"1\n")


def test_a_script_can_save_and_load_in_its_folder(boxed: SandboxRunner) -> None:
    """Saving a model is part of lessons; the folder is writable, and empty at the start."""
    source = (
        b"import os, tempfile, torch\nprint(os.listdir())\n"
        b"torch.save(torch.ones(2), 'm.pt')\nprint(torch.load('m.pt').tolist())\n"
        b"os.mkdir('a')\nos.rename('m.pt', 'a/m.pt')\ntempfile.TemporaryFile().close()\n"
    )
    for _ in range(2):
        result = boxed.run(source, limits=LIMITS)

        assert (result.stdout, result.stderr) == (b"['submission.py']\n[1.0, 1.0]\n", b"")


def test_what_a_script_leaves_is_removed_however_deep_or_locked() -> None:
    """Cleaning follows no link and needs neither recursion nor rights on the leftovers.

    Without the filter, which leaves no folder to be locked where runs share a uid.
    """
    source = b"""
import os
os.mkdir("locked"); open("locked/in", "w").close(); os.chmod("locked", 0)
os.mkdir("ro"); os.mkdir("ro/sub"); open("ro/sub/in", "w").close(); os.chmod("ro", 0o500)
os.symlink("/etc", "etc"); os.symlink("/etc", "ro2"); os.mkdir(".moved-1")
for _ in range(1100):  # deeper than recursion goes
    os.mkdir("d"); os.chdir("d")
os.chmod("/proc/self/cwd" if False else ".", 0)
print("done")
"""
    with SandboxRunner(without=["seccomp"]) as runner:
        result = runner.run(source, limits=LIMITS)
        left = slots_left(runner)

    assert result.stdout == b"done\n"
    assert left == set()
    assert Path("/etc/passwd").exists()


def test_a_daemon_that_holds_the_pipes_does_not_outlive_the_run(boxed: SandboxRunner) -> None:
    """The run ends with the script's process; whatever it started ends with it."""
    source = b"""
import os, signal, sys, time
try:
    first = os.fork()
except OSError:
    print(os.getpid()); sys.exit()
if first == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(os.getpid()); time.sleep(99)
    os._exit(0)
time.sleep(0.3)
"""
    result = boxed.run(source, limits=LIMITS)

    assert result.outcome == Exited(code=0)
    assert result.wall_s < LIMITS.time_limit_s + GRACE_S
    assert_ends(int(result.stdout))


def test_a_script_that_ends_at_once_is_never_taken_for_one_that_runs_on(
    boxed: SandboxRunner,
) -> None:
    """Its end may be told in the same breath as its start."""
    outcomes = {boxed.run(b"raise SystemExit(3)", limits=SHORT).outcome for _ in range(150)}

    assert outcomes == {Exited(code=3)}
