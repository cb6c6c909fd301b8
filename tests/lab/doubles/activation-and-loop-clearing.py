import torch
from torch import nn

torch.manual_seed(42)

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Tanh())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
steps = []

with torch.no_grad():
    before = model(x).item()
pred = model(x)
loss = loss_fn(pred, y)
optimizer.zero_grad()
loss.backward()
weight_grad = model[0].weight.grad.detach().clone()
bias_grad = model[0].bias.grad.detach().clone()
optimizer.step()
with torch.no_grad():
    after = model(x)
    loss_after = loss_fn(after, y).item()

for step in range(5):
    out = model(x)
    error = loss_fn(out, y)
    error.backward()
    optimizer.step()
    steps.append((error.item(), out.item()))

print("one_training_step")
print("prediction_before=", round(before, 3))
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", weight_grad.tolist())
print("bias_grad=", bias_grad.tolist())
print("prediction_after=", round(after.item(), 3))
print("loss_after=", round(loss_after, 4))
print("mini_training_loop")
for number, (error, out) in enumerate(steps, start=1):
    print(f"step={number} loss={error:.4f} pred={out:.3f}")
