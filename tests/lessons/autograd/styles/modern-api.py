# torch.func where it can be had
import torch
from torch.func import grad as derivative

f = lambda v: v**3 + 5 * v

x = torch.tensor(2.0, requires_grad=True)
y = f(x)
rows = ["leaf_and_result", "x=%s -> y=%s" % (x.item(), y.item())]
rows.append("x.is_leaf: %s  y.is_leaf: %s" % (x.is_leaf, y.is_leaf))
rows.append("y.grad_fn: %s" % y.grad_fn.name().removesuffix("0") + "0")
rows.append("x.grad before: %s" % x.grad)
slope = derivative(f)(torch.tensor(2.0))
rows.append("x.grad: %s" % slope.item())

rows.append("accumulation")
total = slope.clone()
for times in [2, 3]:
    total += derivative(f)(torch.tensor(2.0))
    rows.append("times=%d grad=%s" % (times, total.item()))
rows.append("times=1 grad=%s" % derivative(f)(x.detach()).item())

rows.append("detach")
w = torch.tensor(3.0)
rows.append("values equal: %s" % ((w * w).item() == (w.detach() * w).item()))
rows.append("whole  : %s" % derivative(lambda v: v * v)(w).item())
rows.append("cut    : %s" % derivative(lambda v: v.detach() * v)(w).item())


@torch.no_grad()
def quiet(v):
    return v * v


rows.append("inside no_grad: requires_grad %s" % quiet(x).requires_grad)
rows.append("chain")
torch.manual_seed(3)
a = torch.randn(2, 3)
b = torch.randn(3)
h = torch.tanh(a @ b)


def tail(hidden):
    return (hidden**2).sum()


def whole(a, b):
    return tail(torch.tanh(a @ b))


ga, gb = derivative(whole, argnums=(0, 1))(a, b)
gh = derivative(tail)(h)
numbers = lambda t: [round(n, 4) for n in t.tolist()]
rows.append("loss=%.4f hidden=%s" % (whole(a, b), numbers(h)))
rows.append("hidden.grad: %s" % numbers(gh))
rows.append("b.grad: %s" % numbers(gb))
rows.append("a.grad: %s" % [numbers(r) for r in ga])
rows.append("b.grad by hand agrees: %s" % torch.allclose(a.T @ (gh * (1 - h**2)), gb))
for row in rows:
    print(row)
