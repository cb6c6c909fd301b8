from dataclasses import dataclass, field

import torch
from torch import nn


@dataclass(frozen=True)
class Config:
    seed: int = 42
    lr: float = 0.5
    steps: int = 5
    features: list = field(default_factory=lambda: [[1.0, 2.0]])
    target: list = field(default_factory=lambda: [[1.0]])


config = Config()
torch.manual_seed(config.seed)
x = torch.tensor(config.features)
y = torch.tensor(config.target)
model = nn.Sequential(nn.Linear(len(config.features[0]), 1), nn.Sigmoid())
loss_fn = nn.BCELoss(reduction="mean")
optimizer = torch.optim.SGD(model.parameters(), lr=config.lr, momentum=0, weight_decay=0)

print("one_training_step")
pred = model(x)
loss = loss_fn(pred, y)
print("prediction_before=", round(pred.item(), 3))
print("loss_before=", round(loss.item(), 4))
optimizer.zero_grad()
loss.backward()
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
optimizer.step()
pred = model(x)
print("prediction_after=", round(pred.item(), 3))
print("loss_after=", round(loss_fn(pred, y).item(), 4))
print("mini_training_loop")
for step in range(1, config.steps + 1):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
