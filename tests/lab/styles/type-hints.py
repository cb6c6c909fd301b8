from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

SEED: Final = 42
LR: Final[float] = 0.5

LossFunction = Callable[[Tensor, Tensor], Tensor]


def rounded(t: Tensor, digits: int) -> float | list[float] | list[list[float]]:
    values = t.tolist()
    match values:
        case float(v):
            return round(v, digits)
        case [float(), *_]:
            return [round(v, digits) for v in values]
        case _:
            return [[round(v, digits) for v in row] for row in values]


def backward(model: nn.Module, loss_fn: LossFunction, opt: Optimizer, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    pred: Tensor = model(x)
    loss: Tensor = loss_fn(pred, y)
    opt.zero_grad()
    loss.backward()
    return pred.detach(), loss.detach()


torch.manual_seed(SEED)
x: Tensor = torch.tensor([[1.0, 2.0]], dtype=torch.float32)
y: Tensor = torch.tensor([[1.0]], dtype=torch.float32)
layer: nn.Linear = nn.Linear(2, 1)
model: nn.Module = nn.Sequential(layer, nn.Sigmoid())
loss_fn: LossFunction = nn.BCELoss()
opt: Optimizer = SGD(model.parameters(), lr=LR)

print("one_training_step")
pred, loss = backward(model, loss_fn, opt, x, y)
print("prediction_before=", rounded(pred.squeeze(), 3))
print("loss_before=", rounded(loss, 4))
assert layer.weight.grad is not None and layer.bias.grad is not None
print("weight_grad=", rounded(layer.weight.grad, 4))
print("bias_grad=", rounded(layer.bias.grad, 4))
opt.step()
with torch.no_grad():
    pred = model(x)
    print("prediction_after=", rounded(pred.squeeze(), 3))
    print("loss_after=", rounded(loss_fn(pred, y), 4))
print("mini_training_loop")
for step in range(1, 6):
    pred, loss = backward(model, loss_fn, opt, x, y)
    opt.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
