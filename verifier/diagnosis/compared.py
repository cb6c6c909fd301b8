"""Diagnoses by comparison with the reference: for any lab, without a line written for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.diagnosis.diagnosis import CLAIMED
from verifier.diagnosis.parting import errors, parted, values
from verifier.diagnosis.parting.parting import Printed, Wrong
from verifier.diagnosis.parting.values import first_difference
from verifier.diagnosis.rules import lines
from verifier.diagnosis.rules import output as printing
from verifier.diagnosis.rules import run as crash
from verifier.lab.catalogue import common_wordings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.diagnosis.diagnosis import Suspicion
    from verifier.diagnosis.subject import Subject
    from verifier.trace.milestone import Look, Milestone


_UNSPECIFIC = frozenset(("script-error", "wrong-argument"))
"""Ids of what an error says where nothing better is known."""
_ABSENT = "line-missing"
_VAGUE = frozenset(("loop", "output", "run", "none"))
"""What stages of values are about of which nothing follows for the cause."""


def suspicions(subject: Subject, *, reference: Sequence[Milestone], look: Look) -> list[Suspicion]:
    """Say what went wrong, the likeliest first.

    Args:
        subject: The submission.
        reference: What the reference did; empty where that is not kept.
        look: What the submission did in a second run.
    """
    status = list(printing.of_status(subject))
    if status:
        return status
    output = _printed(subject)
    found = parted.suspicions(
        output,
        reference=reference,
        script=look.milestones,
        crashed=subject.crashed,
        error=subject.error,
    )
    if not look.is_steady:
        # Another run prints other values: what no seed fixes is all that can be said.
        found = [each for each in found if each.id in parted.OF_CHANCE]
    ended = [_worded(each) for each in crash.suspicions(subject)]
    if subject.crashed:
        step = errors.of_error(subject.error)
        if step is not None and all(each.id in _UNSPECIFIC for each in ended):
            ended = [step]
        return _unique([*found, *ended])
    return _unique([*ended, *_of_output(subject, output, found)])


def _worded(suspicion: Suspicion) -> Suspicion:
    """Give a suspicion that there are words for: rules of one lesson know more than these."""
    known = suspicion.id in common_wordings()
    return suspicion if known else replace(suspicion, id="script-error")


def _of_output(subject: Subject, output: Printed, found: list[Suspicion]) -> Iterator[Suspicion]:
    """What the printed text shows, and behind it what led to it; missing lines come last."""
    certain = list(printing.certain(subject, trained_wrong=bool(found)))
    yield from (each for each in certain if each.id != _ABSENT)
    yield from found
    if output.wrong and not found:
        concept: str = output.wrong[0].field.stage.concept
        yield from values.suspicions(
            output.wrong, output.answers, concept=None if concept in _VAGUE else concept
        )
    yield from (each for each in certain if each.id == _ABSENT)
    first = next(iter(output.wrong), None)
    if first is not None and not found and not _is_told(first, certain):
        yield first_difference(first)
    if not found and not output.wrong:
        yield from lines.suspicions(subject)


def _is_told(wrong: Wrong, certain: Sequence[Suspicion]) -> bool:
    """Whether the printed text alone shows what is wrong with a value."""
    return any(each.words.get("field") == wrong.field.name for each in certain)


def _printed(subject: Subject) -> Printed:
    """Sort the fields by how they were judged, in the reference's order."""
    answers = subject.answers
    wrong, missing = (
        tuple(
            Wrong(field=field, golden=answers[field], printed=subject.printed.get(field))
            for field in sorted(fields, key=lambda each: answers[each].line)
        )
        for fields in (subject.wrong, subject.missing)
    )
    bad = {each.field for each in wrong}
    return Printed(
        wrong=wrong,
        missing=missing,
        right=tuple(
            (answers[field], reading)
            for field, reading in subject.printed.items()
            if field not in bad
        ),
        answers=answers,
    )


def _unique(several: list[Suspicion]) -> list[Suspicion]:
    kept: dict[str, Suspicion] = {}
    for each in several:
        if each.confidence >= CLAIMED:
            kept.setdefault(each.id, each)
    return list(kept.values())
