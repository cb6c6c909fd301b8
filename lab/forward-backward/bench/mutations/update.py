"""Mistakes of stage update: the optimizer, what it holds, its learning rate, and its call."""

from __future__ import annotations

import ast
from copy import deepcopy
from functools import partial

from bench.diagnosis.mutation import Change, Mutations, any_done
from bench.diagnosis.training import (
    drop_all,
    found,
    is_backward,
    is_hand_update,
    is_step,
    model_made,
    one,
    optimizer_calls,
    optimizer_spots,
    trained_model,
    training_blocks,
)
from bench.diagnosis.tree import (
    Spot,
    after_imports,
    assigned_name,
    calls,
    expression,
    nodes,
    replaced,
    spots,
    statement,
    statements,
    torch_name,
)
from mutations.gradient import uncalled

UPDATE = Mutations()
RATE = 0.5
"""The lab's learning rate; nothing else in a right script is this number."""


# --- the call ---------------------------------------------------------------------------------


@UPDATE.of("step-missing")
def _step_nowhere(tree: ast.Module) -> bool:
    return drop_all(found(tree, is_step))


@UPDATE.of("step-missing")
def _step_missing_at_first(tree: ast.Module) -> bool:
    return drop_all([spot for spot in found(tree, is_step) if spot.straight])


@UPDATE.of("step-missing")
def _step_not_called(tree: ast.Module) -> bool:
    return uncalled(found(tree, is_step))


@UPDATE.of("step-missing")
def _hand_update_nowhere(tree: ast.Module) -> bool:
    return drop_all(found(tree, is_hand_update))


@UPDATE.of("step-missing")
def _hand_update_rebinds(tree: ast.Module) -> bool:
    """``p = p - lr * p.grad``, which changes no parameter."""
    updates = found(tree, is_hand_update)
    for spot in updates:
        now = spot.statement
        if isinstance(now, ast.AugAssign) and isinstance(now.target, ast.Name):
            old = ast.Name(id=now.target.id, ctx=ast.Load())
            new = ast.BinOp(left=old, op=ast.Sub(), right=now.value)
            spot.block[spot.index] = ast.Assign(targets=[now.target], value=new)
    return bool(updates)


@UPDATE.of("step-before-backward")
def _step_before_backward(tree: ast.Module) -> bool:
    return _step_first(training_blocks(tree))


@UPDATE.of("step-before-backward")
def _step_before_backward_at_first(tree: ast.Module) -> bool:
    return _step_first([block for block in training_blocks(tree) if block[0].straight])


@UPDATE.of("step-before-backward")
def _step_before_backward_in_the_loop(tree: ast.Module) -> bool:
    return _step_first([block for block in training_blocks(tree) if block[0].looped])


def _step_first(blocks: list[list[Spot]]) -> bool:
    for block in blocks:
        step, backward = one(block, is_step), one(block, is_backward)
        if step is None or backward is None:
            continue
        step.drop()
        backward.put_before(step.statement)
    return bool(blocks)


@UPDATE.of("step-twice", "lr-wrong")
def _step_twice(tree: ast.Module) -> bool:
    return _twice(found(tree, is_step))


@UPDATE.of("step-twice", "lr-wrong")
def _step_twice_at_first(tree: ast.Module) -> bool:
    return _twice([spot for spot in found(tree, is_step) if spot.straight])


@UPDATE.of("step-twice", "lr-wrong")
def _step_twice_in_the_loop(tree: ast.Module) -> bool:
    return _twice([spot for spot in found(tree, is_step) if spot.looped])


@UPDATE.of("step-twice", "lr-wrong")
def _hand_update_twice(tree: ast.Module) -> bool:
    return _twice(found(tree, is_hand_update))


def _twice(found_: list[Spot]) -> bool:
    for spot in found_:
        spot.put_after(deepcopy(spot.statement))
    return bool(found_)


# --- what it holds ----------------------------------------------------------------------------


def _holding(tree: ast.Module, template: str) -> bool:
    """Give the optimizer something else in place of ``model.parameters()``."""
    model, torch = trained_model(tree), torch_name(tree)
    if not model or not torch:
        return False
    text = template.replace("MODEL", model).replace("TORCH", torch)
    if "copy." in text:
        tree.body.insert(after_imports(tree), statement("import copy"))
    for call in optimizer_calls(tree):
        if call.args:
            call.args[0] = expression(text)
    return True


_HELD = {
    "holds-the-weight": "[next(MODEL.parameters())]",
    "holds-the-bias": "list(MODEL.parameters())[1:]",
    "holds-another-layer": "TORCH.nn.Linear(2, 1).parameters()",
    "holds-clones": "[p.detach().clone().requires_grad_() for p in MODEL.parameters()]",
    "holds-a-copy": "copy.deepcopy(MODEL).parameters()",
}
for _name, _text in _HELD.items():
    UPDATE.add(_name, "optimizer-other-parameters", partial(_holding, template=_text))


@UPDATE.of("optimizer-other-parameters")
def _model_made_again_behind_the_optimizer(tree: ast.Module) -> bool:
    made, seeds = model_made(tree), calls(tree, "manual_seed")
    if made is None or not seeds:
        return False
    for spot in optimizer_spots(tree):
        if spot.block is made.block:
            spot.put_after(ast.Expr(value=deepcopy(seeds[0])), deepcopy(made.statement))
            return True
    return False


# --- its learning rate ------------------------------------------------------------------------


def with_rate(tree: ast.Module, rate: float) -> bool:
    """Put another learning rate wherever the lab's stands."""

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Constant(value=float(old)) if old == RATE:
                return ast.Constant(value=rate)
        return None

    return replaced(tree, change)


for _rate_of in (0.05, 0.1, 0.01, 0.25, 0.9, 1.0, 2.0):
    UPDATE.add(f"rate-{_rate_of:g}", "lr-wrong", partial(with_rate, rate=_rate_of))


@UPDATE.of("lr-wrong")
def _rate_left_out(tree: ast.Module) -> bool:
    given = [call for call in optimizer_calls(tree) if any(k.arg == "lr" for k in call.keywords)]
    for call in given:
        call.keywords = [each for each in call.keywords if each.arg != "lr"]
    return bool(given)


@UPDATE.of("lr-changes")
def _rate_changed_before_the_loop(tree: ast.Module) -> bool:
    return _before_the_loop(tree, "for group in OPTIMIZER.param_groups:\n    group['lr'] = 0.2")


def _before_the_loop(tree: ast.Module, template: str) -> bool:
    optimizers = optimizer_spots(tree)
    loops = [
        spot
        for spot in spots(tree)
        if isinstance(spot.statement, ast.For | ast.While)
        and spot.straight
        and any(is_step(each) for each in nodes(spot.statement, ast.stmt))
    ]
    if len(optimizers) != 1 or not loops:
        return False
    name = assigned_name(optimizers[0].statement)
    loops[-1].put_before(*statements(template.replace("OPTIMIZER", name)))
    return True


# --- another rule -----------------------------------------------------------------------------


def _optimizer(tree: ast.Module, name: str) -> bool:
    made = optimizer_calls(tree)
    if any({each.arg for each in call.keywords} - {"lr", "params"} for call in made):
        return False  # it may not take SGD's other arguments
    for node in ast.walk(tree):
        match node:
            case ast.Name(id="SGD"):
                node.id = name
            case ast.Attribute(attr="SGD"):
                node.attr = name
            case ast.alias(name="SGD"):
                node.name = name
    return bool(made)


for _class in ("Adam", "AdamW", "RMSprop", "Adagrad", "Adamax", "NAdam", "Rprop"):
    UPDATE.add(f"optimizer-{_class.lower()}", "optimizer-other", partial(_optimizer, name=_class))


def _with_keyword(tree: ast.Module, **keywords: float | bool) -> bool:
    made = optimizer_calls(tree)
    for call in made:
        call.keywords = [each for each in call.keywords if each.arg not in keywords]
        call.keywords += [
            ast.keyword(arg=name, value=ast.Constant(value=value))
            for name, value in keywords.items()
        ]
    return bool(made)


for _momentum in (0.9, 0.5, 0.75):
    UPDATE.add(
        f"momentum-{_momentum:g}", "momentum-used", partial(_with_keyword, momentum=_momentum)
    )
UPDATE.add("nesterov", "momentum-used", partial(_with_keyword, momentum=0.9, nesterov=True))
for _decay in (0.01, 0.1, 0.5, 0.03):
    UPDATE.add(
        f"decay-{_decay:g}", "weight-decay-used", partial(_with_keyword, weight_decay=_decay)
    )
UPDATE.add("maximised", "update-sign", partial(_with_keyword, maximize=True))


@UPDATE.of("update-sign")
def _gradient_added_by_hand(tree: ast.Module) -> bool:
    changes: tuple[Change, ...] = (_augmented, _rebound, _methods)
    return any_done(change(tree) for change in changes)


def _augmented(tree: ast.Module) -> bool:
    updates = found(tree, is_hand_update)
    for spot in updates:
        if isinstance(spot.statement, ast.AugAssign):
            spot.statement.op = ast.Add()
    return bool(updates)


def _rebound(tree: ast.Module) -> bool:
    """``w - lr * w.grad`` becomes a sum; what is only compared with it stays."""
    compared = {id(node) for call in calls(tree, "assert_close") for node in nodes(call, ast.BinOp)}
    differences = [
        node
        for node in nodes(tree, ast.BinOp)
        if isinstance(node.op, ast.Sub)
        and "grad" in ast.unparse(node.right)
        and id(node) not in compared
    ]
    for node in differences:
        node.op = ast.Add()
    return bool(differences)


def _methods(tree: ast.Module) -> bool:
    """``sub_`` becomes ``add_``; a negative ``alpha`` loses its sign."""
    done = False
    for call in calls(tree, "sub_", "add_"):
        alphas = [each for each in call.keywords if each.arg == "alpha"]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sub_":
            call.func.attr = "add_"
            done = True
        for alpha in alphas:
            if isinstance(alpha.value, ast.UnaryOp):
                alpha.value = alpha.value.operand
                done = True
    return done
