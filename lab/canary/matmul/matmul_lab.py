"""Canary: how matrix products are rounded."""

import math

import torch


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


def pattern(*shape, step=37):
    """Give numbers from -0.5 to 0.5, made of whole ones: no generator and no kernel takes part."""
    numbers = [step * n % 101 / 101 - 0.5 for n in range(math.prod(shape))]
    return torch.tensor(numbers).reshape(shape)


left = pattern(96, 160, step=37)
right = pattern(160, 112, step=53)

print("matmul")
print("large=", printed((left @ right)[::24, 7], 5))
print("small=", printed((left[:3, :5] @ right[:5, :3])[:, 1]))
print("vector=", printed((left @ right[:, 3])[::24], 5))
print("batched=", printed((left.reshape(8, 12, 160) @ right)[::2, 5, 9]))
print("added=", printed(torch.addmm(right[0], left, right)[::24, 11], 5))
