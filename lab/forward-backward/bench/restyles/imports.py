"""How torch is imported."""

from __future__ import annotations

import ast

from bench.diagnosis.restyle import Restyles
from bench.diagnosis.tree import (
    after_imports,
    expression,
    imported_names,
    loaded_names,
    nodes,
    replaced,
    spots,
    statement,
    stored_names,
    torch_name,
)

IMPORTS = Restyles()


@IMPORTS.named("torch-aliased")
def torch_aliased(tree: ast.Module) -> bool:
    """``import torch`` becomes ``import torch as th``."""
    if torch_name(tree) != "torch" or {"th"} & (stored_names(tree) | loaded_names(tree)):
        return False
    if any(
        alias.name.startswith("torch.") and not alias.asname for alias in nodes(tree, ast.alias)
    ):
        return False
    for alias in nodes(tree, ast.alias):
        if alias.name == "torch" and alias.asname in (None, "torch"):
            alias.asname = "th"
    for name in nodes(tree, ast.Name):
        if name.id == "torch":
            name.id = "th"
    return True


@IMPORTS.named("nn-spelt-out")
def nn_spelt_out(tree: ast.Module) -> bool:
    """``nn.Linear`` becomes ``torch.nn.Linear``."""
    torch = torch_name(tree)
    if not torch or "nn" not in imported_names(tree) or "nn" in _stored_but_imported(tree):
        return False
    for node in nodes(tree, ast.ImportFrom):
        node.names = [alias for alias in node.names if alias.name != "nn" or alias.asname]
    for imported in nodes(tree, ast.Import):
        imported.names = [alias for alias in imported.names if alias.asname != "nn"]
    _drop_empty_imports(tree)

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Name(id="nn", ctx=ast.Load()):
                return expression(f"{torch}.nn")
        return None

    return replaced(tree, change) and "nn" not in imported_names(tree)


def _stored_but_imported(tree: ast.Module) -> set[str]:
    stored = {each.id for each in nodes(tree, ast.Name) if isinstance(each.ctx, ast.Store)}
    return stored | {each.arg for each in nodes(tree, ast.arg)}


def _drop_empty_imports(tree: ast.Module) -> None:
    empty = [
        spot
        for spot in spots(tree)
        if isinstance(spot.statement, ast.Import | ast.ImportFrom) and not spot.statement.names
    ]
    for spot in empty:
        spot.drop()


@IMPORTS.named("sgd-imported")
def sgd_imported(tree: ast.Module) -> bool:
    """``torch.optim.SGD`` becomes ``SGD``, imported by name."""
    torch = torch_name(tree)
    if not torch or "SGD" in stored_names(tree) | loaded_names(tree):
        return False
    long = f"{torch}.optim.SGD"

    def change(node: ast.expr) -> ast.expr | None:
        is_it = isinstance(node, ast.Attribute) and ast.unparse(node) == long
        return ast.Name(id="SGD", ctx=ast.Load()) if is_it else None

    changed = replaced(tree, change)
    tree.body.insert(after_imports(tree), statement("from torch.optim import SGD"))
    return changed
