"""Mistakes of stage gradient: clearing, the backward pass, and the way from loss to parameters."""

from __future__ import annotations

import ast
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING

from bench.diagnosis.mutation import Change, Mutations, any_done
from bench.diagnosis.training import (
    drop_all,
    found,
    is_backward,
    is_clear,
    is_step,
    loss_calls,
    model_made,
    one,
    trained_model,
    training_blocks,
)
from bench.diagnosis.tree import (
    after_imports,
    calls,
    calls_method,
    expression,
    nodes,
    replaced,
    spots,
    statement,
    statements,
    torch_name,
)

if TYPE_CHECKING:
    from bench.diagnosis.tree import Spot

GRADIENT = Mutations()


# --- backward ---------------------------------------------------------------------------------


@GRADIENT.of("backward-missing")
def _backward_nowhere(tree: ast.Module) -> bool:
    return drop_all(found(tree, is_backward))


@GRADIENT.of("backward-missing")
def _backward_missing_at_first(tree: ast.Module) -> bool:
    return drop_all([spot for spot in found(tree, is_backward) if spot.straight])


@GRADIENT.of("backward-missing")
def _backward_not_called(tree: ast.Module) -> bool:
    return uncalled(found(tree, is_backward))


def uncalled(found_: list[Spot]) -> bool:
    """Leave the brackets of calls out; say whether there were any."""
    for spot in found_:
        expr = spot.statement
        if isinstance(expr, ast.Expr) and isinstance(expr.value, ast.Call):
            expr.value = expr.value.func
    return bool(found_)


@GRADIENT.of("backward-twice", "gradient-scaled")
def _backward_twice(tree: ast.Module) -> bool:
    return _twice(found(tree, is_backward), retain=True)


@GRADIENT.of("backward-twice", "gradient-scaled")
def _backward_twice_at_first(tree: ast.Module) -> bool:
    return _twice([spot for spot in found(tree, is_backward) if spot.straight], retain=True)


@GRADIENT.of("backward-twice", "gradient-scaled")
def _backward_twice_in_the_loop(tree: ast.Module) -> bool:
    return _twice([spot for spot in found(tree, is_backward) if spot.looped], retain=True)


@GRADIENT.of("backward-twice", "gradient-scaled")
def _backward_again_without_a_graph(tree: ast.Module) -> bool:
    return _twice(found(tree, is_backward), retain=False)


def _twice(found_: list[Spot], *, retain: bool) -> bool:
    for spot in found_:
        again = deepcopy(spot.statement)
        call = calls(spot.statement, "backward")[0]
        if retain:
            call.keywords = [ast.keyword(arg="retain_graph", value=ast.Constant(value=True))]
        spot.put_after(again)
    return bool(found_)


# --- clearing ---------------------------------------------------------------------------------


@GRADIENT.of("zero-grad-missing")
def _clear_nowhere(tree: ast.Module) -> bool:
    return drop_all(found(tree, is_clear))


@GRADIENT.of("zero-grad-missing")
def _clear_not_called(tree: ast.Module) -> bool:
    return uncalled(found(tree, partial(calls_method, name="zero_grad")))


@GRADIENT.of("zero-grad-missing")
def _clear_binds_a_name(tree: ast.Module) -> bool:
    """``gradient = None`` in place of ``p.grad = None``."""
    by_hand = [
        spot.statement for spot in found(tree, is_clear) if isinstance(spot.statement, ast.Assign)
    ]
    for each in by_hand:
        each.targets = [ast.Name(id="gradient", ctx=ast.Store())]
    return bool(by_hand)


@GRADIENT.of("zero-grad-late")
def _clear_before_every_update(tree: ast.Module) -> bool:
    return any_done(_clear_late(block) for block in training_blocks(tree))


@GRADIENT.of("zero-grad-late")
def _clear_before_the_first_update(tree: ast.Module) -> bool:
    return any_done(_clear_late(block) for block in training_blocks(tree) if block[0].straight)


@GRADIENT.of("zero-grad-late")
def _clear_before_the_update_in_the_loop(tree: ast.Module) -> bool:
    return any_done(_clear_late(block) for block in training_blocks(tree) if block[0].looped)


@GRADIENT.of("zero-grad-late")
def _clear_right_behind_backward(tree: ast.Module) -> bool:
    return any_done(_clear_late(block, behind_backward=True) for block in training_blocks(tree))


def _clear_late(block: list[Spot], *, behind_backward: bool = False) -> bool:
    clear, backward, step = one(block, is_clear), one(block, is_backward), one(block, is_step)
    if clear is None or backward is None or step is None or backward.index > step.index:
        return False
    clear.drop()
    if behind_backward:
        backward.put_after(clear.statement)
    else:
        step.put_before(clear.statement)
    return True


# --- the graph --------------------------------------------------------------------------------


def _with_prediction(tree: ast.Module, template: str, *, looped: bool = False) -> bool:
    """Put what the loss is given as its prediction through an expression."""
    done = False
    places = [spot for spot in spots(tree) if spot.looped] if looped else []
    parts: list[ast.AST] = [spot.statement for spot in places] if looped else [tree]
    for part in parts:
        if isinstance(part, ast.For | ast.While | ast.With | ast.If | ast.Try):
            continue  # what they hold comes by itself
        for call in loss_calls(tree, part):
            call.args[0] = filled(template, call.args[0])
            done = True
    return done


def filled(template: str, given: ast.expr) -> ast.expr:
    """Parse an expression, and put another in place of the name GIVEN."""
    holder = ast.Expr(value=expression(template))
    replaced(
        holder, lambda node: given if isinstance(node, ast.Name) and node.id == "GIVEN" else None
    )
    return holder.value


def _loss_value(tree: ast.Module, template: str) -> bool:
    """Put the loss that is assigned through an expression."""
    losses = {id(call) for call in loss_calls(tree)}
    done = False
    for each in nodes(tree, ast.Assign):
        if id(each.value) in losses:
            each.value = filled(template, each.value)
            done = True
    return done


GRADIENT.add(
    "prediction-detached", "graph-cut", partial(_with_prediction, template="GIVEN.detach()")
)
GRADIENT.add("prediction-data", "graph-cut", partial(_with_prediction, template="GIVEN.data"))
GRADIENT.add(
    "prediction-detached-in-the-loop",
    "graph-cut",
    partial(_with_prediction, template="GIVEN.detach().requires_grad_()", looped=True),
)
GRADIENT.add(
    "loss-detached",
    "graph-cut",
    partial(_loss_value, template="GIVEN.detach().requires_grad_(True)"),
)


@GRADIENT.of("graph-cut")
def _prediction_made_anew(tree: ast.Module) -> bool:
    name = torch_name(tree)
    return bool(name) and _with_prediction(tree, f"{name}.tensor(GIVEN.tolist())")


@GRADIENT.of("graph-cut")
def _loss_made_anew(tree: ast.Module) -> bool:
    name = torch_name(tree)
    return bool(name) and _loss_value(tree, f"{name}.tensor(GIVEN.item(), requires_grad=True)")


@GRADIENT.of("graph-cut")
def _forward_without_gradients(tree: ast.Module) -> bool:
    return _under_no_grad(tree, training_blocks(tree))


@GRADIENT.of("graph-cut")
def _forward_in_the_loop_without_gradients(tree: ast.Module) -> bool:
    return _under_no_grad(tree, [block for block in training_blocks(tree) if block[0].looped])


def _under_no_grad(tree: ast.Module, blocks: list[list[Spot]]) -> bool:
    name = torch_name(tree)
    if not name:
        return False
    losses = {id(call) for call in loss_calls(tree)}
    changed = False
    for spot in [spot for block in blocks for spot in block]:
        now = spot.statement
        if not (isinstance(now, ast.Assign) and losses & {id(each) for each in calls(now.value)}):
            continue
        spot.block[spot.index] = _no_grad(name, now)
        changed = True
    return changed


def _no_grad(torch: str, *body: ast.stmt) -> ast.stmt:
    around = statement(f"with {torch}.no_grad():\n    pass")
    if isinstance(around, ast.With):
        around.body = list(body)
    return around


@GRADIENT.of("graph-cut")
def _gradients_switched_off(tree: ast.Module) -> bool:
    name = torch_name(tree)
    if name:
        tree.body.insert(after_imports(tree), statement(f"{name}.set_grad_enabled(False)"))
    return bool(name)


# --- frozen parameters ------------------------------------------------------------------------


def after_the_model(tree: ast.Module, template: str) -> bool:
    """Put statements behind the one that makes the model; MODEL stands for its name."""
    made = model_made(tree)
    if made is None:
        return False
    made.put_after(*statements(template.replace("MODEL", trained_model(tree))))
    return True


for _name, _text in {
    "all-frozen": "for parameter in MODEL.parameters():\n    parameter.requires_grad = False",
    "model-frozen": "MODEL.requires_grad_(False)",
    "weight-frozen": "next(MODEL.parameters()).requires_grad_(False)",
    "bias-frozen": "list(MODEL.parameters())[-1].requires_grad = False",
}.items():
    GRADIENT.add(_name, "parameters-frozen", partial(after_the_model, template=_text))


# --- scaled gradients -------------------------------------------------------------------------


def _scaled_loss(tree: ast.Module, template: str, *, looped: bool = False) -> bool:
    done = False
    for spot in found(tree, is_backward):
        call = calls(spot.statement, "backward")[0]
        if isinstance(call.func, ast.Attribute) and not call.args and (spot.looped or not looped):
            call.func.value = filled(template, call.func.value)
            done = True
    return done


def _after_backward(tree: ast.Module, template: str) -> bool:
    model, torch = trained_model(tree), torch_name(tree)
    found_ = found(tree, is_backward) if model and torch else []
    for spot in found_:
        spot.put_after(*statements(template.replace("MODEL", model).replace("TORCH", torch)))
    return bool(found_)


def _given_gradient(tree: ast.Module) -> bool:
    torch = torch_name(tree)
    if not torch:
        return False
    bare = [call for call in calls(tree, "backward") if not call.args and not call.keywords]
    for call in bare:
        call.keywords = [ast.keyword(arg="gradient", value=expression(f"{torch}.tensor(3.0)"))]
    return bool(bare)


_SCALED: dict[str, Change] = {
    "loss-tripled": partial(_scaled_loss, template="(GIVEN * 3)"),
    "loss-halved": partial(_scaled_loss, template="(GIVEN / 2)"),
    "loss-averaged-over-the-loop": partial(_scaled_loss, template="(GIVEN / 5)", looped=True),
    "gradient-given": _given_gradient,
    "gradients-multiplied": partial(
        _after_backward,
        template="for parameter in MODEL.parameters():\n    parameter.grad *= 0.1",
    ),
    "gradients-clipped": partial(
        _after_backward, template="TORCH.nn.utils.clip_grad_norm_(MODEL.parameters(), 0.1)"
    ),
}
for _name, _change in _SCALED.items():
    GRADIENT.add(_name, "gradient-scaled", _change)
