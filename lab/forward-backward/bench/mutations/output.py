"""Mistakes of stage output: how values are printed, under which name, and when."""

from __future__ import annotations

import ast
import re
from functools import partial
from typing import TYPE_CHECKING

from bench.diagnosis.mutation import Mutations, any_done
from bench.diagnosis.training import found, is_backward, is_clear, is_step, one, training_blocks
from bench.diagnosis.tree import (
    Spot,
    calls,
    constants,
    loaded_names,
    nodes,
    replaced,
    spots,
    stored_names,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTPUT = Mutations()
SECTIONS = ("one_training_step", "mini_training_loop")
LABELS = (
    "prediction_before",
    "loss_before",
    "weight_grad",
    "bias_grad",
    "prediction_after",
    "loss_after",
)
_DECIMALS = re.compile(r"\.[34]f")
_FEWEST = 3
"""Decimals that the lab asks for, at least."""


# --- precision --------------------------------------------------------------------------------


def _coarser(tree: ast.Module, decimals: int, *, looped: bool = False) -> bool:
    """Print numbers with fewer decimals, whichever way they are formatted."""
    parts = [spot.statement for spot in spots(tree) if spot.looped] if looped else [tree]
    return any_done(_coarser_part(part, decimals) for part in parts)


def _coarser_part(tree: ast.AST, decimals: int) -> bool:
    done = False
    for call in calls(tree, "round"):
        match call.args:
            case [_, ast.Constant(value=int(old)) as given] if old >= _FEWEST:
                given.value = decimals
                done = True
    for text in nodes(tree, ast.Constant):
        if isinstance(text.value, str) and _DECIMALS.search(text.value):
            text.value = _DECIMALS.sub(f".{decimals}f", text.value)
            done = True
    return done


OUTPUT.add("one-decimal", "printed-too-coarse", partial(_coarser, decimals=1))
OUTPUT.add("two-decimals", "printed-too-coarse", partial(_coarser, decimals=2))
OUTPUT.add(
    "two-decimals-in-the-loop", "printed-too-coarse", partial(_coarser, decimals=2, looped=True)
)


@OUTPUT.of("printed-too-coarse")
def _predictions_with_one_decimal(tree: ast.Module) -> bool:
    labelled = [_labelled(tree, "prediction_before"), _labelled(tree, "prediction_after")]
    return any_done(_coarser_part(spot.statement, 1) for spot in labelled if spot is not None)


# --- tensors ----------------------------------------------------------------------------------


def _labelled(tree: ast.Module, label: str) -> Spot | None:
    """Where one field, and no other, is printed."""
    for spot in spots(tree):
        texts = " ".join(str(text) for text in constants(spot.statement, str))
        held = {each for each in (*LABELS, *SECTIONS) if each in texts}
        if isinstance(spot.statement, ast.Expr) and held == {label}:
            return spot
    return None


@OUTPUT.of("printed-as-tensor")
def _gradients_in_dictionaries(tree: ast.Module) -> bool:
    done = False
    for label in ("weight_grad", "bias_grad"):
        spot = _labelled(tree, label)
        for call in calls(spot.statement, "print") if spot else ():
            if len(call.args) == 2 and ".grad" in ast.unparse(call.args[1]):
                key = ast.Constant(value=label.removesuffix("_grad"))
                call.args[1] = ast.Dict(keys=[key], values=[call.args[1]])
                done = "tolist" not in ast.unparse(call.args[1])
    return done


@OUTPUT.of("printed-as-tensor")
def _tolist_not_called(tree: ast.Module) -> bool:
    return _not_called_in_print(tree, "tolist", ("weight_grad", "bias_grad"))


def _not_called_in_print(tree: ast.Module, method: str, labels: tuple[str, ...]) -> bool:
    """Leave the brackets out where what a call gives is printed as it is."""
    done = False
    for label in labels:
        spot = _labelled(tree, label)
        for call in calls(spot.statement, "print") if spot else ():
            for n, given in enumerate(call.args):
                match given:
                    case ast.Call(func=ast.Attribute(attr=name) as bound) if name == method:
                        call.args[n] = bound
                        done = True
    return done


@OUTPUT.of("printed-as-tensor")
def _tensor_formatted_in_the_loop(tree: ast.Module) -> bool:
    """``{pred.item():.3f}`` becomes ``{pred:.3f}``, which a tensor in brackets cannot do."""
    done = False
    for spot in spots(tree):
        for shown in nodes(spot.statement, ast.FormattedValue) if spot.looped else ():
            match shown.value:
                case ast.Call(func=ast.Attribute(attr="item", value=given)) if shown.format_spec:
                    shown.value = given
                    done = True
    return done


# --- lines ------------------------------------------------------------------------------------


def _line_missing(tree: ast.Module, label: str) -> bool:
    spot = _labelled(tree, label)
    if spot is not None:
        spot.drop()
    return spot is not None


for _label in ("loss_before", "weight_grad", "bias_grad", "prediction_after", "loss_after"):
    OUTPUT.add(
        f"without-{_label.replace('_', '-')}",
        "line-missing",
        partial(_line_missing, label=_label),
    )


def _texts(tree: ast.Module, names: Mapping[str, str]) -> bool:
    """Replace words in every string of the script, all at once."""
    pattern = re.compile("|".join(rf"\b{word}\b" for word in names))

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Constant(value=str(old)) if pattern.search(old):
                return ast.Constant(value=pattern.sub(lambda match: names[match[0]], old))
        return None

    return replaced(tree, change)


for _name, _words in {
    "first-section-misspelt": {"one_training_step": "one_trainig_step"},
    "second-section-misspelt": {"mini_training_loop": "mini_loop"},
    "label-misspelt": {"prediction_after": "prediction_afer"},
    "label-of-the-gradient-misspelt": {"weight_grad": "weigth_grad"},
}.items():
    OUTPUT.add(_name, "line-missing", partial(_texts, names=_words))


@OUTPUT.of("line-missing")
def _loop_without_prediction(tree: ast.Module) -> bool:
    done = False
    for spot in spots(tree):
        for joined in nodes(spot.statement, ast.JoinedStr) if spot.looped else ():
            match joined.values:
                case [*kept, ast.Constant(value=" pred="), ast.FormattedValue()] if kept:
                    joined.values = kept
                    done = True
    return done


# --- names ------------------------------------------------------------------------------------

for _one, _other in (
    ("prediction_before", "loss_before"),
    ("loss_before", "loss_after"),
    ("prediction_before", "prediction_after"),
    ("weight_grad", "bias_grad"),
    ("prediction_after", "loss_after"),
):
    OUTPUT.add(
        f"{_one}-and-{_other}-swapped".replace("_", "-"),
        "values-swapped",
        partial(_texts, names={_one: _other, _other: _one}),
    )


@OUTPUT.of("values-swapped")
def _row_swapped(tree: ast.Module) -> bool:
    """``loss=`` and ``pred=`` change places in the loop's rows."""
    pattern = re.compile(r"\b(loss|pred)(?==)")
    names = {"loss": "pred", "pred": "loss"}
    done = False
    for spot in spots(tree):
        for text in nodes(spot.statement, ast.Constant) if spot.looped else ():
            if isinstance(text.value, str) and pattern.search(text.value):
                text.value = pattern.sub(lambda match: names[match[0]], text.value)
                done = True
        if done:
            break
    return done


# --- moments ----------------------------------------------------------------------------------


@OUTPUT.of("printed-wrong-moment")
def _after_values_before_the_update(tree: ast.Module) -> bool:
    """The first update stands behind the lines that should show what it did."""
    steps = [spot for spot in found(tree, is_step) if spot.straight]
    heading = _labelled(tree, SECTIONS[1])
    if len(steps) != 1 or heading is None or heading.block is not steps[0].block:
        return False
    crossed = heading.block[steps[0].index + 1 : heading.index]
    if any(is_clear(each) for each in crossed):
        return False  # the update would find no gradients, which is another mistake
    steps[0].drop()
    heading.put_before(steps[0].statement)
    return True


@OUTPUT.of("printed-wrong-moment")
def _after_values_not_computed_again(tree: ast.Module) -> bool:
    """What was computed before the update is printed as what came after it."""
    steps = [spot for spot in found(tree, is_step) if spot.straight]
    heading = _labelled(tree, SECTIONS[1])
    if len(steps) != 1 or heading is None or heading.block is not steps[0].block:
        return False
    block = heading.block
    between = [each for each in spots(tree) if each.block is block]
    again = [
        spot
        for spot in between
        if steps[0].index < spot.index < heading.index and isinstance(spot.statement, ast.Assign)
    ]
    for spot in again:
        spot.drop()
    return bool(again)


@OUTPUT.of("printed-wrong-moment")
def _prediction_before_printed_after(tree: ast.Module) -> bool:
    return _behind_the_step(tree, "prediction_before")


@OUTPUT.of("printed-wrong-moment")
def _loss_before_printed_after(tree: ast.Module) -> bool:
    return _behind_the_step(tree, "loss_before")


def _behind_the_step(tree: ast.Module, label: str) -> bool:
    """Move a line that computes what it prints to behind the first update."""
    steps = [spot for spot in found(tree, is_step) if spot.straight]
    line = _labelled(tree, label)
    if len(steps) != 1 or line is None:
        return False
    if line.block is steps[0].block:
        line.drop()
        steps[0].put_after(line.statement)
        return True
    around = next((each for each in spots(tree) if each.statement in line.inside[-1:]), None)
    if around is None or around.block is not steps[0].block or len(line.block) != 1:
        return False
    around.drop()
    steps[0].put_after(around.statement)
    return True


@OUTPUT.of("printed-wrong-moment", "backward-missing")
def _gradients_printed_before_backward(tree: ast.Module) -> bool:
    return _gradients_moved(tree, to="backward")


@OUTPUT.of("printed-wrong-moment", "zero-grad-late")
def _gradients_printed_after_another_clear(tree: ast.Module) -> bool:
    """Update, clear, and only then the gradients are printed."""
    return _gradients_moved(tree, to="clear")


def _gradients_moved(tree: ast.Module, *, to: str) -> bool:
    for block in training_blocks(tree):
        backward, step, clear = one(block, is_backward), one(block, is_step), one(block, is_clear)
        lines = [_labelled(tree, label) for label in ("weight_grad", "bias_grad")]
        here = [spot for spot in lines if spot is not None and spot.block is block[0].block]
        if not block[0].straight or len(here) != 2 or backward is None or step is None:
            continue
        if any(spot.index < backward.index for spot in here) or clear is None:
            continue
        moved = [spot.statement for spot in here]
        crossed = block[0].block[backward.index : here[0].index]
        used = set[str]().union(*(loaded_names(each) for each in moved))
        if to == "backward" and any(stored_names(each) & used for each in crossed):
            continue  # what is printed has no name yet, there
        for spot in here:
            spot.drop()
        if to == "backward":
            backward.put_before(*moved)
        else:
            step.put_after(clear.statement, *moved)
        return True
    return False
