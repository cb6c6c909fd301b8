import torch
from torch import nn

torch.manual_seed(42)
linear = nn.Linear(2, 1)


def sigmoid(z):
    return 1 / (1 + torch.exp(-z))


x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])
bce = nn.BCELoss()
sgd = torch.optim.SGD(linear.parameters(), lr=0.5)

print("one_training_step")
a = sigmoid(linear(x))
print("prediction_before=", round(a.item(), 3))
L = bce(a, y)
print("loss_before=", round(L.item(), 4))
sgd.zero_grad()
L.backward()
print("weight_grad=", linear.weight.grad)
print("bias_grad=", linear.bias.grad)
sgd.step()
a = sigmoid(linear(x))
L = bce(a, y)
print("prediction_after=", round(a.item(), 3))
print("loss_after=", round(L.item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    a = sigmoid(linear(x))
    L = bce(a, y)
    sgd.zero_grad()
    L.backward()
    sgd.step()
    print(f"step={step} loss={L.item():.4f} pred={a.item():.3f}")
