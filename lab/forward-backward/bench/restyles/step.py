"""How clearing and update are written."""

from __future__ import annotations

import ast

from bench.diagnosis.restyle import Restyles
from bench.diagnosis.training import (
    is_step,
    optimizer_calls,
    optimizer_spots,
    trained_model,
)
from bench.diagnosis.tree import (
    assigned_name,
    called,
    calls,
    calls_method,
    fresh_name,
    nodes,
    spots,
    statement,
    torch_name,
)
from restyles.model import bindings

STEP = Restyles()


@STEP.named("cleared-first")
def cleared_first(tree: ast.Module) -> bool:
    """``zero_grad()`` moves in front of forward and loss, where nothing in between minds."""
    done = False
    for spot in spots(tree):
        if not calls_method(spot.statement, "zero_grad"):
            continue
        before = spot.block[: spot.index]
        crossed = 0
        while crossed < len(before) and _minds_no_clearing(tree, before[-1 - crossed]):
            crossed += 1
        if crossed:
            target = before[-crossed]
            spot.drop()
            at = next(n for n, each in enumerate(spot.block) if each is target)
            spot.block.insert(at, spot.statement)
            done = True
    return done


def _minds_no_clearing(tree: ast.Module, crossed: ast.stmt) -> bool:
    own = {each.name for each in nodes(tree, ast.FunctionDef)}
    own |= {each.name for each in nodes(tree, ast.ClassDef)}
    touched = {each.attr for each in nodes(crossed, ast.Attribute)}
    return (
        isinstance(crossed, ast.Assign)
        and not touched & {"grad", "backward", "step", "zero_grad", "manual_seed", "parameters"}
        and not own & {called(call) for call in calls(crossed)}
        and bool(calls(crossed))
        and not nodes(crossed, ast.Lambda)
        and not optimizer_calls(crossed)
    )


def _plain_sgd(tree: ast.Module) -> tuple[str, str, ast.expr] | None:
    """Give optimizer, model and rate, where nothing but plain SGD of one whole model is used."""
    made = optimizer_spots(tree)
    model = trained_model(tree)
    if len(made) != 1 or len(optimizer_calls(tree)) != 1 or not model:
        return None
    call = optimizer_calls(tree)[0]
    rates = [each.value for each in call.keywords if each.arg == "lr"]
    others = {each.arg for each in call.keywords} - {"lr"}
    name = assigned_name(made[0].statement)
    text = ast.unparse(tree)
    if len(rates) != 1 or not isinstance(rates[0], ast.Constant) or others or len(call.args) != 1:
        return None
    if bindings(tree, name) != 1 or bindings(tree, model) != 1 or "param_groups" in text:
        return None
    if any(word in text for word in ("scheduler", "requires_grad", "load_state_dict", "deepcopy")):
        return None
    return name, model, rates[0]


@STEP.named("updated-by-hand")
def updated_by_hand(tree: ast.Module) -> bool:
    """``optimizer.step()`` becomes a loop over the parameters."""
    plain, torch = _plain_sgd(tree), torch_name(tree)
    if plain is None or not torch:
        return False
    name, model, rate = plain
    parameter = fresh_name(tree, "parameter")
    update = (
        f"with {torch}.no_grad():\n"
        f"    for {parameter} in {model}.parameters():\n"
        f"        if {parameter}.grad is not None:\n"
        f"            {parameter} -= {ast.unparse(rate)} * {parameter}.grad"
    )
    found = [
        spot
        for spot in spots(tree)
        if is_step(spot.statement) and ast.unparse(spot.statement) == f"{name}.step()"
    ]
    for spot in found:
        spot.block[spot.index] = statement(update)
    return bool(found)


@STEP.named("cleared-by-the-model")
def cleared_by_the_model(tree: ast.Module) -> bool:
    """``optimizer.zero_grad()`` becomes ``model.zero_grad()``."""
    plain = _plain_sgd(tree)
    if plain is None:
        return False
    name, model, _ = plain
    found = [spot for spot in spots(tree) if ast.unparse(spot.statement) == f"{name}.zero_grad()"]
    for spot in found:
        spot.block[spot.index] = statement(f"{model}.zero_grad()")
    return bool(found)


@STEP.named("cleared-by-hand")
def cleared_by_hand(tree: ast.Module) -> bool:
    """``optimizer.zero_grad()`` becomes a loop that sets every gradient to None."""
    plain = _plain_sgd(tree)
    if plain is None:
        return False
    name, model, _ = plain
    parameter = fresh_name(tree, "each")
    found = [spot for spot in spots(tree) if ast.unparse(spot.statement) == f"{name}.zero_grad()"]
    for spot in found:
        spot.block[spot.index] = statement(
            f"for {parameter} in {model}.parameters():\n    {parameter}.grad = None"
        )
    return bool(found)
