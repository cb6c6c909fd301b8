import torch

torch.manual_seed(42)
layer = torch.nn.Linear(2, 1)
w = layer.weight.detach().clone()
b = layer.bias.detach().clone()
x = torch.tensor([[1.0, 2.0]])
y = torch.tensor([[1.0]])


def forward():
    p = torch.sigmoid(x @ w.T + b)
    return p, torch.nn.functional.binary_cross_entropy(p, y)


def gradients(p):
    """The chain rule by hand: d loss / d z = p - y."""
    dz = p - y
    return dz.T @ x, dz.sum(dim=0)


print("one_training_step")
p, loss = forward()
print("prediction_before=", round(p.item(), 3))
print("loss_before=", round(loss.item(), 4))
dw, db = gradients(p)
print("weight_grad=", dw)
print("bias_grad=", db)
w -= 0.5 * dw
b -= 0.5 * db
p, loss = forward()
print("prediction_after=", round(p.item(), 3))
print("loss_after=", round(loss.item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    p, loss = forward()
    dw, db = gradients(p)
    w -= 0.5 * dw
    b -= 0.5 * db
    print(f"step={step} loss={loss.item():.4f} pred={p.item():.3f}")
