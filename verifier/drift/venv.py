"""Environments with any release of torch: plain, unlocked, kept under a cache folder.

What is in them is noted, not pinned: the version that pip found and its wheel's sha256.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verifier.drift.torch_environment import TorchEnvironment
from verifier.errors import EnvironmentFailure, UsageError
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

_VERSION = re.compile(r"[0-9]+(\.[0-9]+){1,2}([a-z0-9.+]{0,40})", re.ASCII)
_NOTE = "labcheck.json"
"""Written last: an environment without it was never finished."""
_REPORT = "pip-report.json"
_LOG = "pip.log"
_NEWEST_WITH_NUMPY_1 = (2, 2)
"""Later releases of torch know numpy 2."""
_TAIL_CHARACTERS = 400


def cache_folder() -> Path:
    """Where environments are kept: ``$XDG_CACHE_HOME/labcheck/torch``, or below ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "labcheck" / "torch"


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
    if not _VERSION.fullmatch(version):
        raise UsageError(f"{version!r} is no version", remedy="write one, as 2.14.1")
    folder = cache / version
    note = folder / _NOTE
    if not note.exists():
        say(f"labcheck: installing torch {version} into {folder} (several minutes and gigabytes)")
        try:
            _make(folder, version)
        except OSError as error:
            raise EnvironmentFailure(
                f"{folder} cannot be made: {error}", remedy="name another folder with --cache"
            ) from error
    known: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return TorchEnvironment(
        kind="python", name=str(_python(folder)), wheel_sha256=known["wheel_sha256"]
    )


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _make(folder: Path, version: str) -> None:
    if folder.exists():  # begun, never finished
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    log = folder / _LOG
    numbers = tuple(map(int, re.findall(r"[0-9]+", version)[:2]))
    numpy = "numpy<2" if numbers <= _NEWEST_WITH_NUMPY_1 else "numpy"
    _call([sys.executable, "-m", "venv", str(folder)], log=log, version=version)
    _call(
        [
            *(str(_python(folder)), "-m", "pip", "install", "--no-input"),
            *("--disable-pip-version-check", "--report", str(folder / _REPORT)),
            *(f"torch=={version}", numpy),
        ],
        log=log,
        version=version,
    )
    report = json.loads((folder / _REPORT).read_text(encoding="utf-8"))
    note = {"torch": version, "wheel_sha256": _torch_sha256(report)}
    partial = folder / f"{_NOTE}.part"
    partial.write_text(json.dumps(note) + "\n", encoding="utf-8")
    partial.replace(folder / _NOTE)


def _torch_sha256(report: dict[str, Any]) -> str | None:
    for each in report["install"]:
        if each["metadata"]["name"] == "torch":
            hashes: dict[str, str] = each["download_info"].get("archive_info", {}).get("hashes", {})
            return hashes.get("sha256")
    return None


def _call(command: list[str], *, log: Path, version: str) -> None:
    # Modules that pip does not compile are compiled at every start, as nothing can be written then.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with log.open("ab") as words:
        done = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, stdout=words, stderr=words,
            env=environment,
        )  # fmt: skip
    if done.returncode != 0:
        tail = log.read_text(encoding="utf-8", errors="replace").strip()[-_TAIL_CHARACTERS:]
        raise EnvironmentFailure(
            f"torch {version} could not be installed: {printable(tail, limit=400, keep=chr(10))}",
            remedy=f"the whole log is {log}; `--to-env python:PATH` takes an environment of yours",
        )
