import torch
from torch.utils.data import DataLoader, TensorDataset

data = TensorDataset(torch.arange(8.0))
for (batch,) in DataLoader(data, batch_size=4, num_workers=1):
    print("loaded", batch.tolist())
