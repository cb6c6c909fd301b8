"""The scripts that the checks and the diagnoses are held against, with what each must get."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes import LAB_ROOT
from verifier.diagnosis.catalogue import load_catalogue
from verifier.lab_spec import Stage, load_lab

MISTAKES = LAB_ROOT / "forward-backward" / "mistakes"
STYLES = Path(__file__).parent / "styles"
CHEATS = Path(__file__).parent / "cheats"
DOUBLES = Path(__file__).parent / "doubles"

CATALOGUE = load_catalogue(load_lab(LAB_ROOT / "forward-backward" / "lab.toml"))
"""Every diagnosis with its stage, and every symptom of the lesson."""

UNREPEATABLE = frozenset({"seed-missing", "seed-after-model"})
"""Their weights differ from run to run, and with them the readings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A learner's script with one mistake."""

    script: Path
    title: str
    exercise: str
    symptom: str | None
    """One of the lesson's, where a learner would see it."""
    diagnosis: str
    """The id that must come first."""
    stage: Stage
    also: tuple[str, ...]
    """Ids that are right as a second guess."""
    params: dict[str, float | str]
    """What is solved for; empty for a diagnosis without a parameter."""
    start_here: Stage
    """Where the checks alone send the learner."""


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


def load_mistake(script: Path) -> Mistake:
    """Read what a mistake must get.

    Raises:
        ValueError: A key is missing or unknown, or a stage is none.
    """
    document = _document(
        script,
        required={"title", "exercise", "symptom", "diagnosis", "also", "start_here"},
        optional={"params"},
    )
    diagnosis = document["diagnosis"]
    _expect_keys(script, diagnosis, required={"id", "stage"}, optional=set())
    return Mistake(
        script=script,
        title=document["title"],
        exercise=document["exercise"],
        symptom=document["symptom"],
        diagnosis=diagnosis["id"],
        stage=Stage(diagnosis["stage"]),
        also=tuple(document["also"]),
        params=document.get("params", {}),
        start_here=Stage(document["start_here"]),
    )


def load_double(script: Path) -> Double:
    """Read what two mistakes must get.

    Raises:
        ValueError: A key is missing or unknown, a stage is none, or there are not two.
    """
    document = _document(script, required={"title", "diagnoses"}, optional=set())
    for each in document["diagnoses"]:
        _expect_keys(script, each, required={"id", "stage"}, optional=set())
    one, two = ((each["id"], Stage(each["stage"])) for each in document["diagnoses"])
    return Double(script=script, title=document["title"], diagnoses=(one, two))


def load_cheat(script: Path) -> Cheat:
    """Read whether a script computed what it prints.

    Raises:
        ValueError: A key is missing or unknown.
    """
    document = _document(script, required={"title", "computed"}, optional=set())
    return Cheat(script=script, title=document["title"], computed=document["computed"])


def expected_path(script: Path) -> Path:
    """Name the file beside a script that says what it must get."""
    return script.with_name(f"{script.stem}.expected.json")


def _document(script: Path, *, required: set[str], optional: set[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(expected_path(script).read_text(encoding="utf-8"))
    _expect_keys(script, document, required=required | {"schema_version"}, optional=optional)
    if document["schema_version"] != 1:
        msg = f"{script.stem}: schema_version {document['schema_version']}"
        raise ValueError(msg)
    return document


def _expect_keys(
    script: Path, document: dict[str, Any], *, required: set[str], optional: set[str]
) -> None:
    keys = document.keys()
    if not required <= keys or keys - required - optional:
        msg = f"{script.stem}: its keys are {sorted(keys)}, not {sorted(required)}"
        raise ValueError(msg)
