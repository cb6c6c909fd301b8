import torch
from torch import nn

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
with torch.no_grad():
    model[0].weight.copy_(torch.tensor([[0.5406, 0.5869]]))
    model[0].bias.fill_(-0.1657)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
loss_fn = nn.BCELoss()

print("one_training_step")
pred = model(x)
print("prediction_before=", round(pred.item(), 3))
loss = loss_fn(pred, y)
optimizer.zero_grad()
loss.backward()
print("loss_before=", round(loss.item(), 4))
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
print("weight_before=", model[0].weight.data)
print("bias_before=", model[0].bias.data)
optimizer.step()
print("weight_after=", model[0].weight.data)
print("bias_after=", model[0].bias.data)
pred = model(x)
print("prediction_after=", round(pred.item(), 3))
print("loss_after=", round(loss_fn(pred, y).item(), 4))
