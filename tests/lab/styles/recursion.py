import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)


def learn():
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    return pred.item(), loss.item()


def loop(step=1):
    if step == 6:
        return
    pred, loss = learn()
    optimizer.step()
    print(f"step={step} loss={loss:.4f} pred={pred:.3f}")
    loop(step + 1)


print("one_training_step")
pred, loss = learn()
print("prediction_before:", round(pred, 3))
print("loss_before:", round(loss, 4))
print("weight_grad:", model[0].weight.grad.tolist())
print("bias_grad:", model[0].bias.grad.tolist())
optimizer.step()
with torch.no_grad():
    print("prediction_after:", round(model(x).item(), 3))
    print("loss_after:", round(loss_fn(model(x), y).item(), 4))
print("mini_training_loop")
loop()
