import torch


class Tracked:
    """A number, what was made of it, and how to ask for its slope again."""

    def __init__(self, start, rule):
        self.leaf = torch.tensor(start, requires_grad=True)
        self.rule = rule
        self.result = rule(self.leaf)

    def again(self):
        self.rule(self.leaf).backward()
        return self.leaf.grad.item()

    def forget(self):
        self.leaf.grad = torch.zeros(())


class Chain(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.a = torch.nn.Parameter(torch.randn(2, 3))
        self.b = torch.nn.Parameter(torch.randn(3))

    def forward(self):
        self.hidden = torch.sigmoid(torch.matmul(self.a, self.b))
        self.hidden.retain_grad()
        return torch.sum(torch.square(self.hidden))


def listed(t, digits=4):
    return [listed(part) if part.dim() else round(part.item(), digits) for part in t]


def main():
    cubic = Tracked(2.0, lambda x: torch.add(x**3, 5 * x))
    print("leaf_and_result")
    print("x={} -> y={}".format(cubic.leaf.item(), cubic.result.item()))
    print("x.is_leaf: {}  y.is_leaf: {}".format(cubic.leaf.is_leaf, cubic.result.is_leaf))
    print("y.grad_fn: {}".format(type(cubic.result.grad_fn).__name__))
    print("x.grad before: {}".format(cubic.leaf.grad))
    cubic.result.backward()
    print("x.grad: {}".format(cubic.leaf.grad.item()))
    print("accumulation")
    for times in (2, 3):
        print("times={} grad={}".format(times, cubic.again()))
    cubic.forget()
    print("times=1 grad={}".format(cubic.again()))
    print("detach")
    whole = Tracked(3.0, lambda w: w * w)
    cut = Tracked(3.0, lambda w: w.detach() * w)
    print("values equal: {}".format(whole.result.eq(cut.result).item()))
    print("whole  : {}".format(whole.again()))
    print("cut    : {}".format(cut.again()))
    with torch.no_grad():
        print("inside no_grad: requires_grad {}".format(whole.rule(whole.leaf).requires_grad))
    print("chain")
    chain = Chain()
    loss = chain()
    loss.backward()
    print("loss={:.4f} hidden={}".format(loss.item(), listed(chain.hidden)))
    print("hidden.grad: {}".format(listed(chain.hidden.grad)))
    print("b.grad: {}".format(listed(chain.b.grad)))
    print("a.grad: {}".format(listed(chain.a.grad)))
    by_hand = torch.outer(2 * chain.hidden * (1 - chain.hidden.square()), torch.ones(3)) * chain.a
    print("b.grad by hand agrees: {}".format(torch.allclose(by_hand.sum(0), chain.b.grad)))


if __name__ == "__main__":
    main()
