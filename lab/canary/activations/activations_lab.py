"""Canary: how functions of one number are approximated."""

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


x = 4 * pattern(1000)
chosen = slice(3, None, 250)

print("activations")
print("exp=", printed(x.exp()[chosen], 5))
print("log=", printed((x + 3).log()[chosen], 5))
print("sin=", printed(x.sin()[chosen]))
print("tanh=", printed(x.tanh()[chosen]))
print("sigmoid=", printed(x.sigmoid()[chosen]))
print("softplus=", printed(nn.functional.softplus(x)[chosen], 5))
print("gelu=", printed(nn.functional.gelu(x)[chosen], 5))
print("silu=", printed(nn.functional.silu(x)[chosen], 5))
