"""Canary: what exponential_ draws for a seed, and gumbel_softmax with it."""

import torch
from torch import nn


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


logits = torch.tensor([[0.5, -0.25, 0.125, 1.0]])

print("exponential")
# From the same seed each: what one of them draws is no matter of the others.
torch.manual_seed(42)
print("few=", printed(torch.empty(8).exponential_(), 5))
torch.manual_seed(42)
print("many=", printed(torch.empty(1000).exponential_(0.5)[::125], 5))
torch.manual_seed(42)
print("gumbel_softmax=", printed(nn.functional.gumbel_softmax(logits, tau=1.0)))
