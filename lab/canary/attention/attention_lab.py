"""Canary: how attention is computed."""

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


query, key, value = (2 * pattern(2, 4, 20, 16, step=step) for step in (41, 43, 47))
attend = nn.functional.scaled_dot_product_attention

layer = fill(nn.MultiheadAttention(32, 4, batch_first=True))
x = pattern(3, 20, 32, step=53)

with torch.no_grad():
    without_gradients, _ = layer.eval()(x, x, x, need_weights=False)
output, weights = layer.train()(x, x, x)
(16 * pattern(3, 20, 32, step=59) * output).sum().backward()

print("attention")
print("function=", printed(attend(query, key, value)[1, 2, ::5, 3]))
print("causal=", printed(attend(query, key, value, is_causal=True)[1, 2, ::5, 3]))
print("without_gradients=", printed(without_gradients[1, ::5, 7], 5))
print("with_gradients=", printed(output[1, ::5, 7], 5))
print("weights=", printed(16 * weights[1, ::5, 3]))
print("gradient=", printed(layer.in_proj_weight.grad[::24, 5], 5))
