"""Files that are never half written."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def replace_file(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file so that its name stands for the whole old or the whole new content.

    Args:
        path: The file, in a folder that is there.
        chunks: Its content.
    Raises:
        OSError: It cannot be written; the old content is still there.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("wb") as file:
            file.writelines(chunks)
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
