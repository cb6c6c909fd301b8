"""Canary: which elements dropout drops for a seed."""

import torch
from torch import nn


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


few = torch.ones(8)
many = torch.ones(40, 25)

print("dropout")
# From the same seed each: what one of them draws is no matter of the others.
torch.manual_seed(42)
print("few=", printed(nn.functional.dropout(few, p=0.3), 5))
torch.manual_seed(42)
print("many=", printed(nn.Dropout(p=0.5)(many)[::5, 3], 5))
torch.manual_seed(42)
print("channels=", printed(nn.Dropout2d(p=0.4)(torch.ones(1, 8, 2, 2))[0, :, 1, 1], 5))
