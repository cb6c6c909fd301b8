import torch
from torch import autograd, nn


def polynomial(at):
    return at**3 + 5 * at


def rounded(values):
    return [round(value, 4) for value in values]


class Squash(nn.Module):
    def __init__(self, matrix, vector):
        super().__init__()
        self.matrix = nn.Parameter(matrix)
        self.vector = nn.Parameter(vector)
        self.middle = None

    def forward(self):
        self.middle = torch.tanh(self.matrix @ self.vector)
        self.middle.retain_grad()
        return self.middle.pow(2).sum()


print("leaf_and_result")
point = torch.tensor(2.0, requires_grad=True)
value = polynomial(point)
print(f"x={point.item()} -> y={value.item()}")
print(f"x.is_leaf: {point.is_leaf}  y.is_leaf: {value.is_leaf}")
print("y.grad_fn:", value.grad_fn.name())
print("x.grad before:", point.grad)
value.backward()
print("x.grad:", point.grad.item())

print("accumulation")
for extra in range(2):
    again = polynomial(point)
    again.backward()
    print(f"times={extra + 2} grad={point.grad.item()}")
point.grad = None
again = polynomial(point)
again.backward()
print(f"times=1 grad={point.grad.item()}")

print("detach")
factor = torch.tensor(3.0, requires_grad=True)
whole = factor * factor
cut = factor * factor
print("values equal:", whole.item() == cut.item())
(slope,) = autograd.grad(whole, factor)
print("whole  :", slope.item())
(slope,) = autograd.grad(cut, factor)
print("cut    :", slope.item())
with torch.no_grad():
    untracked = factor * factor
print("inside no_grad: requires_grad", untracked.requires_grad)

print("chain")
torch.manual_seed(3)
squash = Squash(torch.randn(2, 3), torch.randn(3))
total = squash()
total.backward()
middle, matrix, vector = squash.middle, squash.matrix, squash.vector
print(f"loss={total.item():.4f} hidden={rounded(middle.tolist())}")
print("hidden.grad:", rounded(middle.grad.tolist()))
print("b.grad:", rounded(vector.grad.tolist()))
print("a.grad:", [rounded(row) for row in matrix.grad.tolist()])
outer = 2 * middle
inner = 1 - middle.square()
mine = (outer * inner) @ matrix
print("b.grad by hand agrees:", torch.allclose(mine, vector.grad))
