"""Seeds are raised, so that a script draws other numbers; those that it types stay as they are."""

from __future__ import annotations

import functools
from typing import Any


def shift(by: int) -> None:
    """Add ``by`` to every seed that is given to ``torch.manual_seed`` from here on.

    For a child that is about to run a script; generators of a script's own are left alone.
    Needs torch.
    """
    import torch  # noqa: PLC0415 - loaded already

    original = torch.manual_seed

    @functools.wraps(original)
    def manual_seed(seed: Any) -> torch.Generator:  # noqa: ANN401 - as torch has it
        return original(int(seed) + by)

    torch.manual_seed = manual_seed
    torch.random.manual_seed = manual_seed
