"""Signatures are files that come back as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import PUBLISHED
from tests.unit.diagnosis.diagnosing import EXERCISE
from tests.unit.diagnosis.test_catalogue import _copy
from verifier.diagnosis.signature import (
    Signature,
    load_signatures,
    signature_of,
    signature_text,
)
from verifier.errors import BadDataError
from verifier.output.transcript import read_stdout

if TYPE_CHECKING:
    from pathlib import Path

SIGNATURE = signature_of(
    read_stdout(PUBLISHED), mistake="as-published", exercise=EXERCISE.id, diagnosis="step-missing"
)


def _folder(tmp_path: Path) -> Path:
    folder = _copy(tmp_path).folder / "golden" / "mistakes"
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    return folder


def test_signature_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    """Those of another exercise are left out."""
    folder = _folder(tmp_path)
    lab = _lab(folder)
    text = signature_text(SIGNATURE, lab=lab.id)
    (folder / "as-published.json").write_text(text)
    (folder / "other.json").write_text(text.replace('"baseline"', '"weights"'))

    assert load_signatures(lab, EXERCISE) == (SIGNATURE,)


def _lab(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a Lab
    from verifier.lab.spec import load_lab  # noqa: PLC0415 - only here

    return load_lab(folder.parent.parent / "lab.toml")


@pytest.mark.parametrize("text", ["{", "{}", "[" * 100_000])
def test_bad_signature_is_bad_data(tmp_path: Path, text: str) -> None:
    """Exit 5, never a wrong diagnosis."""
    folder = _folder(tmp_path)
    (folder / "bad.json").write_text(text)

    with pytest.raises(BadDataError):
        load_signatures(_lab(folder), EXERCISE)


def test_signature_with_a_bad_name_is_not_written() -> None:
    """The schema is checked before a file is made."""
    bad = Signature(mistake="No Slug", exercise="baseline", diagnosis="x", readings={})

    with pytest.raises(BadDataError):
        signature_text(bad, lab="forward-backward")
