"""A lab's ``diagnoses.toml``: what is said about a wrong script, and by which formulas."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.lab.stage import STAGES, Stage
from verifier.schema import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verifier.lab.spec import Lab

FILE = "diagnoses.toml"
CONCEPTS = (
    "run", "output", "data", "seed", "forward", "loss", "gradient", "update", "loop", "evaluation",
)  # fmt: skip
"""What a diagnosis can be about."""
_FAR_TOO_HIGH = 12.0
_COMMON = Path(__file__).with_name("wordings.toml")
_BRACES = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is said about one mistake."""

    id: str
    stage: Stage
    symptom: str | None
    """Id of the lesson's symptom row, where it has one."""
    solves_for: str | None
    """Word of the message that holds the one value found out, where there is one."""
    message: str
    """What was seen and what was expected, with words in braces to be filled in."""
    fix: str
    """Where to look."""
    concept: str
    """What it is about, whatever a lab calls its stages: one of `CONCEPTS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageText:
    """What the lesson says about a stage."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """A row of the lesson's table of symptoms."""

    sign: str
    cause: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything of ``diagnoses.toml``."""

    formulas: str | None = None
    """The set of formulas that its diagnoses may use; None for none."""
    stages: Mapping[str, StageText] = field(default_factory=dict)
    symptoms: Mapping[str, Symptom] = field(default_factory=dict)
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    """By diagnosis id."""

    def wording(self, name: str) -> Wording | None:
        """Give what is said about a mistake: the lab's own words, or else the common ones."""
        return self.wordings.get(name) or common_wordings().get(name)


NO_CATALOGUE = Catalogue()
"""Of a lab that names no mistakes: nothing is diagnosed there."""


def load_catalogue(lab: Lab) -> Catalogue:
    """Read a lab's ``diagnoses.toml``; a lab may have none.

    Raises:
        BadDataError: It cannot be read, breaks its schema, or names a symptom it does not have.
    """
    path = lab.folder / FILE
    if not path.exists():
        return NO_CATALOGUE
    catalogue = _catalogue(read_document(path, schema="diagnoses", remedy="mend the file"))
    for wording in catalogue.wordings.values():
        if wording.symptom is not None and wording.symptom not in catalogue.symptoms:
            raise BadDataError(
                f"{path}: {wording.id} names symptom {wording.symptom!r}, which is not there",
                remedy="add it under [symptoms]",
            )
    return catalogue


def _catalogue(document: dict[str, Any]) -> Catalogue:
    return Catalogue(
        formulas=document.get("formulas"),
        stages={name: StageText(**table) for name, table in document["stages"].items()},
        symptoms={name: Symptom(**table) for name, table in document["symptoms"].items()},
        wordings={name: _wording(name, table) for name, table in document["diagnoses"].items()},
    )


def _wording(name: str, table: dict[str, Any]) -> Wording:
    return Wording(
        id=name,
        stage=Stage(table["stage"]),
        symptom=table.get("symptom"),
        solves_for=table.get("solves_for"),
        message=table["message"],
        fix=table["fix"],
        concept=table.get("concept", Stage(table["stage"]).concept),
    )


@cache
def common_wordings() -> Mapping[str, Wording]:
    """Give what is said where a lab says nothing of its own."""
    tables = tomllib.loads(_COMMON.read_text(encoding="utf-8"))
    return {
        name: Wording(
            id=name,
            stage=_stage_of(table["concept"]),
            symptom=None,
            solves_for=None,
            message=table["message"],
            fix=table["fix"],
            concept=table["concept"],
        )
        for name, table in tables.items()
    }


_NEAREST = {
    "seed": ("data", "forward"),
    "data": ("forward",),
    "forward": ("loss", "update", "evaluation"),
    "loss": ("forward", "update", "loop"),
    "gradient": ("update", "loss", "loop"),
    "update": ("gradient", "loop"),
    "loop": ("update",),
    "evaluation": ("loop", "output"),
}
"""Concepts of the stages that stand in for one that a lab has no stage for."""


def _stage_of(concept: str, stages: Sequence[Stage] = STAGES) -> Stage:
    for each in (concept, *_NEAREST.get(concept, ())):
        found = next((stage for stage in stages if stage.concept == each), None)
        if found is not None:
            return found
    return stages[1] if len(stages) > 1 else Stage.OUTPUT


def stage_of(wording: Wording, stages: Sequence[Stage], *, concept: str | None = None) -> Stage:
    """Give the stage of a lab that a wording belongs to: its own, or the one of its concept."""
    if concept is not None:
        return _stage_of(concept, stages)
    own = next((stage for stage in stages if stage == wording.stage), None)
    is_common = common_wordings().get(wording.id) is wording
    return _stage_of(wording.concept, stages) if is_common or own is None else own


def words_in(template: str) -> frozenset[str]:
    """Name the words in braces of a message or fix."""
    return frozenset(_BRACES.findall(template))


def filled(template: str, words: Mapping[str, str]) -> str:
    """Fill in a message; a word that nobody knows becomes ``another value``.

    A question that is filled in ends its sentence without a full stop.
    """
    text = _BRACES.sub(lambda found: words.get(found[1], "another value"), template)
    return text.replace("?. ", "? ")
