import torch
from torch import nn

SHAPE_IN, SHAPE_OUT, RATE, STEPS = 2, 1, 0.5, 5


def build():
    torch.manual_seed(42)
    model = nn.Sequential(nn.Linear(SHAPE_IN, SHAPE_OUT), nn.Sigmoid())
    return model, nn.BCELoss(), torch.optim.SGD(model.parameters(), lr=RATE)


def forward(model, loss_fn, x, y):
    pred = model(x)
    return pred, loss_fn(pred, y)


def clear(optimizer):
    optimizer.zero_grad()


def backward(loss):
    loss.backward()


def update(optimizer):
    optimizer.step()


def show(name, value, digits):
    print(name + "=", round(value.item(), digits))


def show_gradients(layer):
    print("weight_grad=", layer.weight.grad.tolist())
    print("bias_grad=", layer.bias.grad.tolist())


model, loss_fn, optimizer = build()
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])

print("one_training_step")
pred, loss = forward(model, loss_fn, x, y)
show("prediction_before", pred, 3)
show("loss_before", loss, 4)
clear(optimizer)
backward(loss)
show_gradients(model[0])
update(optimizer)
pred, loss = forward(model, loss_fn, x, y)
show("prediction_after", pred, 3)
show("loss_after", loss, 4)

print("mini_training_loop")
for number in range(1, STEPS + 1):
    pred, loss = forward(model, loss_fn, x, y)
    clear(optimizer)
    backward(loss)
    update(optimizer)
    print(f"step={number} loss={loss.item():.4f} pred={pred.item():.3f}")
