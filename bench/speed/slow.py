"""The slow ways to run submissions: an interpreter, or a container, for each.

Every way is asked for blocks of submissions, in turn with the others, and fills its own `Samples`.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from bench.speed.containers import BENCH_LABEL
from bench.speed.meters import all_containers_cpu_s
from bench.speed.outputs import Outputs, WrongOutputError
from bench.speed.process import timed_process

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from docker import DockerClient

    from bench.speed.measure import Samples
    from bench.speed.submissions import Submission


class Plain:
    """``python submission.py``, a fresh interpreter each, its ``.pyc`` files in place."""

    def __init__(self, python: Path, *, folder: Path, outputs: Outputs) -> None:
        self._python = python
        self._folder = folder
        self._outputs = outputs
        # Without this variable, as a user has it: torch takes three times as long uncompiled.
        self._environment = {
            key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
        }

    def compile(self, submission: Submission) -> None:
        """Run one once, which writes the ``.pyc`` files that are missing, and see that all are.

        Raises:
            WrongOutputError: Some are missing still.
        """
        show = (
            "import os, runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')\n"
            "found = [vars(m).get('__cached__') for m in list(sys.modules.values())]\n"
            "print(*(c for c in found if c and not os.path.exists(c)), file=sys.stderr)"
        )
        path = self._folder / submission.name
        command = [str(self._python), "-c", show, str(path)]
        environment = self._environment
        subprocess.run(command, env=environment, capture_output=True, check=True)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        if done.stderr.strip():
            raise WrongOutputError(f"no .pyc files of: {done.stderr.strip()[:400]}")

    def block(self, submissions: Sequence[Submission], samples: Samples) -> None:
        """Run a block, one after the other."""
        for submission in submissions:
            process = timed_process(
                [str(self._python), str(self._folder / submission.name)],
                environment=self._environment,
            )
            samples.wall_s.append(process.wall_s)
            samples.elapsed_s += process.wall_s
            samples.add_cpu(process.cpu_s)
            samples.note_memory(process.peak_bytes)
            samples.note_outcome(f"exited {process.code}")
            self._outputs.compare(submission, process.stdout, way="python")


class DockerRun:
    """``docker run --rm`` of the learner's image, a container per submission."""

    def __init__(
        self,
        client: DockerClient,
        *,
        image: str,
        folder: Path,
        session: str,
        entrypoint: str | None = None,
    ) -> None:
        self._client = client
        self._codes = (0,) if entrypoint else (0, 1)
        self._command = ["docker", "run", "--rm", "--label", f"{BENCH_LABEL}={session}"]
        self._command += ["-v", f"{folder}:/work:ro"]
        self._command += ["--entrypoint", entrypoint] if entrypoint else []
        self._command += [image]

    def block(self, submissions: Sequence[Submission], samples: Samples) -> None:
        """Run a block, one after the other.

        Raises:
            WrongOutputError: A container ended otherwise than with a verdict.
        """
        for submission in submissions:
            before = all_containers_cpu_s()
            process = timed_process([*self._command, submission.name])
            after = all_containers_cpu_s()
            if process.code not in self._codes:
                raise WrongOutputError(
                    f"{' '.join(self._command)} ended with {process.code}: {process.last_words}"
                )
            samples.wall_s.append(process.wall_s)
            samples.elapsed_s += process.wall_s
            if before is not None and after is not None:
                samples.add_cpu(after - before)
            samples.add_client_cpu(process.cpu_s)
            samples.note_outcome(f"exited {process.code}")
