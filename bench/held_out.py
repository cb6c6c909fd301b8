"""Wrong scripts that nobody wrote: mistakes composed with styles, each with the diagnosis due.

Two ways lead to one. A *mutation* makes one mistake in a right script of ``tests/lab/styles``; a
*restyle* writes a script otherwise and changes nothing that it does. A script is either a mutated
style, restyled or not, or a hand-written mistake of the lab, restyled. All of it happens to the
tree, never to the text (but for scripts that have no tree, `bench.breakage`), and follows from
the scripts' names alone: the same scripts each time.

Whether one is wrong at all, only a run can tell: `bench.bench_diagnosis` leaves out those that
pass, and counts them.
"""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from bench.breakage import BREAKAGES, broken
from bench.mutations.forward import FORWARD
from bench.mutations.gradient import GRADIENT
from bench.mutations.loop import LOOP
from bench.mutations.loss import LOSS
from bench.mutations.output import OUTPUT
from bench.mutations.run import RUN
from bench.mutations.update import UPDATE
from bench.restyles.layout import LAYOUT
from bench.restyles.parts import PARTS
from bench.tree import read, written
from verifier.mistake import load_mistakes
from verifier.stage import Stage

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from bench.mutations.mutation import Mutation
    from bench.restyles.restyle import Restyle
    from verifier.lab_spec import Lab
    from verifier.mistake import Mistake

STYLES = Path(__file__).resolve().parent.parent / "tests" / "lab" / "styles"

MUTATIONS = {
    Stage.RUN: RUN,
    Stage.OUTPUT: OUTPUT,
    Stage.FORWARD: FORWARD,
    Stage.LOSS: LOSS,
    Stage.GRADIENT: GRADIENT,
    Stage.UPDATE: UPDATE,
    Stage.LOOP: LOOP,
}
RESTYLES = (*LAYOUT.all, *PARTS.all)

CAP = 12
"""The most scripts of one diagnosis and exercise."""
SLOW_CAP = 3
"""Of one diagnosis whose scripts run to the time limit."""
SLOW = frozenset({"endless-loop"})
OTHERS_CAP = 3
"""The most of one mistake of another exercise than the baseline: these are restyled only."""
_BASELINE = "baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """A wrong script, and what it must be told."""

    name: str
    """Base, mutation and restyles, with two hyphens between."""
    source: bytes
    exercise: str
    diagnosis: str
    stage: Stage
    also: tuple[str, ...]
    """Ids that are right as well."""
    mistake: Mistake | None
    """The hand-written mistake that it does the same as; None for a mutated style."""


@dataclass(slots=True, kw_only=True)
class HeldOutSet:
    """All of them, and how many were not made."""

    scripts: list[HeldOut] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """By reason: ``not applied`` and ``as another``."""


def held_out(lab: Lab, *, cap: int = CAP) -> HeldOutSet:
    """Make the scripts of a lab, at most ``cap`` of each diagnosis.

    Raises:
        BadDataError: A mistake has no expectation, or a bad one.
    """
    return _Maker(lab, cap=cap).made


def plans() -> list[tuple[Restyle, ...]]:
    """List the restyles, alone and two by two, in an order that mixes them."""
    count = len(RESTYLES)
    pairs = [
        (RESTYLES[n], RESTYLES[(n + distance) % count])
        for distance in range(1, count)
        for n in range(count)
    ]
    single = [(each,) for each in RESTYLES]
    return [plan for plan in chain(*zip_longest(single, pairs)) if plan is not None]


def restyled(tree: ast.Module, plan: Sequence[Restyle]) -> ast.Module | None:
    """Restyle a copy; None where one of them does not apply."""
    made = deepcopy(tree)
    for restyle in plan:
        if not restyle.change(made):
            return None
        made = read(written(made))
    return made


def mutated(tree: ast.Module, mutation: Mutation) -> ast.Module | None:
    """Make a mistake in a copy; None where there is no place for it."""
    made = deepcopy(tree)
    return read(written(made)) if mutation.change(made) else None


def right_scripts(lab: Lab) -> dict[str, ast.Module]:
    """Parse the reference and every style, by name."""
    paths = [lab.exercise(_BASELINE).script, *sorted(STYLES.glob("*.py"))]
    return {path.stem.replace("_", "-"): read(path.read_bytes()) for path in paths}


class _Maker:
    """Makes them; remembers what was made already, and where it stopped among the plans."""

    def __init__(self, lab: Lab, *, cap: int) -> None:
        self.made = HeldOutSet()
        self._right = right_scripts(lab)
        self._plans = plans()
        self._turn = 0
        self._seen = {written(tree) for tree in self._right.values()}
        mistakes = load_mistakes(lab)
        trees = {each.id: tree for each in mistakes if (tree := _tree(each)) is not None}
        self._seen |= {written(tree) for tree in trees.values()}
        for (exercise, diagnosis), group in _groups(mistakes).items():
            of_mistakes = self._of_mistakes([each for each in group if each.id in trees], trees)
            if exercise == _BASELINE:
                limit = min(cap, SLOW_CAP) if diagnosis in SLOW else cap
                self._keep(_alternating(self._of_styles(diagnosis), of_mistakes), limit)
            else:
                self._keep(of_mistakes, min(cap, OTHERS_CAP * len(group)))

    def _keep(self, candidates: Iterator[HeldOut], limit: int) -> None:
        """Take candidates until there are enough."""
        for candidate in candidates:
            if limit == 0:
                return
            if candidate.source in self._seen:
                self.made.left_out["as another"] += 1
                continue
            self._seen.add(candidate.source)
            self.made.scripts.append(candidate)
            limit -= 1

    def _of_mistakes(
        self, mistakes: list[Mistake], trees: dict[str, ast.Module]
    ) -> Iterator[HeldOut]:
        """Restyle each mistake in turn, as often as it takes."""
        for _ in range(CAP):
            for mistake in mistakes:
                found = self._restyled(trees[mistake.id])
                if found is None:
                    continue
                tree, plan = found
                yield HeldOut(
                    name="--".join((mistake.id, *(each.name for each in plan))),
                    source=written(tree),
                    exercise=mistake.exercise,
                    diagnosis=mistake.diagnosis,
                    stage=mistake.stage,
                    also=mistake.also,
                    mistake=mistake,
                )

    def _of_styles(self, diagnosis: str) -> Iterator[HeldOut]:
        """Make a mistake in one style after the other, each time by another mutation."""
        names = list(self._right)
        if diagnosis in _BROKEN:
            yield from self._broken(diagnosis, names)
            return
        mutations = [
            (stage, each)
            for stage, some in MUTATIONS.items()
            for each in some.all
            if each.diagnosis == diagnosis
        ]
        for turn in range(len(names)):
            for n, (stage, mutation) in enumerate(mutations):
                # So that each mutation meets other styles, and each style other mutations.
                base = names[(turn * 7 + n * 11 + self._turn) % len(names)]
                tree = mutated(self._right[base], mutation)
                if tree is None:
                    self.made.left_out["not applied"] += 1
                    continue
                yield self._mutant(base, mutation, stage, tree, restyle=(turn + n) % 2 == 1)

    def _mutant(
        self, base: str, mutation: Mutation, stage: Stage, tree: ast.Module, *, restyle: bool
    ) -> HeldOut:
        found = self._restyled(tree) if restyle else None
        changed, plan = found or (tree, ())
        return HeldOut(
            name="--".join((base, mutation.name, *(each.name for each in plan))),
            source=written(changed),
            exercise=_BASELINE,
            diagnosis=mutation.diagnosis,
            stage=stage,
            also=mutation.also,
            mistake=None,
        )

    def _broken(self, diagnosis: str, names: list[str]) -> Iterator[HeldOut]:
        """Make scripts that cannot be parsed, from restyled styles."""
        ways = [each for each in BREAKAGES if each.diagnosis == diagnosis]
        for turn in range(len(names)):
            for n, way in enumerate(ways):
                base = names[(turn * 7 + n * 11 + self._turn) % len(names)]
                found = self._restyled(self._right[base])
                tree, plan = found or (self._right[base], ())
                source = broken(written(tree), way)
                if source is None:
                    self.made.left_out["not applied"] += 1
                    continue
                yield HeldOut(
                    name="--".join((base, way.name, *(each.name for each in plan))),
                    source=source,
                    exercise=_BASELINE,
                    diagnosis=diagnosis,
                    stage=Stage.RUN,
                    also=way.also,
                    mistake=None,
                )

    def _restyled(self, tree: ast.Module) -> tuple[ast.Module, tuple[Restyle, ...]] | None:
        """Restyle by the next plan that applies; None if none does."""
        for _ in self._plans:
            plan = self._plans[self._turn % len(self._plans)]
            self._turn += 1
            made = restyled(tree, plan)
            if made is not None:
                return made, plan
            self.made.left_out["not applied"] += 1
        return None


_BROKEN = frozenset(each.diagnosis for each in BREAKAGES)


def _groups(mistakes: Sequence[Mistake]) -> dict[tuple[str, str], list[Mistake]]:
    """Group mistakes by exercise and diagnosis, those of the baseline first."""
    groups: dict[tuple[str, str], list[Mistake]] = {}
    for each in sorted(mistakes, key=lambda each: (each.exercise != _BASELINE, each.id)):
        groups.setdefault((each.exercise, each.diagnosis), []).append(each)
    return groups


def _tree(mistake: Mistake) -> ast.Module | None:
    """Parse a mistake; None for one that Python cannot read."""
    try:
        return read(mistake.script.read_bytes())
    except (SyntaxError, ValueError):
        return None


def _alternating(first: Iterator[HeldOut], second: Iterator[HeldOut]) -> Iterator[HeldOut]:
    """Take two of the first, one of the second, and so on; of one alone when the other ends."""
    while True:
        taken = [
            each for each in (next(first, None), next(first, None), next(second, None)) if each
        ]
        if not taken:
            return
        yield from taken
