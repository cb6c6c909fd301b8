"""What an error says of a step of training, and what it does not."""

from __future__ import annotations

import pytest

from verifier.diagnosis.parting.errors import of_error
from verifier.run.script_error import ScriptError

SHAPES = "mat1 and mat2 shapes cannot be multiplied (12x27 and 12x2)"


@pytest.mark.parametrize(
    ("kind", "message", "statement", "told"),
    [
        ("RuntimeError", SHAPES, "", "crash-shapes"),
        ("RuntimeError", "mat1 and mat2 must have the same dtype", "", "crash-type"),
        ("RuntimeError", "expected target dtype to be Long", "", "crash-loss"),
        ("IndexError", "Target 3 is out of bounds.", "", "crash-loss"),
        ("RuntimeError", "element 0 of tensors does not require grad", "", "crash-gradient"),
        (
            "RuntimeError",
            "a leaf Variable that requires grad is being used in an in-place operation.",
            "",
            "crash-update",
        ),
        ("_UFuncOutputCastingError", "Cannot cast ufunc 'subtract' output", "", "crash-type"),
        (
            "AttributeError",
            "'NoneType' object has no attribute 'item'",
            "w.grad.item()",
            "gradient-none",
        ),
        ("AttributeError", "'NoneType' object has no attribute 'name'", "x.grad_fn.name()", None),
        ("IndexError", "list index out of range", "", None),
        ("IndexError", "index 5 is out of bounds for dimension 0 with size 4", "", None),
        ("AttributeError", "'Data' object has no attribute 'target'", "", None),
        ("TypeError", "__init__() got an unexpected keyword argument 'requires_grad'", "", None),
        ("TypeError", "only 0-dimensional arrays can be converted to Python scalars", "", None),
        ("FileNotFoundError", "no such file: sizes of tensors", "", None),
        ("KeyError", "shapes ", "", None),
    ],
)
def test_only_errors_of_numbers_name_a_step(
    kind: str, message: str, statement: str, told: str | None
) -> None:
    """A list that is too short has no shapes, and a misspelt name no loss."""
    error = ScriptError(kind=kind, message=message, line=3, guess=None, statement=statement)
    found = of_error(error)

    assert (None if found is None else found.id) == told
    assert of_error(None) is None
