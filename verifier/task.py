"""An exercise of a lab, with everything that judging a submission to it needs."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from verifier.errors import BadDataError
from verifier.files import read_regular
from verifier.golden.golden import Golden, golden_answers, load_golden
from verifier.golden.reference import load_reference
from verifier.golden.signature import Signature, load_signatures
from verifier.golden.unit import ONE_UNIT
from verifier.lab.catalogue import NO_CATALOGUE, Catalogue, load_catalogue
from verifier.lab.feedback import Feedback
from verifier.lab.revision import lab_revision
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout
from verifier.printable import printable
from verifier.schema import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from verifier.golden.golden import Reseeded
    from verifier.golden.unit import Unit
    from verifier.lab.field import Field
    from verifier.lab.spec import Exercise, Lab
    from verifier.output.transcript import Reading
    from verifier.trace.milestone import Milestone


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSeeds:
    """What the reference prints with every seed of its own raised."""

    shift: int
    answers: Mapping[Field, Reading]
    """The reading of every field that it prints then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Whose lab judges, and in which state; every report names it."""

    lab_root: str
    """The folder that holds the lab, printable."""
    lab_revision: str
    """As `verifier.lab.revision.lab_revision` gives it."""
    golden_sha256: str
    """Of the golden file's bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a submission answers, and what is right."""

    lab: Lab
    exercise: Exercise
    basis: Basis
    golden: Golden
    answers: Mapping[Field, Reading]
    """The golden reading of every field."""
    reseeded: tuple[OtherSeeds, ...] = ()
    """The same under other seeds."""
    related: Mapping[str, Mapping[Field, Reading]] = field(default_factory=dict)
    """Golden readings of the other exercises that this one's relations name."""
    others: tuple[tuple[Exercise, Mapping[Field, Reading]], ...] = ()
    """The lab's other exercises whose golden can be read, with what is right there."""
    catalogue: Catalogue = NO_CATALOGUE
    """What is said about the mistakes of this lab."""
    signatures: tuple[Signature, ...] = ()
    """What the known mistakes of this exercise print."""
    reference: tuple[Milestone, ...] = ()
    """What the reference did, where that is kept."""
    unit: Unit | None = None
    """What it did as one unit, where the lab asks for the formulas of that."""
    feedback: Feedback = Feedback.FULL
    """How much whoever hands in is told."""
    seeds: bytes = field(default=b"", repr=False)
    """A secret that other seeds are chosen by; the same for a class, and in no report."""

    @property
    def compares(self) -> bool:
        """Whether a wrong script is compared with the reference, step by step."""
        return bool(self.reference) and self.unit is None

    def other_seeds(self, sha256: str | None) -> OtherSeeds | None:
        """Choose the seeds to run a submission under again; None where the golden has no others.

        They follow from the submission's own bytes and a secret: the same again each time, and
        neither to be chosen nor to be foreseen.
        """
        if not self.reseeded or sha256 is None:
            return None
        chosen = hmac.digest(self.seeds, sha256.encode(), "sha256")
        return self.reseeded[int.from_bytes(chosen, "big") % len(self.reseeded)]


def load_task(lab: Lab, exercise_id: str) -> Task:
    """Join an exercise with its golden.

    Raises:
        UsageError: The lab has no such exercise.
        BadDataError: Its golden, or one that its relations name, is missing or bad, or lacks a
            field.
    """
    exercise = lab.exercise(exercise_id)
    golden = load_golden(lab=lab.id, exercise=exercise)
    if exercise.is_derived and golden.derived is None:
        raise BadDataError(
            f"the golden of {lab.id}/{exercise.id} does not say what its fields are",
            remedy=f"run `labcheck golden update --lab {lab.id} --reason …`",
        )
    if golden.seeds != lab.seeds:
        made, said = (", ".join(each) or "none" for each in (golden.seeds, lab.seeds))
        raise BadDataError(
            f"the golden of {lab.id}/{exercise.id} was made with other seeds raised ({made}) than "
            f"lab.toml says ({said})",
            remedy=f"run `labcheck golden update --lab {lab.id} --reason …`",
        )
    catalogue, did = load_catalogue(lab), load_reference(exercise, golden)
    named = sorted({name for relation in exercise.relations for name in relation.exercises})
    related = {name: _answers(lab, lab.exercise(name)) for name in named}
    return Task(
        lab=lab,
        exercise=exercise,
        basis=_basis(lab, exercise),
        golden=golden,
        answers=golden_answers(golden, exercise),
        reseeded=tuple(_other_seeds(each, exercise) for each in golden.reseeded),
        related=related,
        others=tuple(_others(lab, exercise, known=related)),
        catalogue=catalogue,
        signatures=load_signatures(lab, exercise),
        reference=() if did is None else did.milestones,
        unit=None if did is None or catalogue.formulas != ONE_UNIT else did.unit,
    )


def _basis(lab: Lab, exercise: Exercise) -> Basis:
    content = read_regular(exercise.golden, limit_bytes=MAX_BYTES)
    return Basis(
        lab_root=printable(str(lab.root), limit=4096),
        lab_revision=lab_revision(lab),
        golden_sha256=hashlib.sha256(content).hexdigest(),
    )


def _other_seeds(reseeded: Reseeded, exercise: Exercise) -> OtherSeeds:
    match = match_output(read_stdout(reseeded.stdout.encode()), exercise)
    return OtherSeeds(shift=reseeded.shift, answers=match.judged)


def _others(
    lab: Lab, exercise: Exercise, *, known: Mapping[str, Mapping[Field, Reading]]
) -> Iterator[tuple[Exercise, Mapping[Field, Reading]]]:
    for other in lab.exercises.values():
        if other.id != exercise.id:
            with contextlib.suppress(BadDataError):  # its own task says so
                yield other, known.get(other.id) or _answers(lab, other)


def _answers(lab: Lab, exercise: Exercise) -> Mapping[Field, Reading]:
    return golden_answers(load_golden(lab=lab.id, exercise=exercise), exercise)
