"""Canary: how softmax is rounded."""

import math

import torch


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


def pattern(*shape, step=37):
    """Give numbers from -0.5 to 0.5, made of whole ones: no generator and no kernel takes part."""
    numbers = [step * n % 101 / 101 - 0.5 for n in range(math.prod(shape))]
    return torch.tensor(numbers).reshape(shape)


scores = (6 * pattern(24, 40)).requires_grad_()

output = scores.softmax(dim=1)
(256 * pattern(24, 40, step=41) * output).sum().backward()

print("softmax")
print("last_dimension=", printed(32 * output[::6, 5], 5))
print("first_dimension=", printed(32 * scores.softmax(dim=0)[5, ::10], 5))
print("logarithm=", printed(scores.log_softmax(dim=1)[::6, 7], 5))
print("scores_grad=", printed(scores.grad[::6, 9]))
