"""How one environment's numbers differ from another's: by bits, in print, beyond tolerance.

Pure. The runs of one environment among themselves give the noise floor: what differs there is no
drift, whatever it does from one environment to the other.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING

from verifier.checks.closeness import Apart, Close, compare
from verifier.drift.cause import Change, changes, explain
from verifier.drift.observation import Shown
from verifier.drift.release import release_of
from verifier.golden.golden import golden_answers
from verifier.output.value import value_of
from verifier.trace.ulp import ulps_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from verifier.checks.closeness import Distance
    from verifier.drift.observation import Observation, Script, ScriptRun
    from verifier.golden.golden import Golden, Provenance
    from verifier.lab.spec import Exercise, Field, Lab
    from verifier.output.transcript import Reading


class Status(StrEnum):
    """How far two values are apart, the least first."""

    IDENTICAL = "identical"
    BITS_DIFFER = "bits_differ"
    PRINTED_DIFFERS = "printed_differs"
    BEYOND_TOLERANCE = "beyond_tolerance"

    @property
    def rank(self) -> int:
        """Its place."""
        return list(Status).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingDrift:
    """One value of one script."""

    name: str
    status: Status
    noise: Status
    """The worst between two runs of the same environment; at or above ``status`` where the
    difference proves nothing."""
    baseline: Shown | None
    """Of the first run; None where it was not printed."""
    candidate: Shown | None
    golden: str | None
    """The text of the golden record; None where there is none."""
    golden_ulps: int | None
    """Steps of the candidate's unrounded number from the golden record's; None where one of them is
    not known, and where the record was made on another CPU capability."""
    ulps: int | None
    """The most that an element moved, in units in the last place; None where it is not known."""
    difference: Decimal | None
    """The most that an element moved in print; None where the two cannot be compared."""
    allowed: Decimal | None
    """The tolerance for that element."""

    @property
    def noisy(self) -> bool:
        """Whether one environment alone gives different values."""
        return self.noise is not Status.IDENTICAL

    @property
    def stale(self) -> bool:
        """Whether the golden record no longer says what the baseline prints."""
        shown = self.baseline
        return (
            not self.noisy
            and self.golden is not None
            and (shown is None or shown.text != self.golden)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptDrift:
    """One script in both environments."""

    lab: str
    exercise: str
    mechanism: str | None
    """What a canary shows; None for a lesson."""
    readings: tuple[ReadingDrift, ...]
    failure: str | None
    """Why it cannot be compared: it does not run to its end in one of the two."""
    new_warnings: Mapping[str, int]
    """Categories that the candidate gives more often, with how many more."""
    run_time_ratio: float | None
    peak_memory_ratio: float | None
    golden_applies: bool
    """Whether the golden record was made with the baseline's torch, on equal terms."""

    @property
    def name(self) -> str:
        """As ``forward-backward/baseline``; a canary has one script."""
        return self.lab if self.mechanism is not None else f"{self.lab}/{self.exercise}"

    @property
    def status(self) -> Status:
        """The worst of its readings that hold still; beyond tolerance where it fails."""
        if self.failure is not None:
            return Status.BEYOND_TOLERANCE
        return worst(each.status for each in self.readings if not each.noisy)

    @property
    def noise(self) -> Status:
        """The worst between two runs of the same environment."""
        return worst(each.noise for each in self.readings)

    @property
    def stale(self) -> bool:
        """Whether the golden record no longer says what its own torch prints."""
        return self.golden_applies and any(each.stale for each in self.readings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Two environments, compared."""

    baseline: Observation
    candidate: Observation
    scripts: tuple[ScriptDrift, ...]
    changes: tuple[Change, ...]
    """What is known to be different between the two."""
    causes: tuple[str, ...]
    """Sentences about why numbers moved, of the canaries that did; empty where none did."""
    start_ratio: float | None

    @property
    def status(self) -> Status:
        """The worst of its scripts."""
        return worst(script.status for script in self.scripts)

    def fails(self, on: Status) -> bool:
        """Whether somebody must look: drift, noise or a stale golden of that size.

        Args:
            on: The least that counts.
        """
        return any(
            script.status.rank >= on.rank or script.noise.rank >= on.rank or script.stale
            for script in self.scripts
        )


def worst(statuses: Iterable[Status]) -> Status:
    """Give the worst; identical where there is none."""
    return max(statuses, key=lambda status: status.rank, default=Status.IDENTICAL)


def compare_observations(
    baseline: Observation,
    candidate: Observation,
    *,
    labs: Mapping[str, Lab],
    goldens: Mapping[tuple[str, str], Golden],
) -> Drift:
    """Compare every script that both environments ran.

    Args:
        baseline: What is in use.
        candidate: What may take its place.
        labs: Every lab, by its id.
        goldens: By lab and exercise; those that are missing are not compared with.
    """
    others = {(script.lab, script.exercise): script for script in candidate.scripts}
    scripts = tuple(
        _script_drift(
            script,
            others[key],
            lab=labs[script.lab],
            golden=goldens.get(key),
            cpu=candidate.environment.cpu_capability,
            where=baseline,
        )
        for script in baseline.scripts
        if (key := (script.lab, script.exercise)) in others
    )
    known = changes(baseline, candidate)
    moved = [
        labs[each.lab]
        for each in scripts
        if each.failure is None and each.status is not Status.IDENTICAL
    ]
    return Drift(
        baseline=baseline,
        candidate=candidate,
        scripts=scripts,
        changes=known,
        causes=explain(moved, known),
        start_ratio=_ratio(baseline.start_s, candidate.start_s),
    )


def _script_drift(
    baseline: Script,
    candidate: Script,
    *,
    lab: Lab,
    golden: Golden | None,
    where: Observation,
    cpu: str | None,
) -> ScriptDrift:
    exercise = lab.exercise(baseline.exercise)
    runs = (baseline.runs, candidate.runs)
    failure = _failure(*runs)
    return ScriptDrift(
        lab=lab.id,
        exercise=exercise.id,
        mechanism=None if lab.canary is None else lab.canary.mechanism,
        readings=() if failure else _readings(*runs, exercise=exercise, golden=golden, cpu=cpu),
        failure=failure,
        new_warnings=_new_warnings(*runs),
        run_time_ratio=_ratio(*([run.wall_s for run in each] for each in runs)),
        peak_memory_ratio=_ratio(
            *([run.peak_bytes for run in each if run.peak_bytes is not None] for each in runs)
        ),
        golden_applies=golden is not None and _applies(golden.provenance, where, lab=lab),
    )


def _applies(made: Provenance, where: Observation, *, lab: Lab) -> bool:
    """Whether a golden record must be what an environment prints.

    A lesson's must wherever its torch runs as it is, for `verify` asks the same. What a canary
    prints depends on the CPU as well.
    """
    now = where.environment
    if where.settings or made.torch is None or now.torch is None:
        return False
    same_cpu = (made.cpu_capability, made.threads) == (now.cpu_capability, now.threads)
    same_release = release_of(made.torch) == release_of(now.torch)
    return same_release and (lab.canary is None or same_cpu)


def _failure(baseline: Sequence[ScriptRun], candidate: Sequence[ScriptRun]) -> str | None:
    for name, runs in (("baseline", baseline), ("candidate", candidate)):
        for run in runs:
            if run.ended != "exited 0":
                words = f": {run.last_words}" if run.last_words else ""
                return f"in the {name} it {run.ended}{words}"
    return None


def _readings(
    baseline: Sequence[ScriptRun],
    candidate: Sequence[ScriptRun],
    *,
    exercise: Exercise,
    golden: Golden | None,
    cpu: str | None,
) -> tuple[ReadingDrift, ...]:
    published = {} if golden is None else golden_answers(golden, exercise)
    exact_counts = golden is not None and golden.provenance.cpu_capability == cpu
    return tuple(
        _reading(
            field,
            [run.shown.get(field.name) for run in baseline],
            [run.shown.get(field.name) for run in candidate],
            golden=published.get(field),
            exact_counts=exact_counts,
        )
        for field in exercise.fields
    )


def _reading(
    field: Field,
    baseline: Sequence[Shown | None],
    candidate: Sequence[Shown | None],
    *,
    golden: Reading | None,
    exact_counts: bool,
) -> ReadingDrift:
    first, other = baseline[0], candidate[0]
    noise = worst(
        _status(shown, runs[0], field) for runs in (baseline, candidate) for shown in runs[1:]
    )
    found = _difference(first, other, field)
    return ReadingDrift(
        name=field.name,
        status=_status(first, other, field),
        noise=noise,
        baseline=first,
        candidate=other,
        golden=None if golden is None else golden.text,
        golden_ulps=_ulps(_shown(golden), other) if exact_counts else None,
        ulps=_ulps(first, other),
        difference=None if found is None else found.difference,
        allowed=None if found is None else found.allowed,
    )


def _shown(golden: Reading | None) -> Shown | None:
    return None if golden is None else Shown(text=golden.text, exact=golden.exact)


def _status(first: Shown | None, other: Shown | None, field: Field) -> Status:
    if first is None or other is None:
        return Status.IDENTICAL if first is other else Status.BEYOND_TOLERANCE
    if first.text != other.text:
        found = compare(observed=value_of(other.text), golden=value_of(first.text), bound=field)
        return Status.PRINTED_DIFFERS if isinstance(found, Close) else Status.BEYOND_TOLERANCE
    if first.exact is None or other.exact is None:
        return Status.IDENTICAL
    same = list(map(float.hex, first.exact)) == list(map(float.hex, other.exact))
    return Status.IDENTICAL if same else Status.BITS_DIFFER


def _difference(first: Shown | None, other: Shown | None, field: Field) -> Distance | None:
    if first is None or other is None:
        return None
    found = compare(observed=value_of(other.text), golden=value_of(first.text), bound=field)
    return found.worst if isinstance(found, (Close, Apart)) else None


def _ulps(first: Shown | None, other: Shown | None) -> int | None:
    if first is None or other is None or first.exact is None or other.exact is None:
        return None
    if len(first.exact) != len(other.exact):
        return None
    found = [ulps_between(*pair) for pair in zip(first.exact, other.exact, strict=True)]
    return None if None in found else max((each for each in found if each is not None), default=0)


def _new_warnings(baseline: Sequence[ScriptRun], candidate: Sequence[ScriptRun]) -> dict[str, int]:
    before, after = (Counter(runs[0].warnings) for runs in (baseline, candidate))
    return dict(after - before)


def _ratio(baseline: Sequence[float], candidate: Sequence[float]) -> float | None:
    if not baseline or not candidate or not median(baseline):
        return None
    ratio = median(candidate) / median(baseline)
    return ratio if math.isfinite(ratio) else None
