"""What autograd does."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd import grad


def cubic(value: Tensor) -> Tensor:
    return value**3 + value * 5


def class_name(thing: object) -> str:
    return thing.__class__.__name__


def rounded(tensor: Tensor) -> list:
    if tensor.ndim > 1:
        return list(map(rounded, tensor))
    return [round(number, 4) for number in tensor.tolist()]


def accumulate(function: Callable[[Tensor], Tensor], leaf: Tensor, times: int) -> float:
    function(leaf).backward()
    assert leaf.grad is not None
    print(f"times={times} grad={leaf.grad.item()}")
    return leaf.grad.item()


def chain(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    hidden = (a * b).sum(dim=1).tanh()
    return hidden, (hidden**2).sum()


def main() -> None:
    print("leaf_and_result")
    x = torch.full((), 2.0).requires_grad_()
    y = cubic(x)
    print(f"x={x.item()} -> y={y.item()}")
    print(f"x.is_leaf: {x.is_leaf}  y.is_leaf: {y.is_leaf}")
    print(f"y.grad_fn: {class_name(y.grad_fn)}")
    print(f"x.grad before: {x.grad}")
    y.backward()
    print(f"x.grad: {x.grad.item()}")

    print("accumulation")
    accumulate(cubic, x, 2)
    accumulate(cubic, x, 3)
    x.grad.zero_()
    accumulate(cubic, x, 1)

    print("detach")
    w = torch.tensor(3.0, requires_grad=True)
    constant = w.detach()
    product, frozen = w * w, constant * w
    print(f"values equal: {product.item() == frozen.item()}")
    for label, result in (("whole  ", product), ("cut    ", frozen)):
        print(f"{label}: {grad(result, w)[0].item()}")
    with torch.no_grad():
        print(f"inside no_grad: requires_grad {(w * w).requires_grad}")

    print("chain")
    torch.manual_seed(3)
    b, a = torch.randn(3), torch.randn(2, 3)
    a.requires_grad_()
    b.requires_grad_()
    hidden, loss = chain(a, b)
    grads = grad(loss, (hidden, b, a))
    print(f"loss={loss.item():.4f} hidden={rounded(hidden.detach())}")
    for label, value in zip(("hidden", "b", "a"), grads):
        print(f"{label}.grad: {rounded(value)}")
    slope = 2 * hidden * (1 - hidden.pow(2))
    by_hand = torch.einsum("ij,i->j", a, slope)
    print(f"b.grad by hand agrees: {torch.allclose(by_hand, grads[1])}")


if __name__ == "__main__":
    main()
