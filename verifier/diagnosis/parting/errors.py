"""Errors that name a step of a training: what Python and torch say where they stop a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier.diagnosis.diagnosis import LIKELY, Suspicion, suspect

if TYPE_CHECKING:
    from verifier.run.script_error import ScriptError

_LOSS = re.compile(r"log_softmax|nll_loss|cross_entropy|binary_cross|mse_loss|l1_loss|[Tt]arget")
_STATEMENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "crash-update",
        re.compile(r"a leaf Variable that requires grad is being used in an in-place"),
    ),
    ("crash-update", re.compile(r"optimizer got an empty parameter list|non-leaf Tensor")),
    (
        "crash-gradient",
        re.compile(
            r"does not require grad|implicitly created only for scalar|backward through the graph|"
            r"modified by an inplace operation|retain_grad|can require gradients|"
            r"appears to not have been used in the graph|require_?s?_?grad"
        ),
    ),
    (
        "crash-type",
        re.compile(
            r"same dtype|scalar type|Found dtype|expected .* dtype|[Ii]nteger and Boolean|"
            r"can't be cast|Cannot cast|only 0-dim|only length-1|only integer tensors|"
            r"Float and|Long and|must be .*floating"
        ),
    ),
    (
        "crash-shapes",
        re.compile(
            r"shapes? |size mismatch|[Ss]ize|dimension|channels|not aligned|broadcast|"
            r"out of range|out of bounds"
        ),
    ),
)
_NONE = re.compile(r"'?NoneType'?")


def of_error(error: ScriptError | None) -> Suspicion | None:
    """Say which step of a training an error speaks of; None where it speaks of none."""
    if error is None:
        return None
    if _NONE.search(error.message) and ".grad" in error.statement:
        return _suspicion("gradient-none", error)
    if error.kind in {"NameError", "ModuleNotFoundError", "ImportError", "SyntaxError", "KeyError"}:
        return None
    name = next((name for name, said in _STATEMENTS if said.search(error.message)), None)
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
