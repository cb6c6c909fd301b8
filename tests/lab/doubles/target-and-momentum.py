import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(42)
linear = nn.Linear(2, 1)
opt = torch.optim.SGD(linear.parameters(), lr=0.5, momentum=0.9)
x, y = torch.tensor([[1.0, 2.0]]), torch.zeros(1, 1)


def forward():
    return torch.sigmoid(linear(x))


print("one_training_step")
print("prediction_before=", f"{forward().item():.3f}")
p = forward()
loss = F.binary_cross_entropy(p, y)
opt.zero_grad()
loss.backward()
print("loss_before=", f"{loss.item():.4f}")
print("weight_grad=", linear.weight.grad.tolist())
print("bias_grad=", linear.bias.grad.tolist())
opt.step()
p = forward()
print("prediction_after=", f"{p.item():.3f}")
print("loss_after=", f"{F.binary_cross_entropy(p, y).item():.4f}")

print("mini_training_loop")
for n in (1, 2, 3, 4, 5):
    p = forward()
    loss = F.binary_cross_entropy(p, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(f"step={n} loss={loss.item():.4f} pred={p.item():.3f}")
