"""The user's own state: a secret that neither a submission nor a repository can bring.

With it a results folder shows that this user's labcheck made it, and seeds are chosen that a
learner cannot foresee. It is one file of 32 random bytes, ``secret``, in a folder that only the
user can enter: ``LABCHECK_STATE``, else ``labcheck`` below ``XDG_STATE_HOME``, which is
``~/.local/state`` where it is not set.
"""

from __future__ import annotations

import os
import secrets
import stat
from functools import cache
from pathlib import Path

from verifier.errors import EnvironmentFailure

STATE_VARIABLE = "LABCHECK_STATE"
SECRET_BYTES = 32
_SECRET = "secret"  # noqa: S105 - the name of a file


@cache
def user_secret() -> bytes:
    """Give the user's secret, which is made the first time it is asked for.

    Where nothing can be kept (no home, a read-only disk), it is one of this process alone.

    Returns:
        32 bytes.
    Raises:
        EnvironmentFailure: There is a file of that name that is no secret of this user.
    """
    folder = state_folder()
    if folder is None:
        return secrets.token_bytes(SECRET_BYTES)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _read(folder) or _made(folder)
    except OSError:
        return secrets.token_bytes(SECRET_BYTES)


def state_folder() -> Path | None:
    """Find the folder of what labcheck keeps for this user; None where there is no home."""
    for variable, below in ((STATE_VARIABLE, ""), ("XDG_STATE_HOME", "labcheck")):
        named = os.environ.get(variable, "")
        if named and Path(named).is_absolute():
            return Path(named, below)
    try:
        return Path.home() / ".local" / "state" / "labcheck"
    except RuntimeError:
        return None


def _read(folder: Path) -> bytes | None:
    path = folder / _SECRET
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except PermissionError:
        raise
    except OSError as error:
        raise _no_secret(path) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
            raise _no_secret(path)
        content = os.read(descriptor, SECRET_BYTES + 1)
    finally:
        os.close(descriptor)
    if status.st_uid != os.geteuid() or len(content) != SECRET_BYTES:
        raise _no_secret(path)
    return content


def _no_secret(path: Path) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"{path} is not this user's secret: {SECRET_BYTES} bytes in a file of mode 0600",
        remedy=f"remove it, or name another folder with {STATE_VARIABLE}",
    )


def _made(folder: Path) -> bytes:
    """Write a new secret whole, or take the one that another process wrote meanwhile."""
    content = secrets.token_bytes(SECRET_BYTES)
    partial = folder / f".{_SECRET}.{secrets.token_hex(8)}"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, content)
        try:
            os.link(partial, folder / _SECRET)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            if not os.path.lexists(folder / _SECRET):
                partial.rename(folder / _SECRET)
    finally:
        os.close(descriptor)
        partial.unlink(missing_ok=True)
    return _read(folder) or content
