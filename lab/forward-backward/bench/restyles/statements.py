"""How statements are written: split, joined, annotated, put into functions."""

from __future__ import annotations

import ast
from copy import deepcopy
from itertools import pairwise

from bench.diagnosis.restyle import Restyles
from bench.diagnosis.tree import (
    Spot,
    after_imports,
    assigned_name,
    calls,
    calls_method,
    constants,
    expression,
    fresh_name,
    loaded_names,
    nodes,
    replaced,
    spots,
    statement,
    stored_names,
)
from restyles.layout import plain

STATEMENTS = Restyles()


@STATEMENTS.named("statements-split")
def statements_split(tree: ast.Module) -> bool:
    """Give what a print shows a name first."""
    done = False
    for spot in spots(tree):
        if not (isinstance(spot.statement, ast.Expr) and calls(spot.statement, "print")):
            continue
        printed = calls(spot.statement, "print")[0]
        shown = _only_item(printed)
        if shown is None or printed is not spot.statement.value:
            continue
        name = fresh_name(tree, "shown")
        swap = {id(shown)}
        before = ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=deepcopy(shown))

        def change(node: ast.expr, swap: set[int] = swap, name: str = name) -> ast.expr | None:
            return ast.Name(id=name, ctx=ast.Load()) if id(node) in swap else None

        replaced(printed, change)
        spot.put_before(before)
        done = True
    return done


def _only_item(call: ast.Call) -> ast.Call | None:
    """Find the one ``.item()`` or ``.tolist()`` that a print shows; None if there are more."""
    shown = [each for each in calls(call, "item", "tolist") if not nodes(each, ast.ListComp)]
    kinds = (ast.ListComp, ast.Lambda, ast.GeneratorExp, ast.IfExp)
    inside = [part for each in ast.walk(call) if isinstance(each, kinds) for part in ast.walk(each)]
    return shown[0] if len(shown) == 1 and all(shown[0] is not part for part in inside) else None


@STATEMENTS.named("statements-joined")
def statements_joined(tree: ast.Module) -> bool:
    """``x = a`` and ``y = b`` become ``x, y = a, b``."""
    done = False
    for first, second in pairwise(spots(tree)):
        one, two = assigned_name(first.statement), assigned_name(second.statement)
        if not (one and two) or one == two or first.block is not second.block:
            continue
        if not isinstance(first.statement, ast.Assign) or not isinstance(
            second.statement, ast.Assign
        ):
            continue
        if first.statement not in first.block or second.index != first.index + 1:
            continue
        if one in loaded_names(second.statement.value) or nodes(second.statement, ast.Lambda):
            continue
        if calls(second.statement) and not calls(second.statement, "tensor"):
            continue  # it might fail, or look at what the first one names
        names = ast.Tuple(
            elts=[ast.Name(id=one, ctx=ast.Store()), ast.Name(id=two, ctx=ast.Store())],
            ctx=ast.Store(),
        )
        values = ast.Tuple(elts=[first.statement.value, second.statement.value], ctx=ast.Load())
        second.drop()
        first.block[first.index] = ast.Assign(targets=[names], value=values)
        done = True
    return done


@STATEMENTS.named("annotated")
def annotated(tree: ast.Module) -> bool:
    """Say in words what type each name has; nobody checks."""
    if any(isinstance(each, ast.Global | ast.Nonlocal) for each in ast.walk(tree)):
        return False
    done = False
    seen: set[str] = set()
    for spot in spots(tree):
        name = assigned_name(spot.statement)
        if not name or name in seen or not isinstance(spot.statement, ast.Assign):
            continue
        if spot.inside and isinstance(spot.inside[-1], ast.ClassDef):
            continue  # a dataclass would take it for a field
        seen.add(name)
        kind = ast.Constant(value=_type_of(spot.statement.value))
        spot.block[spot.index] = ast.AnnAssign(
            target=ast.Name(id=name, ctx=ast.Store()),
            annotation=kind,
            value=spot.statement.value,
            simple=1,
        )
        done = True
    return done


def _type_of(value: ast.expr) -> str:
    match value:
        case ast.Constant(value=known):
            return type(known).__name__
        case ast.List() | ast.ListComp():
            return "list"
        case ast.Dict() | ast.DictComp():
            return "dict"
        case _:
            return "object"


@STATEMENTS.named("documented")
def documented(tree: ast.Module) -> bool:
    """Add docstrings where there are none."""
    if ast.get_docstring(tree) is not None:
        return False
    tree.body.insert(0, statement('"""Lesson 6.1.4: forward, loss, clear, backward, update."""'))
    for each in nodes(tree, ast.FunctionDef):
        if ast.get_docstring(each) is None:
            each.body.insert(0, statement('"""One part of it."""'))
    return True


@STATEMENTS.named("loop-in-a-function")
def loop_in_a_function(tree: ast.Module) -> bool:
    """Put the training loop into a function, which is called in its place."""
    loops = [
        spot
        for spot in spots(tree)
        if spot.block is tree.body
        and isinstance(spot.statement, ast.For | ast.While)
        and any(calls_method(each, "step") for each in nodes(spot.statement, ast.stmt))
        and "one_training_step" not in constants(spot.statement, str)
    ]
    if len(loops) != 1 or not plain(tree):
        return False
    loop = loops[0]
    stored = {
        each.id for each in nodes(loop.statement, ast.Name) if isinstance(each.ctx, ast.Store)
    }
    behind = ast.Module(body=tree.body[loop.index + 1 :], type_ignores=[])
    if stored & loaded_names(behind) or nodes(tree, ast.Global) or loaded_names(tree) & {"train"}:
        return False
    outside = stored & _bound_before_use(tree, loop)
    name = fresh_name(tree, "train")
    define = statement(f"def {name}():\n    pass")
    assert isinstance(define, ast.FunctionDef)
    define.body = [loop.statement]
    if outside:
        define.body.insert(0, ast.Global(names=sorted(outside)))
    tree.body[loop.index : loop.index + 1] = [define, statement(f"{name}()")]
    return True


def _bound_before_use(tree: ast.Module, loop: Spot) -> set[str]:
    """Names that the script binds outside of the loop, too."""
    others = [each for each in tree.body if each is not loop.statement]
    found: set[str] = set()
    for each in others:
        found |= stored_names(each)
    return found


@STATEMENTS.named("prints-aliased")
def prints_aliased(tree: ast.Module) -> bool:
    """Print through a function of one's own."""
    if "show" in stored_names(tree) | loaded_names(tree) or not plain(tree):
        return False

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Call(func=ast.Name(id="print")):
                return ast.Call(func=expression("show"), args=node.args, keywords=node.keywords)
        return None

    done = replaced(tree, change)
    define = statement("def show(*words, **options):\n    print(*words, **options)")
    tree.body.insert(after_imports(tree), define)
    return done and "print" in loaded_names(tree)
