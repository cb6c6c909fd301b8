"""Lesson 6.1.4, exercise logits: the loss squashes, so the model must not."""

import torch
from torch import nn

torch.manual_seed(42)

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])

model = nn.Sequential(nn.Linear(2, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)


def rounded(tensor, decimals):
    """Give the nested list that a tensor of any shape prints as."""
    if tensor.dim() == 0:
        return round(tensor.item(), decimals)
    return [rounded(part, decimals) for part in tensor]


print("one_training_step")

with torch.no_grad():
    logit_before = model(x)
    print("logit_before=", round(logit_before.item(), 4))
    print("probability_before=", round(torch.sigmoid(logit_before).item(), 3))

logit = model(x)
loss = loss_fn(logit, y)
optimizer.zero_grad()
loss.backward()
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", rounded(model[0].weight.grad, 4))
print("bias_grad=", rounded(model[0].bias.grad, 4))
optimizer.step()

with torch.no_grad():
    logit_after = model(x)
    print("logit_after=", round(logit_after.item(), 4))
    print("probability_after=", round(torch.sigmoid(logit_after).item(), 3))
    print("loss_after=", round(loss_fn(logit_after, y).item(), 4))

print("mini_training_loop")

for step in range(1, 6):
    logit = model(x)
    loss = loss_fn(logit, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} logit={logit.item():.4f}")
