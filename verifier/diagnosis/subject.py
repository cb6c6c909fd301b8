"""The subject of a diagnosis: everything there is to look at for one failed submission."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from verifier.checks.check import WOULD_FAIL, Status
from verifier.checks.closeness import Close, compare
from verifier.diagnosis.arithmetic import near
from verifier.diagnosis.definitions import read_definitions
from verifier.diagnosis.diagnosis import Suspicion, suspect
from verifier.lab.stage import Stage
from verifier.output.value import floats_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.checks.check import Check
    from verifier.diagnosis.definitions import Definitions
    from verifier.diagnosis.source import Call, SourceFacts
    from verifier.diagnosis.training import Training
    from verifier.golden.unit import Unit
    from verifier.lab.field import Field
    from verifier.lab.spec import Exercise
    from verifier.output.match import Match, SectionMatch
    from verifier.output.transcript import Reading
    from verifier.run.interface import RunResult
    from verifier.run.script_error import ScriptError


@dataclass(frozen=True)
class Subject:
    """One failed submission, read from every side."""

    unit: Unit
    source: bytes
    facts: SourceFacts
    training: Training
    error: ScriptError | None
    run: RunResult
    checks: tuple[Check, ...]
    match: Match
    exercise: Exercise
    answers: Mapping[Field, Reading]
    """The golden reading of every field."""
    section: str | None = None
    """The section that this training prints, where a script has several; else None."""
    trained_before: frozenset[int] = frozenset()
    """Parameters of the trainings before this one, where a script has several."""
    is_last: bool = True
    """Whether no other training follows."""

    @cached_property
    def definitions(self) -> Definitions:
        """What the text defines; read for what an error ended."""
        return read_definitions(self.source)

    @cached_property
    def matches(self) -> tuple[SectionMatch, ...]:
        """Which readings answer which fields, in this training's own section where it has one."""
        return tuple(each for each in self.match.sections if self.section in {None, each.spec.name})

    @property
    def crashed(self) -> bool:
        """Whether the script did not come to its end, so that more may be yet to come."""
        return any(
            check.stage == Stage.RUN and check.status is Status.FAILED for check in self.checks
        )

    @property
    def unfinished(self) -> bool:
        """Whether the last round may lack what the trace does not tell."""
        return self.is_last and (self.crashed or self.training.cut)

    def may_still(self, *names: str) -> bool:
        """Whether a script that ended early would have called one of these functions later.

        Not where no such call stands in the text; nor, where a check of the script's own ended
        it, where none stands after that check.
        """
        if not self.unfinished:
            return False
        calls = self.facts.called(*names)
        if self.error is None or self.error.line is None or not self.facts.calls:
            return True
        if self.error.kind == "AssertionError":
            return any(self.stands_after(call) for call in calls)
        return bool(calls)

    def stands_after(self, call: Call) -> bool:
        """Whether a call stands further down than where the script ended, on the same level."""
        ended = None if self.error is None else self.error.line
        return (
            ended is not None
            and not call.looped
            and call.line > ended
            and self.facts.scope_of(call.line) == self.facts.scope_of(ended)
        )

    @property
    def traced(self) -> bool:
        """Whether the trace tells of the whole training."""
        return bool(self.training.rounds) and not self.training.cut and not self.training.anew

    @cached_property
    def printed(self) -> dict[Field, Reading]:
        """The reading of every field that was printed."""
        return {
            field: readings[0]
            for match in self.matches
            for field, readings in match.fields.items()
            if readings
        }

    def readings_of(self, field: Field) -> tuple[Reading, ...]:
        """Give every reading of a field that was printed, in printed order."""
        return next(match.fields[field] for match in self.matches if field in match.fields)

    @cached_property
    def wrong(self) -> tuple[Field, ...]:
        """Fields that are printed with a wrong value, in printed order."""
        names = {
            (check.stage, check.name)
            for check in self.checks
            if check.status is Status.FAILED or WOULD_FAIL in check.message
        }
        return tuple(field for field in self.printed if (field.stage, field.name) in names)

    @cached_property
    def missing(self) -> tuple[Field, ...]:
        """Fields that are not printed, in printed order."""
        return tuple(field for field in self.answers if field not in self.printed)

    def expects_rate(self, rate: float) -> bool:
        """Whether a learning rate is one of those asked for."""
        return any(near(rate, each) for each in self.unit.rates)

    def seen_in_steps(self, name: str, fact: str, line: int | None, **words: str) -> Suspicion:
        """Suspect what the order of the script's own steps shows, and tell that order too."""
        evidence = (fact, self.training.told)
        return suspect(name, *evidence, line=line, words=words)

    def shows(self, field: Field, other: Field) -> bool:
        """Whether the value printed for a field is another field's golden one, by its tolerance."""
        seen, golden = self.printed[field].value, self.answers[other].value
        return isinstance(compare(observed=seen, golden=golden, bound=other), Close)

    @cached_property
    def golden_loss(self) -> float | None:
        """The loss before any step."""
        numbers = _first(self.answers, self.unit.first_loss)
        return numbers[0] if numbers else None

    @cached_property
    def printed_predictions(self) -> tuple[float, ...] | None:
        """What was printed as the predictions before any step, a number a sample."""
        return _first(self.printed, self.unit.first_prediction)


def _first(readings: Mapping[Field, Reading], key: str | None) -> tuple[float, ...] | None:
    """Give the numbers of a key's first reading; None where they cannot be read."""
    found = next((reading for field, reading in readings.items() if field.key == key), None)
    return None if found is None else floats_in(found.value) or None


def plain_number(reading: Reading) -> float | None:
    """Give a reading that is one number, in whatever brackets; else None."""
    numbers = floats_in(reading.value)
    return numbers[0] if len(numbers) == 1 else None


def at(line: int | None) -> str:
    """Name a line after a statement: `` (line 12)``."""
    return "" if line is None else f" (line {line})"


def listed(values: tuple[float, ...] | tuple[int, ...]) -> str:
    """Show a few numbers: ``[1, 2]``."""
    shown = ", ".join(f"{value:.6g}" for value in values[:8])
    return f"[{shown}{', …' if len(values) > 8 else ''}]"  # noqa: PLR2004 - as many are shown
