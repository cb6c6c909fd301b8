import torch
from torch import nn

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
loss_fn = nn.BCELoss()

torch.manual_seed(42)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())

for lr in (0.05, 0.5, 1.0):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)

    print(f"lr_{lr}")

    for step in range(1, 6):
        pred = model(x)
        loss = loss_fn(pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
