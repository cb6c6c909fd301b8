import torch
from torch import nn

SEED, RATE, ROUNDS = 42, 0.1, 5

torch.manual_seed(SEED)
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])


def step():
    optimizer.zero_grad()
    pred = model(x)
    loss = loss_fn(pred, y)
    loss.backward(retain_graph=True)
    loss.backward()
    return pred, loss


def main():
    print("one_training_step")
    pred, loss = step()
    print("prediction_before=", round(pred.item(), 3))
    print("loss_before=", round(loss.item(), 4))
    print("weight_grad=", model[0].weight.grad.tolist())
    print("bias_grad=", model[0].bias.grad.tolist())
    optimizer.step()
    with torch.no_grad():
        pred = model(x)
        print("prediction_after=", round(pred.item(), 3))
        print("loss_after=", round(loss_fn(pred, y).item(), 4))
    print("mini_training_loop")
    for number in range(1, ROUNDS + 1):
        pred, loss = step()
        optimizer.step()
        print(f"step={number} loss={loss.item():.4f} pred={pred.item():.3f}")


if __name__ == "__main__":
    main()
