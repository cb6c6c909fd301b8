"""Where labs, schemas and pins lie: in a checkout, in a wheel, or where the user says.

Labs are looked for in this order: the path given (``--lab-root``), the environment
variable ``LABCHECK_LAB``, a folder ``lab/`` at or above the working directory, the
package's own copy. Schemas and pins always come from next to the program itself: a
schema that a working directory could replace would check nothing.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.errors import BadDataError

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
LAB_VARIABLE = "LABCHECK_LAB"
CANARIES = "canary"
"""The folder of the canaries, beside the lessons."""


def lab_root(given: Path | None, *, working_directory: Path | None = None) -> Path:
    """Find the folder that holds one folder a lab.

    Raises:
        BadDataError: A path was named that holds no lab, or none was found at all.
    """
    named = given or (Path(os.environ[LAB_VARIABLE]) if os.environ.get(LAB_VARIABLE) else None)
    if named is not None:
        if not _holds_labs(named):
            said_by = "--lab-root" if given else LAB_VARIABLE
            raise BadDataError(
                f"there is no lab under {named}, which {said_by} names",
                remedy="name the folder that holds <lab-id>/lab.toml",
            )
        return named.resolve()
    start = (working_directory or Path.cwd()).resolve()
    above = [folder / "lab" for folder in (start, *start.parents)]
    for candidate in [*above, PACKAGE / "_lab", CHECKOUT / "lab"]:
        if _holds_labs(candidate):
            return candidate
    raise BadDataError("no lab was found", remedy="use --lab-root FOLDER or set LABCHECK_LAB")


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
    for path in sorted(PACKAGE.rglob("*.py")):
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
