import torch
from torch import nn

torch.manual_seed(42)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.5)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])


def shown(tensor):
    return [[round(v, 2) for v in row] for row in tensor.tolist()]


print("one_training_step")
with torch.no_grad():
    print(f"prediction_before= {model(x).item():.2f}")
pred = model(x)
loss = loss_fn(pred, y)
optimizer.zero_grad()
loss.backward()
print(f"loss_before= {loss.item():.2f}")
print("weight_grad=", shown(model[0].weight.grad))
print("bias_grad=", [round(model[0].bias.grad.item(), 2)])
optimizer.step()
with torch.no_grad():
    pred = model(x)
    print(f"prediction_after= {pred.item():.2f}")
    print(f"loss_after= {loss_fn(pred, y).item():.2f}")

print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.2f} pred={pred.item():.2f}")
