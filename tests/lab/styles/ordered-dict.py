from collections import OrderedDict

import torch
from torch import nn

torch.manual_seed(42)
net = nn.Sequential(OrderedDict([("linear", nn.Linear(2, 1)), ("sigmoid", nn.Sigmoid())]))
bce = nn.BCELoss()
sgd = torch.optim.SGD([{"params": net.linear.parameters(), "lr": 0.5}], lr=0.001)
x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])

print("one_training_step")
out = net(x)
loss = bce(out, y)
print("prediction_before=", round(out.item(), 3))
print("loss_before=", round(loss.item(), 4))
sgd.zero_grad()
loss.backward()
for name, parameter in net.linear.named_parameters():
    print(f"{name}_grad=", parameter.grad)
sgd.step()
out = net(x)
print("prediction_after=", round(out.item(), 3))
print("loss_after=", round(bce(out, y).item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    out = net(x)
    loss = bce(out, y)
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    print(f"step={step} loss={loss.item():.4f} pred={out.item():.3f}")
