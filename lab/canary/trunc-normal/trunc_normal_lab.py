"""Canary: what trunc_normal_ draws for a seed."""

import torch
from torch import nn


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


print("trunc_normal")
# From the same seed each: what one of them draws is no matter of the others.
torch.manual_seed(42)
print("few=", printed(nn.init.trunc_normal_(torch.empty(8)), 5))
torch.manual_seed(42)
print("many=", printed(nn.init.trunc_normal_(torch.empty(40, 25))[::5, 3], 5))
torch.manual_seed(42)
print("narrow=", printed(nn.init.trunc_normal_(torch.empty(8), std=0.5, a=-0.25, b=0.75)))
