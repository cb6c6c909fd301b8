"""Scripts that must print the same to the byte whether they are recorded or not."""

from __future__ import annotations

from tests.fakes import LAB_ROOT

_HEAD = """\
import torch
from torch import nn
import torch.nn.functional as F
"""

HAND_WRITTEN = (
    _HEAD
    + """\
w = torch.tensor([1.0, 2.0], requires_grad=True)
for _ in range(2):
    loss = ((w * w).sum() - 1) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
    w.grad = None
print(w)
"""
)
"""An update and a clearing by hand, with numbers that are exact everywhere."""

THROUGH_DATA = HAND_WRITTEN.replace("w -=", "w.data -=").replace("w.grad = None", "w.grad.zero_()")
"""The same through doors that torch keeps no count of."""

GRAD_FUNCTION = HAND_WRITTEN.replace(
    "loss.backward()", "g, = torch.autograd.grad(loss, w)"
).replace("0.5 * w.grad", "0.5 * g")

MOMENTS = (
    _HEAD
    + """\
model = nn.Linear(2, 1, bias=False)
torch.manual_seed(3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.25)
with torch.no_grad():
    model.weight.copy_(torch.tensor([[1.0, 2.0]]))
loss = F.mse_loss(model(torch.ones(1, 2)), torch.ones(1, 1), reduction="sum")
loss.backward()
optimizer.step()
model.zero_grad()
loss.item(), model.weight.tolist(), f"{loss:.3f}"
"""
)
"""One of every event but a hand-written clearing."""

CLOSURE = (
    _HEAD
    + """\
torch.manual_seed(0)
model = nn.Linear(2, 1)
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=4)

def closure():
    optimizer.zero_grad()
    loss = F.mse_loss(model(torch.ones(3, 2)), torch.ones(3, 1))
    loss.backward()
    return loss

print(optimizer.step(closure), model.weight)
"""
)

FLOOD = (
    _HEAD
    + """\
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(400):
    loss = model(torch.ones(1, 2)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
"""
)

ITEMS = _HEAD + "x = torch.ones(1)\nfor _ in range(3000):\n    x.item()\n"

C_CALLS = "x = []\nfor i in range(150_000):\n    x.append(i)\nprint(len(x))\n"

RECURSION = "def f(n):\n    return f(n + 1)\nf(0)\n"

PATCHED = (
    _HEAD
    + """\
import os, sys, builtins
torch.Tensor.tolist = torch.Tensor.detach = lambda self: print("tolist")
torch.Tensor.shape = torch.Tensor.grad = property(lambda self: print("property"))
torch.nn.Module.named_parameters = torch.nn.Module.parameters = lambda self: print("parameters")
del torch.is_grad_enabled, torch.optim.Optimizer.zero_grad
os.write = os.lseek = os.fstat = sys.setprofile = None
builtins.id = builtins.map = builtins.sum = builtins.float = lambda *given: print("builtin")
x = torch.ones(1, requires_grad=True)
nn.Sequential(nn.Sigmoid(), nn.Identity())(x).sum().backward()
x.item()
"""
)
"""Replaces what the recorder uses by what would be seen."""

ODD_TENSORS = (
    _HEAD
    + """\
import warnings
warnings.simplefilter("always")

class Seen(nn.Module):
    def forward(self, x, again=None):
        return x

seen = Seen()
plain = torch.ones(2)
for tensor in (
    torch.empty(2, device="meta"), torch.ones(2, dtype=torch.complex64), torch.eye(2).to_sparse(),
    torch.eye(2).to_sparse_csr(), torch.eye(2).to_mkldnn(), torch.empty(0, 3), torch.empty(3, 0),
    torch.quantize_per_tensor(plain, 0.1, 0, torch.quint8), torch.tensor(float("nan")),
    torch.nested.nested_tensor([plain, torch.ones(1)]), plain.to(torch.float8_e4m3fn),
    torch._efficientzerotensor(2), torch.tensor(1), torch.ones(90, 90).t(), plain.half(),
    torch.ones(40, 1).expand(40, 9), torch.ones(2, 1, 1, 3, 50), torch.tensor([True]),
    torch.ones(400, dtype=torch.complex64), torch.eye(50).to_sparse(),
    torch.empty(1 << 40, device="meta"),
):
    seen(tensor, again=tensor)
freed = torch.ones(3)
freed.untyped_storage().resize_(0)
seen(freed)
kept = torch.zeros(3, requires_grad=True) * 1
kept.retain_grad()
kept.sum().backward()
seen(kept)
base = torch.ones(4, requires_grad=True) * 1
view = base[:2]
base.mul_(3)
print(type(seen(view).grad_fn).__name__)
with torch.inference_mode():
    seen(torch.ones(2))
print(nn.LazyLinear(2)(torch.ones(1, 3)).shape)
"""
)
ODD_COUNT = 21 + 5

OVERSEEN = (
    _HEAD
    + """\
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

class Sub(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        print("subclass", function.__name__)
        return super().__torch_function__(function, types, args, kwargs or {})

class Functions(TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        print("function", function.__name__)
        return function(*args, **(kwargs or {}))

class Dispatch(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        print("dispatch", function)
        return function(*args, **(kwargs or {}))

model = nn.Linear(2, 1)
nn.Identity()(torch.ones(2).as_subclass(Sub))
with Functions():
    model(torch.ones(40, 2)).sum().backward()
with Dispatch():
    model(torch.ones(40, 2)).sum().backward()
torch.set_default_device("cpu")
model(torch.ones(1, 2))
print(torch.func.grad(lambda x: nn.Identity()(x * x).sum())(torch.ones(3)))
print(torch.vmap(lambda x: nn.Identity()(x * x).sum())(torch.ones(3, 2)))
torch.jit.trace(nn.Linear(2, 1), torch.ones(1, 2))
"""
)
"""Counts what torch is asked to do; the recorder's questions must not be among it."""

LIFETIMES = (
    _HEAD
    + """\
import gc, weakref
gc.disable()
for _ in range(2):
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    out = model(torch.ones(1, 2))
    out.sum().backward()
    optimizer.step()
    kept = [weakref.ref(each) for each in (model.weight, out, model.weight.grad)]
    module = weakref.ref(model)
    del model, optimizer, out
    gc.collect()
    print([each() for each in kept], module())
"""
)

DESCRIPTOR_TAKEN = (
    _HEAD
    + """\
import os
nn.Identity()(torch.ones(1))
os.closerange(3, 1000)
mine = [os.memfd_create("mine") for _ in range(40)]
nn.Identity()(torch.ones(1))
print([os.fstat(each).st_size for each in mine])
"""
)

DESCRIPTOR_FILLED = (
    _HEAD
    + """\
import os
for descriptor in range(3, 200):
    try:
        os.write(descriptor, b"x" * 100_000)
    except OSError:
        pass
print(nn.Identity()(torch.ones(1)))
"""
)

OWN_PROFILE = (
    _HEAD
    + """\
import sys
seen = []
sys.setprofile(lambda frame, event, arg: seen.append(event))
nn.Linear(2, 1)(torch.ones(1, 2)).sum().backward()
sys.setprofile(None)
print(len(seen) > 10)
"""
)

_MODEL = _HEAD + "model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())\nx = torch.ones(1, 2)\n"

SCRIPTS = {
    "the-reference": (LAB_ROOT / "forward-backward" / "forward_backward_lab.py").read_text(),
    "hand-written": HAND_WRITTEN,
    "through-data": THROUGH_DATA,
    "autograd-grad": GRAD_FUNCTION,
    "moments": MOMENTS,
    "closure": CLOSURE,
    "flood": FLOOD,
    "items": ITEMS,
    "c-calls": C_CALLS,
    "recursion": RECURSION,
    "recursion-in-forward": _HEAD
    + "class M(nn.Module):\n    def forward(self, x):\n        return self(x)\n"
    "M()(torch.ones(1))\n",
    "recursion-caught": _HEAD
    + "def f(n):\n    try:\n        return f(n + 1)\n    except RecursionError:\n"
    "        return n\nprint(f(0))\n",
    "patched": PATCHED,
    "odd-tensors": ODD_TENSORS,
    "overseen": OVERSEEN,
    "lifetimes": LIFETIMES,
    "descriptor-taken": DESCRIPTOR_TAKEN,
    "descriptor-filled": DESCRIPTOR_FILLED,
    "own-profile": OWN_PROFILE,
    "shape-mismatch": _MODEL + "nn.BCELoss()(model(x), torch.ones(1))\n",
    "backward-twice": _MODEL + "loss = model(x).sum()\nloss.backward()\nloss.backward()\n",
    "broadcast-warning": _MODEL + "print(nn.MSELoss()(model(x), torch.ones(3)))\n",
    "float-warning": _MODEL + "print(float(model(x)), '%.3f' % model(x))\n",
    "grad-warning": _MODEL + "print((model(x) * 1).grad)\n",
    "adam": FLOOD.replace("SGD", "Adam").replace("400", "3"),
    "subclass": _HEAD + "class M(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.w = nn.Parameter(torch.ones(2))\n    def forward(self, x):\n"
    "        return torch.sigmoid(x @ self.w)\nprint(M()(torch.ones(2)))\n",
    "random": _HEAD
    + "import random\nprint(torch.rand(3), random.random(), nn.Dropout()(torch.ones(20)))\n"
    "print(nn.Linear(2, 2).weight, torch.randperm(5))\n",
    "exit-status": _MODEL + "model(x)\nraise SystemExit(7)\n",
    "syntax-error": "def f(:\n",
    "gradient-given": _HEAD + "w = torch.tensor([2.0], requires_grad=True)\n"
    "for _ in range(2):\n    (w * w).sum().backward(torch.tensor(10.0))\nprint(w.grad)\n",
    "import-error": _HEAD + "try:\n    import no_such_module\nexcept ImportError as error:\n"
    "    print(error)\nimport colorsys\nprint(nn.Identity()(torch.ones(1)))\nimport no_such\n",
    "no-gradient": _HEAD + "torch.ones(2).sum().backward()\n",
    "bad-seed": _HEAD + "torch.manual_seed('a')\n",
    "no-parameters": _HEAD + "torch.optim.SGD([], lr=0.1)\n",
    "printed-tensors": _MODEL + "print(model, model(x), list(model.parameters()))\n",
    "alarm": _MODEL + "import signal\ndef late(*_):\n    raise TimeoutError('late')\n"
    "signal.signal(signal.SIGALRM, late)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\n"
    "try:\n    while True:\n        model(x)\nexcept TimeoutError as error:\n    print(error)\n",
    "exit-handler": _MODEL + "import atexit\natexit.register(lambda: print(model(x)))\n",
}
