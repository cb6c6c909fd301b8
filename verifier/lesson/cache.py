"""What held a while ago and need not run again: blocks that printed what their page shows.

Only ``same`` is kept: the page's text and the run's are then two witnesses of one output. A key
tells the script with all that runs before it, the page's text, what may differ, and where it ran;
the file named so holds nothing but the key, so whatever else lies there is no entry. What cannot
be read or written is as if it were not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.files import PARTIAL, open_alone, opened_folder, replace_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_ENTRIES = 10_000
MAX_AGE_S = 7 * 86_400
"""Older entries do not count: a script may read the clock."""
_ENTRY = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FORMAT = 1


def cache_folder() -> Path | None:
    """Find the folder of this user's entries; None where there is no home."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    if named and Path(named).is_absolute():
        return Path(named, "labcheck", "lesson")
    try:
        return Path.home() / ".cache" / "labcheck" / "lesson"
    except RuntimeError:
        return None


class Cache:
    """Entries of one environment.

    Args:
        folder: Where they lie; None keeps nothing.
        where: All that what a script prints depends on, beside the script.
    """

    def __init__(self, folder: Path | None, *, where: Sequence[str]) -> None:
        self._folder = folder
        self._where = list(where)

    def key(self, *, source: str, shown: str, ignore: Sequence[str]) -> str:
        """Name a run of ``source`` that is compared with what the page shows."""
        told = json.dumps([_FORMAT, self._where, source, shown, list(ignore)])
        return hashlib.sha256(told.encode()).hexdigest()

    def has(self, key: str) -> bool:
        """Tell whether this very block held, not long ago."""
        try:
            with self._opened() as folder:
                descriptor = open_alone(key, os.O_RDONLY, folder=folder)
                with os.fdopen(descriptor, "rb") as file:
                    status = os.fstat(descriptor)
                    age_s = time.time() - status.st_mtime
                    is_ours = status.st_uid == os.geteuid()
                    is_whole = file.read(len(key) + 1) == key.encode()
        except OSError:
            return False
        return is_ours and is_whole and 0 <= age_s < MAX_AGE_S

    def keep(self, key: str) -> None:
        """Note that it held now."""
        with contextlib.suppress(OSError):
            if self._folder is not None:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._opened() as folder:
                replace_in(folder, key, [key.encode()], mode=0o600)

    def prune(self) -> None:
        """Take away entries that no longer count, the oldest where there are too many."""
        with contextlib.suppress(OSError), self._opened() as folder:
            listed = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
            try:
                with os.scandir(listed) as entries:
                    aged = sorted(
                        (entry.stat(follow_symlinks=False).st_mtime, entry.name)
                        for entry in entries
                        if _ENTRY.fullmatch(entry.name) or PARTIAL.fullmatch(entry.name)
                    )
                oldest = time.time() - MAX_AGE_S
                for place, (changed, name) in enumerate(aged):
                    if changed < oldest or place < len(aged) - MAX_ENTRIES:
                        with contextlib.suppress(OSError):
                            os.unlink(name, dir_fd=listed)
            finally:
                os.close(listed)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        """Hold the folder open.

        Raises:
            OSError: There is none, or others may write to it.
        """
        if self._folder is None:
            raise FileNotFoundError
        with opened_folder(self._folder) as folder:
            status = os.fstat(folder)
            if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise PermissionError
            yield folder
