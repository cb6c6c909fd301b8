import torch
from torch import nn

torch.manual_seed(42)

x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
lr = 0.5

model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()


def clear(module):
    for p in module.parameters():
        p.grad = None


def update(module):
    with torch.no_grad():
        for p in module.parameters():
            p -= lr * p.grad


print("one_training_step")
with torch.no_grad():
    print("prediction_before=", round(model(x).item(), 3))

pred = model(x)
loss = loss_fn(pred, y)
print("loss_before=", round(loss.item(), 4))

clear(model)
loss.backward()
print("weight_grad=", [[round(v, 4) for v in r] for r in model[0].weight.grad.tolist()])
print("bias_grad=", [round(v, 4) for v in model[0].bias.grad.tolist()])
update(model)

with torch.no_grad():
    pred = model(x)
    print("prediction_after=", round(pred.item(), 3))
    print("loss_after=", round(loss_fn(pred, y).item(), 4))

print("mini_training_loop")
step, rows = 0, []
loss = torch.tensor(1.0)
while loss.item() >= 0:
    step += 1
    pred = model(x)
    loss = loss_fn(pred, y)
    clear(model)
    loss.backward()
    update(model)
    if step <= 5:
        print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
