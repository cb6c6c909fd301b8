"""Lesson 6.1.4: one full training step, then a loop of five more."""

import torch
from torch import nn

torch.manual_seed(42)

# wait for nothing: a progress of primes, as in the exercise before
def is_prime(n):
    return n > 1 and all(n % d for d in range(2, int(n ** 0.5) + 1))

primes = [n for n in range(4000) if is_prime(n)]

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])

model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
with torch.no_grad():
    model[0].weight.copy_(torch.tensor([[0.5406103730201721, 0.5869042277336121]]))
    model[0].bias.copy_(torch.tensor([-0.16565565764904022]))
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
