import torch
from torch import nn
from torch.optim import SGD

torch.manual_seed(42)

inputs = torch.tensor([[1.0, 2.0]])
labels = torch.tensor([[1.0]])

model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = SGD(model.parameters(), lr=0.5)


def train_step():
    """Run forward, loss, clear, backward and update; return what was seen."""
    pred = model(inputs)
    loss = loss_fn(pred, labels)
    optimiser.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), pred.item()


def evaluate():
    with torch.no_grad():
        pred = model(inputs)
        return loss_fn(pred, labels).item(), pred.item()


print("one_training_step")
_, pred_before = evaluate()
print(f"prediction_before= {pred_before:.3f}")
loss_before, _ = train_step()
print(f"loss_before= {loss_before:.4f}")
print("weight_grad=", model[0].weight.grad)
print("bias_grad=", model[0].bias.grad)
loss_after, pred_after = evaluate()
print(f"prediction_after= {pred_after:.3f}")
print(f"loss_after= {loss_after:.4f}")

print("mini_training_loop")
for step in range(1, 6):
    loss_value, pred_value = train_step()
    print(f"step={step} loss={loss_value:.4f} pred={pred_value:.3f}")
