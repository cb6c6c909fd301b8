from itertools import islice

import torch
from torch import nn


def training(model, loss_fn, optimizer, x, y):
    """Yield what each step saw, without end."""
    while True:
        pred = model(x)
        loss = loss_fn(pred, y)
        optimizer.zero_grad()
        loss.backward()
        gradients = [p.grad.clone() for p in model.parameters()]
        optimizer.step()
        yield pred.item(), loss.item(), gradients


torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
steps = training(model, loss_fn, torch.optim.SGD(model.parameters(), lr=0.5), x, y)

print("one_training_step")
pred, loss, (weight_grad, bias_grad) = next(steps)
print("prediction_before=", round(pred, 3))
print("loss_before=", round(loss, 4))
print("weight_grad=", weight_grad)
print("bias_grad=", bias_grad)
with torch.no_grad():
    after = model(x)
    print("prediction_after=", round(after.item(), 3))
    print("loss_after=", round(loss_fn(after, y).item(), 4))
print("mini_training_loop")
for number, (pred, loss, _) in enumerate(islice(steps, 5), 1):
    print(f"step={number} loss={loss:.4f} pred={pred:.3f}")
