"""The paths that Landlock allows a submission: the interpreter, torch, its slot."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.sandbox.walls import landlock
from verifier.sandbox.warm import description

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_READ = landlock.READ_FILE | landlock.READ_DIR
_READ_EXECUTE = _READ | landlock.EXECUTE
_DEVICE = landlock.READ_FILE | landlock.WRITE_FILE
SLOT = (
    _READ
    | landlock.WRITE_FILE
    | landlock.TRUNCATE
    | landlock.REMOVE_DIR
    | landlock.REMOVE_FILE
    | landlock.MAKE_DIR
    | landlock.MAKE_REG
    | landlock.MAKE_SYM
    | landlock.REFER
)
"""What it may do in its slot, and nowhere else."""

_LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
_READABLE = (
    # Without the two about processors, torch picks other kernels: the bits change.
    "/proc/cpuinfo",
    "/sys/devices/system/cpu",
    "/proc/meminfo",
    "/dev/urandom",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",
    "/usr/share/zoneinfo",
)


def rules(*, hide: Sequence[str]) -> list[tuple[str, int]]:
    """List the paths a run may use besides its slot, with their rights.

    Args:
        hide: Folders whose files it must not read, even inside a folder it may.
    Returns:
        Pairs for `landlock.build`. Inside a folder that it may read, the names in a hidden one
        can still be listed, but nothing of it read.
    """
    hidden = [Path(path).resolve() for path in hide]
    granted = [("/dev/null", _DEVICE)]
    granted += [(path, _READ) for path in _READABLE]
    for folder in sorted({Path(path).resolve() for path in _code_paths()}):
        granted += _around(folder, hidden)
    return granted


def _code_paths() -> Iterator[str]:
    """Where the interpreter, its library and its packages lie; existing or not."""
    yield sys.executable
    yield f"{sys.prefix}/pyvenv.cfg"
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    yield from (sysconfig.get_path(name) for name in names)
    yield from site.getsitepackages()
    yield from _LIBRARIES
    if sys.base_prefix != "/usr":
        yield f"{sys.base_prefix}/lib"
    torch = description.torch_file()
    if torch is not None:
        yield str(Path(torch).parent.parent)


def _around(path: Path, hidden: Iterable[Path]) -> Iterator[tuple[str, int]]:
    """Grant ``path`` but for what is hidden below it, one entry at a time."""
    if any(path.is_relative_to(secret) for secret in hidden):
        return
    inside = [secret for secret in hidden if secret.is_relative_to(path)]
    if not inside:
        yield str(path), _READ_EXECUTE
        return
    # Importing lists a folder; the right to list holds all the way down, that to read does not.
    yield str(path), landlock.READ_DIR
    for entry in os.scandir(path):
        if entry.is_symlink():
            target = Path(entry.path).resolve()
            if any(target.is_relative_to(s) or s.is_relative_to(target) for s in inside):
                continue
        yield from _around(Path(entry.path), inside)
