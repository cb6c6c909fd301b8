import sys

import torch
from torch import nn

out = sys.stdout.write
torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

out("one_training_step\n")
pred = model(x)
loss = loss_fn(pred, y)
out(f"prediction_before= {pred.item():.3f}\n")
out(f"loss_before= {loss.item():.4f}\n")
optimizer.zero_grad()
loss.backward()
out(f"weight_grad= {model[0].weight.grad.tolist()}\n")
out(f"bias_grad= {model[0].bias.grad.tolist()}\n")
optimizer.step()
pred = model(x)
out(f"prediction_after= {pred.item():.3f}\n")
out(f"loss_after= {loss_fn(pred, y).item():.4f}\n")
out("mini_training_loop\n")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    out(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}\n")
sys.stdout.flush()
