"""Which parameters a module or an optimizer has, asked without code of the script."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from verifier.sandbox.trace.tensor import text

if TYPE_CHECKING:
    from verifier.sandbox.trace.leaves import Leaf
    from verifier.sandbox.trace.tensor import Reader

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

MAX_LISTED = 64
"""So many parameters an event lists, the first."""
_HYPERPARAMETERS = ("lr", "momentum", "weight_decay")


def of_module(module: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - of torch
    """Give a module's parameters with their names, as `named_parameters` does."""
    found: list[tuple[str, Any]] = []
    seen: set[int] = set()
    modules: list[tuple[str, Any]] = [("", module)]
    while modules:
        prefix, each = modules.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        for name, parameter in each.__dict__.get("_parameters", {}).items():
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                found.append((f"{prefix}{name}", parameter))
        children = list(each.__dict__.get("_modules", {}).items())
        modules += [(f"{prefix}{name}.", child) for name, child in reversed(children)]
    return found


def of_optimizer(optimizer: Any) -> list[Any]:  # noqa: ANN401 - of torch
    """Give an optimizer's parameters, group by group."""
    groups = optimizer.__dict__.get("param_groups", ())
    return [parameter for group in groups for parameter in group["params"]]


def group(settings: dict[str, Any], leaves: list[Leaf], reader: Reader) -> str:
    """Give an optimizer's group as JSON."""
    numbers = [f'"{name}":{reader.number(settings.get(name, 0.0))}' for name in _HYPERPARAMETERS]
    return f'{{{",".join(numbers)},"params":{numbered(leaves)}}}'


def parameter(leaf: Leaf, tensor: Any, reader: Reader) -> str:  # noqa: ANN401 - of torch
    """Give a model's parameter as JSON."""
    return (
        f'{{"id":{leaf.id},"name":{text(leaf.name or "")},{reader.kind(tensor)},"v":{leaf.text()}}}'
    )


def moved(leaf: Leaf, before: str, after: str) -> str:
    """Give a parameter's numbers before and after an event as JSON."""
    return f'{{"id":{leaf.id},"before":{before},"after":{after}}}'


def stepped(leaf: Leaf, before: str, grad: str) -> str:
    """Give a parameter's numbers around an optimizer's step as JSON."""
    return f'{{"id":{leaf.id},"before":{before},"after":{leaf.text()},"grad":{grad}}}'


def numbered(leaves: list[Leaf]) -> str:
    """Give the numbers of parameters as JSON."""
    return str([leaf.id for leaf in leaves[:MAX_LISTED]])
