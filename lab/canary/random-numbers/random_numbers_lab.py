"""Canary: what rand, randn and randint draw for a seed."""

import torch


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


print("random_numbers")
# From the same seed each: what one of them draws is no matter of the others.
torch.manual_seed(42)
print("rand=", printed(torch.rand(8)))
torch.manual_seed(42)
print("rand_of_many=", printed(torch.rand(1000)[::125]))
torch.manual_seed(42)
print("randn=", printed(torch.randn(8), 5))
torch.manual_seed(42)
print("randn_of_many=", printed(torch.randn(1000)[::125], 5))
torch.manual_seed(42)
print("randint=", torch.randint(0, 1000, (8,)).tolist())
