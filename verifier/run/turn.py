"""A turn: runs on one small file system take place one after another, for all servers on it.

So none finds it full of what another run, beside it, has written.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def take(folder: str | None) -> Iterator[None]:
    """Wait for the file system's turn, and hold it.

    Args:
        folder: Where it is mounted; None where nobody need wait.
    Raises:
        OSError: It cannot be opened or locked.
    """
    if folder is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
