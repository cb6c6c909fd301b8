"""What a text does to tensors: memory it never writes to, changes in place, names bound anew.

Read from the ast, never run; by names, whatever their scope.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.diagnosis.memory import unwritten
from verifier.diagnosis.names import called_name, pairs_of, path_of, root_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_HARMLESS = frozenset({"detach_", "requires_grad_", "share_memory_", "zero_"})
"""Names that end in an underscore and change no number that backward needs."""
_RATES = frozenset({"alpha", "eta", "learning_rate", "lr", "rate", "step_size"})
_TRACKED = frozenset({"requires_grad", "requires_grad_", "retain_grad"})
_COMPREHENSIONS = (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
_WORDS = {
    "grad": frozenset({"grad"}),
    "requires_grad": frozenset({"Parameter", "requires_grad", "requires_grad_"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A piece of the text; not yet printable."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorFacts:
    """Everything read, each in the order of the lines."""

    unwritten: tuple[Place, ...] = ()
    """Calls that give memory as it lies there, and nothing is written to it."""
    changed: tuple[Place, ...] = ()
    """What writes into a tensor in place, or adds to a name."""
    rebound: tuple[Place, ...] = ()
    """Names that are given what was calculated of themselves and a gradient, and is no leaf."""
    updates: tuple[int, ...] = ()
    """Lines that change something by a gradient, as ``w -= lr * w.grad``."""
    rates: tuple[int, ...] = ()
    """Lines that set a learning rate that was there before."""


NO_TENSORS = TensorFacts()


def read_tensors(nodes: Sequence[ast.AST]) -> TensorFacts:
    """Read the nodes of a text."""
    memory = (Place(line=each.lineno, text=_shown(each)) for each in unwritten(nodes))
    lines = {getattr(node, "lineno", 0) for node in nodes if _is_update(node)}
    return TensorFacts(
        unwritten=_sorted(memory),
        changed=_sorted(each for node in nodes for each in _changed(node)),
        rebound=_sorted(_rebound(nodes)),
        updates=tuple(sorted(lines)),
        rates=tuple(sorted({line for node in nodes for line in _rate_lines(node)})),
    )


def _sorted(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda each: each.line))


def _shown(call: ast.Call) -> str:
    try:
        return ast.unparse(call)
    except RecursionError:
        return called_name(call)


def _changed(node: ast.AST) -> Iterator[Place]:
    match node:
        case ast.Call(func=ast.Attribute(attr=name, value=owner)):
            in_place = name.endswith("_") and not name.endswith("__") and name not in _HARMLESS
            told = any(
                each.arg == "inplace" and getattr(each.value, "value", None) is True
                for each in node.keywords
            )
            if (in_place or told) and "init" not in path_of(owner).split("."):
                yield Place(line=node.lineno, text=f"`{name}`")
        case ast.AugAssign(target=target) | ast.Assign(targets=[ast.Subscript(value=target)]):
            name = root_of(target)
            yield Place(line=node.lineno, text=f"the change of `{name}`" if name else "a change")
        case _:
            pass


def _rebound(nodes: Sequence[ast.AST]) -> Iterator[Place]:
    """Find the names that are given a new tensor in place of the leaf that they were."""
    graded, tracked = _graded(nodes), _tracked(nodes)
    made: dict[str, set[str]] = {}
    for node in nodes:
        if not isinstance(node, ast.Assign):
            continue
        known: dict[int, tuple[set[str], set[str]]] = {}
        for target, value in (pair for each in node.targets for pair in pairs_of(each, node.value)):
            if id(value) not in known:
                known[id(value)] = _words(value)
            name = path_of(target)
            paths, words = known[id(value)]
            if "requires_grad" in words or name.endswith(".data"):
                continue
            if "grad" in words or paths & graded:
                made.setdefault(name, set()).update(paths)
            is_list = isinstance(value, _COMPREHENSIONS) and "grad" in words
            is_own = name in paths and (name in graded or is_list)
            # Or it was made under another name, and is handed over.
            is_handed = name in graded and name in made.get(path_of(value), ())
            if (is_own or is_handed) and tracked.get(name, 0) < node.lineno:
                yield Place(line=node.lineno, text=name)


def _graded(nodes: Sequence[ast.AST]) -> set[str]:
    """Give the names of what has a gradient that is looked at, or asked for."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.Attribute(attr="grad", value=owner):
                found.add(path_of(owner))
            case ast.Call(args=[_, asked, *_]) if called_name(node) == "grad":
                found |= {path_of(each) for each in getattr(asked, "elts", [asked])}
            case _:
                pass
    return found - {""}


def _tracked(nodes: Sequence[ast.AST]) -> dict[str, int]:
    """Give the names that a statement makes leaves, with the last line."""
    found: dict[str, int] = {}
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in _TRACKED:
            name = path_of(node.value)
            found[name] = max(node.lineno, found.get(name, 0))
    return found


def _words(value: ast.expr) -> tuple[set[str], set[str]]:
    """Give the names with points that a value holds, and of their parts those that matter."""
    paths: set[str] = set()
    words: set[str] = set()
    for node in ast.walk(value):
        match node:
            case ast.Attribute(attr=word) | ast.Name(id=word) | ast.keyword(arg=str(word)):
                words |= {known for known, names in _WORDS.items() if word in names}
            case _:
                pass
        paths.add(path_of(node))
    return paths - {""}, words


def _is_update(node: ast.AST) -> bool:
    match node:
        case ast.AugAssign(op=ast.Sub()):
            return True
        case ast.AugAssign(value=value):
            return _has_gradient(value)
        case ast.Assign(targets=[ast.Attribute(attr="data")], value=value):
            return _has_gradient(value)
        case ast.Call(func=ast.Attribute(attr="add_" | "sub_" | "copy_" | "addcmul_"), args=args):
            return any(map(_has_gradient, args))
        case _:
            return False


def _has_gradient(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Attribute) and each.attr == "grad" for each in ast.walk(node))


def _rate_lines(node: ast.AST) -> Iterator[int]:
    match node:
        case ast.Subscript(slice=ast.Constant(value="lr"), ctx=ast.Store()):
            yield node.lineno
        case ast.AugAssign(target=ast.Name(id=name) | ast.Attribute(attr=name)):
            if name in _RATES:
                yield node.lineno
        case ast.Call(func=ast.Attribute(attr="update"), keywords=keywords):
            if any(each.arg == "lr" for each in keywords):
                yield node.lineno
        case ast.For(body=body) | ast.While(body=body):
            for each in body:
                if isinstance(each, ast.Assign) and any(
                    path_of(target).rpartition(".")[2] in _RATES for target in each.targets
                ):
                    yield each.lineno
        case _:
            pass
