"""A lab's revision: one sha256 of all its files that judging, or the words for it, rest on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from verifier.errors import BadDataError
from verifier.files import read_regular
from verifier.lab.catalogue import FILE
from verifier.lab.references import listed_references
from verifier.schema import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from verifier.lab.spec import Lab


_OPTIONAL = (FILE, "golden/mistakes.json")


def lab_revision(lab: Lab) -> str:
    """Digest manifest, diagnoses, signatures, goldens, references and pages of a lab, by name.

    A reference that is listed and not there counts as if it were.

    Raises:
        BadDataError: One of them cannot be read.
    """
    digest = hashlib.sha256()
    listed = listed_references(lab.folder)
    for path in sorted(set(_files(lab))):
        name = path.relative_to(lab.folder).as_posix()
        try:
            content = hashlib.sha256(read_regular(path, limit_bytes=MAX_BYTES)).hexdigest()
        except OSError as error:
            if not isinstance(error, FileNotFoundError) or name not in listed:
                raise BadDataError(f"{path}: {error.strerror}", remedy="mend the file") from error
            content = listed[name]
        digest.update(f"{name}\0{content}\n".encode())
    return digest.hexdigest()


def _files(lab: Lab) -> Iterator[Path]:
    yield lab.folder / "lab.toml"
    yield from (path for name in _OPTIONAL if (path := lab.folder / name).exists())
    for exercise in lab.exercises.values():
        yield exercise.script
        if exercise.source is not None:
            yield exercise.source.page
        for golden in (exercise.golden, exercise.golden.with_suffix(".trace.json")):
            if golden.exists():
                yield golden
