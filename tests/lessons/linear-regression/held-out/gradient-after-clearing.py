"""Fit a straight line with SGD and with Adam, from the same start."""

import torch
from torch import nn

noise = torch.Generator().manual_seed(1)
hours = torch.arange(8.0).reshape(8, 1)
score = 2.5 * hours + 4.0 + 0.5 * torch.randn(8, 1, generator=noise)
loss_fn = nn.MSELoss()

print("data")
print("hours:", tuple(hours.shape))
print("score_mean=", round(score.mean().item(), 3))


def new_model():
    """Give a line whose weight and bias are drawn from one seed."""
    torch.manual_seed(8)
    return nn.Linear(1, 1)


def train(name, model, optimizer):
    """Take 120 full steps, and print what is known before three of the updates."""
    for step in range(1, 121):
        loss = loss_fn(model(hours), score)
        optimizer.zero_grad()
        loss.backward()
        if step in (1, 20, 120):
            weight, bias = model.weight.item(), model.bias.item()
            print(f"{name:<6} step={step:<3} loss={loss.item():.3f} w={weight:.3f} b={bias:.3f}")
        optimizer.step()


print("two_optimizers")
line = new_model()
train("sgd", line, torch.optim.SGD(line.parameters(), lr=0.01))
line = new_model()
train("adam", line, torch.optim.Adam(line.parameters(), lr=0.2))

optimizer = torch.optim.Adam(line.parameters(), lr=0.2)
optimizer.zero_grad(set_to_none=False)
print("learned")
with torch.no_grad():
    print(f"score gained per hour: {line.weight.item():.2f}")
    print(f"score without any work: {line.bias.item():.2f}")
    print(f"Predicted score for 10 hours of work: {line(torch.tensor([[10.0]])).item():.1f}")
print("weight_grad=", [[round(line.weight.grad.item(), 3)]])
print("bias_grad=", [round(line.bias.grad.item(), 3)])
