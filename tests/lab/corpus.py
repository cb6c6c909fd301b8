"""The scripts that the checks and the diagnoses are held against, with what each must get."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes import LAB_ROOT
from verifier.lab_spec import Stage

MISTAKES = LAB_ROOT / "forward-backward" / "mistakes"
STYLES = Path(__file__).parent / "styles"
CHEATS = Path(__file__).parent / "cheats"

SYMPTOMS = frozenset(
    {
        "loss-never-changes",
        "gradients-grow",
        "grad-is-none",
        "binary-loss-errors",
        "loss-is-nan",
    }
)
"""The five that the lesson names."""

_IDS = {
    Stage.RUN: "syntax-error indentation-lost undefined-name import-missing attribute-typo"
    " script-error wrong-argument endless-loop out-of-memory output-flood",
    Stage.OUTPUT: "printed-too-coarse printed-as-tensor line-missing printed-wrong-moment"
    " values-swapped",
    Stage.FORWARD: "seed-missing seed-wrong seed-after-model sigmoid-missing sigmoid-doubled"
    " activation-other input-wrong input-scaled model-other model-reused weights-by-hand"
    " dtype-other",
    Stage.LOSS: "loss-other logits-loss-with-sigmoid target-wrong shape-mismatch target-dtype"
    " loss-reduction loss-arguments-swapped",
    Stage.GRADIENT: "backward-missing zero-grad-missing zero-grad-kept zero-grad-late graph-cut"
    " parameters-frozen gradient-scaled backward-twice",
    Stage.UPDATE: "step-missing step-before-backward optimizer-other-parameters lr-wrong"
    " optimizer-other momentum-used weight-decay-used update-sign step-twice",
    Stage.LOOP: "loop-step-missing loop-backward-missing loop-zero-grad-missing"
    " loop-forward-missing loop-too-short loop-too-long loop-printed-late loop-restarts loss-nan"
    " lr-too-high loop-numbered-from-zero",
}
STAGE_OF = {name: stage for stage, names in _IDS.items() for name in names.split()}
"""Every diagnosis, with the stage where a learner must look."""

PARAMETERS = {
    "seed-wrong": "seed",
    "activation-other": "activation",
    "input-scaled": "factor",
    "loss-other": "name",
    "gradient-scaled": "factor",
    "lr-wrong": "lr",
    "optimizer-other": "class",
    "momentum-used": "momentum",
    "weight-decay-used": "weight_decay",
    "loop-too-short": "n",
    "loop-too-long": "n",
    "loss-nan": "cause",
}
"""The one value that a diagnosis solves for, where it has one."""

UNREPEATABLE = frozenset({"seed-missing", "seed-after-model"})
"""Their weights differ from run to run, and with them the readings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A learner's script with one mistake."""

    script: Path
    title: str
    exercise: str
    symptom: str | None
    """One of `SYMPTOMS`, where a learner would see it."""
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
