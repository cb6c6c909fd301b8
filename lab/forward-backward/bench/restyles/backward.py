"""How the backward pass is written."""

from __future__ import annotations

import ast

from bench.diagnosis.restyle import Restyles
from bench.diagnosis.training import (
    is_backward,
)
from bench.diagnosis.tree import (
    Spot,
    assigned_name,
    calls,
    expression,
    spots,
    torch_name,
)

BACKWARD = Restyles()


@BACKWARD.named("backward-through-torch")
def backward_through_torch(tree: ast.Module) -> bool:
    """``loss.backward()`` becomes ``torch.autograd.backward(loss)``."""
    torch = torch_name(tree)
    losses = [
        spot.statement for spot in spots(tree) if assigned_name(spot.statement).endswith("loss")
    ]
    if any(ast.unparse(each).endswith(".item()") for each in losses):
        return False  # a number has no backward(), and the two would fail otherwise
    if not torch:
        return False
    found: list[Spot] = [
        spot
        for spot in spots(tree)
        if is_backward(spot.statement) and ast.unparse(spot.statement).endswith("loss.backward()")
    ]
    for spot in found:
        call = calls(spot.statement, "backward")[0]
        assert isinstance(call.func, ast.Attribute)
        spot.block[spot.index] = ast.Expr(
            value=ast.Call(
                func=expression(f"{torch}.autograd.backward"), args=[call.func.value], keywords=[]
            )
        )
    return bool(found)
