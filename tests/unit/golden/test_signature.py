"""Signatures stand in one file, and come back as they were written."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, PUBLISHED
from verifier.errors import BadDataError
from verifier.golden.signature import (
    Signature,
    load_signatures,
    signature_of,
    signatures_file,
    signatures_text,
    signatures_to_json,
)
from verifier.lab.load import load_lab
from verifier.output.transcript import read_stdout

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lab.spec import Lab

SIGNATURE = signature_of(
    read_stdout(PUBLISHED), mistake="as-published", exercise="baseline", diagnosis="step-missing"
)
OTHER = replace(SIGNATURE, mistake="another", exercise="weights")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A copy of the lab without its mistakes."""
    folder = tmp_path / "forward-backward"
    shutil.copytree(
        LAB_ROOT / "forward-backward", folder, ignore=shutil.ignore_patterns("mistakes*")
    )
    return load_lab(folder / "lab.toml")


def test_signatures_are_read_back_as_they_were_written(lab: Lab) -> None:
    """Those of another exercise are left out."""
    text = signatures_text(signatures_to_json([SIGNATURE, OTHER]), lab=lab.id)
    signatures_file(lab).write_text(text)

    assert load_signatures(lab, lab.exercise("baseline")) == (SIGNATURE,)
    assert load_signatures(lab, lab.exercise("weights")) == (OTHER,)
    assert load_signatures(lab, lab.exercise("logits")) == ()


def test_file_holds_a_line_a_signature_by_name() -> None:
    """So that a difference names what changed."""
    text = signatures_text(signatures_to_json([SIGNATURE, OTHER]), lab="forward-backward")

    assert [line.split('"')[1] for line in text.splitlines() if '"readings"' in line] == [
        "another",
        "as-published",
    ]


def test_of_two_names_the_more_specific_comes_first() -> None:
    """Two mistakes can print the same, and the first that fits is named."""
    later = replace(SIGNATURE, mistake="another-late")

    assert list(signatures_to_json([OTHER, SIGNATURE, later])) == [
        "another-late", "another", "as-published",
    ]  # fmt: skip


def test_lab_may_have_no_signatures(lab: Lab) -> None:
    """A canary has none; those of the lab that a copy was made from are not its own."""
    assert load_signatures(lab, lab.exercise("baseline")) == ()

    signatures_file(lab).write_text(signatures_text(signatures_to_json([SIGNATURE]), lab="other"))
    assert load_signatures(lab, lab.exercise("baseline")) == ()


@pytest.mark.parametrize("text", ["{", "{}", "[" * 100_000])
def test_bad_signatures_are_bad_data(lab: Lab, text: str) -> None:
    """Exit 5, never a wrong diagnosis."""
    signatures_file(lab).write_text(text)

    with pytest.raises(BadDataError, match=r"mistakes\.json"):
        load_signatures(lab, lab.exercise("baseline"))


def test_signature_with_a_bad_name_is_not_written() -> None:
    """The schema is checked before a file is made."""
    bad = Signature(mistake="No Slug", exercise="baseline", diagnosis="x", readings={})

    with pytest.raises(BadDataError):
        signatures_text(signatures_to_json([bad]), lab="forward-backward")
