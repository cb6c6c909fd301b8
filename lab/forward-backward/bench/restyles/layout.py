"""How a script is laid out: names, functions, loops."""

from __future__ import annotations

import ast
from copy import deepcopy

from bench.diagnosis.restyle import Restyles
from bench.diagnosis.training import is_backward, is_clear, is_step
from bench.diagnosis.tree import (
    Spot,
    after_imports,
    calls,
    free_name,
    fresh_name,
    imported_names,
    is_function,
    loaded_names,
    nodes,
    spots,
    statement,
    stored_names,
    taken_names,
)

LAYOUT = Restyles()
_LOOKS_AT_NAMES = ("locals", "globals", "vars", "eval", "exec", "getattr", "setattr")
_SYNONYMS = {
    "model": "network",
    "net": "neuron",
    "loss_fn": "bce",
    "criterion": "measure",
    "optimizer": "descent",
    "opt": "updater",
    "x": "inputs",
    "y": "labels",
    "X": "features",
    "Y": "truth",
    "pred": "y_hat",
    "output": "probability",
    "loss": "cost",
    "step": "epoch",
    "i": "row",
}


@LAYOUT.named("renamed")
def renamed(tree: ast.Module) -> bool:
    """Give the script's variables other names; attributes and arguments keep theirs."""
    if not plain(tree):
        return False
    taken, mapping = taken_names(tree), {}
    for old in sorted(_variables(tree)):
        mapping[old] = free_name(taken, _SYNONYMS.get(old, f"my_{old.strip('_')}"))
        taken.add(mapping[old])
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=old) if old in mapping:
                node.id = mapping[old]
            case ast.arg(arg=old) if old in mapping:
                node.arg = mapping[old]
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                node.names = [mapping.get(each, each) for each in names]
            case ast.MatchAs(name=str(old)) if old in mapping:
                node.name = mapping[old]
    return bool(mapping)


def plain(tree: ast.Module) -> bool:
    """Whether no name is looked up by its text."""
    return not set(_LOOKS_AT_NAMES) & loaded_names(tree)


def _variables(tree: ast.Module) -> set[str]:
    """Names of values that may have another: no attribute, import, keyword or function."""
    stored = {each.id for each in nodes(tree, ast.Name) if isinstance(each.ctx, ast.Store)}
    own = {
        each.id
        for body in nodes(tree, ast.ClassDef)
        for part in body.body
        if isinstance(part, ast.Assign | ast.AnnAssign)
        for each in nodes(part, ast.Name)
    }
    keywords = {each.arg for each in nodes(tree, ast.keyword) if each.arg}
    functions = {each.name for each in nodes(tree, ast.FunctionDef)}
    excepted = {each.name for each in nodes(tree, ast.ExceptHandler) if each.name}
    taken = imported_names(tree) | keywords | own | functions | excepted
    return {each for each in stored - taken if not each.startswith("__") and each != "_"}


@LAYOUT.named("in-main")
def in_main(tree: ast.Module) -> bool:
    """Put everything behind the imports into a function that is called at the end."""
    at = after_imports(tree)
    body = tree.body[at:]
    if not _movable(tree, body):
        return False
    main = statement("def main():\n    pass")
    assert isinstance(main, ast.FunctionDef)
    main.body = body
    guard = statement('if __name__ == "__main__":\n    main()')
    tree.body[at:] = [main, guard]
    return True


def _movable(tree: ast.Module, body: list[ast.stmt]) -> bool:
    if not body or "main" in stored_names(tree) or not plain(tree):
        return False
    for node in nodes(tree, ast.stmt):
        if isinstance(node, ast.Global | ast.Nonlocal):
            return False
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            return False
    # What a function binds is its own: an import above would not be seen before that.
    bound = set[str]()
    for each in body:
        bound |= stored_names(each)
    above = ast.Module(body=tree.body[: after_imports(tree)], type_ignores=[])
    return not bound & imported_names(above)


@LAYOUT.named("while-for-for")
def while_for_for(tree: ast.Module) -> bool:
    """``for step in range(1, 6)`` becomes a counter and a ``while``."""
    done = False
    for spot in spots(tree):
        loop = spot.statement
        if isinstance(loop, ast.For) and _countable(tree, loop):
            assert isinstance(loop.target, ast.Name)
            assert isinstance(loop.iter, ast.Call)
            name, given = loop.target.id, loop.iter.args
            start, end = (ast.Constant(value=0), given[0]) if len(given) == 1 else given
            counter = statement(f"{name} = 0")
            assert isinstance(counter, ast.Assign)
            counter.value = start
            test = ast.Compare(
                left=ast.Name(id=name, ctx=ast.Load()), ops=[ast.Lt()], comparators=[end]
            )
            body = [*loop.body, statement(f"{name} += 1")]
            at = spot.index
            spot.block[at : at + 1] = [counter, ast.While(test=test, body=body, orelse=[])]
            done = True
    return done


def _countable(tree: ast.Module, loop: ast.For) -> bool:
    """Whether a counter can take the place of ``range``: nobody minds its value at the end."""
    match loop:
        case ast.For(
            target=ast.Name(id=name),
            iter=ast.Call(func=ast.Name(id="range"), args=[_] | [_, _], keywords=[]),
            orelse=[],
        ):
            inside = [each for each in nodes(loop, ast.Name) if each.id == name]
            everywhere = [each for each in nodes(tree, ast.Name) if each.id == name]
            stored = [each for each in inside if isinstance(each.ctx, ast.Store)]
            return (
                not nodes(loop, ast.Continue)
                and not nodes(loop, ast.FunctionDef)
                and len(stored) == 1
                and len(inside) == len(everywhere)
                and all(isinstance(each, ast.Constant) for each in loop.iter.args)  # type: ignore[attr-defined]
            )
    return False


@LAYOUT.named("constants-above")
def constants_above(tree: ast.Module) -> bool:
    """Give seed, learning rate and the ends of ranges names in capitals, above all else."""
    named: dict[tuple[type, object], str] = {}

    def name_of(value: object, wish: str) -> ast.expr:
        while fresh_name(tree, wish) in named.values() and (type(value), value) not in named:
            wish += "_TOO"
        name = named.setdefault((type(value), value), fresh_name(tree, wish))
        return ast.Name(id=name, ctx=ast.Load())

    for call in calls(tree, "manual_seed"):
        match call.args:
            case [ast.Constant(value=int(value))]:
                call.args = [name_of(value, "SEED")]
    for keyword in nodes(tree, ast.keyword):
        match keyword:
            case ast.keyword(arg="lr", value=ast.Constant(value=float(rate))):
                keyword.value = name_of(rate, "LEARNING_RATE")
    made = [statement(f"{name} = {value!r}") for (_, value), name in named.items()]
    at = after_imports(tree)
    tree.body[at:at] = made
    return bool(made)


@LAYOUT.named("in-functions")
def in_functions(tree: ast.Module) -> bool:
    """Put runs of clear, backward and update into functions of the script."""
    made: dict[str, str] = {}
    done = False
    for run in _runs(tree):
        text = "\n".join(ast.unparse(spot.statement) for spot in run)
        known = made.get(text)
        name = known or fresh_name(tree, "learn" if not made else f"learn_{len(made) + 1}")
        made[text] = name
        call = statement(f"{name}()")
        define = statement(f"def {name}():\n    pass")
        assert isinstance(define, ast.FunctionDef)
        define.body = [deepcopy(spot.statement) for spot in run]
        at = run[0].index
        run[0].block[at : at + len(run)] = [call]
        if known is None:
            _above(tree, call).put_before(define)
        done = True
    return done


def _above(tree: ast.Module, call: ast.stmt) -> Spot:
    """Find the statement of the script's own block that a statement stands in."""
    spot = next(each for each in spots(tree) if each.statement is call)
    functions = [n for n, each in enumerate(spot.inside) if is_function(each)]
    rest = spot.inside[functions[-1] + 1 :] if functions else spot.inside
    return next(each for each in spots(tree) if each.statement is (*rest, call)[0])


def _runs(tree: ast.Module) -> list[list[Spot]]:
    """Runs of two and more such statements, in code that is no function of the script."""
    runs: list[list[Spot]] = [[]]
    for spot in spots(tree):
        fits = (
            (spot.straight or spot.looped)
            and isinstance(spot.statement, ast.Expr)
            and (is_step(spot.statement) or is_backward(spot.statement) or is_clear(spot.statement))
        )
        last = runs[-1][-1] if runs[-1] else None
        if fits and last is not None and last.block is spot.block and spot.index == last.index + 1:
            runs[-1].append(spot)
        elif fits:
            runs.append([spot])
    return [run for run in runs if len(run) > 1]
