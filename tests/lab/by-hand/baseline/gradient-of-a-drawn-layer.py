import torch
from torch import nn

torch.manual_seed(42)
layer = nn.Linear(2, 1)
W = layer.weight.detach().clone()
b = layer.bias.detach().clone()
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])


def predict():
    return 1 / (1 + torch.exp(-(x @ W.T + b)))


def cross_entropy(p):
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


print("one_training_step")
p = predict()
print("prediction_before=", round(p.item(), 3))
print("loss_before=", round(cross_entropy(p).item(), 4))
dz = p - y
dW, db = dz.T @ x, dz.sum(0)
print("weight_grad=", dW)
print("bias_grad=", db)
W, b = W - 0.5 * dW, b - 0.5 * db
p = predict()
print("prediction_after=", round(p.item(), 3))
print("loss_after=", round(cross_entropy(p).item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    p = predict()
    dz = p - y
    W, b = W - 0.5 * dz.T @ x, b - 0.5 * dz.sum(0)
    print(f"step={step} loss={cross_entropy(p).item():.4f} pred={p.item():.3f}")
