"""Mistakes of stage forward: the numbers of the sample."""

from __future__ import annotations

import ast
from functools import partial

from bench.diagnosis.mutation import Mutations
from bench.diagnosis.tree import (
    Spot,
    assigned_name,
    calls,
    expression,
    nodes,
    spots,
    statement,
    torch_name,
)

SAMPLES = Mutations()
FEATURES = (1, 2)


def _features(tree: ast.Module) -> list[ast.List]:
    """Where the sample's two numbers stand."""
    return [
        each
        for each in nodes(tree, ast.List)
        if tuple(item.value for item in each.elts if isinstance(item, ast.Constant)) == FEATURES
    ]


def with_features(tree: ast.Module, *numbers: float) -> bool:
    """Give the sample other numbers."""
    found = _features(tree)
    for each in found:
        each.elts = [expression(repr(number)) for number in numbers]
    return bool(found)


def with_numbers(*numbers: float) -> partial[bool]:
    """Make the change that gives x these numbers."""
    return partial(_given_numbers, numbers=numbers)


def _given_numbers(tree: ast.Module, numbers: tuple[float, ...]) -> bool:
    return with_features(tree, *numbers)


for _name, _given_x in {
    "x-swapped": (2.0, 1.0),
    "x-ones": (1.0, 1.0),
    "x-negative": (1.0, -2.0),
    "x-half-empty": (0.0, 2.0),
    "x-counted-on": (2.0, 3.0),
}.items():
    SAMPLES.add(_name, "input-wrong", with_numbers(*_given_x))
SAMPLES.add(
    "x-three-features",
    "input-wrong",
    with_numbers(1.0, 2.0, 3.0),
    also=("shape-mismatch", "model-other"),
)
for _name, _given_x in {
    "x-ten-times": (10.0, 20.0),
    "x-hundredth": (0.01, 0.02),
    "x-tripled": (3.0, 6.0),
}.items():
    SAMPLES.add(_name, "input-scaled", with_numbers(*_given_x))


def _x_spots(tree: ast.Module) -> list[Spot]:
    """Statements that give x its name, and hold nothing else."""
    return tensor_spots(tree, _features(tree))


_TENSORS = ("tensor", "Tensor", "FloatTensor", "Variable", "from_numpy", "reshape", "to")


def tensor_spots(tree: ast.Module, lists: list[ast.List]) -> list[Spot]:
    """Statements that give a tensor, made of one of these lists, a plain name."""
    wanted = {id(each) for each in lists}
    return [
        spot
        for spot in spots(tree)
        if assigned_name(spot.statement)
        and any(call is getattr(spot.statement, "value", None) for call in calls(tree, *_TENSORS))
        and wanted & {id(each) for each in nodes(spot.statement, ast.List)}
    ]


def after_x(tree: ast.Module, template: str) -> bool:
    """Put a statement behind the one that makes x; X stands for its name."""
    if "TORCH" in template and not torch_name(tree):
        return False
    made = _x_spots(tree)
    for spot in made:
        text = template.replace("X", assigned_name(spot.statement))
        spot.put_after(statement(text.replace("TORCH", torch_name(tree))))
    return bool(made)


for _name, _template in {
    "x-through-its-largest": "X = X / X.max()",
    "x-through-its-sum": "X = X / X.sum()",
    "x-times-four": "X = X * 4",
    "x-normalised": "X = TORCH.nn.functional.normalize(X)",
}.items():
    SAMPLES.add(_name, "input-scaled", partial(after_x, template=_template))
