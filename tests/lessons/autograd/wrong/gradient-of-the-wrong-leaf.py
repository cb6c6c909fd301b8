import torch

print("leaf_and_result")
x = torch.tensor(2.0, requires_grad=True)
y = x**3 + 5 * x
print(f"x={x.item()} -> y={y.item()}")
print("x.is_leaf:", x.is_leaf, " y.is_leaf:", y.is_leaf)
print("y.grad_fn:", type(y.grad_fn).__name__)
print("x.grad before:", x.grad)
y.backward()
print("x.grad:", x.grad.item())

print("accumulation")
for times in (2, 3):
    (x**3 + 5 * x).backward()
    print(f"times={times} grad={x.grad.item()}")
x.grad = None
(x**3 + 5 * x).backward()
print("times=1 grad=" + str(x.grad.item()))

print("detach")
w = torch.tensor(3.0, requires_grad=True)
product = w * w
frozen = w.detach() * w
print("values equal:", product.item() == frozen.item())
print("whole  :", torch.autograd.grad(product, w)[0].item())
print("cut    :", torch.autograd.grad(frozen, w)[0].item())
with torch.no_grad():
    print("inside no_grad: requires_grad", (w * w).requires_grad)

print("chain")
torch.manual_seed(3)
a = torch.randn(2, 3, requires_grad=True)
b = torch.randn(3, requires_grad=True)
hidden = torch.tanh(a @ b)
hidden.retain_grad()
loss = (hidden**2).sum()
loss.backward()
print(f"loss={loss.item():.4f} hidden={[round(value, 4) for value in hidden.tolist()]}")
print("hidden.grad:", [round(value, 4) for value in hidden.grad.tolist()])
print("b.grad:", [round(value, 4) for value in hidden.grad.tolist()])
print("a.grad:", [[round(value, 4) for value in row] for row in a.grad.tolist()])
slope = 2 * hidden * (1 - hidden**2)
by_hand = a.T @ slope
print("b.grad by hand agrees:", torch.allclose(by_hand, b.grad))
