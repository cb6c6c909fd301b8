"""Environments with any release of torch: plain, unlocked, kept under a cache folder.

What is in them is noted, not pinned: the version that pip found and its wheel's sha256.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from verifier.drift.release import version_of
from verifier.drift.torch_environment import TorchEnvironment
from verifier.errors import EnvironmentFailure, UsageError
from verifier.files import replace_file
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_COSTS = "several minutes and gigabytes"
_NOTE = "labcheck.json"
"""Written last: an environment without it was never finished."""
_REPORT = "pip-report.json"
_LOG = "pip.log"
_NEWEST_WITH_NUMPY_1 = (2, 2)
"""Later releases of torch know numpy 2."""
_TAIL_CHARACTERS = 400
INSTALL_S = 3600.0
"""Time that each of venv and pip has; a wheel of torch is gigabytes, and some lines are slow."""


def cache_folder() -> Path:
    """Where environments are kept: ``$XDG_CACHE_HOME/labcheck/torch``, or below ``~/.cache``."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # A relative one is to be ignored, says the convention.
    return (base if base.is_absolute() else Path.home() / ".cache") / "labcheck" / "torch"


def environment_of(version: str, *, cache: Path, say: Callable[[str], None]) -> TorchEnvironment:
    """Take the environment with a release of torch, made first if it is not there.

    Args:
        version: As pip takes it, such as ``2.14.1``.
        cache: Folder of environments.
        say: Is told what takes long.
    Raises:
        UsageError: It is no version.
        EnvironmentFailure: It cannot be made.
    """
    # Absolute: the sandbox server is started in another folder. Links in it are the user's own.
    folder = cache.resolve() / checked_version(version)
    try:
        note = _note(folder) or _made(folder, version, say)
    except OSError as error:
        raise EnvironmentFailure(
            f"{printable(str(folder))} cannot be made: {error}",
            remedy="name another folder with --cache",
        ) from error
    return TorchEnvironment(
        kind="python", name=str(_python(folder)), wheel_sha256=note["wheel_sha256"]
    )


def checked_version(version: str) -> str:
    """Make sure that it is a version as pip takes it: it names a folder, too.

    Raises:
        UsageError: It is none.
    """
    if version_of(version) is None:
        raise UsageError(f"{printable(version)!r} is no version", remedy="write one, as 2.14.1")
    return version


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait for whoever makes the same one at the same time: theirs is then taken."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made(folder: Path, version: str, say: Callable[[str], None]) -> dict[str, Any]:
    with _alone(folder):
        note = _note(folder)
        if note is None:
            say(f"labcheck: installing torch {version} into {folder} ({_COSTS})")
            note = _make(folder, version)
    return note


def _note(folder: Path) -> dict[str, Any] | None:
    """Read what was noted of a finished environment; None where there is none."""
    try:
        note = json.loads((folder / _NOTE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    sha256 = note.get("wheel_sha256", "") if isinstance(note, dict) else ""
    is_known = sha256 is None or (isinstance(sha256, str) and _SHA256.fullmatch(sha256))
    return note if is_known and _python(folder).is_file() else None


def _make(folder: Path, version: str) -> dict[str, Any]:
    if folder.exists():  # begun, never finished
        if not (folder / _LOG).exists() and any(folder.iterdir()):
            raise EnvironmentFailure(
                f"{printable(str(folder))} holds something else than an environment of torch",
                remedy="name another folder with --cache, or move it away",
            )
        shutil.rmtree(folder)
    folder.mkdir()
    log = folder / _LOG
    numpy = "numpy<2" if Version(version).release[:2] <= _NEWEST_WITH_NUMPY_1 else "numpy"
    _call([sys.executable, "-m", "venv", str(folder)], log=log, version=version)
    _call(
        [
            # -I: what lies on PYTHONPATH here would count as installed, and is not there later.
            *(str(_python(folder)), "-I", "-m", "pip", "install", "--no-input"),
            *("--disable-pip-version-check", "--report", str(folder / _REPORT)),
            *(f"torch=={version}", numpy),
        ],
        log=log,
        version=version,
    )
    note = {"torch": version, "wheel_sha256": _torch_sha256(folder / _REPORT, log=log)}
    replace_file(folder / _NOTE, [json.dumps(note).encode() + b"\n"])
    return note


def _torch_sha256(report: Path, *, log: Path) -> str | None:
    """Find the wheel's hash in pip's report; None where pip does not tell it."""
    try:
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
        (torch,) = [each for each in installed if each["metadata"]["name"] == "torch"]
        hashes: dict[str, str] = torch["download_info"].get("archive_info", {}).get("hashes", {})
    except (ValueError, KeyError, TypeError) as error:
        raise EnvironmentFailure(
            "pip did not report that it installed torch", remedy=f"the whole log is {log}"
        ) from error
    return hashes.get("sha256")


def _call(command: list[str], *, log: Path, version: str) -> None:
    # Modules that pip does not compile are compiled at every start, as nothing can be written then.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with log.open("ab") as words:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=words, stderr=words, env=environment,
            start_new_session=True,
        )  # fmt: skip
    try:
        code = process.wait(INSTALL_S)
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFailure(
            f"torch {version} was not installed within {INSTALL_S / 60:g} minutes",
            remedy="see that pip reaches its index, then give the same command again: what it "
            f"fetched is kept. The whole log is {log}",
        ) from error
    finally:
        _end(process)
    if code != 0:
        tail = log.read_text(encoding="utf-8", errors="replace").strip()[-_TAIL_CHARACTERS:]
        raise EnvironmentFailure(
            f"torch {version} could not be installed: {printable(tail, limit=400, keep=chr(10))}",
            remedy=f"the whole log is {log}; `--to-env python:PATH` takes an environment of yours",
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a child that has not ended, with all that it started in its session."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
