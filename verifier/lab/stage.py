"""The stages: the order in which a learner debugs.

>>> Stage("loss") == "loss", Stage("loss").place, Stage("split", place=2).concept
(True, 3, 'none')

`run` and `output` come first in every lab. The others are the lab's own list; the seven of lesson
6.1.4 are the default.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self, get_args

Concept = Literal[
    "run", "output", "data", "forward", "loss", "gradient", "update", "loop", "evaluation", "none"
]
"""What a stage is about, by which rules find it whatever a lab calls it."""
CONCEPTS: tuple[str, ...] = get_args(Concept)
_LAST = 99


class Stage(str):
    """One step of a script, equal to its name. A check after a failed stage is skipped."""

    __slots__ = ("concept", "heading", "place")

    RUN: ClassVar[Stage]
    OUTPUT: ClassVar[Stage]
    FORWARD: ClassVar[Stage]
    LOSS: ClassVar[Stage]
    GRADIENT: ClassVar[Stage]
    UPDATE: ClassVar[Stage]
    LOOP: ClassVar[Stage]

    place: int
    """Among the stages of its lab, from 0 for `run`."""
    heading: str
    """What people call it."""
    concept: Concept

    def __new__(
        cls, name: str, *, place: int | None = None, heading: str = "", concept: Concept = "none"
    ) -> Self:
        """Make a lab's own stage; without a place, find the default one of that name.

        Args:
            name: As it stands in reports.
            place: Among the stages of its lab; where it is left out and no default one has the
                name, it comes last.
            heading: What people call it; the name, where it is left out.
            concept: What it is about.
        """
        known = next((each for each in STAGES if each == name), None) if place is None else None
        if isinstance(known, cls):
            return known
        made = super().__new__(cls, name)
        made.place = _LAST if place is None else place
        made.heading = heading or name
        made.concept = concept
        return made

    @property
    def value(self) -> str:
        """The name, as plain text."""
        return str.__str__(self)


_DEFAULT: tuple[Concept, ...] = (
    "run", "output", "forward", "loss", "gradient", "update", "loop",
)  # fmt: skip
STAGES: tuple[Stage, ...] = ()
STAGES = tuple(Stage(each, place=place, concept=each) for place, each in enumerate(_DEFAULT))
"""The default ones, in order."""
Stage.RUN, Stage.OUTPUT, Stage.FORWARD, Stage.LOSS, Stage.GRADIENT, Stage.UPDATE, Stage.LOOP = (
    STAGES
)
