"""Canary: in which order data comes for a seed."""

import torch
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(42)

numbers = torch.arange(12)
loader = DataLoader(numbers, batch_size=12, shuffle=True)
parts = random_split(TensorDataset(numbers), [8, 4])

print("shuffling")
print("permutation=", torch.randperm(12).tolist())
print("of_many=", torch.randperm(100_000)[::12_500].tolist())
print("first_epoch=", next(iter(loader)).tolist())
print("second_epoch=", next(iter(loader)).tolist())
print("split=", torch.stack([number for part in parts for (number,) in part]).tolist())
