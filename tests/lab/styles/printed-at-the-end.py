import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

lines = ["one_training_step"]
pred = model(x)
loss = loss_fn(pred, y)
lines.append(f"prediction_before= {pred.item():.3f}")
lines.append(f"loss_before= {loss.item():.4f}")
optimizer.zero_grad()
loss.backward()
lines.append(f"weight_grad= {model[0].weight.grad.tolist()}")
lines.append(f"bias_grad= {model[0].bias.grad.tolist()}")
optimizer.step()
pred = model(x)
lines.append(f"prediction_after= {pred.item():.3f}")
lines.append(f"loss_after= {loss_fn(pred, y).item():.4f}")

lines.append("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    lines.append(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")

print("\n".join(lines))
