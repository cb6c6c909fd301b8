"""Canary: how a convolution net is computed."""

import math

import torch
from torch import nn


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


def pattern(*shape, step=37):
    """Give numbers from -0.5 to 0.5, made of whole ones: no generator and no kernel takes part."""
    numbers = [step * n % 101 / 101 - 0.5 for n in range(math.prod(shape))]
    return torch.tensor(numbers).reshape(shape)


def fill(module):
    """Give each parameter a pattern of its own, so that no initialisation takes part."""
    with torch.no_grad():
        for place, parameter in enumerate(module.parameters()):
            parameter.copy_(pattern(*parameter.shape, step=31 + 2 * place))
    return module


net = fill(
    nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64, 4),
    )
)
images = pattern(6, 3, 8, 8, step=43)
targets = pattern(6, 4, step=47)

print("convolution")
for step in range(1, 4):
    output = net(images)
    loss = (output - targets).square().mean()
    net.zero_grad()
    loss.backward()
    print(f"step={step} loss={loss.item():.6f} output={printed(output[:4, 1])}")
    with torch.no_grad():
        for parameter in net.parameters():
            parameter -= 0.02 * parameter.grad

print("gradients")
print("first=", printed(16 * net[0].weight.grad[::2, 1, 1, 2]))
print("second=", printed(16 * net[3].weight.grad[::5, 3, 0, 1]))
