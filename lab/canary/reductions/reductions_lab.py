"""Canary: in which order a tensor is added up."""

import math

import torch


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


# Squares modulo a prime: as irregular as random numbers, and made without any.
numbers = torch.tensor([n * n % 65521 / 65521 - 0.25 for n in range(65536)]).reshape(256, 256)

print("reductions")
print("sum=", f"{(numbers.sum() / 65536).item():.6f}")
print("mean=", f"{numbers.mean().item():.6f}")
print("variance=", f"{numbers.var().item():.6f}")
print("absolute=", f"{(numbers.norm(p=1) / 65536).item():.6f}")
print("euclidean=", f"{(numbers.norm() / 256).item():.6f}")
print("rows=", printed(numbers.sum(dim=1)[::64] / 256))
print("columns=", printed(numbers.sum(dim=0)[::64] / 256))
print("running=", printed(numbers.flatten().cumsum(0)[16383::16384] / 65536))
print("product=", printed((1 + numbers / 256).prod(dim=1)[::64], 5))
print("logarithm=", printed(numbers.logsumexp(dim=1)[::64] / 8))
