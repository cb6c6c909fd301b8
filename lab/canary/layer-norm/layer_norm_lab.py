"""Canary: how LayerNorm is rounded."""

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


layer = nn.LayerNorm(96)
with torch.no_grad():
    layer.weight.copy_(pattern(96, step=29) + 1)
    layer.bias.copy_(pattern(96, step=31))
x = pattern(16, 96).requires_grad_()

output = layer(x)
(pattern(16, 96, step=41) * output).sum().backward()

print("layer_norm")
print("output=", printed(output[::4, 7]))
print("x_grad=", printed(x.grad[::4, 11]))
print("weight_grad=", printed(layer.weight.grad[::24], 5))
print("bias_grad=", printed(layer.bias.grad[::24], 5))
