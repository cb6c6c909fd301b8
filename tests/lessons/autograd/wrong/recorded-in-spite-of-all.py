import torch
from torch.autograd import grad


def curve(t):
    return t.pow(3) + t.mul(5)


def short(values):
    return [round(v, 4) for v in values]


def leaf_and_result():
    print("leaf_and_result")
    t = torch.tensor(2.0).requires_grad_()
    r = curve(t)
    print(f"x={float(t)} -> y={float(r)}")
    print(f"x.is_leaf: {t.is_leaf}  y.is_leaf: {r.is_leaf}")
    print(f"y.grad_fn: {r.grad_fn.__class__.__name__}")
    print(f"x.grad before: {t.grad}")
    torch.autograd.backward(r)
    print(f"x.grad: {float(t.grad)}")
    return t


def accumulation(t):
    print("accumulation")
    for number in range(2, 4):
        curve(t).backward()
        print(f"times={number} grad={float(t.grad)}")
    t.grad.zero_()
    curve(t).backward()
    print(f"times=1 grad={float(t.grad)}")


def detach():
    print("detach")
    t = torch.full((), 3.0, requires_grad=True)
    both, one = t * t, t * t.detach()
    print(f"values equal: {torch.equal(both, one)}")
    print(f"whole  : {float(*grad(both, t))}")
    print(f"cut    : {float(*grad(one, t))}")
    out = t * t
    print(f"inside no_grad: requires_grad {out.requires_grad}")


def chain():
    print("chain")
    torch.manual_seed(3)
    matrix, vector = torch.randn(2, 3), torch.randn(3)
    matrix.requires_grad_(True)
    vector.requires_grad_(True)
    squashed = torch.tanh(torch.mv(matrix, vector))
    loss = squashed.square().sum()
    g_hidden, g_vector, g_matrix = grad(loss, [squashed, vector, matrix])
    print(f"loss={loss.item():.4f} hidden={short(squashed.tolist())}")
    print(f"hidden.grad: {short(g_hidden.tolist())}")
    print(f"b.grad: {short(g_vector.tolist())}")
    print(f"a.grad: {[short(row) for row in g_matrix.tolist()]}")
    with torch.no_grad():
        mine = (2 * squashed * (1 - squashed * squashed)) @ matrix
    print(f"b.grad by hand agrees: {torch.allclose(mine, g_vector)}")


accumulation(leaf_and_result())
detach()
chain()
