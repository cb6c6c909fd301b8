"""The diagnoses of a failed submission: the suspicions of all rules, ranked and put into words."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from verifier.checks.check import first_failed
from verifier.diagnosis import compared, script, signature, solve
from verifier.diagnosis import pasted as not_python
from verifier.diagnosis.diagnosis import CLAIMED, LIKELY, SEEN, Diagnosis, Suspicion
from verifier.diagnosis.measured import measure
from verifier.diagnosis.order import SHOWS_EARLIER, may_explain
from verifier.diagnosis.part import parts_of
from verifier.diagnosis.rules import exercises, forward, gradient, loop, loss, update
from verifier.diagnosis.rules import output as printing
from verifier.diagnosis.rules import run as crash
from verifier.diagnosis.source import read_source
from verifier.diagnosis.subject import Subject, at
from verifier.diagnosis.training import training_of
from verifier.golden.unit import NO_UNIT
from verifier.lab.catalogue import common_wordings, filled, stage_of
from verifier.lab.stage import STAGES, Stage
from verifier.run.script_error import read_error
from verifier.trace.milestone import NO_LOOK, Look

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from verifier.checks.check import Check
    from verifier.golden.signature import Signature
    from verifier.lab.catalogue import Catalogue
    from verifier.output.match import Match
    from verifier.run.interface import RunResult
    from verifier.task import Task
    from verifier.trace.event import Trace


_SHARPER = {
    "sigmoid-missing": frozenset({"activation-other"}),
    "graph-cut": frozenset({"parameters-frozen"}),
    "script-error": frozenset({"backward-missing"}),
}
"""What the text may say in place of what an error says."""
_GROWTH = frozenset({"zero-grad-missing", "loop-zero-grad-missing"})
_EXPLAINS: dict[str, frozenset[str]] = {
    "printed-too-coarse": frozenset({"printed-wrong-moment"}),
    "printed-as-tensor": frozenset({"printed-wrong-moment"}),
    "lines-prefixed": frozenset({"line-missing"}),
    "printed-to-stderr": frozenset({"line-missing"}),
    "values-swapped": frozenset({"printed-wrong-moment"}),
    "format-unfilled": frozenset({"printed-wrong-moment"}),
    "name-printed": frozenset({"printed-wrong-moment"}),
    "decimal-comma": frozenset({"printed-wrong-moment"}),
    "printed-as-percent": frozenset({"printed-wrong-moment"}),
    "dtype-other": frozenset({"gradient-scaled"}),
    "memory-uninitialised": frozenset(
        {"input-scaled", "input-wrong", "loss-nan", "target-wrong", "weights-by-hand"}
    )
    | {"seed-after-model"},
    "loss-accumulated": frozenset({"backward-twice", "gradient-scaled", "script-error"}),
    "in-place-change": frozenset({"script-error"}),
    "leaf-changed-in-place": frozenset({"script-error", "step-missing", "loop-step-missing"}),
    "update-makes-new-tensor": frozenset({"graph-cut", "script-error", "wrong-argument"})
    | {"backward-missing", "backward-twice", "loop-backward-missing", "optimizer-other-parameters"}
    | {"parameters-frozen", "step-missing", "loop-step-missing"}
    | _GROWTH,
    "backward-twice": frozenset({"gradient-scaled"}) | _GROWTH,
    "optimizer-other-parameters": _GROWTH,
    "loss-nan": frozenset({"lr-wrong", "lr-too-high", "loop-restarts"}),
    "loop-restarts": frozenset({"loop-forward-missing", "optimizer-other-parameters"}),
}
"""What a mistake brings with it, and what is then not said as well."""
_UNWORDED = "script-error"
MOST = 3
"""Diagnoses shown; whoever has more mistakes mends these first."""


def diagnose(
    *,
    source: bytes,
    run: RunResult,
    match: Match,
    checks: tuple[Check, ...],
    task: Task,
    trace: Trace,
    look: Look = NO_LOOK,
) -> tuple[Diagnosis, ...]:
    """Say which step went wrong, and why.

    Args:
        source: The submission.
        run: How it ended, and what it said on standard error.
        match: What it printed, and which fields that answers.
        checks: How that was judged.
        task: What was to be done.
        trace: What the run saw of its training; may be empty, and may be forged.
        look: Its milestones, where it was looked at twice; the same holds of them.
    Returns:
        The likeliest first; none for a submission that passed, and none where nothing is known
        with confidence.
    """
    if first_failed(checks) is None:
        return ()
    subject = Subject(
        unit=task.unit or NO_UNIT,
        source=source,
        facts=read_source(source),
        training=training_of(trace),
        error=read_error(run.stderr),
        run=run,
        checks=checks,
        match=match,
        exercise=task.exercise,
        answers=task.answers,
    )
    if task.unit is None:
        told = compared.suspicions(subject, reference=task.reference, look=look)
        return tuple(_in_words(each, subject, task) for each in told[:MOST])
    elsewhere = list(exercises.suspicions(subject, task.others))
    pasted = elsewhere or list(not_python.suspicions(subject, source))
    found = pasted or _suspicions(subject, task.signatures, task.catalogue)
    ranked = _leading(_ranked(found, task.catalogue), subject, task.catalogue)
    return tuple(_in_words(each, subject, task) for each in ranked[:MOST])


def _suspicions(
    subject: Subject, signatures: tuple[Signature, ...], catalogue: Catalogue
) -> list[Suspicion]:
    status = list(printing.of_status(subject))
    if status:
        return status
    trained = _of_training(subject, catalogue)
    ended = list(crash.suspicions(subject))
    printed = list(printing.certain(subject, trained_wrong=bool(trained)))
    alike = (
        [] if subject.crashed else list(signature.suspicions(subject.match.transcript, signatures))
    )
    known = {each.id for each in trained}
    if trained:
        # What Python says of a call is a guess at the cause; what the run did is not. Numbers
        # that look alike confirm what it did, and do not outweigh it.
        sure = [each for each in ended if each.confidence >= SEEN or each.id in known]
        # The trace knows where it went wrong, and the error where Python noticed.
        lined = {each.id for each in trained if each.line is not None}
        sure = [replace(each, line=None) if each.id in lined else each for each in sure]
        if subject.crashed and subject.error and not may_explain(subject.error, known):
            sure = [replace(each, leads=True) for each in ended]
        return [*sure, *printed, *trained, *(each for each in alike if each.id in known)]
    if subject.traced:
        late = [] if subject.crashed else list(printing.suspicions(subject))
        return [*ended, *printed, *alike, *late]
    return [*printed, *_of_text(subject, ended, alike)]


def _of_training(subject: Subject, catalogue: Catalogue) -> list[Suspicion]:
    """What the trace shows, in debug order; of several trainings, where it is first seen."""
    parts = parts_of(subject)
    first: dict[Stage, Subject] = {}
    found: list[Suspicion] = []
    for part in parts:
        for each in _of_part(part):
            stage = catalogue.wordings[each.id].stage
            if first.setdefault(stage, part) is part:
                found.append(each if part.section is None else _seen_in(part, each))
    return [*forward.of_memory(subject, found), *found]


def _of_part(subject: Subject) -> Iterator[Suspicion]:
    measured = measure(subject.training, subject.unit)
    return chain(
        forward.suspicions(subject, measured),
        loss.suspicions(subject, measured),
        gradient.suspicions(subject, measured),
        update.suspicions(subject),
        loop.suspicions(subject),
    )


def _seen_in(part: Subject, suspicion: Suspicion) -> Suspicion:
    fact = f"this is the training under {part.section}"
    return replace(
        suspicion,
        evidence=(*suspicion.evidence, fact),
        words={**part.unit.words, **suspicion.words},
    )


def _of_text(subject: Subject, ended: list[Suspicion], alike: list[Suspicion]) -> list[Suspicion]:
    """What error, readings and text say without a trace: what two of them say is surer."""
    written = list(script.suspicions(subject, first_failed(subject.checks)))
    if subject.crashed:
        return _sharpened(ended, written)
    texts = {each.id for each in written}
    # Another optimizer follows another rule than the one that is solved.
    solved = [] if "optimizer-other" in texts else list(solve.suspicions(subject))
    ids = {each.id for each in (*alike, *solved) if each.id in texts}
    if ids:
        both = [each for each in (*alike, *solved, *written) if each.id in ids]
        return [replace(each, confidence=LIKELY) for each in both]
    known = {each.id for each in alike}
    # A known mistake has no numbers of its own: what was solved for says them.
    same = [*alike, *(each for each in solved if each.id in known)]
    return same or solved or written or list(printing.suspicions(subject))


def _sharpened(ended: list[Suspicion], written: list[Suspicion]) -> list[Suspicion]:
    """Take from the text what explains Python's error better, or else nothing but the error."""
    for each in ended:
        sharper = [other for other in written if other.id in _SHARPER.get(each.id, ())]
        if sharper:
            return [replace(other, line=other.line or each.line) for other in sharper]
    return ended


def _ranked(suspicions: Iterable[Suspicion], catalogue: Catalogue) -> list[Suspicion]:
    """Keep one of each id, sure enough, in debug order; a surer one of its stage goes first."""
    best: dict[str, Suspicion] = {}
    for each in suspicions:
        known = best.get(each.id)
        best[each.id] = each if known is None else _joined(known, each)
    explained = frozenset[str]().union(*(_EXPLAINS.get(name, ()) for name in best))
    claimed = [
        each
        for each in best.values()
        if each.id not in explained and each.confidence >= CLAIMED and each.id in catalogue.wordings
    ]
    return sorted(
        claimed,
        key=lambda each: (
            not each.leads,
            STAGES.index(catalogue.wordings[each.id].stage),
            -each.confidence,
        ),
    )


def _leading(ranked: list[Suspicion], subject: Subject, catalogue: Catalogue) -> list[Suspicion]:
    """Say nothing where all that is known speaks of a later stage than the first wrong one.

    It cannot be the cause, or not the only one. Rows of a loop are printed after updates.
    """
    start = first_failed(subject.checks)
    if not ranked or start in {None, Stage.RUN, Stage.OUTPUT}:
        return ranked
    stage = catalogue.wordings[ranked[0].id].stage
    in_rows = any(field.row is not None for field in (*subject.wrong, *subject.missing)[:1])
    if in_rows or ranked[0].id in SHOWS_EARLIER or start in STAGES[STAGES.index(stage) :]:
        return ranked
    return []


def _joined(one: Suspicion, other: Suspicion) -> Suspicion:
    """Two rules say the same: what both know, and surer."""
    return replace(
        one,
        confidence=max(one.confidence, other.confidence),
        leads=one.leads or other.leads,
        evidence=tuple(dict.fromkeys((*one.evidence, *other.evidence))),
        line=one.line or other.line,
        words={**one.words, **other.words},
    )


def _in_words(suspicion: Suspicion, subject: Subject, task: Task) -> Diagnosis:
    wording = task.catalogue.wording(suspicion.id) or common_wordings()[_UNWORDED]
    words = {"at": at(suspicion.line), "instead": "", **subject.unit.words, **suspicion.words}
    return Diagnosis(
        id=wording.id,
        stage=stage_of(wording, task.lab.stages, concept=suspicion.concept),
        concept=suspicion.concept or wording.concept,
        confidence=suspicion.confidence,
        evidence=suspicion.evidence,
        message=filled(wording.message, words),
        fix=filled(wording.fix, words),
    )
