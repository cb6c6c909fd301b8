import torch
import torch.nn as nn


class Neuron(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, x):
        return torch.sigmoid(self.linear(x))


torch.manual_seed(42)
model = Neuron()
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
x = torch.tensor([[1.0, 2.0]]) / 2.0
y = torch.ones(1, 1)


def train():
    pred = model(x)
    loss = loss_fn(pred, y)
    loss.backward()
    grads = model.linear.weight.grad.clone(), model.linear.bias.grad.clone()
    optimizer.step()
    return pred.item(), loss.item(), grads


print("one_training_step")
pred, loss, (weight_grad, bias_grad) = train()
print(f"prediction_before= {pred:.3f}")
print(f"loss_before= {loss:.4f}")
print("weight_grad=", [[round(v, 4) for v in row] for row in weight_grad.tolist()])
print("bias_grad=", [round(v, 4) for v in bias_grad.tolist()])
with torch.no_grad():
    after = model(x)
    print(f"prediction_after= {after.item():.3f}")
    print(f"loss_after= {loss_fn(after, y).item():.4f}")

print("mini_training_loop")
for step in range(1, 6):
    pred, loss, _ = train()
    print(f"step={step} loss={loss:.4f} pred={pred:.3f}")
