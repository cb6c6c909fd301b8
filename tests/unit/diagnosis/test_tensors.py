"""What a text does to tensors is read from it, and nothing is said where it may be otherwise."""

from __future__ import annotations

import time

import pytest

from verifier.diagnosis.source import read_source

FILLED = (
    "x = torch.empty(1, 2)\nx[0, 0] = 1",
    "x = torch.empty(1, 2).fill_(1)",
    "x = torch.zeros(1).new_empty(1, 2).zero_()",
    "x = torch.Tensor(1, 2)\nx.data = t",
    "x = torch.Tensor(1, 2)\nx.data.uniform_(-1, 1)",
    "x = np.empty((1, 2))\nnp.copyto(x, [[1.0, 2.0]])",
    "x = np.empty((1, 2))\nx.fill(1.0)",
    "self.w = nn.Parameter(torch.empty(1, 2))\nnn.init.ones_(self.w)",
    "def made():\n    return torch.empty(1, 2)\nx = made()\nx.fill_(1)",
    "for p in parameters:\n    p.data.fill_(1)\nx = torch.empty(2)",
    "a = torch.Tensor(2)\nb = a.view(1, 2)\nb[0, 0] = 1",
    "x = torch.empty(2)\ntorch.add(a, b, out=x)",
    "def fill(t):\n    t[0, 0] = 1\nx = torch.empty(1, 2)\nfill(x)",
    "x = torch.Tensor([1, 2])",
    "x = torch.Tensor()",
    "x = torch.empty(0)",
    "x = torch.empty(size=(0, 2))",
    "x = torch.Tensor(numbers)",
    "done = queue.empty()",
)
UNFILLED = {
    "x = torch.Tensor(1, 2)": "torch.Tensor(1, 2)",
    "x = torch.Tensor(2)": "torch.Tensor(2)",
    "x = torch.Tensor(*shape)": "torch.Tensor(*shape)",
    "x = torch.Tensor(y.shape)": "torch.Tensor(y.shape)",
    "x = torch.Tensor(y.size())": "torch.Tensor(y.size())",
    "n = 2\nx = torch.Tensor(n)": "torch.Tensor(n)",
    "x = torch.empty(size=(1, 2))": "torch.empty(size=(1, 2))",
    "x = torch.empty(1, 2)\nx *= 0": "torch.empty(1, 2)",
    "x = torch.empty(1, 2)\nx.requires_grad_()": "torch.empty(1, 2)",
    "x: object = torch.empty(1, 2)": "torch.empty(1, 2)",
    "def made():\n    return torch.empty(1, 2)\nx = made()": "torch.empty(1, 2)",
}
REBOUND = {
    "w = w - lr * w.grad": ["w"],
    "w, b = w - lr * w.grad, b - lr * b.grad": ["w", "b"],
    "g = w.grad\nw = w - lr * g": ["w"],
    "p['w'] = p['w'] - p['w'].grad": ["p['w']"],
    "params = [each - lr * each.grad for each in params]": ["params"],
    "w.requires_grad_()\nw = w - lr * w.grad": ["w"],
    "new = w - lr * w.grad\nw = new": ["w"],
    "w, b = stepped(w, b)\nprint(w.grad)": ["w"],
    "g, = torch.autograd.grad(loss, [w])\nw = w - lr * g": ["w"],
    "g = torch.autograd.grad(loss, w)[0]\nw = w - lr * g": ["w"],
    "total = total + w.grad.norm()": [],
    "new = w - lr * w.grad\nother = new": [],
    "w = (w - lr * w.grad).detach().requires_grad_()": [],
    "w = nn.Parameter(w - lr * w.grad)": [],
    "w = torch.tensor((w - lr * w.grad).tolist(), requires_grad=True)": [],
    "w = w - lr * w.grad\nw.requires_grad = True": [],
    "w = w - lr * w.grad\nw.retain_grad()": [],
    "w -= lr * w.grad": [],
    "w.data = w.data - lr * w.grad": [],
    "total = total + loss": [],
}
CHANGED = {
    "pred.clamp_(0, 1)": ["`clamp_`"],
    "F.relu(pred, inplace=True)": ["`relu`"],
    "pred += 1": ["the change of `pred`"],
    "pred[0] = 1": ["the change of `pred`"],
    "nn.init.ones_(w)": [],
    "w.grad.zero_()": [],
    "w.requires_grad_()": [],
    "super().__init__()": [],
}
RATES = {
    "group['lr'] *= 0.5": (1,),
    "group.update(lr=0.1)": (1,),
    "optimizer.param_groups[0]['lr'] = 0.1": (1,),
    "lr = 0.5\nlr *= 0.9": (2,),
    "for step in steps:\n    lr = 0.5 / step": (2,),
    "lr = 0.5": (),
    "print(group['lr'])": (),
}
LARGE = (
    "x = torch.empty(2)\n" * 1700,
    "x = x.a_()\n" * 2900,
    "x" + ".grad" * 900,
    "a" + ".b_()" * 800,
    "x = y = " * 2000 + "w.grad - x",
    "x = " * 4000 + "[" + "x, " * 5000 + "]",
    "def f():\n    return " + "f(torch.empty(2), " * 80 + ")" * 80 + "\n" + "x = f()\n" * 3500,
)


@pytest.mark.parametrize("text", FILLED)
def test_memory_that_is_written_to_is_no_mistake(text: str) -> None:
    """Wherever, and under whatever name."""
    assert read_source(text.encode()).tensors.unwritten == ()


@pytest.mark.parametrize("text", UNFILLED)
def test_memory_that_nothing_is_written_to_is_found(text: str) -> None:
    """A size is what it is given, not numbers."""
    assert [e.text for e in read_source(text.encode()).tensors.unwritten] == [UNFILLED[text]]


@pytest.mark.parametrize("text", REBOUND)
def test_name_that_is_given_a_new_tensor_is_found(text: str) -> None:
    """Unless that is made a leaf."""
    assert [e.text for e in read_source(text.encode()).tensors.rebound] == REBOUND[text]


@pytest.mark.parametrize("text", CHANGED)
def test_change_in_place_is_found(text: str) -> None:
    """What ends in an underscore changes a tensor, with a few exceptions."""
    assert [e.text for e in read_source(text.encode()).tensors.changed] == CHANGED[text]


@pytest.mark.parametrize("text", RATES)
def test_line_that_sets_a_rate_anew_is_found(text: str) -> None:
    """The first value of a rate is no change."""
    assert read_source(text.encode()).tensors.rates == RATES[text]


@pytest.mark.parametrize("text", LARGE, ids=range(len(LARGE)))
def test_large_text_is_read_in_time(text: str) -> None:
    """Chains and targets by the thousand cost no more than their number."""
    began = time.thread_time()
    read_source(text.encode())

    assert time.thread_time() - began < 1
