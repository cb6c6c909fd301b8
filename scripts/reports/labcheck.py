"""The labcheck of one commit, driven from outside: its command line, and nothing else of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.reports.normal import normalised

if TYPE_CHECKING:
    from pathlib import Path

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
"""For what shall say the same with an engine on this machine and without."""

_PASSED_ON = ("PATH", "DOCKER_HOST")
_STARTED: set[subprocess.Popen[bytes]] = set()
_LOCK = threading.Lock()
_ENDING = threading.Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one command gave; its streams are normalised."""

    arguments: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    @property
    def whole(self) -> str:
        """The command, its exit code and both streams, as one text."""
        head = f"$ labcheck {' '.join(self.arguments)}\nexit {self.code}\n"
        return f"{head}--- stdout\n{self.stdout}--- stderr\n{self.stderr}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labcheck:
    """Runs commands of a commit's code in a scratch folder, in an environment without surprises."""

    code: Path
    """Where the commit is checked out."""
    scratch: Path
    """Holds the corpus, which is the working directory, and whatever else is written."""
    runner: str
    """Where scripts are run: ``sandbox`` or ``container``."""
    image: str | None = None
    """Id of the runtime image, where it is the container."""
    entry: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "entry", _entry(self.code))

    @property
    def corpus(self) -> Path:
        """The scripts, with nothing else beside them."""
        return self.scratch / "corpus"

    def run(self, *arguments: str, **variables: str) -> Ran:
        """Run one command and give what it said, normalised."""
        process = self._start(arguments, variables)
        try:
            stdout, stderr = process.communicate()
        finally:
            with _LOCK:
                _STARTED.discard(process)
        return Ran(
            arguments=tuple(self.normal(each) for each in arguments),
            code=process.returncode,
            stdout=self.normal(stdout.decode("utf-8", errors="backslashreplace")),
            stderr=self.normal(stderr.decode("utf-8", errors="backslashreplace")),
        )

    def normal(self, text: str) -> str:
        """Take out what no two runs have in common."""
        return normalised(text, places=self._places(), image=self.image)

    def source_of(self) -> str:
        """Say where the code that would run lies; an installed labcheck must not come first."""
        module = self.entry.partition(":")[0]
        process = self._start(("-",), {}, code=f"import {module} as found; print(found.__file__)")
        return process.communicate()[0].decode().strip()

    def _places(self) -> dict[str, str]:
        return {
            str(self.scratch): "<scratch>",
            str(self.code / "lab"): "<labs>",
            str(self.code): "<code>",
            sys.prefix: "<python>",
        }

    def _start(
        self, arguments: tuple[str, ...], variables: dict[str, str], *, code: str = ""
    ) -> subprocess.Popen[bytes]:
        module, _, function = self.entry.partition(":")
        code = code or f"import sys; from {module} import {function} as main; sys.exit(main())"
        with _LOCK:
            if _ENDING.is_set():  # a thread with more commands to give than the one interrupted
                raise KeyboardInterrupt
            process = subprocess.Popen(
                [sys.executable, "-c", code, *arguments],
                cwd=self.corpus,
                env=self._environment() | variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            _STARTED.add(process)
        return process

    def _environment(self) -> dict[str, str]:
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return passed_on | {
            "HOME": str(self.scratch),
            "TMPDIR": str(self.scratch / "tmp"),
            "LANG": "C.UTF-8",
            "COLUMNS": "100",
            "PYTHONPATH": str(self.code),
            "LABCHECK_LAB": str(self.code / "lab"),
        }


def end_all() -> None:
    """Interrupt whatever still runs, so that no container of it is left behind."""
    with _LOCK:
        _ENDING.set()
        for process in _STARTED:
            process.terminate()


def _entry(code: Path) -> str:
    """Read what the commit's own packaging calls the command's entry."""
    project = tomllib.loads((code / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entry: str = project["scripts"]["labcheck"]
    return entry
