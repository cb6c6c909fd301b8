import copy

import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
untrained = copy.deepcopy(model)
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")
loss = loss_fn(model(x), y)
optimizer.zero_grad()
loss.backward()
grads = copy.deepcopy({name: p.grad for name, p in model.named_parameters()})
optimizer.step()
with torch.no_grad():
    before, after = untrained(x), model(x)
print("prediction_before=", round(before.item(), 3))
print("loss_before=", round(loss_fn(before, y).item(), 4))
print("weight_grad=", grads["0.weight"])
print("bias_grad=", grads["0.bias"])
print("prediction_after=", round(after.item(), 3))
print("loss_after=", round(loss_fn(after, y).item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    kept = copy.deepcopy((pred.detach(), loss.detach()))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={kept[1].item():.4f} pred={kept[0].item():.3f}")
