"""Canary: in which order a tensor is added up."""

import math

import torch


def printed(values):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.6f}" for value in values.flatten().tolist()) + "]"


def pattern(*shape, step=37):
    """Give numbers from -0.5 to 0.5, made of whole ones: no generator and no kernel takes part."""
    numbers = [step * n % 101 / 101 - 0.5 for n in range(math.prod(shape))]
    return torch.tensor(numbers).reshape(shape)


numbers = pattern(64, 128) + 1

print("reductions")
print("sum=", f"{(numbers.sum() / 8192).item():.6f}")
print("mean=", f"{numbers.mean().item():.6f}")
print("variance=", f"{numbers.var().item():.6f}")
print("norm=", f"{(numbers.norm() / 64).item():.6f}")
print("running=", printed(numbers.flatten().cumsum(0)[2047::2048] / 8192))
print("product=", printed((1 + numbers / 256).prod(dim=1)[::16]))
print("rows=", printed(numbers.sum(dim=1)[::16] / 128))
print("columns=", printed(numbers.sum(dim=0)[::32] / 64))
