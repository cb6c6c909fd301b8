import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")
pred = model(x)
print("prediction_before=", round(pred.item(), 3))
loss = loss_fn(pred, y)
print("loss_before=", round(loss.item(), 4))
loss.backward()
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
optimizer.step()
optimizer.zero_grad()  # ready for the next one

pred = model(x)
print("prediction_after=", round(pred.item(), 3))
print("loss_after=", round(loss_fn(pred, y).item(), 4))

print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
