"""The functions of torch whose calls a recording takes, found once for all runs."""

from __future__ import annotations

import importlib
import inspect
import types
from typing import Any

from verifier.sandbox.trace.tensor import Reader

_CALLED = {
    "nn.Module._call_impl": "forward_called",
    "nn.Module.register_parameter": "parameter_called",
    "nn.Module.zero_grad": "zero_grad_called",
    "optim.Optimizer.zero_grad": "zero_grad_called",
    "autograd.backward": "backward_called",
    "autograd.grad": "grad_called",
    "manual_seed": "seed_called",
    "Tensor.__format__": "format_called",
}
_RETURNED = {
    "nn.Module._call_impl": "forward_returned",
    "nn.Module.zero_grad": "module_zero_grad_returned",
    "optim.Optimizer.__init__": "optimizer_returned",
    "optim.Optimizer.zero_grad": "optimizer_zero_grad_returned",
    "autograd.backward": "backward_returned",
    "autograd.grad": "grad_returned",
}


class Hooks:
    """Which code is which function of torch, and what reads its tensors."""

    __slots__ = ("called", "codes", "reader", "returned", "torch")

    def __init__(self, torch: Any) -> None:  # noqa: ANN401 - the module
        self.torch = torch
        self.reader = Reader(torch)
        self.codes: list[types.CodeType] = []
        """Kept, so that their numbers stay theirs. A code's own hash is slow to compute."""
        self.called = self._by_code(_CALLED)
        self.returned = self._by_code(_RETURNED)
        loader: Any = vars(importlib)["_bootstrap"]  # what every import of a new module calls
        self._add(self.called, loader._find_and_load.__code__, "import_called")  # noqa: SLF001
        # Every step of every optimizer is wrapped in a function that has one code.
        step = torch.optim.Optimizer.profile_hook_step(_is_loss).__code__
        self._add(self.called, step, "step_called")
        self._add(self.returned, step, "step_returned")
        for function in vars(torch.nn.functional).values():
            if type(function) is types.FunctionType and _is_loss(function):
                self._add(self.returned, function.__code__, "loss_returned")

    def _by_code(self, methods: dict[str, str]) -> dict[int, str]:
        found: dict[int, str] = {}
        for path, method in methods.items():
            function = self.torch
            for name in path.split("."):
                function = getattr(function, name)
            # The wrapper that keeps a function from being compiled is one code for many.
            self._add(found, inspect.unwrap(function).__code__, method)
        return found

    def _add(self, found: dict[int, str], code: types.CodeType, method: str) -> None:
        self.codes.append(code)
        found[id(code)] = method


def _is_loss(function: types.FunctionType) -> bool:
    return function.__code__.co_varnames[:2] == ("input", "target")
