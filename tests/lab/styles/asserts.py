import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
assert x.shape == (1, 2) and y.shape == (1, 1)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")
pred = model(x)
assert pred.shape == y.shape, "both must be [batch, 1]"
loss = loss_fn(pred, y)
assert loss.dim() == 0
print("prediction_before=", round(pred.item(), 3))
print("loss_before=", round(loss.item(), 4))
optimizer.zero_grad()
assert model[0].weight.grad is None
loss.backward()
assert model[0].weight.grad is not None
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
old = model[0].weight.clone()
optimizer.step()
assert not torch.equal(old, model[0].weight)
torch.testing.assert_close(model[0].weight, old - 0.5 * model[0].weight.grad)
with torch.no_grad():
    pred = model(x)
    assert loss_fn(pred, y) < loss
    print("prediction_after=", round(pred.item(), 3))
    print("loss_after=", round(loss_fn(pred, y).item(), 4))
print("mini_training_loop")
previous = float("inf")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    assert loss.item() < previous
    previous = loss.item()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
