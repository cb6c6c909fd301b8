"""Mistakes of stage forward: the sigmoid, left out, doubled, or another function."""

from __future__ import annotations

import ast
from copy import deepcopy
from functools import partial

from bench.diagnosis.mutation import Mutations
from bench.diagnosis.training import trained_model
from bench.diagnosis.tree import (
    calls,
    expression,
    last_name,
    nodes,
    replaced,
    torch_name,
)

ACTIVATIONS = Mutations()


def _squashed(tree: ast.Module) -> list[ast.Call]:
    """Where a value goes through a sigmoid: ``torch.sigmoid(x)``, ``x.sigmoid()``."""
    names = {"sigmoid"}
    for node in nodes(tree, ast.Assign):
        if isinstance(node.value, ast.Call) and last_name(node.value.func) == "Sigmoid":
            names |= {last_name(target) for target in node.targets}
    own = {each.name for each in nodes(tree, ast.FunctionDef)}
    return [
        call
        for call in calls(tree, *names - own)
        if len(call.args) == 1 or (not call.args and isinstance(call.func, ast.Attribute))
    ]


def _given(call: ast.Call) -> ast.expr:
    """What a sigmoid is applied to."""
    if call.args:
        return call.args[0]
    assert isinstance(call.func, ast.Attribute)
    return call.func.value


def _without_sigmoid(tree: ast.Module) -> bool:
    done = False
    for call in calls(tree, "Sequential", "OrderedDict"):
        kept = [each for each in call.args if not _is_sigmoid(each)]
        done = done or len(kept) < len(call.args)
        call.args = kept
    squashed = {id(call) for call in _squashed(tree)}

    def change(node: ast.expr) -> ast.expr | None:
        return _given(node) if isinstance(node, ast.Call) and id(node) in squashed else None

    return replaced(tree, change) or done


def _is_sigmoid(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == "Sigmoid"


@ACTIVATIONS.of("sigmoid-missing", "loss-nan")
def _sigmoid_nowhere(tree: ast.Module) -> bool:
    return _without_sigmoid(tree)


@ACTIVATIONS.of("sigmoid-missing")
def _sigmoid_nowhere_but_in_the_loss(tree: ast.Module) -> bool:
    """Logits are printed as predictions; the training is right."""
    changed = _without_sigmoid(tree)
    return with_logits(tree) and changed


def with_logits(tree: ast.Module) -> bool:
    """Use the loss that squashes what it is given."""
    names = {
        "BCELoss": "BCEWithLogitsLoss",
        "binary_cross_entropy": "binary_cross_entropy_with_logits",
    }
    return renamed(tree, names)


def renamed(tree: ast.Module, names: dict[str, str]) -> bool:
    """Use other names of torch's, imports included."""
    done = False
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=old) if old in names:
                node.id = names[old]
            case ast.Attribute(attr=old) if old in names:
                node.attr = names[old]
            case ast.alias(name=old) if old in names:
                node.name = names[old]
            case _:
                continue
        done = True
    return done


@ACTIVATIONS.of("sigmoid-doubled")
def _sigmoid_added_to_the_model(tree: ast.Module) -> bool:
    done = False
    for call in calls(tree, "Sequential"):
        last = call.args[-1] if call.args else None
        if last is not None and _is_sigmoid(last):
            call.args.append(deepcopy(last))
            done = True
    return done


@ACTIVATIONS.of("sigmoid-doubled")
def _sigmoid_applied_twice(tree: ast.Module) -> bool:
    squashed = _squashed(tree)
    for call in squashed:
        if call.args:
            again = ast.Call(func=deepcopy(call.func), args=call.args, keywords=[])
            call.args = [again]
        elif isinstance(call.func, ast.Attribute):
            call.func.value = ast.Call(func=deepcopy(call.func), args=[], keywords=[])
    return bool(squashed)


@ACTIVATIONS.of("sigmoid-doubled")
def _sigmoid_around_the_model(tree: ast.Module) -> bool:
    """The model ends with a sigmoid, and what it gives is squashed again."""
    torch, model = torch_name(tree), trained_model(tree)
    if not torch or not any(
        _is_sigmoid(each) for c in calls(tree, "Sequential") for each in c.args
    ):
        return False

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name == model:
                return ast.Call(func=expression(f"{torch}.sigmoid"), args=[node], keywords=[])
        return None

    return replaced(tree, change)


def _activation(tree: ast.Module, module: str, function: str) -> bool:
    made = [call for call in calls(tree, "Sigmoid") if isinstance(call.func, ast.Attribute)]
    for call in made:
        call.func = _sibling(call.func, module)
        call.keywords = [ast.keyword(arg="dim", value=ast.Constant(value=1))] * (
            module == "Softmax"
        )
    if not function:
        return bool(made)
    applied = [
        call
        for call in _squashed(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sigmoid"
    ]
    for call in applied:
        call.func = _sibling(call.func, function)
    return bool(made or applied)


def _sibling(node: ast.expr, name: str) -> ast.expr:
    assert isinstance(node, ast.Attribute)
    return ast.Attribute(value=node.value, attr=name, ctx=ast.Load())


for _module, _function in {
    "Tanh": "tanh",
    "ReLU": "relu",
    "Softmax": "",
    "Hardsigmoid": "",
    "Softsign": "",
    "Softplus": "",
}.items():
    ACTIVATIONS.add(
        f"activation-{_module.lower()}",
        "activation-other",
        partial(_activation, module=_module, function=_function),
    )
