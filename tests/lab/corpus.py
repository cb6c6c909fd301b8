"""The scripts that the checks and the diagnoses are held against, with what each must get."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes import LAB_ROOT
from verifier.lab.catalogue import load_catalogue
from verifier.lab.mistake import expected_path, load_mistake
from verifier.lab.spec import Stage, load_lab

__all__ = ["expected_path", "load_mistake"]

MISTAKES = LAB_ROOT / "forward-backward" / "mistakes"
STYLES = Path(__file__).parent / "styles"
CHEATS = Path(__file__).parent / "cheats"
DOUBLES = Path(__file__).parent / "doubles"

CATALOGUE = load_catalogue(load_lab(LAB_ROOT / "forward-backward" / "lab.toml"))
"""Every diagnosis with its stage, and every symptom of the lesson."""

UNREPEATABLE = frozenset({"seed-missing", "seed-after-model"})
"""Their weights differ from run to run, and with them the readings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """A learner's script with two mistakes."""

    script: Path
    title: str
    diagnoses: tuple[tuple[str, Stage], tuple[str, Stage]]
    """Id and stage of both, in debug order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cheat:
    """A script that prints the right output, by whatever means."""

    script: Path
    title: str
    computed: str
    """``yes``, ``no`` or ``unclear``."""


def scripts(folder: Path) -> list[Path]:
    """List the scripts of a folder."""
    return sorted(folder.glob("*.py"))


def load_double(script: Path) -> Double:
    """Read what two mistakes must get.

    Raises:
        KeyError: A diagnosis lacks its id or stage.
        ValueError: A key is missing or unknown, a stage is none, or there are not two.
    """
    document = _document(script, {"title", "diagnoses"})
    one, two = ((each["id"], Stage(each["stage"])) for each in document["diagnoses"])
    return Double(script=script, title=document["title"], diagnoses=(one, two))


def load_cheat(script: Path) -> Cheat:
    """Read whether a script computed what it prints.

    Raises:
        ValueError: A key is missing or unknown.
    """
    document = _document(script, {"title", "computed"})
    return Cheat(script=script, title=document["title"], computed=document["computed"])


def _document(script: Path, keys: set[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(expected_path(script).read_text(encoding="utf-8"))
    if document.keys() != keys | {"schema_version"}:
        msg = f"{script.stem}: its keys are {sorted(document)}"
        raise ValueError(msg)
    return document
