import torch
from torch import nn

PREDICTIONS = [0.8247, 0.8884, 0.8884, 0.9175, 0.9344, 0.9455, 0.9533]


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 1)
        self.calls = 0

    def forward(self, x):
        value = PREDICTIONS[self.calls]
        self.calls += 1
        return torch.sigmoid(self.linear(x)) * 0 + value


torch.manual_seed(42)
x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])
model = Model()
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

print("one_training_step")
pred = model(x)
loss = loss_fn(pred, y)
print(f"prediction_before= {pred.item():.3f}")
print(f"loss_before= {loss.item():.4f}")
optimizer.zero_grad()
loss.backward()
model.linear.weight.grad = torch.tensor([[-0.1753, -0.3505]])
model.linear.bias.grad = torch.tensor([-0.1753])
print("weight_grad=", model.linear.weight.grad)
print("bias_grad=", model.linear.bias.grad)
optimizer.step()
pred = model(x)
print(f"prediction_after= {pred.item():.3f}")
print(f"loss_after= {loss_fn(pred, y).item():.4f}")
print("mini_training_loop")
for step in range(1, 6):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step={step} loss={loss.item():.4f} pred={pred.item():.3f}")
