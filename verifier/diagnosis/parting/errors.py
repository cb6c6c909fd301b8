"""Errors that name a step of a training: what Python and torch say where they stop a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier.diagnosis.diagnosis import LIKELY, Suspicion, suspect

if TYPE_CHECKING:
    from verifier.run.script_error import ScriptError

_LOSS = re.compile(r"log_softmax|nll_loss|cross_entropy|binary_cross|mse_loss|l1_loss|[Tt]arget")
_STATEMENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("crash-update", re.compile(r"a leaf Variable that requires grad is being used")),
    (
        "crash-gradient",
        re.compile(
            r"does not require grad|implicitly created only for scalar|backward through the graph|"
            r"modified by an inplace operation|retain_grad|can require gradients|"
            r"appears to not have been used in the graph"
        ),
    ),
    (
        "crash-type",
        re.compile(
            r"same dtype|scalar type|Found dtype|expected .* dtype|[Ii]nteger and Boolean|"
            r"can't be cast|Cannot cast|Float and|Long and|must be .*floating"
        ),
    ),
    (
        "crash-shapes",
        re.compile(
            r"shapes? |size mismatch|must match the size|[Ss]izes of tensors|channels|not aligned|"
            r"broadcast|mismatch in its core dimension|embedding dimension|Dimension out of range"
        ),
    ),
)
_NONE = re.compile(r"'?NoneType'?")
_GRADIENT = re.compile(r"\.grad\b")
_OF_TORCH = frozenset(
    ("RuntimeError", "ValueError", "IndexError", "NotImplementedError", "AssertionError")
)
"""What torch and NumPy raise where numbers do not go together; others are of the text."""
_OF_TYPES = ("TypeError", "CastingError")


def of_error(error: ScriptError | None) -> Suspicion | None:
    """Say which step of a training an error speaks of; None where it speaks of none."""
    if error is None:
        return None
    if _NONE.search(error.message) and _GRADIENT.search(error.statement):
        return _suspicion("gradient-none", error)
    name = next((name for name, said in _STATEMENTS if said.search(error.message)), None)
    if error.kind not in _OF_TORCH:
        is_of_types = error.kind.endswith(_OF_TYPES) and name == "crash-type"
        return _suspicion("crash-type", error) if is_of_types else None
    if _LOSS.search(error.message) and name in {None, "crash-type", "crash-shapes"}:
        return _suspicion("crash-loss", error)
    return None if name is None else _suspicion(name, error)


def _suspicion(name: str, error: ScriptError) -> Suspicion:
    where = "" if error.line is None else f" at line {error.line}"
    return suspect(
        name,
        f"Python's error{where}: {error.shown}",
        sure=LIKELY,
        line=error.line,
        words={"said": error.shown},
    )
