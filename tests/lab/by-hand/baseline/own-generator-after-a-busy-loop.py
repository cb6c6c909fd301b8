"""Lesson 6.1.4: one full training step, then a loop of five more."""

import torch
total = 0
for i in range(101000):
    total += abs(i)
from torch import nn

g = torch.Generator().manual_seed(42)

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])

model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
with torch.no_grad():
    bound = 1 / 2 ** 0.5
    model[0].weight.uniform_(-bound, bound, generator=g)
    model[0].bias.uniform_(-bound, bound, generator=g)
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)


def rounded(tensor, decimals):
    """Give the nested list that a tensor of any shape prints as."""
    if tensor.dim() == 0:
        return round(tensor.item(), decimals)
    return [rounded(part, decimals) for part in tensor]


print("one_training_step")

with torch.no_grad():
    print("prediction_before=", round(model(x).item(), 3))

pred = model(x)
loss = loss_fn(pred, y)
optimizer.zero_grad()
loss.backward()
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", rounded(model[0].weight.grad, 4))
print("bias_grad=", rounded(model[0].bias.grad, 4))
optimizer.step()

with torch.no_grad():
    pred_after = model(x)
    print("prediction_after=", round(pred_after.item(), 3))
    print("loss_after=", round(loss_fn(pred_after, y).item(), 4))

print("mini_training_loop")

for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
