"""Whether printed numbers were computed or typed: a second run, under other seeds, tells.

What is computed from the drawn weights follows the reference to the other seeds; what was typed
stays where it was, or comes from nothing that the script calculated. A script that draws nothing
stays as well, and is not accused: its numbers are those that its own training gave. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from verifier.checks.check import Discreet, failed
from verifier.checks.closeness import Close, compare
from verifier.checks.explained import is_among, unexplained
from verifier.checks.syntax import written_in
from verifier.lab.stage import Stage
from verifier.output.value import numbers_in
from verifier.printable import counted
from verifier.trace.event import NO_TRACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from verifier.checks.check import Check
    from verifier.lab.field import Field
    from verifier.output.transcript import Reading
    from verifier.trace.event import Trace

Answer = Literal["yes", "no", "unclear"]

TYPED = 2
"""So many printed numbers standing in the source, or staying as they were, are no accident."""
_CALLS_NEEDED = ({"exp", "sigmoid", "expit", "tanh"}, {"log", "log1p", "log2", "softplus"})
"""To compute the lab's numbers without torch's training, one of each is called."""
_MAX_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """Whether the numbers were computed, and how that is known."""

    answer: Answer
    evidence: str
    """One sentence, of the lab's words and names alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What is known of a script whose numbers did not all follow the reference."""

    first: Trace
    source: bytes
    """The script, to see whether its numbers stand there."""
    by_hand: Trace | None = None
    """Of a run under the same seeds, with the script's own arithmetic; None where it could not be
    had, or printed something else."""
    readings: Mapping[Field, Reading] | None = None
    """What was printed under other seeds, however that ended; None where there was no time."""
    second: Trace = NO_TRACE
    """Of that run."""
    trouble: str = ""
    """How it ended, in words, where that is not how the first run did."""


def unclear(evidence: str) -> Computed:
    """Say that nobody can tell, and why."""
    return Computed(answer="unclear", evidence=evidence)


def discriminating_fields(
    first: Mapping[Field, Reading],
    *,
    answers: Mapping[Field, Reading],
    expected: Mapping[Field, Reading],
) -> tuple[Field, ...]:
    """Find the fields that a second run can tell computed from typed by.

    Args:
        first: What the first run printed.
        answers: The golden reading of every field.
        expected: What the reference prints under the seeds of the second run.
    Returns:
        Those that the first run printed right, and that must change.
    """
    return tuple(
        field
        for field, golden in answers.items()
        if field in expected  # under other seeds the reference may print others
        and _close(first.get(field), golden, field)
        and not _close(expected.get(field), golden, field)
    )


def unchanged_fields(
    fields: Sequence[Field],
    *,
    answers: Mapping[Field, Reading],
    readings: Mapping[Field, Reading],
) -> tuple[Field, ...]:
    """Find the fields that did not change although they should have.

    Args:
        fields: What `discriminating_fields` found.
        answers: The golden reading of every field.
        readings: What was printed under other seeds.
    """
    return tuple(field for field in fields if _close(readings.get(field), answers[field], field))


def judge_followed(
    fields: Sequence[Field],
    *,
    readings: Mapping[Field, Reading],
    expected: Mapping[Field, Reading],
) -> Computed | None:
    """Say that a script's numbers were computed, where all of them followed the reference.

    Args:
        fields: What `discriminating_fields` found, one at least.
        readings: What was printed under other seeds.
        expected: What the reference prints under them.
    """
    if len(_followed(fields, readings=readings, expected=expected)) < len(fields):
        return None
    return Computed(
        answer="yes",
        evidence=f"with other seeds, {_all_changed(fields)}",
    )


def _followed(
    fields: Sequence[Field],
    *,
    readings: Mapping[Field, Reading],
    expected: Mapping[Field, Reading],
) -> list[Field]:
    return [field for field in fields if _close(readings.get(field), expected[field], field)]


def uncalculated(
    fields: Sequence[Field], *, readings: Mapping[Field, Reading], runs: Runs
) -> list[Decimal]:
    """Find the printed numbers of right values that the script has not calculated.

    Args:
        fields: What `discriminating_fields` found.
        readings: What the first run printed.
        runs: The first, and its arithmetic where that is known.
    """
    traces = [each for each in (runs.first, runs.by_hand) if each is not None]
    return unexplained(
        _numbers(fields, readings),
        traces=traces,
        typed=written_in(runs.source).numbers,
        printed=_numbers(readings, readings),
    )


def judge_uncalculated(
    fields: Sequence[Field],
    *,
    readings: Mapping[Field, Reading],
    expected: Mapping[Field, Reading],
    runs: Runs,
) -> Computed | None:
    """Say that numbers were typed, where two or more come from nothing that the script did.

    Args:
        fields: What `discriminating_fields` found, one at least.
        readings: What the first run printed.
        expected: What the reference prints under other seeds; what follows it was calculated.
        runs: All that there were.
    """
    followed = _followed(fields, readings=runs.readings or {}, expected=expected)
    fields = [field for field in fields if field not in followed]
    left = uncalculated(fields, readings=readings, runs=runs)
    if len(left) < TYPED or (runs.by_hand is None and _by_hand(left, runs.source)):
        return None
    names = _listed([field for field in fields if set(_numbers([field], readings)) & _both(left)])
    return Computed(
        answer="no", evidence=f"nothing that the script calculated gave the numbers of {names}"
    )


def judge(
    *,
    fields: Sequence[Field],
    answers: Mapping[Field, Reading],
    expected: Mapping[Field, Reading],
    runs: Runs,
) -> Computed:
    """Compare what a script printed under its own seed and under others.

    Args:
        fields: What `discriminating_fields` found, one at least: explained by the first run, and
            not all of them following the reference.
        answers: The golden reading of every field.
        expected: What the reference prints under other seeds.
        runs: All that there were.
    """
    if runs.readings is None:
        return unclear("the script left no time for a run with other seeds")
    unchanged = unchanged_fields(fields, answers=answers, readings=runs.readings)
    if unchanged:
        return _of_unchanged(unchanged, fields=fields, runs=runs, readings=runs.readings)
    if runs.trouble:
        return unclear(f"with other seeds the script did not run to its end: it {runs.trouble}")
    followed = _followed(fields, readings=runs.readings, expected=expected)
    return unclear(
        f"with other seeds, {len(fields) - len(followed)} of {_right(fields)} changed, "
        "but not as the reference's do"
    )


def _right(fields: Sequence[Field]) -> str:
    return counted(len(fields), "right value")


def _all_changed(fields: Sequence[Field]) -> str:
    if len(fields) == 1:
        return "the one right value changed as the reference's does"
    return f"all {_right(fields)} changed as the reference's do"


def _of_unchanged(
    unchanged: Sequence[Field],
    *,
    fields: Sequence[Field],
    runs: Runs,
    readings: Mapping[Field, Reading],
) -> Computed:
    """Judge values that did not change although they should have."""
    numbers = _numbers(unchanged, readings)
    seen = (
        f"with other seeds, {_listed(unchanged)} stayed as printed before "
        f"({len(unchanged)} of {_right(fields)})"
    )
    typed = written_in(runs.source).numbers
    if len(unchanged) < TYPED and not _standing(numbers, typed):
        return unclear(f"{seen}, which may be chance: it does not stand in the script")
    printed = _numbers(readings, readings)
    left = unexplained(numbers, traces=[runs.second], typed=typed, printed=printed)
    # Where other values followed, the script draws its weights: one number can be typed beside.
    is_one_typed = len(unchanged) < len(fields) and _standing(left, typed)
    if left and len(left) < TYPED and is_one_typed:
        return Computed(answer="no", evidence=f"{seen}, and it stands in the script as a number")
    if left and len(left) < TYPED:
        return unclear(f"{seen}, which may be chance: the script's own training gave the others")
    if not left:
        return unclear(
            f"{seen}, and the script's own training gave these numbers again: "
            "it does not draw its weights by torch.manual_seed"
        )
    if runs.by_hand is None and len(unchanged) == len(fields) and _by_hand(numbers, runs.source):
        return unclear(
            f"{seen}, but they do not stand in the script, which calculates without torch"
        )
    return Computed(
        answer="no", evidence=f"{seen}, and nothing that the script trained gave these numbers"
    )


def computed_checks(computed: Computed) -> list[Check]:
    """Fail numbers that were not computed, where the lab requires that they are."""
    if computed.answer != "no":
        return []
    what = "the script printed numbers that it did not compute"
    todo = "print what your own training gives"
    message = f"{what}: {computed.evidence}; {todo}"
    return [failed(Stage.OUTPUT, "computed", message, discreet=Discreet(message=f"{what}: {todo}"))]


def _numbers(fields: Iterable[Field], readings: Mapping[Field, Reading]) -> list[Decimal]:
    return [
        number
        for field in fields
        for number in numbers_in(readings[field].value)
        if number.is_finite()
    ]


def _both(magnitudes: Iterable[Decimal]) -> set[Decimal]:
    return {signed for each in magnitudes for signed in (each, -each)}


def _listed(fields: Sequence[Field]) -> str:
    names = ", ".join(field.name for field in fields[:_MAX_SHOWN])
    return f"{names} and {len(fields) - _MAX_SHOWN} more" if len(fields) > _MAX_SHOWN else names


def _close(observed: Reading | None, expected: Reading | None, field: Field) -> bool:
    if observed is None or expected is None:
        return False
    found = compare(observed=observed.value, golden=expected.value, bound=field)
    return isinstance(found, Close)


def _by_hand(numbers: Iterable[Decimal], source: bytes) -> bool:
    """Tell whether a script calculates with functions, from numbers that are not those printed."""
    written = written_in(source)
    standing = _standing(numbers, written.numbers)
    return standing < TYPED and all(written.called & needed for needed in _CALLS_NEEDED)


def _standing(numbers: Iterable[Decimal], typed: list[float]) -> int:
    return sum(is_among(abs(number), typed) for number in set(numbers))
