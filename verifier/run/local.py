"""`LocalRunner` runs sources as plain processes of this machine, for an author without an engine.

There is no wall between the script and the machine: only time, memory and output are
bounded. Whether a source may be run like this is decided by the caller.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from verifier.errors import TorchMissingError, WorkerError
from verifier.run.frames import parse_outcome
from verifier.run.interface import PLAIN, Environment, Examination, Limits, RunResult
from verifier.sandbox import slot, variables
from verifier.sandbox.pump import End, Pump, outcome
from verifier.sandbox.records import Records
from verifier.sandbox.walls import rlimits
from verifier.sandbox.walls.tier import tier_of

_PROBE_S = 60.0
_GRACE_S = 0.5
_WALLS = ("rlimits", "wall_time", "output_caps")
_PROBE = """
import json, sys
sys.path.insert(0, sys.argv.pop(1))
from verifier.sandbox.warm import description
try:
    found = description.describe()
except description.NoTorchError:
    found = None
print(json.dumps({"environment": found, "import_bytes": description.import_bytes()}))
"""
_EXAMINED = """
import sys
sys.path.insert(0, sys.argv[1])
from verifier.sandbox import child, seed
from verifier.sandbox.warm import dynamo
from verifier.sandbox.trace import recording
del sys.path[:2]  # run_as_main puts the script's own folder there
_, _, path, trace_file, arithmetic, milestones, shift, rerun_file, rerun_shift = sys.argv[:-1]
with open(path, "rb") as file:
    source = file.read()
if trace_file:
    recording.prepare()
    dynamo.defer()
seed.shift(int(shift), int(rerun_shift), tuple(sys.argv[-1].split(",")))
child.run(
    child.Script(
        source=source,
        path=path,
        trace=int(trace_file) if trace_file else None,
        rerun=int(rerun_file) if rerun_file else None,
        arithmetic=bool(int(arithmetic)),
        milestones=bool(int(milestones)),
    )
)
"""


class LocalRunner:
    """A `Runner` in the current environment: the same interpreter and packages as labcheck's."""

    def __init__(self) -> None:
        self._environment: Environment | None = None
        self._import_bytes = 0

    def __enter__(self) -> Self:
        """Ask this interpreter what torch it has.

        Raises:
            TorchMissingError: It has none.
            WorkerError: It does not start.
        """
        found = _probe()
        if found["environment"] is None:
            raise TorchMissingError(python=sys.executable)
        self._import_bytes = found["import_bytes"]
        self._environment = Environment(
            runner="local", image=None, pins_sha256=None, **found["environment"]
        )
        return self

    def __exit__(self, *_error: object) -> None:
        self._environment = None

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Run ``source`` in a temporary folder; its whole process group ends with it."""
        if self._environment is None:
            msg = "a LocalRunner runs inside its with block only"
            raise RuntimeError(msg)
        with tempfile.TemporaryDirectory(prefix="labcheck-", ignore_cleanup_errors=True) as folder:
            Path(folder, slot.SCRIPT).write_bytes(source)
            with (
                contextlib.closing(Records(examination)) as records,
                _Process(
                    folder,
                    command=_command(folder, examination, records),
                    files=records.files,
                    limits=limits,
                    import_bytes=self._import_bytes,
                ) as process,
            ):
                end = process.run()
                trace, rerun, reran = records.trace(), records.rerun(), records.reran()
        return RunResult(
            outcome=parse_outcome(outcome(end, process.status, reran=reran)),
            stdout=process.pump.stdout.kept(),
            stderr=slot.without_folder(process.pump.stderr.kept(), folder),
            wall_s=process.wall_s,
            cpu_s=process.cpu_s,
            peak_bytes=process.peak_bytes,
            environment=self._environment,
            tier=tier_of(_WALLS),
            trace=trace,
            rerun=None if process.status else rerun,
        )


def _command(folder: str, examination: Examination, records: Records) -> list[str]:
    if examination == PLAIN:
        return [sys.executable, slot.SCRIPT]  # its folder is the working directory
    arguments = (
        variables.PACKAGE_PARENT,
        f"{folder}/{slot.SCRIPT}",
        "" if records.trace_file is None else records.trace_file,
        int(examination.arithmetic),
        int(examination.milestones),
        examination.seed_shift,
        "" if records.rerun_file is None else records.rerun_file,
        examination.rerun_shift,
        ",".join(examination.generators),
    )
    return [sys.executable, "-c", _EXAMINED, *map(str, arguments)]


class _Process:
    """One script, from its start until nothing of its process group is left."""

    def __init__(
        self,
        folder: str,
        *,
        command: list[str],
        files: tuple[int, ...],
        limits: Limits,
        import_bytes: int,
    ) -> None:
        self.status = 0
        self.cpu_s = 0.0
        self.peak_bytes = 0
        self.wall_s = 0.0
        self._time_limit_s = limits.time_limit_s
        self.pump, stdout_end, stderr_end = Pump.open(limits)
        self._started_at = time.monotonic()
        with contextlib.ExitStack() as undo:  # as far as it came
            undo.callback(self.pump.close)
            try:
                self._popen = subprocess.Popen(
                    command,
                    pass_fds=files,
                    cwd=folder,
                    env=variables.of_run(folder),
                    stdin=subprocess.DEVNULL,
                    stdout=stdout_end,
                    stderr=stderr_end,
                    start_new_session=True,  # its group can be ended as a whole; Ctrl-C is ours
                )
            finally:
                os.close(stdout_end)
                os.close(stderr_end)
            undo.callback(self._popen.wait)
            undo.callback(self._kill)
            self._pidfd = os.pidfd_open(self._popen.pid)
            undo.callback(os.close, self._pidfd)
            for kind, most in (
                (resource.RLIMIT_AS, import_bytes + limits.memory_limit_bytes),
                (resource.RLIMIT_FSIZE, limits.file_limit_bytes),
                (resource.RLIMIT_CORE, 0),
            ):
                resource.prlimit(self._popen.pid, kind, rlimits.at_most(kind, most))
            undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._kill()
        self.status, usage = os.wait4(self._popen.pid, 0)[1:]
        self._popen.returncode = os.waitstatus_to_exitcode(self.status)
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.peak_bytes = usage.ru_maxrss * 1024
        self.pump.drain()
        self.pump.close()
        os.close(self._pidfd)

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)  # before it is reaped: the number is its own

    def run(self) -> End:
        """Read its output to its end or to a limit; past the time limit, ask it to stop first."""
        end = self.pump.run(process=self._pidfd, deadline=self._started_at + self._time_limit_s)
        self.wall_s = time.monotonic() - self._started_at
        if end is End.TIMED_OUT:
            for request in (signal.SIGINT, signal.SIGTERM):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._popen.pid, request)
                grace = self.pump.run(process=self._pidfd, deadline=time.monotonic() + _GRACE_S)
                if grace is not End.TIMED_OUT:
                    break
        return end


def _probe() -> dict[str, Any]:
    try:
        answer = subprocess.run(
            [sys.executable, "-I", "-c", _PROBE, variables.PACKAGE_PARENT],
            check=True,
            capture_output=True,
            timeout=_PROBE_S,
            env=variables.BARE,
        )
        found: dict[str, Any] = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        msg = f"{sys.executable} cannot be asked for its torch: {error}"
        raise WorkerError(msg) from error
    return found
