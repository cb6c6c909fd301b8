import torch


def f(x):
    return x.pow(3) + 5 * x


def nice(tensor, digits=4):
    if tensor.dim() == 0:
        return round(tensor.item(), digits)
    return [nice(part, digits) for part in tensor]


def section_leaf():
    print("leaf_and_result")
    x = torch.tensor([2.0], requires_grad=True).sum().detach().requires_grad_(True)
    y = f(x)
    print("x={} -> y={}".format(x.item(), y.item()))
    print("x.is_leaf: {}  y.is_leaf: {}".format(x.is_leaf, y.is_leaf))
    print("y.grad_fn:", y.grad_fn.__class__.__name__)
    print("x.grad before:", x.grad)
    y.backward()
    print("x.grad:", x.grad.item())
    return x


def section_accumulation(x):
    print("accumulation")
    for times in range(2, 4):
        again = f(x)
        again.backwards()
        print("times={} grad={}".format(times, x.grad.item()))
    x.grad = None
    f(x).backward()
    print("times=1 grad={}".format(x.grad.item()))


def section_detach():
    print("detach")
    w = torch.tensor(3.0, requires_grad=True)
    product = w * w
    frozen = w.detach() * w
    print("values equal:", torch.equal(product, frozen))
    (whole,) = torch.autograd.grad(product, w)
    (cut,) = torch.autograd.grad(frozen, w)
    print("whole  :", whole.item())
    print("cut    :", cut.item())
    with torch.no_grad():
        inside = w * w
    print("inside no_grad: requires_grad", inside.requires_grad)


def section_chain():
    print("chain")
    torch.manual_seed(3)
    a = torch.randn(2, 3, requires_grad=True)
    b = torch.randn(3, requires_grad=True)
    hidden = torch.matmul(a, b).tanh()
    hidden.retain_grad()
    loss = hidden.square().sum()
    loss.backward()
    print("loss={:.4f} hidden={}".format(loss.item(), nice(hidden)))
    print("hidden.grad:", nice(hidden.grad))
    print("b.grad:", nice(b.grad))
    print("a.grad:", nice(a.grad))
    with torch.no_grad():
        slope = 2 * hidden * (1 - hidden**2)
        by_hand = a.t().mv(slope)
    print("b.grad by hand agrees:", torch.allclose(by_hand, b.grad))


x = section_leaf()
section_accumulation(x)
section_detach()
section_chain()
