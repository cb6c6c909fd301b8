"""Mistakes of stage loss: the function, its target, the shapes and types of both."""

from __future__ import annotations

import ast
from functools import partial

from bench.diagnosis.mutation import Mutations
from bench.diagnosis.training import LOSS_MODULES, loss_calls
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
from mutations.activation import renamed, with_logits
from mutations.gradient import filled
from mutations.sample import tensor_spots

LOSS = Mutations()


def _other(tree: ast.Module, module: str, function: str) -> bool:
    return renamed(tree, {"BCELoss": module, "binary_cross_entropy": function})


for _module, _function in {
    "MSELoss": "mse_loss",
    "L1Loss": "l1_loss",
    "HuberLoss": "huber_loss",
    "SoftMarginLoss": "soft_margin_loss",
    "CrossEntropyLoss": "cross_entropy",
    "KLDivLoss": "kl_div",
}.items():
    LOSS.add(
        f"loss-{_function.replace('_', '-')}",
        "loss-other",
        partial(_other, module=_module, function=_function),
    )


@LOSS.of("logits-loss-with-sigmoid", "sigmoid-doubled", "loss-other")
def _loss_squashes_again(tree: ast.Module) -> bool:
    return with_logits(tree)


@LOSS.of("loss-arguments-swapped")
def _arguments_swapped(tree: ast.Module) -> bool:
    found = loss_calls(tree)
    for call in found:
        call.args.reverse()
    return bool(found)


@LOSS.of("loss-arguments-swapped")
def _arguments_swapped_in_the_loop(tree: ast.Module) -> bool:
    looped = [
        call
        for spot in spots(tree)
        if spot.looped and isinstance(spot.statement, ast.Assign)
        for call in loss_calls(tree, spot.statement)
    ]
    for call in looped:
        call.args.reverse()
    return bool(looped)


# --- the target -------------------------------------------------------------------------------


def _targets(tree: ast.Module) -> list[ast.List]:
    """Where ``[[1.0]]`` stands, the outer list."""
    return [each for each in nodes(tree, ast.List) if ast.unparse(each) in ("[[1.0]]", "[[1]]")]


def _target(tree: ast.Module, text: str) -> bool:
    found = {id(each) for each in _targets(tree)}
    done = False
    for call in calls(tree):
        for n, given in enumerate(call.args):
            if id(given) in found:
                call.args[n] = expression(text)
                done = True
    return done


for _name, _text in {
    "y-zero": "[[0.0]]",
    "y-smoothed": "[[0.95]]",
    "y-half": "[[0.5]]",
    "y-minus-one": "[[-1.0]]",
    "y-three": "[[3.0]]",
}.items():
    LOSS.add(_name, "target-wrong", partial(_target, text=_text))
for _name, _text in {
    "y-vector": "[1.0]",
    "y-number": "1.0",
    "y-deeper": "[[[1.0]]]",
}.items():
    LOSS.add(_name, "shape-mismatch", partial(_target, text=_text))
for _name, _text in {"y-two-rows": "[[1.0], [1.0]]", "y-one-hot": "[[0.0, 1.0]]"}.items():
    LOSS.add(_name, "shape-mismatch", partial(_target, text=_text), also=("target-wrong",))


def _prediction(tree: ast.Module, template: str) -> bool:
    found = loss_calls(tree)
    for call in found:
        call.args[0] = filled(template, call.args[0])
    return bool(found)


for _name, _text in {
    "prediction-squeezed": "GIVEN.squeeze()",
    "prediction-flattened": "GIVEN.flatten()",
    "prediction-viewed": "GIVEN.view(-1)",
    "prediction-indexed": "GIVEN[0]",
}.items():
    LOSS.add(_name, "shape-mismatch", partial(_prediction, template=_text))


# --- its type ---------------------------------------------------------------------------------


def _y_spots(tree: ast.Module) -> list[Spot]:
    return tensor_spots(tree, _targets(tree))


def _after_y(tree: ast.Module, template: str) -> bool:
    torch = torch_name(tree)
    made = _y_spots(tree) if torch else []
    for spot in made:
        text = template.replace("Y", assigned_name(spot.statement)).replace("TORCH", torch)
        spot.put_after(statement(text))
    return bool(made)


for _name, _text in {
    "y-long": "Y = Y.long()",
    "y-boolean": "Y = Y.bool()",
    "y-double": "Y = Y.double()",
    "y-half-precision": "Y = Y.to(TORCH.float16)",
}.items():
    LOSS.add(_name, "target-dtype", partial(_after_y, template=_text))


@LOSS.of("target-dtype")
def _y_whole_number(tree: ast.Module) -> bool:
    made = [call for call in calls(tree, "tensor") if any(id(a) in _ids(tree) for a in call.args)]
    for call in made:
        call.args = [expression("[[1]]")]
        call.keywords = [each for each in call.keywords if each.arg != "dtype"]
    return bool(made)


def _ids(tree: ast.Module) -> set[int]:
    return {id(each) for each in _targets(tree)}


def own_loss(tree: ast.Module, formula: str) -> bool:
    """Write the loss as a formula of p and t in place of torch's module."""
    done = False
    made = {id(call) for call in calls(tree, LOSS_MODULES[0])}
    for node in nodes(tree, ast.Assign):
        if id(node.value) in made:
            node.value = expression(f"lambda p, t: {formula}")
            done = True
    return done
