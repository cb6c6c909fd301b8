"""A lab's ``diagnoses.toml``: what a right script does, and what is said about a wrong one."""

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
    rates: tuple[float, ...]
    """The learning rate of each training that starts from the seed anew, in order."""
    clears: bool
    """Whether old gradients are removed before each backward pass."""
    first_steps: int
    """Steps before the loop."""
    loop_steps: int
    first_loss: str
    """Key of the field that shows the loss before any update."""
    first_prediction: str | None = None
    """Key of the one that shows the prediction then; None where none does."""
    highest: float
    """The greatest of the exercise's learning rates."""

    @property
    def lr(self) -> float:
        """The learning rate, or the first of several."""
        return self.rates[0]

    @property
    def too_high(self) -> float:
        """A learning rate above which the first step leaves the useful range."""
        return _FAR_TOO_HIGH * self.highest

    @property
    def takes_scores(self) -> bool:
        """Whether the loss is to be given raw scores, and squashes them itself."""
        return self.activation == "nothing"

    @property
    def words(self) -> dict[str, str]:
        """What messages say of it."""
        return {
            "seed_expected": str(self.seed),
            "lr_expected": " or ".join(f"{rate:g}" for rate in self.rates),
            "activation_expected": "Nothing" if self.takes_scores else "A sigmoid",
            "loss_expected": self.loss,
            "given": "a raw score" if self.takes_scores else "a probability",
            "dtype_expected": self.dtype,
            "optimizer_expected": self.optimizer,
        }

    @property
    def samples(self) -> int:
        """How many samples go through the model at once."""
        return self.x_shape[0]

    @property
    def features(self) -> int:
        """How many numbers a sample has."""
        return self.x_shape[-1]


NO_PLAN = Plan(
    seed=0, x=(), x_shape=(1,), y=(), y_shape=(1,), dtype="", parameters=(), activation="nothing",
    loss="", optimizer="", rates=(0.0,), clears=True, first_steps=0, loop_steps=0, first_loss="",
    highest=0.0,
)  # fmt: skip
"""Of an exercise that none is written for."""


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

    plans: Mapping[str, Plan] = field(default_factory=dict)
    """By exercise."""
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
    _check_plans(catalogue, lab)
    for wording in catalogue.wordings.values():
        if wording.symptom is not None and wording.symptom not in catalogue.symptoms:
            raise BadDataError(
                f"{path}: {wording.id} names symptom {wording.symptom!r}, which is not there",
                remedy="add it under [symptoms]",
            )
    return catalogue


def _check_plans(catalogue: Catalogue, lab: Lab) -> None:
    """Hold the plans against the exercises they are for.

    Raises:
        BadDataError: There is no such exercise, or it lacks what its plan names.
    """
    for name, plan in catalogue.plans.items():
        exercise = lab.exercises.get(name)
        if exercise is None:
            raise BadDataError(
                f"{lab.folder / FILE}: there is no exercise {name!r}", remedy="rename the plan"
            )
        keys = {field.key for field in exercise.fields}
        named = {plan.first_loss, plan.first_prediction} - {None}
        if not named <= keys or len(plan.rates) not in {1, len(exercise.sections)}:
            raise BadDataError(
                f"{lab.folder / FILE}: the plan of {name} names other fields than lab.toml, "
                "or not a rate for each section",
                remedy="compare the two",
            )


def _catalogue(document: dict[str, Any]) -> Catalogue:
    return Catalogue(
        plans={name: _plan(table) for name, table in document["plans"].items()},
        stages={name: StageText(**table) for name, table in document["stages"].items()},
        symptoms={name: Symptom(**table) for name, table in document["symptoms"].items()},
        wordings={name: _wording(name, table) for name, table in document["diagnoses"].items()},
    )


def _plan(table: dict[str, Any]) -> Plan:
    lists = {name: tuple(value) for name, value in table.items() if isinstance(value, list)}
    return Plan(**(table | lists), highest=max(table["rates"]))


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
