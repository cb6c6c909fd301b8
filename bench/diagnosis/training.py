"""The parts of a training step in a script's tree, however the script names them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bench.diagnosis.tree import (
    Spot,
    assigned_name,
    called,
    calls,
    calls_method,
    last_name,
    nodes,
    spots,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LOSS_MODULES = ("BCELoss", "BCEWithLogitsLoss")
LOSS_FUNCTIONS = ("binary_cross_entropy", "binary_cross_entropy_with_logits")


def is_backward(node: ast.stmt) -> bool:
    """``loss.backward()``."""
    return calls_method(node, "backward")


def is_step(node: ast.stmt) -> bool:
    """``optimizer.step()``, but of no scheduler."""
    return calls_method(node, "step") and "sched" not in ast.unparse(node)


def is_clear(node: ast.stmt) -> bool:
    """``zero_grad()``, or a gradient cleared by hand."""
    match node:
        case ast.Assign(targets=targets, value=ast.Constant(value=None)):
            return all(isinstance(each, ast.Attribute) and each.attr == "grad" for each in targets)
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(attr="zero_", value=ast.Attribute(attr="grad")))
        ):
            return True
        case _:
            return calls_method(node, "zero_grad")


def is_hand_update(node: ast.stmt) -> bool:
    """``p -= lr * p.grad``."""
    return (
        isinstance(node, ast.AugAssign)
        and isinstance(node.op, ast.Sub)
        and "grad" in ast.unparse(node.value)
    )


def found(tree: ast.Module, test: Callable[[ast.stmt], bool]) -> list[Spot]:
    """List the statements that pass a test, in the order of the text."""
    return [spot for spot in spots(tree) if test(spot.statement)]


def optimizer_calls(tree: ast.AST) -> list[ast.Call]:
    """Where optimizers are made."""
    return calls(tree, "SGD")


def optimizer_spots(tree: ast.Module) -> list[Spot]:
    """Statements that give an optimizer a plain name, and hold nothing else."""
    return [
        spot
        for spot in spots(tree)
        if assigned_name(spot.statement) and _value_calls(spot.statement, "SGD")
    ]


def model_spots(tree: ast.Module) -> list[Spot]:
    """Statements that give a model a plain name: a layer, a Sequential or a class of the script."""
    own = {each.name for each in nodes(tree, ast.ClassDef) if calls(each, "Linear")}
    return [
        spot
        for spot in spots(tree)
        if assigned_name(spot.statement)
        and _value_calls(spot.statement, "Sequential", "Linear", *own)
    ]


def _value_calls(node: ast.stmt, *names: str) -> bool:
    value = getattr(node, "value", None)
    return isinstance(value, ast.Call) and called(value) in names


def trained_model(tree: ast.AST) -> str:
    """Give the name whose ``parameters()`` an optimizer is given; empty if that is no name."""
    for call in optimizer_calls(tree):
        given = call.args[:1] or [each.value for each in call.keywords if each.arg == "params"]
        match given:
            case [ast.Call(func=ast.Attribute(attr="parameters", value=ast.Name(id=name)))]:
                return name
    return ""


def model_made(tree: ast.Module) -> Spot | None:
    """Where the trained model gets its name; None if that is not one plain statement."""
    name = trained_model(tree)
    made = [spot for spot in model_spots(tree) if assigned_name(spot.statement) == name]
    return made[0] if len(made) == 1 else None


def drop_all(spots_: list[Spot]) -> bool:
    """Take statements out; say whether there were any."""
    for spot in spots_:
        spot.drop()
    return bool(spots_)


def training_blocks(tree: ast.Module) -> list[list[Spot]]:
    """Blocks that hold both a backward pass and an update, each as its spots."""
    blocks: dict[int, list[Spot]] = {}
    for spot in spots(tree):
        blocks.setdefault(id(spot.block), []).append(spot)
    return [
        block
        for block in blocks.values()
        if one(block, is_backward) is not None and one(block, is_step) is not None
    ]


def one(block: list[Spot], test: Callable[[ast.stmt], bool]) -> Spot | None:
    """Give the first statement of a block that passes a test."""
    return next((spot for spot in block if test(spot.statement)), None)


def forward_part(block: list[Spot]) -> list[Spot]:
    """Assignments in front of a block's backward pass that compute prediction or loss."""
    backward = one(block, is_backward)
    if backward is None:
        return []
    before = block[: next(n for n, each in enumerate(block) if each is backward)]
    return [
        spot
        for spot in before
        if isinstance(spot.statement, ast.Assign) and calls(spot.statement.value)
    ]


def loss_names(tree: ast.AST) -> set[str]:
    """Names of what computes the loss: an instance of a loss, or a function of torch's."""
    names = set(LOSS_FUNCTIONS)
    for node in nodes(tree, ast.Assign):
        pairs = [(target, node.value) for target in node.targets]
        for target, value in list(pairs):
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs += zip(target.elts, value.elts, strict=False)
        names |= {last_name(target) for target, value in pairs if _is_loss(value)}
    for annotated in nodes(tree, ast.AnnAssign):
        if annotated.value is not None and _is_loss(annotated.value):
            names.add(last_name(annotated.target))
    return names - {""}


def _is_loss(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return called(value) in LOSS_MODULES
    return last_name(value) in LOSS_FUNCTIONS


def loss_calls(tree: ast.Module, inside: ast.AST | None = None) -> list[ast.Call]:
    """Calls that compute the loss of a prediction and a target.

    Args:
        tree: The script.
        inside: The part of it where they are looked for.
    """
    names = loss_names(tree)
    return [
        call
        for call in calls(tree if inside is None else inside)
        if called(call) in names and len(call.args) == 2
    ]
