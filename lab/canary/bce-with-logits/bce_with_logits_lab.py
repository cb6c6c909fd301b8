"""Canary: how BCEWithLogitsLoss is computed."""

import math

import torch
from torch import nn


def printed(values, decimals=6):
    """Give up to 16 numbers as text; the exact ones are those that tolist() gives."""
    return "[" + ", ".join(f"{value:.{decimals}f}" for value in values.flatten().tolist()) + "]"


def pattern(*shape, step=37):
    """Give numbers from -0.5 to 0.5, made of whole ones: no generator and no kernel takes part."""
    numbers = [step * n % 101 / 101 - 0.5 for n in range(math.prod(shape))]
    return torch.tensor(numbers).reshape(shape)


logits = (8 * pattern(24, 4)).requires_grad_()
targets = (pattern(24, 4, step=41) + 0.5).round()
positive = torch.tensor([0.5, 1.0, 2.0, 4.0])
loss_of = nn.functional.binary_cross_entropy_with_logits

loss = nn.BCEWithLogitsLoss()(logits, targets)
loss.backward()

print("bce_with_logits")
print("loss=", f"{loss.item():.5f}")
print("weighted=", f"{loss_of(logits, targets, pos_weight=positive).item():.5f}")
print("each=", printed(loss_of(logits, targets, reduction="none")[::6, 1]))
print("logits_grad=", printed(64 * logits.grad[::6, 1]))
