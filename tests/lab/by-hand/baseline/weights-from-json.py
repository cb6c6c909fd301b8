import json

import torch
from torch import nn

SAVED = '{"0.weight": [[0.5406103730201721, 0.5869042277336121]], "0.bias": [-0.16565565764904022]}'

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
model.load_state_dict({name: torch.tensor(value) for name, value in json.loads(SAVED).items()})
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
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
optimizer.step()
with torch.no_grad():
    after = model(x)
    print("prediction_after=", round(after.item(), 3))
    print("loss_after=", round(loss_fn(after, y).item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
