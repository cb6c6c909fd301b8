"""How often the first diagnosis is the right one, and its stage the right stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verifier.lab.stage import STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verifier.lab.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One wrong script: what it must be told, and what it was told."""

    name: str
    exercise: str
    diagnosis: str
    stage: Stage
    also: tuple[str, ...]
    """Ids that are right as well."""
    told: tuple[tuple[str, Stage], ...]
    """Ids and stages, the first named first; empty where nothing was said."""

    @property
    def first(self) -> str | None:
        """The id that was named first."""
        return self.told[0][0] if self.told else None

    @property
    def exact(self) -> bool:
        """Whether it is the very id."""
        return self.first == self.diagnosis

    @property
    def right(self) -> bool:
        """Whether it is the id, or one that is right as well."""
        return self.exact or self.first in self.also

    def right_stage(self, stages: Mapping[str, Stage]) -> bool:
        """Whether the first diagnosis sends the learner to the right stage.

        Args:
            stages: The stage of each id that may be right as well.
        """
        accepted = {self.stage} | {stages[each] for each in self.also if each in stages}
        return bool(self.told) and self.told[0][1] in accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Counts of a group of answers."""

    scripts: int
    right_stage: int
    right: int
    exact: int
    silent: int
    """How many were told nothing: no diagnosis is better than a wrong one, but none is no help."""

    @property
    def stage_share(self) -> float | None:
        """Share with the right stage; None of nothing."""
        return self.right_stage / self.scripts if self.scripts else None

    @property
    def share(self) -> float | None:
        """Share with a right diagnosis; None of nothing."""
        return self.right / self.scripts if self.scripts else None

    def to_json(self) -> dict[str, Any]:
        """Write it as ``schemas/bench-diagnosis.schema.json`` asks."""
        return {
            "scripts": self.scripts,
            "right_stage": self.right_stage,
            "right": self.right,
            "exact": self.exact,
            "silent": self.silent,
            "stage_share": rounded(self.stage_share),
            "share": rounded(self.share),
        }


def accuracy_of(answers: Sequence[Answer], stages: Mapping[str, Stage]) -> Accuracy:
    """Count a group of answers."""
    return Accuracy(
        scripts=len(answers),
        right_stage=sum(each.right_stage(stages) for each in answers),
        right=sum(each.right for each in answers),
        exact=sum(each.exact for each in answers),
        silent=sum(not each.told for each in answers),
    )


def by_stage(answers: Sequence[Answer], stages: Mapping[str, Stage]) -> list[dict[str, Any]]:
    """Count each stage's answers, in debug order."""
    return [
        {"stage": stage.value}
        | accuracy_of([each for each in answers if each.stage is stage], stages).to_json()
        for stage in STAGES
    ]


def by_key(
    answers: Sequence[Answer], stages: Mapping[str, Stage], *, key: str
) -> list[dict[str, Any]]:
    """Count the answers of each diagnosis or exercise, by name."""
    names = sorted({getattr(each, key) for each in answers})
    return [
        {key: name}
        | accuracy_of([each for each in answers if getattr(each, key) == name], stages).to_json()
        for name in names
    ]


def misses(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """List the answers that were not right, in debug order."""
    return [
        {
            "name": each.name,
            "exercise": each.exercise,
            "expected": {"id": each.diagnosis, "stage": each.stage.value},
            "told": [{"id": name, "stage": stage.value} for name, stage in each.told],
        }
        for each in sorted(
            answers, key=lambda each: (STAGES.index(each.stage), each.diagnosis, each.name)
        )
        if not each.right
    ]


def rounded(value: float | None) -> float | None:
    """Round to four digits behind the point."""
    return None if value is None else round(value, 4)
