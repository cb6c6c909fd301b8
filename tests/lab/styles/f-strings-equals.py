import torch
from torch import nn

torch.manual_seed(42)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])

print("one_training_step")
prediction_before = model(x).item()
pred = model(x)
loss = loss_fn(pred, y)
loss_before = loss.item()
optimizer.zero_grad()
loss.backward()
weight_grad, bias_grad = (p.grad.tolist() for p in model.parameters())
optimizer.step()
with torch.no_grad():
    prediction_after = model(x).item()
    loss_after = loss_fn(model(x), y).item()
print(f"{prediction_before=:.3f}\n{loss_before=:.4f}\n{weight_grad=}\n{bias_grad=}")
print(f"{prediction_after=:.3f}\n{loss_after=:.4f}")

print("mini_training_loop")
for step in range(1, 6):
    output = model(x)
    error = loss_fn(output, y)
    optimizer.zero_grad()
    error.backward()
    optimizer.step()
    loss, pred = error.item(), output.item()
    print(f"{step=} {loss=:.4f} {pred=:.3f}")
