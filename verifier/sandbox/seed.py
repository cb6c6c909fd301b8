"""Seeds are raised, so that a script draws other numbers; those that it types stay as they are.

Torch's, NumPy's and Python's own, of global generators and of a script's. The raise takes place
where every seeding of a kind ends, and all runs have it, most with a raise of nothing. So
``torch.manual_seed`` is torch's own, and a generator of torch's says that it has the seed that was
asked for: its state begins with that.
"""

from __future__ import annotations

import ctypes
import gc
import random
from typing import TYPE_CHECKING, Any

from verifier.sandbox.request import GENERATORS

if TYPE_CHECKING:
    from collections.abc import Callable

_SEED_BYTES = 8
"""A generator's state begins with its seed."""
_LEGACY = 2**32
"""NumPy's older generators take no greater seed."""

_shifts: Any = None
"""Sets both raises, of some generators, and moves on to the second."""


def prepare() -> None:
    """Make seeds such that they can be raised; in the parent of all runs, once. Needs torch."""
    global _shifts  # noqa: PLW0603 - what was replaced holds them for good
    if _shifts is not None:
        return
    import torch  # noqa: PLC0415 - loaded already
    from numpy.random import MT19937, SeedSequence  # noqa: PLC0415 - torch brings it

    shifts, move = _raises()
    of_torch, of_numpy, of_python = (shifts[name] for name in GENERATORS)
    _replace(torch._C.Generator, "manual_seed", lambda was: _of_torch(torch, was, of_torch))  # noqa: SLF001
    _replace(MT19937, "_legacy_seeding", lambda was: _of_legacy(was, of_numpy))
    _replace(SeedSequence, "generate_state", lambda was: _of_sequence(was, of_numpy))
    random.Random.seed = _of_python(random.Random.seed, of_python)  # type: ignore[method-assign]
    random.seed = random._inst.seed  # noqa: SLF001
    _shifts = move


def shift(first: int, then: int, generators: tuple[str, ...] = GENERATORS) -> None:
    """Add ``first`` to every seed of some generators from here on, and ``then`` later."""
    prepare()
    _shifts([first, then], generators)


def shift_again() -> bool:
    """Go on to what comes later; False where that is nothing."""
    return bool(_shifts(None, ()))


def _raises() -> tuple[dict[str, list[int]], Any]:
    shifts = {name: [0] for name in GENERATORS}

    def move(new: list[int] | None, generators: tuple[str, ...]) -> int:
        for name, each in shifts.items():
            each[:] = each[1:] if new is None else new if name in generators else []
        return max(each[0] if each else 0 for each in shifts.values())

    return shifts, move


def _replace(kind: type, name: str, made: Callable[[Any], Any]) -> None:
    """Put another method into a type of C's, whose methods cannot be set."""
    methods: dict[str, Any] = gc.get_referents(kind.__dict__)[0]
    methods[name] = made(methods[name])
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


def _of_torch(torch: Any, original: Any, shifts: list[int]) -> Any:  # noqa: ANN401 - a module, methods
    uint8, tensor = torch.uint8, torch.tensor

    def manual_seed(self: Any, seed: Any) -> Any:  # noqa: ANN401 - as torch has it
        if not (shifts and shifts[0]):
            return original(self, seed)
        original(self, seed)
        asked = self.initial_seed()
        original(self, (asked + shifts[0]) % 2**64)
        state = self.get_state()
        said = list(asked.to_bytes(_SEED_BYTES, "little"))
        state[:_SEED_BYTES] = tensor(said, dtype=uint8, device="cpu")
        self.set_state(state)
        return self

    return manual_seed


def _of_legacy(original: Any, shifts: list[int]) -> Any:  # noqa: ANN401 - a method
    def _legacy_seeding(self: Any, seed: Any) -> Any:  # noqa: ANN401 - as NumPy has it
        if shifts and shifts[0] and isinstance(seed, int):
            seed = (seed + shifts[0]) % _LEGACY
        return original(self, seed)

    return _legacy_seeding


def _of_sequence(original: Any, shifts: list[int]) -> Any:  # noqa: ANN401 - a method
    def generate_state(self: Any, n_words: Any, dtype: Any = "uint32") -> Any:  # noqa: ANN401 - as NumPy has it
        if shifts and shifts[0] and isinstance(self.entropy, int):
            entropy = self.entropy + shifts[0]
            self = type(self)(entropy, spawn_key=self.spawn_key, pool_size=self.pool_size)
        return original(self, n_words, dtype)

    return generate_state


def _of_python(original: Any, shifts: list[int]) -> Any:  # noqa: ANN401 - a method
    def seed(self: Any, a: Any = None, version: int = 2) -> None:  # noqa: ANN401 - as Python has it
        if shifts and shifts[0] and isinstance(a, int):
            a += shifts[0]
        original(self, a, version)

    return seed
