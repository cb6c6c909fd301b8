import torch
import torch.nn.functional as F

torch.manual_seed(42)
fc = torch.nn.Linear(2, 1)
opt = torch.optim.SGD(fc.parameters(), lr=0.5)
x = torch.tensor([[1., 2.]])
y = torch.tensor([[1.]])

print("one_training_step")
with torch.no_grad():
    print(f"prediction_before= {F.sigmoid(fc(x)).item():.3f}")
p = F.sigmoid(fc(x))
loss = F.binary_cross_entropy(p, y)
opt.zero_grad()
loss.backward()
print(f"loss_before= {loss.item():.4f}")
print(f"weight_grad= {fc.weight.grad.tolist()}")
print(f"bias_grad= {fc.bias.grad.tolist()}")
opt.step()
with torch.no_grad():
    p = F.sigmoid(fc(x))
    print(f"prediction_after= {p.item():.3f}")
    print(f"loss_after= {F.binary_cross_entropy(p, y).item():.4f}")
print("mini_training_loop")
for i in (1, 2, 3, 4, 5):
    p = F.sigmoid(fc(x))
    loss = F.binary_cross_entropy(p, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(f"step={i} loss={loss.item():.4f} pred={p.item():.3f}")
