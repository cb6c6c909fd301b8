"""A lab's ``diagnoses.toml``: what a right script does, and what is said about a wrong one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.lab_spec import Stage
from verifier.schema import validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.lab_spec import Lab

FILE = "diagnoses.toml"
_BRACES = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a right script of an exercise does: the facts that a recorded run is compared with."""

    seed: int
    x: tuple[float, ...]
    x_shape: tuple[int, ...]
    y: tuple[float, ...]
    y_shape: tuple[int, ...]
    dtype: str
    parameters: tuple[int, ...]
    """How many numbers each parameter holds, in ascending order."""
    activation: str
    loss: str
    """Name of the function in ``torch.nn.functional``."""
    optimizer: str
    lr: float
    first_steps: int
    """Steps before the loop."""
    loop_steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is said about one mistake."""

    id: str
    stage: Stage
    symptom: str | None
    """Id of the lesson's symptom row, where it has one."""
    message: str
    """What was seen and what was expected, with words in braces to be filled in."""
    fix: str
    """Where to look."""


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

    plans: Mapping[str, Plan] = field(default_factory=dict)
    """By exercise."""
    stages: Mapping[str, StageText] = field(default_factory=dict)
    symptoms: Mapping[str, Symptom] = field(default_factory=dict)
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    """By diagnosis id."""


NO_CATALOGUE = Catalogue()
"""Of a lab that names no mistakes: nothing is diagnosed there."""


def load_catalogue(lab: Lab) -> Catalogue:
    """Read a lab's ``diagnoses.toml``; a lab may have none.

    Raises:
        BadDataError: It cannot be read, breaks its schema, or names a symptom it does not have.
    """
    path = lab.folder / FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return NO_CATALOGUE
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDataError(f"{path}: {error}", remedy="mend the file") from error
    validate("diagnoses", document)
    catalogue = _catalogue(document)
    for wording in catalogue.wordings.values():
        if wording.symptom is not None and wording.symptom not in catalogue.symptoms:
            raise BadDataError(
                f"{path}: {wording.id} names symptom {wording.symptom!r}, which is not there",
                remedy="add it under [symptoms]",
            )
    return catalogue


def _catalogue(document: dict[str, Any]) -> Catalogue:
    return Catalogue(
        plans={name: _plan(table) for name, table in document["plans"].items()},
        stages={name: StageText(**table) for name, table in document["stages"].items()},
        symptoms={name: Symptom(**table) for name, table in document["symptoms"].items()},
        wordings={name: _wording(name, table) for name, table in document["diagnoses"].items()},
    )


def _plan(table: dict[str, Any]) -> Plan:
    lists = {name: tuple(value) for name, value in table.items() if isinstance(value, list)}
    return Plan(**(table | lists))


def _wording(name: str, table: dict[str, Any]) -> Wording:
    return Wording(
        id=name,
        stage=Stage(table["stage"]),
        symptom=table.get("symptom"),
        message=table["message"],
        fix=table["fix"],
    )


def words_in(template: str) -> frozenset[str]:
    """Name the words in braces of a message or fix."""
    return frozenset(_BRACES.findall(template))


def filled(template: str, words: Mapping[str, str]) -> str:
    """Fill in a message; a word that nobody knows becomes ``another value``."""
    return _BRACES.sub(lambda found: words.get(found[1], "another value"), template)
