"""Seeds are raised, so that a script draws other numbers; those that it types stay as they are.

The raise takes place in the method of torch's generator that every seeding ends in, and all runs
have it, most with a raise of nothing. So ``torch.manual_seed`` is torch's own, and a generator says
that it has the seed that was asked for: its state begins with that.
"""

from __future__ import annotations

import ctypes
import gc
from typing import Any

_SEED_BYTES = 8
"""A generator's state begins with its seed."""

_shifts: Any = None
"""Sets both raises, and moves on to the second."""


def prepare() -> None:
    """Make seeds such that they can be raised; in the parent of all runs, once. Needs torch."""
    global _shifts
    import torch  # noqa: PLC0415 - loaded already

    if _shifts is None:
        kind = torch._C.Generator  # noqa: SLF001 - its methods are C's and cannot be set
        methods: dict[str, Any] = gc.get_referents(kind.__dict__)[0]
        methods["manual_seed"], _shifts = _raised(torch, methods["manual_seed"])
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


def shift(first: int, then: int) -> None:
    """Add ``first`` to every seed of torch's own generator from here on, and ``then`` later.

    Generators of a script's own are left alone.
    """
    prepare()
    _shifts([first, then])


def shift_again() -> bool:
    """Go on to what comes later; False where that is nothing."""
    return bool(_shifts(None))


def _raised(torch: Any, original: Any) -> tuple[Any, Any]:  # noqa: ANN401 - the module, a method
    default, uint8 = torch.default_generator, torch.uint8
    tensor, shifts = torch.tensor, [0]

    def manual_seed(self: Any, seed: Any) -> Any:  # noqa: ANN401 - as torch has it
        if self is not default or not shifts[0]:
            return original(self, seed)
        original(self, seed)
        asked = self.initial_seed()
        original(self, (asked + shifts[0]) % 2**64)
        state = self.get_state()
        said = list(asked.to_bytes(_SEED_BYTES, "little"))
        state[:_SEED_BYTES] = tensor(said, dtype=uint8, device="cpu")
        self.set_state(state)
        return self

    def move(new: list[int] | None) -> int:
        shifts[:] = shifts[1:] if new is None else new
        return shifts[0] if shifts else 0

    return manual_seed, move
