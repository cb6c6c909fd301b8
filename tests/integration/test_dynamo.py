"""torch's compiler is not loaded for a script that does not use it, and whole for one that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import LIMITS

if TYPE_CHECKING:
    from verifier.run.sandbox import SandboxRunner

pytestmark = pytest.mark.torch

_LOADED = "'torch._dynamo.symbolic_convert' in sys.modules"


def _printed(boxed: SandboxRunner, script: str) -> str:
    run = boxed.run(f"import sys\nimport torch\n{script}\n".encode(), limits=LIMITS)

    assert run.stderr == b""
    return run.stdout.decode()


def test_training_with_every_optimizer_does_not_load_it(boxed: SandboxRunner) -> None:
    """It would take each of these scripts a second."""
    script = f"""
for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "LBFGS"):
    weight = torch.ones(2, requires_grad=True)
    optimizer = getattr(torch.optim, name)([weight])
    def closure():
        optimizer.zero_grad()
        loss = (weight ** 2).sum()
        loss.backward()
        return loss
    optimizer.step(closure)
print({_LOADED}, [vars(module).get('__doc__') is None for module in sys.modules.values()] == [])
"""

    assert _printed(boxed, script) == "False False\n"


@pytest.mark.parametrize(
    "use",
    [
        "import torch._dynamo; torch._dynamo.config.verbose",
        "import torch._dynamo.utils as utils; utils.counters",
        "from torch._dynamo import config, utils",
        "torch._dynamo.reset()",
        "torch.func.grad(torch.sin)(torch.ones(()))",
    ],
)
def test_who_asks_for_any_of_it_gets_all_of_it(boxed: SandboxRunner, use: str) -> None:
    """The same module object, so that nobody holds one that was replaced."""
    script = f"""
before = torch._dynamo
torch.optim.SGD([torch.ones(1, requires_grad=True)]).zero_grad()
{use}
import torch._dynamo as after
print({_LOADED}, before is after, type(after).__name__, len(after.__path__))
print(after.disable.__module__, hasattr(after, "no_such_name"))
"""

    assert _printed(boxed, script) == "True True module 1\ntorch._dynamo.decorators False\n"


def test_a_function_disabled_before_it_was_loaded_is_disabled_after(boxed: SandboxRunner) -> None:
    """An optimizer that has stepped once must not be compiled later on either."""
    script = """
zero_grad = torch.optim.Optimizer.zero_grad.__wrapped__
optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)])
optimizer.zero_grad()
print(vars(zero_grad)["__dynamo_disable"] is zero_grad)
import torch._dynamo.config
optimizer.zero_grad()
print(vars(zero_grad)["__dynamo_disable"] is zero_grad)
"""

    assert _printed(boxed, script) == "True\nFalse\n"


def test_who_walks_over_all_modules_does_not_load_it(boxed: SandboxRunner) -> None:
    """`inspect` and `warnings` ask every module for names with underscores."""
    script = f"""
import inspect
names = ("__file__", "__warningregistry__", "__spec__", "__wrapped__")
print([hasattr(sys.modules["torch._dynamo"], name) for name in names])
inspect.getmodule(torch.nn.Linear)
print({_LOADED})
"""

    assert _printed(boxed, script) == "[True, False, True, False]\nFalse\n"
