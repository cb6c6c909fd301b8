"""Canary: which indices multinomial draws for a seed."""

import torch

weights = torch.tensor([0.5, 1.0, 2.0, 4.0, 0.25, 1.5, 3.0, 0.75])

print("multinomial")
# From the same seed each: what one of them draws is no matter of the others.
torch.manual_seed(42)
print("once=", torch.multinomial(weights, 6).tolist())
torch.manual_seed(42)
print("repeated=", torch.multinomial(weights, 12, replacement=True).tolist())
torch.manual_seed(42)
print("one_each=", torch.multinomial(weights.repeat(8, 1), 1).flatten().tolist())
