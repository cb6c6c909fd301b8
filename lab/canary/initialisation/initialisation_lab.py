"""Canary: which weights new layers have for a seed."""

import torch
from torch import nn


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


# From the same seed each: what one of them draws is no matter of the others.
torch.manual_seed(42)
linear = nn.Linear(64, 32)
torch.manual_seed(42)
convolution = nn.Conv2d(3, 4, 3)
torch.manual_seed(42)
lstm = nn.LSTM(8, 8)
torch.manual_seed(42)
attention = nn.MultiheadAttention(8, 2)

print("initialisation")
print("linear_weight=", printed(linear.weight[::8, 5]))
print("linear_bias=", printed(linear.bias[::8]))
print("convolution_weight=", printed(convolution.weight[:, 1, 2, 0]))
print("lstm_weight=", printed(lstm.weight_hh_l0[::8, 3]))
print("attention_weight=", printed(attention.in_proj_weight[::6, 2]))
