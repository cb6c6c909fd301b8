"""The one place that writes golden files: each as a whole, and never in CI."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from verifier.errors import UsageError
from verifier.files import replace_file
from verifier.golden.reference import reference_file, reference_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from verifier.golden.reference import Reference
    from verifier.lab.spec import Exercise


def refuse_in_ci(what: str, *, remedy: str) -> None:
    """Keep a job in CI from accepting values: that is a person's step.

    Args:
        what: What is not done there, as ``golden records are not updated``.
        remedy: What to do instead.
    Raises:
        UsageError: The variable ``CI`` is set.
    """
    if os.environ.get("CI"):
        raise UsageError(f"{what} in CI", remedy=remedy)


def write_golden_file(path: Path, text: str) -> None:
    """Write a golden file, as a whole or not at all.

    Raises:
        UsageError: It cannot be written.
    """
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, [text.encode()])


def write_reference(exercise: Exercise, reference: Reference | None) -> None:
    """Write what a reference did beside its golden; remove what stood there where it did nothing.

    Raises:
        UsageError: It cannot be written or removed.
    """
    file = reference_file(exercise)
    if reference is not None:
        write_golden_file(file, reference_text(reference))
    elif file.exists():
        remove_golden_file(file)


def remove_golden_file(path: Path) -> None:
    """Remove a golden file that stands for nothing any more.

    Raises:
        UsageError: It cannot be removed.
    """
    with _writing(path):
        path.unlink()


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}",
            remedy="name a lab folder that you may write to with --lab-root",
        ) from error
