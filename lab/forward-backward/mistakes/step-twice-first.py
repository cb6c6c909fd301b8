"""Lab 6.1.4: forward and backward propagation."""

import torch
from torch import nn


def make_model():
    torch.manual_seed(42)
    return nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())


def rounded(values, digits=4):
    if isinstance(values, list):
        return [rounded(v, digits) for v in values]
    return round(values, digits)


def first_step(model, loss_fn, optimizer, x, y):
    print("one_training_step")
    with torch.no_grad():
        print("prediction_before=", rounded(model(x).item(), 3))
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    print("loss_before=", rounded(loss.item()))
    print("weight_grad=", rounded(model[0].weight.grad.tolist()))
    print("bias_grad=", rounded(model[0].bias.grad.tolist()))
    optimizer.step()
    optimizer.step()
    with torch.no_grad():
        pred = model(x)
        print("prediction_after=", rounded(pred.item(), 3))
        print("loss_after=", rounded(loss_fn(pred, y).item()))


def loop(model, loss_fn, optimizer, x, y, steps=5):
    print("mini_training_loop")
    for step in range(1, steps + 1):
        pred = model(x)
        loss = loss_fn(pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")


def main():
    x = torch.tensor([[1.0, 2.0]])
    y = torch.tensor([[1.0]])
    model = make_model()
    loss_fn = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    first_step(model, loss_fn, optimizer, x, y)
    loop(model, loss_fn, optimizer, x, y)


if __name__ == "__main__":
    main()
