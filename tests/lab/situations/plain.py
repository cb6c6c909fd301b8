import torch
from torch import nn

torch.manual_seed(42)

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])

model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())

loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")
with torch.no_grad():
    print("prediction_before=", round(model(x).item(), 3))

pred = model(x)
loss = loss_fn(pred, y)
optimizer.zero_grad()
loss.backward()
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", [[round(g, 4) for g in row] for row in model[0].weight.grad.tolist()])
print("bias_grad=", [round(g, 4) for g in model[0].bias.grad.tolist()])
optimizer.step()

with torch.no_grad():
    new = model(x)
    print("prediction_after=", round(new.item(), 3))
    print("loss_after=", round(loss_fn(new, y).item(), 4))

print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
