"""A Docker engine of the test's own, which it can kill without harming another's."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from docker import DockerClient
from docker.errors import DockerException

from tests.integration.leftovers import PATIENCE_S

if TYPE_CHECKING:
    from docker.models.images import Image


def _state(pid: str) -> str | None:
    """Give the letter that the kernel has for a process's state; None where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None


class OwnEngine:
    """Everything it keeps lies in ``folder``; its network is none, and apart from the machine's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = f"unix://{folder}/docker.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end(signal.SIGTERM)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    # An engine without a bridge removes the one there is, which is another's.
                    "unshare", "--net",
                    "dockerd", "--host", self.address, "--bridge", "none", "--iptables=false",
                    "--ip-forward=false", "--data-root", f"{self._folder}/data",
                    "--exec-root", f"{self._folder}/exec", "--pidfile", f"{self._folder}/pid",
                ],
                stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert time.monotonic() < deadline, (self._folder / "log").read_text()[-2000:]
            time.sleep(0.2)

    def kill(self) -> None:
        """Kill it without warning; its containerd dies with it."""
        self._end(signal.SIGKILL)
        noted = self._folder / "exec" / "containerd" / "containerd.pid"
        pid = noted.read_text()
        deadline = time.monotonic() + PATIENCE_S
        while (state := _state(pid)) not in ("Z", None):
            assert time.monotonic() < deadline, f"containerd lives on, in state {state}"
            time.sleep(0.05)
        # A dead process that nobody has waited for yet is a living one to the next engine, which
        # would wait for it to answer; not every first process of a machine is quick at that.
        noted.unlink()

    def load(self, image: Image, *, name: str) -> None:
        """Give it a copy of another engine's image."""
        with contextlib.closing(DockerClient(base_url=self.address, timeout=300)) as client:
            # The SDK streams it; its stubs know only bytes.
            (copy,) = client.images.load(image.save(named=False))  # type: ignore[arg-type]
            copy.tag(name)

    def _answers(self) -> bool:
        try:
            with contextlib.closing(DockerClient(base_url=self.address, timeout=5)) as client:
                return bool(client.ping())
        except (DockerException, OSError):
            return False

    def _end(self, number: int) -> None:
        if self._process is not None:
            os.kill(self._process.pid, number)
            self._process.wait(PATIENCE_S)
            self._process = None
