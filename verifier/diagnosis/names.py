"""Names in the ast of a text, and the chains of calls, attributes and places that begin with one.

A chain is followed so far, and no further: a text may hold one of thousands of parts.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH = 20
_MODULES = frozenset({"F", "init", "nn", "np", "numpy", "torch"})


def called_name(call: ast.Call) -> str:
    """Give the last part of what is called, as ``SGD`` in ``torch.optim.SGD(…)``."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def path_of(node: ast.AST | None) -> str:
    """Give names with points, and keys in brackets, as ``self.w[0]``; else nothing."""
    parts: list[str] = []
    for _ in range(_DEPTH):
        match node:
            case ast.Attribute(attr=name, value=inner):
                parts.append(f".{name}")
            case ast.Subscript(slice=ast.Constant(value=key), value=inner):
                parts.append(f"[{key!r}]")
            case ast.Name(id=name):
                return "".join([name, *reversed(parts)])
            case _:
                return ""
        node = inner
    return ""


def chain_of(node: ast.AST) -> Iterator[ast.AST]:
    """Give the parts of a chain as ``x.view(1, 2)[0].fill_(1.0)``, the last first."""
    for _ in range(_DEPTH):
        yield node
        match node:
            case ast.Call(func=ast.Attribute(value=inner)) if not is_module(inner):
                node = inner
            case ast.Attribute(value=inner) | ast.Subscript(value=inner):
                node = inner
            case _:
                return


def root_of(node: ast.AST) -> str:
    """Give the name that a chain begins with; empty where it begins with none."""
    *_, last = chain_of(node)
    return path_of(last)


def is_module(node: ast.AST) -> bool:
    """Whether it names a module, or something in one."""
    return path_of(node).partition(".")[0] in _MODULES


def pairs_of(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Give the targets of an assignment with their values: its own where each has one."""
    if not isinstance(target, ast.Tuple):
        return [(target, value)]
    if isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=False))
    return [(each, value) for each in target.elts]
