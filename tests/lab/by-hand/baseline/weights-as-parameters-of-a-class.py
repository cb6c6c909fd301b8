import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([[0.5406], [0.5869]]))
        self.b = nn.Parameter(torch.tensor([-0.1657]))

    def forward(self, x):
        return torch.sigmoid(x @ self.w + self.b)


x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = Net()
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
print("weight_grad=", model.w.grad.T)
print("bias_grad=", model.b.grad)
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
