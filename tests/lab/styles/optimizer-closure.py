import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
last = {}


def closure():
    optimizer.zero_grad()
    last["pred"] = model(x)
    loss = loss_fn(last["pred"], y)
    loss.backward()
    return loss


print("one_training_step")
loss = optimizer.step(closure)
print("prediction_before=", round(last["pred"].item(), 3))
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
with torch.no_grad():
    after = model(x)
print("prediction_after=", round(after.item(), 3))
print("loss_after=", round(loss_fn(after, y).item(), 4))

print("mini_training_loop")
for step in range(1, 6):
    loss = optimizer.step(closure)
    print(f"step={step} loss={loss.item():.4f} pred={last['pred'].item():.3f}")
