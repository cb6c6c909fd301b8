import torch
from torch import nn

torch.manual_seed(42)
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)


def train(n):
    """Train n steps; give the loss and prediction in front of each."""
    seen = []
    for _ in range(n):
        optimizer.zero_grad()
        pred = model(x)
        loss = loss_fn(pred, y)
        loss.backward()
        optimizer.step()
        seen.append((loss.item(), pred.item()))
    return seen


print("one_training_step")
[(loss, pred)] = train(1)
print("prediction_before=", round(pred, 3))
print("loss_before=", round(loss, 4))
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
with torch.inference_mode():
    after = model(x)
    print("prediction_after=", round(after.item(), 3))
    print("loss_after=", round(loss_fn(after, y).item(), 4))
print("mini_training_loop")
for step, (loss, pred) in enumerate(train(5), start=1):
    print(f"step={step} loss={loss:.4f} pred={pred:.3f}")
