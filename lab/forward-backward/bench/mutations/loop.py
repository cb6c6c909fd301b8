"""Mistakes of stage loop: what is missing in it, how often it runs, what it prints."""

from __future__ import annotations

import ast
from collections.abc import Callable
from copy import deepcopy
from functools import partial

from bench.diagnosis.mutation import Change, Mutations
from bench.diagnosis.training import (
    drop_all,
    forward_part,
    found,
    is_backward,
    is_clear,
    is_step,
    loss_calls,
    model_made,
    one,
    optimizer_spots,
    trained_model,
    training_blocks,
)
from bench.diagnosis.tree import (
    Spot,
    assigned_name,
    calls,
    expression,
    loaded_names,
    nodes,
    replaced,
    spots,
    statement,
    statements,
    stored_names,
)
from mutations.gradient import uncalled
from mutations.loss import own_loss
from mutations.sample import after_x
from mutations.update import with_rate

Test = Callable[[ast.stmt], bool]

LOOP = Mutations()
LAST_COUNTS = (5, 6)
"""How the end of the loop's five rounds is written, ``range(1, 6)``, ``step <= 5``."""


# --- a part is missing ------------------------------------------------------------------------


def _looped(tree: ast.Module, test: Test) -> list[Spot]:
    """The statements in a loop, where others of the kind stand outside."""
    all_ = found(tree, test)
    return [each for each in all_ if each.looped] if any(not each.looped for each in all_) else []


for _part, _test in {"step": is_step, "backward": is_backward, "zero-grad": is_clear}.items():

    def _drop(tree: ast.Module, test: Test) -> bool:
        return drop_all(_looped(tree, test))

    def _uncall(tree: ast.Module, test: Test) -> bool:
        return uncalled(_looped(tree, test))

    LOOP.add(f"no-{_part}-in-the-loop", f"loop-{_part}-missing", partial(_drop, test=_test))
    LOOP.add(
        f"{_part}-not-called-in-the-loop", f"loop-{_part}-missing", partial(_uncall, test=_test)
    )


@LOOP.of("loop-step-missing")
def _step_behind_the_loop(tree: ast.Module) -> bool:
    return _moved_out(tree, is_step, behind=True)


@LOOP.of("loop-zero-grad-missing")
def _cleared_once_before_the_loop(tree: ast.Module) -> bool:
    return _moved_out(tree, is_clear, behind=False)


def _moved_out(tree: ast.Module, test: Test, *, behind: bool) -> bool:
    done = False
    for spot in _looped(tree, test):
        loop = _loop_around(tree, spot)
        if loop is None:
            continue
        spot.drop()
        (loop.put_after if behind else loop.put_before)(spot.statement)
        done = True
    return done


def _loop_around(tree: ast.Module, inner: Spot) -> Spot | None:
    """Where the loop right around a statement stands itself."""
    return next((each for each in spots(tree) if each.statement is inner.inside[-1]), None)


def _loops(tree: ast.Module) -> list[tuple[Spot, list[Spot]]]:
    """Loops that train, each with the statements of its body."""
    made = []
    for block in training_blocks(tree):
        loop = _loop_around(tree, block[0]) if block[0].looped else None
        if loop is not None and isinstance(loop.statement, ast.For | ast.While):
            made.append((loop, block))
    return made


@LOOP.of("loop-forward-missing", "backward-twice")
def _forward_before_the_loop(tree: ast.Module) -> bool:
    return _forward_out(tree, loss_only=False, retain=False)


@LOOP.of("loop-forward-missing", "backward-twice")
def _forward_before_the_loop_graph_kept(tree: ast.Module) -> bool:
    return _forward_out(tree, loss_only=False, retain=True)


@LOOP.of("loop-forward-missing", "backward-twice")
def _loss_before_the_loop(tree: ast.Module) -> bool:
    return _forward_out(tree, loss_only=True, retain=False)


def _forward_out(tree: ast.Module, *, loss_only: bool, retain: bool) -> bool:
    losses = {id(each) for each in loss_calls(tree)}
    done = False
    for loop, block in _loops(tree):
        part = forward_part(block)
        if not any(_holds(spot, losses) for spot in part):
            continue
        head = loop.statement
        counted = stored_names(head.target) if isinstance(head, ast.For) else set()
        if (
            any(counted & loaded_names(spot.statement) for spot in part)
            or len(part) < 1 + loss_only
        ):
            continue
        for spot in part:
            loop.put_before(deepcopy(spot.statement))
            if not loss_only or _holds(spot, losses):
                spot.drop()
        for call in calls(loop.statement, "backward") if retain else ():
            call.keywords = [ast.keyword(arg="retain_graph", value=ast.Constant(value=True))]
        done = True
    return done


def _holds(spot: Spot, losses: set[int]) -> bool:
    return bool(losses & {id(each) for each in calls(spot.statement)})


# --- how often --------------------------------------------------------------------------------


def _longer(tree: ast.Module, by: int) -> bool:
    """Let the loop run longer by some rounds, or shorter if that is negative."""
    rows = {id(each) for each in nodes(tree, ast.Tuple) if ast.unparse(each) == "(1, 2, 3, 4, 5)"}
    counted = {id(each) for row in nodes(tree, ast.Tuple) if id(row) in rows for each in row.elts}

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Constant(value=int(old)) if old in LAST_COUNTS and id(node) not in counted:
                return ast.Constant(value=old + by)
        return expression(str(tuple(range(1, 6 + by)))) if id(node) in rows else None

    return replaced(tree, change)


for _by in (-1, -2, -3):
    LOOP.add(f"{-_by}-rounds-less", "loop-too-short", partial(_longer, by=_by))
for _by in (1, 2, 5):
    LOOP.add(f"{_by}-rounds-more", "loop-too-long", partial(_longer, by=_by))


@LOOP.of("loop-too-short")
def _broken_off(tree: ast.Module) -> bool:
    loops = _loops(tree)
    for loop, _ in loops:
        if isinstance(loop.statement, ast.For):
            loop.statement.body.append(ast.Break())
    return bool(loops)


@LOOP.of("loop-numbered-from-zero", "loop-too-short")
def _counted_from_zero(tree: ast.Module) -> bool:
    done = False
    for call in calls(tree, "range"):
        match call.args:
            case [ast.Constant(value=1), ast.Constant(value=int(end))] if end in LAST_COUNTS:
                call.args = [ast.Constant(value=end - 1)]
                done = True
    return done


@LOOP.of("loop-numbered-from-zero", "loop-too-short")
def _number_printed_as_counted(tree: ast.Module) -> bool:
    """``step + 1`` becomes ``step``; ``enumerate(…, 1)`` loses its start."""
    counted = {
        each.target.id
        for each in nodes(tree, ast.For)
        if isinstance(each.target, ast.Name) and ast.unparse(each.iter) == "range(5)"
    }

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.BinOp(left=ast.Name(id=name), op=ast.Add(), right=ast.Constant(value=1)):
                return node.left if name in counted else None
            case ast.Call(func=ast.Name(id="enumerate"), args=[first, *_]):
                return ast.Call(func=node.func, args=[first], keywords=[])
        return None

    return replaced(tree, change)


# --- what it prints ---------------------------------------------------------------------------


def _late(tree: ast.Module, *, count: int | None, no_grad: bool = False) -> bool:
    """Run forward again between a loop's update and its print.

    Args:
        tree: The script.
        count: How many of the statements of the forward part; None for all.
        no_grad: Whether it is evaluated without gradients.
    """
    done = False
    for _, block in _loops(tree):
        part, step = forward_part(block), one(block, is_step)
        prints = [spot for spot in block if calls(spot.statement, "print")]
        if not part or step is None or not prints or prints[-1].index < step.index:
            continue
        if count is not None and len(part) <= count:
            continue
        again = [deepcopy(spot.statement) for spot in part[:count]]
        step.put_after(*(_evaluated(tree, again) if no_grad else again))
        done = True
    return done


def _evaluated(tree: ast.Module, body: list[ast.stmt]) -> list[ast.stmt]:
    torch = next((name for name in ("torch", "t", "th") if name in loaded_names(tree)), "torch")
    around = statement(f"with {torch}.no_grad():\n    pass")
    assert isinstance(around, ast.With)
    around.body = body
    return [around]


LOOP.add("printed-after-the-update", "loop-printed-late", partial(_late, count=None))
LOOP.add(
    "printed-after-the-update-without-gradients",
    "loop-printed-late",
    partial(_late, count=None, no_grad=True),
)
LOOP.add("prediction-after-the-update", "loop-printed-late", partial(_late, count=1))


# --- it starts over ---------------------------------------------------------------------------


def _anew(tree: ast.Module, *, in_the_loop: bool) -> bool:
    """Make model and optimizer again, by the same seed."""
    made, optimizers = model_made(tree), optimizer_spots(tree)
    seeds = [call for call in calls(tree, "manual_seed") if len(call.args) == 1]
    loops = _loops(tree)
    if made is None or len(optimizers) != 1 or len(seeds) != 1 or not loops:
        return False
    loop = loops[-1][0]
    again = [
        ast.Expr(value=deepcopy(seeds[0])),
        deepcopy(made.statement),
        deepcopy(optimizers[0].statement),
    ]
    if in_the_loop:
        loop.statement.body[:0] = again  # type: ignore[attr-defined]
    else:
        loop.put_before(*again)
    return True


LOOP.add("made-anew-in-the-loop", "loop-restarts", partial(_anew, in_the_loop=True))
LOOP.add("made-anew-before-the-loop", "loop-restarts", partial(_anew, in_the_loop=False))


@LOOP.of("loop-restarts")
def _first_weights_loaded_in_the_loop(tree: ast.Module) -> bool:
    made, loops, model = model_made(tree), _loops(tree), trained_model(tree)
    if made is None or not loops:
        return False
    kept = f"first = {{name: value.clone() for name, value in {model}.state_dict().items()}}"
    made.put_after(statement(kept))
    loops[-1][0].statement.body.insert(0, statement(f"{model}.load_state_dict(first)"))  # type: ignore[attr-defined]
    return True


# --- nan, and rates that are too high ---------------------------------------------------------

_FORMULA = "-(t * p.log() + (1 - t) * (1 - p).log())"
_MEAN = f"({_FORMULA}).mean()"


def _nan(tree: ast.Module, formula: str, change: Change | None) -> bool:
    return own_loss(tree, formula) and (change is None or change(tree))


_NAN: dict[str, tuple[str, Change | None, tuple[str, ...]]] = {
    "nan-by-the-rate": (_MEAN, partial(with_rate, rate=500.0), ("lr-too-high", "lr-wrong")),
    "nan-by-a-greater-rate": (_MEAN, partial(with_rate, rate=3000.0), ("lr-too-high", "lr-wrong")),
    "nan-of-no-sample": (f"({_FORMULA})[1:].mean()", None, ("loss-other",)),
    "nan-of-one-sample-deviation": (f"({_FORMULA}).std()", None, ("loss-other",)),
    "nan-by-standardising": (
        _MEAN,
        partial(after_x, template="X = (X - X.mean(dim=0)) / X.std(dim=0, correction=0)"),
        ("input-wrong",),
    ),
    "nan-in-x": (
        _MEAN,
        partial(after_x, template="X = TORCH.log(X - 1.5)"),
        ("input-wrong",),
    ),
}
for _name, (_formula, _change, _also) in _NAN.items():
    LOOP.add(_name, "loss-nan", partial(_nan, formula=_formula, change=_change), also=_also)


def _too_high(tree: ast.Module, rate: float) -> bool:
    """A loss of torch's own stays finite; a formula becomes nan, which is another diagnosis."""
    return bool(loss_calls(tree)) and with_rate(tree, rate)


for _rate in (60.0, 200.0, 5000.0):
    LOOP.add(f"rate-{_rate:g}", "lr-too-high", partial(_too_high, rate=_rate), also=("lr-wrong",))


@LOOP.of("lr-too-high", "lr-wrong")
def _rate_grows_in_the_loop(tree: ast.Module) -> bool:
    loops, optimizers = _loops(tree), optimizer_spots(tree)
    if not loops or len(optimizers) != 1:
        return False
    name = assigned_name(optimizers[0].statement)
    grows = f"for group in {name}.param_groups:\n    group['lr'] *= 20"
    loops[-1][0].statement.body[:0] = statements(grows)  # type: ignore[attr-defined]
    return True
