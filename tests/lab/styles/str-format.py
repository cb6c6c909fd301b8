import torch
from torch import nn

ROW = "step={0} loss={1:.4f} pred={2:.3f}"
VALUE = "{name}= {value:.{digits}f}"
LIST = "{}= {}"

torch.manual_seed(42)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn, optimizer = nn.BCELoss(), torch.optim.SGD(model.parameters(), lr=0.5)
x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])

print("one_training_step")
pred = model(x)
loss = loss_fn(pred, y)
print(VALUE.format(name="prediction_before", value=pred.item(), digits=3))
print(VALUE.format(name="loss_before", value=loss.item(), digits=4))
optimizer.zero_grad()
loss.backward()
print(LIST.format("weight_grad", model[0].weight.grad.tolist()))
print(LIST.format("bias_grad", model[0].bias.grad.tolist()))
optimizer.step()
pred = model(x)
loss = loss_fn(pred, y)
print(VALUE.format(name="prediction_after", value=pred.item(), digits=3))
print(VALUE.format(name="loss_after", value=loss.item(), digits=4))

print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(ROW.format(step, loss.item(), pred.item()))
