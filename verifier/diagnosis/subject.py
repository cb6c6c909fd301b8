"""Everything there is to look at for one failed submission."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from verifier.checks.check import WOULD_FAIL, Status
from verifier.checks.closeness import Close, compare
from verifier.lab_spec import Stage
from verifier.match import match_sections
from verifier.run.interface import Exited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verifier.checks.check import Check
    from verifier.diagnosis.catalogue import Plan
    from verifier.diagnosis.script_error import ScriptError
    from verifier.diagnosis.source import SourceFacts
    from verifier.diagnosis.training import Training
    from verifier.lab_spec import Exercise, Field
    from verifier.match import SectionMatch
    from verifier.run.interface import RunResult
    from verifier.stdout import Reading, Transcript


@dataclass(frozen=True)
class Subject:
    """One failed submission, read from every side."""

    plan: Plan
    facts: SourceFacts
    training: Training
    error: ScriptError | None
    run: RunResult
    checks: tuple[Check, ...]
    transcript: Transcript
    exercise: Exercise
    answers: Mapping[Field, Reading]
    """The golden reading of every field."""

    @cached_property
    def matches(self) -> tuple[SectionMatch, ...]:
        """Which readings answer which fields."""
        return match_sections(self.transcript, self.exercise)

    @property
    def crashed(self) -> bool:
        """Whether the script did not come to its end, so that more may be yet to come."""
        return self.run.outcome != Exited(code=0)

    @property
    def traced(self) -> bool:
        """Whether the trace tells of any training."""
        return bool(self.training.rounds)

    @cached_property
    def printed(self) -> dict[Field, Reading]:
        """The reading of every field that was printed."""
        return {
            field: readings[0]
            for match in self.matches
            for field, readings in match.fields.items()
            if readings
        }

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

    def shows(self, field: Field, other: Field) -> bool:
        """Whether the value printed for a field is another field's golden one, by its tolerance."""
        seen, golden = self.printed[field].value, self.answers[other].value
        return isinstance(compare(observed=seen, golden=golden, field=other), Close)

    @cached_property
    def golden_prediction(self) -> float | None:
        """The prediction before any step."""
        return _first_prediction(self.answers)

    @cached_property
    def printed_prediction(self) -> float | None:
        """What was printed for it."""
        return _first_prediction(self.printed)


def _first_prediction(readings: Mapping[Field, Reading]) -> float | None:
    found = (reading for field, reading in readings.items() if field.stage is Stage.FORWARD)
    reading = next(found, None)
    return None if reading is None else plain_number(reading)


def plain_number(reading: Reading) -> float | None:
    """Give a reading that is one number, in whatever brackets; else None."""
    value = reading.value
    while isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if value is None or isinstance(value, (str, bool, tuple)):
        return None
    return float(value)


def at(line: int | None) -> str:
    """Name a line behind a statement: `` (line 12)``."""
    return "" if line is None else f" (line {line})"


def listed(values: tuple[float, ...] | tuple[int, ...]) -> str:
    """Show a few numbers: ``[1, 2]``."""
    shown = ", ".join(f"{value:.6g}" for value in values[:8])
    return f"[{shown}{', …' if len(values) > 8 else ''}]"  # noqa: PLR2004 - as many are shown
