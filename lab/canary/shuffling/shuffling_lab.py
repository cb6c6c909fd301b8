"""Canary: in which order data comes for a seed."""

import torch
from torch.utils.data import DataLoader, TensorDataset, random_split

numbers = torch.arange(12)
loader = DataLoader(numbers, batch_size=12, shuffle=True)

print("shuffling")
# From the same seed each: what one of them draws is no matter of the others.
torch.manual_seed(42)
print("permutation=", torch.randperm(12).tolist())
torch.manual_seed(42)
print("of_many=", torch.randperm(100_000)[::12_500].tolist())
torch.manual_seed(42)
print("first_epoch=", next(iter(loader)).tolist())
print("second_epoch=", next(iter(loader)).tolist())
torch.manual_seed(42)
parts = random_split(TensorDataset(numbers), [8, 4])
print("split=", torch.stack([number for part in parts for (number,) in part]).tolist())
