import torch
from torch import nn

torch.manual_seed(42)

model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])

print("one_training_step")
optimizer.zero_grad()
pred = model(x)
print("prediction_before=", f"{pred.item():.3f}")
loss = loss_fn(pred, y)
print("loss_before=", f"{loss.item():.4f}")
loss.backward()
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
optimizer.step()

optimizer.zero_grad()
pred = model(x)
print("prediction_after=", f"{pred.item():.3f}")
print("loss_after=", f"{loss_fn(pred, y).item():.4f}")

print("mini_training_loop")
for step in range(1, 6):
    optimizer.zero_grad()
    pred = model(x)
    loss = loss_fn(pred, y)
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
