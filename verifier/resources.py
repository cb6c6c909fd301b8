"""Where labs, schemas and pins lie: in a checkout, in a wheel, or where the user says.

Labs are looked for in this order: the path given (``--lab-root``), the environment
variable ``LABCHECK_LAB``, labcheck's own: the folder ``lab/`` of its checkout, which an
installed package has a copy of in itself. Never a folder that merely lies in or above the
working directory, which can be a learner's. Schemas and pins always come from next to the
program itself: a schema that a working directory could replace would check nothing.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.errors import BadDataError
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
LAB_VARIABLE = "LABCHECK_LAB"
CANARIES = "canary"
"""The folder of the canaries, beside the lessons."""


def lab_root(given: Path | None) -> Path:
    """Find the folder that holds one folder a lab.

    Raises:
        BadDataError: A path was named that holds no lab, or none was found at all.
    """
    named = _named(given)
    if named is not None:
        if not _holds_labs(named):
            said_by = "--lab-root" if given else LAB_VARIABLE
            raise BadDataError(
                f"there is no lab under {printable(str(named))}, which {said_by} names",
                remedy="name the folder that holds <lab-id>/lab.toml",
            )
        return named.resolve()
    # A checkout has no copy in the package. Beside an installed package lies anybody's.
    for candidate in (PACKAGE / "_lab", CHECKOUT / "lab"):
        if _holds_labs(candidate):
            return candidate
    raise BadDataError("no lab was found", remedy="use --lab-root FOLDER or set LABCHECK_LAB")


def _named(given: Path | None) -> Path | None:
    return given or (Path(os.environ[LAB_VARIABLE]) if os.environ.get(LAB_VARIABLE) else None)


def passed_over(given: Path | None, *, root: Path) -> Path | None:
    """Find labs in or above the working directory that are not used, because nobody named them.

    Args:
        given: The path given, if one was.
        root: The folder of labs that is used.
    """
    if _named(given) is not None:
        return None
    here = Path.cwd()
    for candidate in (folder / "lab" for folder in (here, *here.parents)):
        if _holds_labs(candidate):
            return None if candidate.resolve() == root.resolve() else candidate
    return None


def _holds_labs(folder: Path) -> bool:
    try:
        return next(lab_manifests(folder), None) is not None
    except OSError:
        return False


def lab_manifests(root: Path) -> Iterator[Path]:
    """Find the manifest of every lesson and every canary under the folder of all labs."""
    yield from root.glob("*/lab.toml")
    yield from root.glob(f"{CANARIES}/*/lab.toml")


def schema_folder() -> Path:
    """Find the program's own schemas.

    Raises:
        BadDataError: The installation is incomplete.
    """
    return _own("_schemas", "schemas")


def pins_file() -> Path:
    """Find ``pins.toml``, the versions that the images are built from.

    Raises:
        BadDataError: The installation is incomplete.
    """
    return _own("_pins.toml", "docker/pins.toml")


def history_file() -> Path:
    """Find ``torch-history.jsonl``, what moved from one release of torch to the next.

    Raises:
        BadDataError: The installation is incomplete.
    """
    return _own("_torch-history.jsonl", "docker/torch-history.jsonl")


def pins_sha256() -> str:
    """Digest of the pins, as lower-case hex."""
    return hashlib.sha256(pins_file().read_bytes()).hexdigest()


@cache
def package_sha256() -> str:
    """Digest of labcheck's own code, as lower-case hex: a checkout's version does not tell.

    It is read once: what is running does not change with its files.
    """
    digest = hashlib.sha256()
    for path in sorted(filter(Path.is_file, PACKAGE.rglob("*.py"))):  # no editor's dangling lock
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def _own(in_wheel: str, in_checkout: str) -> Path:
    for candidate in (PACKAGE / in_wheel, CHECKOUT / in_checkout):
        if candidate.exists():
            return candidate
    raise BadDataError(
        f"this installation has no {in_checkout}",
        remedy="install labcheck again: pip install --force-reinstall",
    )
