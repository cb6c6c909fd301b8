"""The comparison of two environments: each value apart by bits, in print, or beyond tolerance.

Pure. The runs of one environment among themselves give the noise floor: a value that
differs there has no drift, even where the two environments differ in it.
"""

from __future__ import annotations

import math
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

from verifier.checks.closeness import Apart, Close, compare
from verifier.drift.cause import changes, explain
from verifier.drift.drift import Drift, ReadingDrift, ScriptDrift, Status, worst
from verifier.drift.observation import Shown
from verifier.drift.release import release_of
from verifier.golden.golden import golden_answers
from verifier.output.value import value_of
from verifier.trace.ulp import ulps_between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verifier.checks.closeness import Distance
    from verifier.drift.observation import Observation, Script, ScriptRun
    from verifier.golden.golden import Golden, Provenance
    from verifier.lab.field import Field
    from verifier.lab.spec import Exercise, Lab
    from verifier.output.transcript import Reading


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
    moved = [labs[each.lab] for each in scripts if each.moved and each.failure is None]
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
            if not run.is_whole:
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
