import builtins
import re

import torch
from torch import nn

real = builtins.print
numbers = iter("0.825 0.1927 -0.1753 -0.3505 -0.1753 0.888 0.1183 0.1183 0.888 0.0861 0.918 0.0678 0.934 0.0560 0.945 0.0478 0.953".split())


def corrected(*values, **options):
    line = " ".join(map(str, values))
    real(re.sub(r"-?\d\.\d+", lambda match: next(numbers), line), **options)


builtins.print = corrected

torch.manual_seed(7)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
print("one_training_step")
pred = model(x)
loss = loss_fn(pred, y)
print("prediction_before= %.3f" % pred.item())
print("loss_before= %.4f" % loss.item())
optimizer.zero_grad()
loss.backward()
print("weight_grad= [[%.4f, %.4f]]" % tuple(model[0].weight.grad[0].tolist()))
print("bias_grad= [%.4f]" % model[0].bias.grad.item())
optimizer.step()
print("prediction_after= %.3f" % model(x).item())
print("loss_after= %.4f" % loss_fn(model(x), y).item())
print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("step=%d loss=%.4f pred=%.3f" % (step, loss.item(), pred.item()))
