"""Wrong scripts that nobody wrote: mistakes composed with styles, each with the diagnosis due.

Two ways lead to one. A *mutation* makes one mistake in a right script of ``tests/lab/styles``; a
*restyle* writes a script otherwise and changes nothing that it does. A script is either a mutated
style, restyled or not, or a hand-written mistake of the lab, restyled. All of it happens to the
tree, never to the text (but for scripts that have no tree, `bench.diagnosis.breakage`), and follows
from names alone: the same scripts each time, and a change to one diagnosis leaves those of the
others. Whoever has looked at the misses draws others: ``draw`` meets each mistake with other
styles.

Whether one is wrong at all, only a run can tell: `bench.diagnosis.diagnoses` leaves out those that
pass, and counts them.
"""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from bench.diagnosis.breakage import BREAKAGES, broken
from bench.diagnosis.lesson import MUTATIONS, RESTYLES, ROOT
from bench.diagnosis.tree import read, written
from verifier.lab.mistake import load_mistakes
from verifier.lab.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.diagnosis.mutation import Mutation
    from bench.diagnosis.restyle import Restyle
    from verifier.lab.mistake import Mistake
    from verifier.lab.spec import Lab

STYLES = ROOT / "tests" / "lab" / "styles"

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


def held_out(lab: Lab, *, cap: int = CAP, draw: int = 0) -> HeldOutSet:
    """Make the scripts of a lab.

    Args:
        lab: Whose mistakes are composed.
        cap: How many of one diagnosis there are at most.
        draw: Which of many sets.
    Raises:
        BadDataError: A mistake has no expectation, or a bad one.
    """
    return _Maker(lab, cap=cap, draw=draw).made


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


def restyled(source: bytes, plan: Sequence[Restyle]) -> bytes | None:
    """Restyle a script; None where one of the restyles does not apply."""
    for restyle in plan:
        tree = read(source)
        if not restyle.change(tree):
            return None
        source = written(tree)
    return source


def mutated(source: bytes, mutation: Mutation) -> bytes | None:
    """Make a mistake in a script; None where there is no place for it."""
    tree = read(source)
    return written(tree) if mutation.change(tree) else None


def right_scripts(lab: Lab) -> dict[str, bytes]:
    """Give the reference and every style, by name, as their trees are written."""
    paths = [lab.exercise(_BASELINE).script, *sorted(STYLES.glob("*.py"))]
    return {path.stem.replace("_", "-"): written(read(path.read_bytes())) for path in paths}


class _Maker:
    """Makes them; remembers what was made already, and where it stopped among the plans."""

    def __init__(self, lab: Lab, *, cap: int, draw: int) -> None:
        self.made = HeldOutSet()
        self._right = right_scripts(lab)
        self._plans = plans()
        self._turn = 0
        mistakes = load_mistakes(lab)
        written_ = {each.id: text for each in mistakes if (text := _written(each)) is not None}
        self._seen = {*self._right.values(), *written_.values()}
        for (exercise, diagnosis), group in _groups(mistakes).items():
            self._turn = zlib.crc32(f"{exercise} {diagnosis} {draw}".encode())
            of_mistakes = self._of_mistakes(
                [each for each in group if each.id in written_], written_
            )
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

    def _of_mistakes(self, mistakes: list[Mistake], sources: dict[str, bytes]) -> Iterator[HeldOut]:
        """Restyle each mistake in turn, as often as it takes."""
        for _ in range(CAP):
            for mistake in mistakes:
                found = self._restyled(sources[mistake.id])
                if found is None:
                    continue
                source, plan = found
                yield HeldOut(
                    name="--".join((mistake.id, *(each.name for each in plan))),
                    source=source,
                    exercise=mistake.exercise,
                    diagnosis=mistake.diagnosis,
                    stage=mistake.stage,
                    also=mistake.also,
                    mistake=mistake,
                )

    def _of_styles(self, diagnosis: str) -> Iterator[HeldOut]:
        """Make a mistake in one style after the other, each time by another mutation."""
        names = list(self._right)
        start = self._turn
        if diagnosis in _BROKEN:
            yield from self._broken(diagnosis, names, start=start)
            return
        mutations = [
            (stage, each)
            for stage, some in MUTATIONS.items()
            for each in some
            if each.diagnosis == diagnosis
        ]
        first = start % max(len(mutations), 1)
        mutations = mutations[first:] + mutations[:first]
        for turn in range(len(names)):
            for n, (stage, mutation) in enumerate(mutations):
                # So that each mutation meets other styles, and each style other mutations.
                base = names[(turn * 7 + n * 11 + start) % len(names)]
                source = mutated(self._right[base], mutation)
                if source is None:
                    self.made.left_out["not applied"] += 1
                    continue
                yield self._mutant(base, mutation, stage, source, restyle=(turn + n) % 2 == 1)

    def _mutant(
        self, base: str, mutation: Mutation, stage: Stage, source: bytes, *, restyle: bool
    ) -> HeldOut:
        found = self._restyled(source) if restyle else None
        changed, plan = found or (source, ())
        return HeldOut(
            name="--".join((base, mutation.name, *(each.name for each in plan))),
            source=changed,
            exercise=_BASELINE,
            diagnosis=mutation.diagnosis,
            stage=stage,
            also=mutation.also,
            mistake=None,
        )

    def _broken(self, diagnosis: str, names: list[str], *, start: int) -> Iterator[HeldOut]:
        """Make scripts that cannot be parsed, from restyled styles."""
        ways = [each for each in BREAKAGES if each.diagnosis == diagnosis]
        for turn in range(len(names)):
            for n, way in enumerate(ways):
                base = names[(turn * 7 + n * 11 + start) % len(names)]
                found = self._restyled(self._right[base])
                whole, plan = found or (self._right[base], ())
                source = broken(whole, way)
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

    def _restyled(self, source: bytes) -> tuple[bytes, tuple[Restyle, ...]] | None:
        """Restyle by the next plan that applies; None if none does."""
        for _ in self._plans:
            plan = self._plans[self._turn % len(self._plans)]
            self._turn += 1
            made = restyled(source, plan)
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


def _written(mistake: Mistake) -> bytes | None:
    """Write a mistake as its tree is written; None for one that Python cannot read."""
    try:
        return written(read(mistake.script.read_bytes()))
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
