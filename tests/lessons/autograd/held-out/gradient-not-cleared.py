import torch


class Demo:
    def __init__(self, start, seed):
        self.x = torch.nn.Parameter(torch.tensor(start))
        self.seed = seed
        self.lines = []

    def say(self, *parts):
        self.lines.append(" ".join(str(part) for part in parts))

    def formula(self):
        return torch.add(self.x**3, self.x, alpha=5)

    def leaf(self):
        self.say("leaf_and_result")
        y = self.formula()
        self.say(f"x={self.x.item()} -> y={y.item()}")
        self.say("x.is_leaf:", self.x.is_leaf, "", "y.is_leaf:", y.is_leaf)
        self.say("y.grad_fn:", type(y.grad_fn).__name__)
        self.say("x.grad before:", self.x.grad)
        y.backward()
        self.say("x.grad:", self.x.grad.item())

    def accumulation(self):
        self.say("accumulation")
        for times in (2, 3, 1):
            self.formula().backward()
            self.say(f"times={times} grad={self.x.grad.item()}")

    def detach(self):
        self.say("detach")
        w = torch.tensor(3.0, requires_grad=True)
        product, frozen = w * w, w.clone().detach() * w
        self.say("values equal:", bool(torch.eq(product, frozen)))
        self.say("whole  :", torch.autograd.grad(product, w)[0].item())
        self.say("cut    :", torch.autograd.grad(frozen, w)[0].item())
        before = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        self.say("inside no_grad: requires_grad", (w * w).requires_grad)
        torch.set_grad_enabled(before)

    def chain(self):
        self.say("chain")
        torch.manual_seed(self.seed)
        a = torch.empty(2, 3).normal_().requires_grad_()
        b = torch.empty(3).normal_().requires_grad_()
        kept = {}
        hidden = torch.tanh(a @ b)
        hidden.register_hook(lambda slope: kept.update(hidden=slope))
        loss = torch.dot(hidden, hidden)
        loss.backward()
        self.say(f"loss={loss.item():.4f} hidden={self.four(hidden)}")
        self.say("hidden.grad:", self.four(kept["hidden"]))
        self.say("b.grad:", self.four(b.grad))
        self.say("a.grad:", [self.four(row) for row in a.grad])
        slope = 2 * hidden * (1 - hidden**2)
        by_hand = slope @ a
        self.say("b.grad by hand agrees:", torch.allclose(by_hand, b.grad))

    @staticmethod
    def four(vector):
        return [round(vector[i].item(), 4) for i in range(len(vector))]


demo = Demo(2.0, seed=3)
for part in (demo.leaf, demo.accumulation, demo.detach, demo.chain):
    part()
print("\n".join(demo.lines))
