"""Canary: which coins bernoulli_ throws for a seed."""

import torch


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


print("bernoulli")
# From the same seed each: what one of them draws is no matter of the others.
torch.manual_seed(42)
print("few=", printed(torch.empty(8).bernoulli_(0.3), 5))
torch.manual_seed(42)
print("many=", printed(torch.empty(1000).bernoulli_(0.5)[::125], 5))
torch.manual_seed(42)
print("each=", printed(torch.bernoulli(torch.tensor([0.1, 0.3, 0.5, 0.7] * 2)), 5))
