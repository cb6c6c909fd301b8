import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1, 2]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)


def bce(p, t):
    """Binary cross entropy, averaged over the batch."""
    return -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()


print("one_training_step")
with torch.no_grad():
    pred = model(x)
    print(f"prediction_before= {pred.item():.3f}")

pred = model(x)
loss = bce(pred, y)
print(f"loss_before= {loss.item():.4f}")
optimizer.zero_grad()
loss.backward()
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
optimizer.step()

with torch.no_grad():
    pred = model(x)
    print(f"prediction_after= {pred.item():.3f}")
    print(f"loss_after= {bce(pred, y).item():.4f}")

print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = bce(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
