"""A lab's revision: one sha256 of its manifest, references and golden records."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from verifier.errors import BadDataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from verifier.lab.spec import Lab


def lab_revision(lab: Lab) -> str:
    """Digest ``lab.toml`` and every golden and reference of a lab, with their names.

    Raises:
        BadDataError: One of them cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(set(_files(lab))):
        try:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise BadDataError(f"{path}: {error.strerror}", remedy="mend the file") from error
        digest.update(f"{path.relative_to(lab.folder).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def _files(lab: Lab) -> Iterator[Path]:
    yield lab.folder / "lab.toml"
    for exercise in lab.exercises.values():
        yield exercise.script
        if exercise.golden.exists():
            yield exercise.golden
