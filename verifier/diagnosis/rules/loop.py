"""Rules of stage loop: how many rounds, from where, and whether the numbers stay finite."""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

from verifier.diagnosis.arithmetic import all_near
from verifier.diagnosis.diagnosis import GUESSED, LIKELY, SEEN, Suspicion, suspect
from verifier.diagnosis.subject import at
from verifier.diagnosis.training import rate_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.diagnosis.subject import Subject
    from verifier.output.match import SectionMatch
    from verifier.trace.event import Model


def suspicions(subject: Subject) -> Iterator[Suspicion]:
    """Name what is wrong with the loop as a whole."""
    yield from _of_nan(subject)
    if not subject.unfinished:
        yield from _of_restart(subject)
    if not subject.crashed:
        yield from _of_rows(subject)


def _of_nan(subject: Subject) -> Iterator[Suspicion]:
    training = subject.training
    values = [(e.out.values, e.line) for e in training.losses if e.out is not None]
    # Where backward ran, the loss had been made before.
    values += [(each.root.values, None) for each in training.backwards]
    found = [(each, line) for seen, line in values for each in seen if not math.isfinite(each)]
    if not found:
        return
    value, line = found[0]
    given = [e.inputs[0].values for e in training.forwards if e.inputs]
    rates = [
        rate_of(update, next(iter(each.backwards), None))
        for each in training.rounds
        for update in each.updates
    ]
    high = next((r for r in rates if r is not None and r > subject.unit.lr * 2), None)
    if not all(map(math.isfinite, chain(*given[:1]))):
        cause = "the input already holds what is no number"
    elif high is not None:
        cause = f"a learning rate (lr) of {high:.4g} is too high"
    else:
        cause = "the way the loss is computed gives none"
    yield suspect(
        "loss-nan",
        f"the loss is {value}{at(line)}",
        line=line,
        words={"cause": cause, "value": str(value)},
    )


def _of_restart(subject: Subject) -> Iterator[Suspicion]:
    """Find a round that begins with other parameters than the one before ended with."""
    training = subject.training
    reached = {name for each in training.backwards for name in each.reached}
    trained = tuple(m for m in training.models if any(p.id in reached for p in m.params))
    again = _same_again(trained)
    if again is not None:
        fact = f"another model of the same kind was made and called{at(again.line)}"
        made = [call.line for call in subject.facts.called(again.kind)]
        line = max((each for each in made if each <= (again.line or each)), default=again.line)
        yield suspect("loop-restarts", fact, sure=LIKELY, line=line)
        return
    ended: dict[int, tuple[float, ...]] = {}
    for place, each in enumerate(training.rounds):
        for update in each.updates:
            for moved in update.params:
                left = ended.get(moved.id)
                leapt = left is not None and moved.before and not all_near(moved.before, left)
                if leapt and not _begins_there(subject, place):
                    fact = f"parameters had other values{at(update.line)} than the last update left"
                    yield _restarted(subject, fact, update.line)
                    return
                ended[moved.id] = moved.after or ()
    yield from _of_resets(subject)


def _begins_there(subject: Subject, place: int) -> bool:
    """Whether what is printed begins after the restart, so that it ends what was tried before."""
    rows = max((len(rows_of(match)) for match in subject.matches), default=0)
    rounds = sum(1 for each in subject.training.rounds[place:] if each.backwards)
    return rows > 0 and rounds >= subject.unit.first_steps + rows


def _same_again(models: tuple[Model, ...]) -> Model | None:
    first = models[0] if models else None
    for model in models[1:]:
        shapes = [each.tensor.shape for each in model.params]
        if first and model.kind == first.kind and shapes == [p.tensor.shape for p in first.params]:
            ids = {each.id for each in model.params}
            if not ids & {each.id for each in first.params}:
                return model
    return None


def _of_resets(subject: Subject) -> Iterator[Suspicion]:
    rounds = subject.training.rounds
    places = [place for place, each in enumerate(rounds) if each.resets]
    if places and not _begins_there(subject, places[-1] + 1):
        reset = rounds[places[0]].resets[0]
        fact = f"parameters were set anew{at(reset.line)}, beside the optimizer's updates"
        yield _restarted(subject, fact, reset.line)


def _restarted(subject: Subject, fact: str, line: int | None) -> Suspicion:
    line = subject.facts.line_of("reset_parameters", "load_state_dict") or line
    return suspect("loop-restarts", fact, sure=LIKELY, line=line)


def rows_of(match: SectionMatch) -> tuple[int, ...]:
    """Give the numbers of the rows that were printed, in ascending order."""
    asked = {
        field.row for field, readings in match.fields.items() if readings and field.row is not None
    }
    return tuple(sorted([*asked, *match.surplus_rows]))


def _of_rows(subject: Subject) -> Iterator[Suspicion]:
    for match in subject.matches:
        wanted, seen = match.spec.rows, rows_of(match)
        if not wanted or not seen or seen == wanted:
            continue
        yield from _of_count(subject, wanted, seen)


def _of_count(
    subject: Subject, wanted: tuple[int, ...], seen: tuple[int, ...]
) -> Iterator[Suspicion]:
    trained = (
        sum(1 for each in subject.training.rounds if each.backwards) - subject.unit.first_steps
    )
    if seen[0] == wanted[0] - 1:
        yield suspect(
            "loop-numbered-from-zero",
            f"the rows are numbered {_range(seen)}",
            words={"rows": _range(seen), "rows_expected": _range(wanted)},
        )
        return
    if seen[0] != wanted[0] or (subject.traced and trained == len(wanted)):
        return
    n = len(seen)
    confidence = SEEN if subject.traced and trained == n else GUESSED
    line = next((each.line for each in subject.facts.called("range")), None)
    yield suspect(
        "loop-too-short" if n < len(wanted) else "loop-too-long",
        f"the loop's rows are {_range(seen)}",
        subject.training.told,
        sure=confidence,
        line=line,
        words={"n": str(n), "n_expected": str(len(wanted))},
    )


def _range(rows: tuple[int, ...]) -> str:
    return f"{rows[0]}" if len(rows) == 1 else f"{rows[0]} to {rows[-1]}"
