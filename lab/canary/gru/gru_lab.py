"""Canary: how a GRU is computed."""

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


net = fill(nn.GRU(12, 16, num_layers=2))
series = pattern(12, 4, 12, step=43)

with torch.no_grad():
    without_gradients, _ = net(series)
output, _ = net(series)
(32 * pattern(12, 4, 16, step=47) * output).sum().backward()

print("gru")
print("without_gradients=", printed(without_gradients[::3, 1, 5]))
print("with_gradients=", printed(output[-1, 2, ::4]))
print("input_grad=", printed(net.weight_ih_l0.grad[:16:4, 3]))
print("hidden_grad=", printed(net.weight_hh_l1.grad[:16:4, 3], 5))
