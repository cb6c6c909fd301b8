import numpy as np
import torch
from torch import nn

torch.manual_seed(42)
x = torch.from_numpy(np.array([[1, 2]], dtype=np.float32))
y = torch.from_numpy(np.ones((1, 1), dtype=np.float32))
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)


def show(name, tensor, digits):
    print(name + "=", np.round(tensor.detach().numpy(), digits))


print("one_training_step")
pred = model(x)
loss = loss_fn(pred, y)
show("prediction_before", pred.squeeze(), 3)
show("loss_before", loss, 4)
optimizer.zero_grad()
loss.backward()
show("weight_grad", model[0].weight.grad, 4)
show("bias_grad", model[0].bias.grad, 4)
optimizer.step()
pred = model(x)
show("prediction_after", pred.squeeze(), 3)
show("loss_after", loss_fn(pred, y), 4)
print("mini_training_loop")
for step in np.arange(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={np.round(loss.item(), 4)} pred={np.round(pred.item(), 3)}")
