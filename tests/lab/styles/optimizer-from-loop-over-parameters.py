import torch
from torch import nn

torch.manual_seed(42)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
optimizers = [torch.optim.SGD([p], lr=0.5) for p in model.parameters()]
loss_fn = nn.BCELoss()
x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])

print("one_training_step")
pred = model(x)
loss = loss_fn(pred, y)
print("prediction_before=", round(pred.item(), 3))
print("loss_before=", round(loss.item(), 4))
for optimizer in optimizers:
    optimizer.zero_grad()
loss.backward()
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
for optimizer in optimizers:
    optimizer.step()
pred = model(x)
print("prediction_after=", round(pred.item(), 3))
print("loss_after=", round(loss_fn(pred, y).item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
