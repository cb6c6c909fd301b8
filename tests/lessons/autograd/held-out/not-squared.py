# Notes on autograd
import torch

# 1
print("leaf_and_result")
x = torch.tensor(2.0, requires_grad=True)
cube = x**3
line = 5 * x
y = cube + line
print("x=%.1f -> y=%.1f" % (x.item(), y.item()))
print("x.is_leaf:", x.grad_fn is None, " y.is_leaf:", y.grad_fn is None)
print("y.grad_fn:", y.grad_fn.name())
print("x.grad before:", x.grad)
torch.autograd.backward(y)
print("x.grad:", x.grad.tolist())

# 2
print("accumulation")
times = 2
while times < 4:
    (x**3 + 5 * x).backward(torch.tensor(1.0))
    print("times=%d grad=%.1f" % (times, x.grad))
    times += 1
x.grad.fill_(0)
(x**3 + 5 * x).backward()
print("times=1 grad=%.1f" % x.grad)

# 3
print("detach")
w = torch.tensor(3.0, requires_grad=True)
product = w**2
with torch.no_grad():
    constant = w.clone()
frozen = constant * w
print("values equal:", product.item() == frozen.item())
print("whole  :", torch.autograd.grad(product, w, create_graph=True)[0].item())
print("cut    :", torch.autograd.grad(frozen, w)[0].item())
with torch.no_grad():
    square = w * w
    print("inside no_grad: requires_grad", square.requires_grad)

# 4
print("chain")
generator = torch.manual_seed(3)
a = torch.randn((2, 3), generator=generator, requires_grad=True)
b = torch.randn((3,), generator=generator, requires_grad=True)
hidden = torch.stack([torch.tanh(torch.dot(row, b)) for row in a])
hidden.retain_grad()
loss = sum(value for value in hidden)
loss.backward()
numbers = ", ".join(f"{value:.4f}" for value in hidden.tolist())
print(f"loss={loss:.4f} hidden=[{numbers}]")
print("hidden.grad: [" + ", ".join(f"{value:.4f}" for value in hidden.grad) + "]")
print("b.grad: [" + ", ".join(f"{value:.4f}" for value in b.grad) + "]")
print("a.grad: [" + ", ".join("[" + ", ".join(f"{v:.4f}" for v in row) + "]" for row in a.grad) + "]")
by_hand = torch.zeros(3)
for row, value in zip(a.detach(), hidden.detach()):
    by_hand += row * 2 * value * (1 - value**2)
print("b.grad by hand agrees:", torch.allclose(by_hand, b.grad))
