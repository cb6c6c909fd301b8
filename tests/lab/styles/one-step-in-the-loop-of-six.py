import torch
from torch import nn

torch.manual_seed(42)
x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

history = []
for _ in range(6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    history.append(dict(pred=pred.item(), loss=loss.item(), w=model[0].weight.grad.tolist(), b=model[0].bias.grad.tolist()))
    optimizer.step()

first, *rest = history
print("one_training_step")
print(f"prediction_before= {first['pred']:.3f}")
print(f"loss_before= {first['loss']:.4f}")
print(f"weight_grad= {first['w']}")
print(f"bias_grad= {first['b']}")
print(f"prediction_after= {rest[0]['pred']:.3f}")
print(f"loss_after= {rest[0]['loss']:.4f}")
print("mini_training_loop")
for step, row in enumerate(rest, 1):
    print("step={} loss={loss:.4f} pred={pred:.3f}".format(step, **row))
