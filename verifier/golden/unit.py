"""The formulas of one sigmoid unit: what the reference of an exercise does, by its own run.

A lab whose model is one linear unit asks for them (``formulas = "one-unit"`` in its
``diagnoses.toml``); `labcheck golden update` keeps the facts beside the golden.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

ONE_UNIT = "one-unit"
"""The set of formulas that a lab can ask for."""
_FAR_TOO_HIGH = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What the reference of an exercise does: the facts that a recorded run is compared with."""

    seed: int
    x: tuple[float, ...]
    x_shape: tuple[int, ...]
    y: tuple[float, ...]
    y_shape: tuple[int, ...]
    dtype: str
    parameters: tuple[int, ...]
    """How many numbers each parameter holds, in ascending order."""
    activation: str
    loss: str
    """Name of the function in ``torch.nn.functional``."""
    optimizer: str
    rates: tuple[float, ...]
    """The learning rate of each training that starts from the seed anew, in order."""
    clears: bool
    """Whether old gradients are removed before each backward pass."""
    first_steps: int
    """Steps before the loop."""
    loop_steps: int
    first_loss: str
    """Key of the field that shows the loss before any update."""
    first_prediction: str | None = None
    """Key of the one that shows the prediction then; None where none does."""
    highest: float
    """The greatest of the exercise's learning rates."""

    @property
    def lr(self) -> float:
        """The learning rate, or the first of several."""
        return self.rates[0]

    @property
    def too_high(self) -> float:
        """A learning rate above which the first step leaves the useful range."""
        return _FAR_TOO_HIGH * self.highest

    @property
    def takes_scores(self) -> bool:
        """Whether the loss is to be given raw scores, and squashes them itself."""
        return self.activation == "nothing"

    @property
    def words(self) -> dict[str, str]:
        """What messages say of it."""
        return {
            "seed_expected": str(self.seed),
            "lr_expected": " or ".join(f"{rate:g}" for rate in self.rates),
            "activation_expected": "Nothing" if self.takes_scores else "A sigmoid",
            "loss_expected": self.loss,
            "given": "a raw score" if self.takes_scores else "a probability",
            "dtype_expected": self.dtype,
            "optimizer_expected": self.optimizer,
        }

    @property
    def samples(self) -> int:
        """How many samples go through the model at once."""
        return self.x_shape[0]

    @property
    def features(self) -> int:
        """How many numbers a sample has."""
        return self.x_shape[-1]


NO_UNIT = Unit(
    seed=0, x=(), x_shape=(1,), y=(), y_shape=(1,), dtype="", parameters=(), activation="nothing",
    loss="", optimizer="", rates=(0.0,), clears=True, first_steps=0, loop_steps=0, first_loss="",
    highest=0.0,
)  # fmt: skip
"""Of an exercise that asks for no such formulas."""


def unit_to_json(unit: Unit) -> dict[str, Any]:
    """Give it as the schema of a reference has it."""
    shown = asdict(unit)
    return {key: list(each) if isinstance(each, tuple) else each for key, each in shown.items()}


def unit_of_json(document: dict[str, Any]) -> Unit:
    """Read it back from a document that satisfies that schema."""
    lists = {key: tuple(each) for key, each in document.items() if isinstance(each, list)}
    return Unit(**(document | lists))
