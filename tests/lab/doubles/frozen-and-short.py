import torch
from torch import nn

torch.manual_seed(42)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
for name, parameter in model.named_parameters():
    if "bias" in name:
        parameter.requires_grad = False
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])

print("one_training_step")
with torch.no_grad():
    print(f"prediction_before= {model(x).item():.3f}")
pred = model(x)
loss = loss_fn(pred, y)
optimizer.zero_grad()
loss.backward()
print(f"loss_before= {loss.item():.4f}")
print("weight_grad=", model[0].weight.grad.tolist())
print("bias_grad=", model[0].bias.grad)
optimizer.step()
with torch.no_grad():
    pred = model(x)
    print(f"prediction_after= {pred.item():.3f}")
    print(f"loss_after= {loss_fn(pred, y).item():.4f}")

print("mini_training_loop")
for step in range(1, 5):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
