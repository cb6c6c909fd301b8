"""The explanation of a diagnosis or a stage: its step, its symptom, the order as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.diagnosis.training import AS_IT_RAN, WORDS
from verifier.errors import UsageError
from verifier.lab.catalogue import common_wordings, stage_of
from verifier.lab.stage import STAGES, Stage
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from verifier.lab.catalogue import Catalogue, Wording

_MARKED = {
    Stage.FORWARD: ("forward",),
    Stage.LOSS: ("loss",),
    Stage.GRADIENT: ("clear", "backward"),
    Stage.UPDATE: ("update",),
    Stage.LOOP: tuple(WORDS.values()),
}
_SHOWN_LINES = 12
_ARROW = " → "


def explain(
    name: str,
    catalogue: Catalogue,
    *,
    stages: Sequence[Stage] = STAGES,
    evidence: Sequence[str] = (),
) -> str:
    """Write what the lesson has to say about a diagnosis or a stage.

    Args:
        name: A diagnosis id or a stage.
        catalogue: The lab's.
        stages: The lab's, in its order.
        evidence: Of a report's diagnoses; the learner's own steps are found among it.
    Raises:
        UsageError: There is neither a diagnosis nor a stage of that name.
    """
    wording = catalogue.wording(name)
    stage = next((each for each in stages if each.value == name), None)
    if wording is None and stage is None:
        known = ", ".join([*stages, *sorted(catalogue.wordings or common_wordings())])
        raise UsageError(
            f"there is no diagnosis or stage {printable(name)!r}",
            remedy=f"choose one of: {known}",
        )
    stage = stage if wording is None else stage_of(wording, stages)
    return (
        "\n".join(_lines(name, stage or Stage.OUTPUT, wording, catalogue, stages, evidence)) + "\n"
    )


def _lines(
    name: str,
    stage: Stage,
    wording: Wording | None,
    catalogue: Catalogue,
    stages: Sequence[Stage],
    evidence: Sequence[str],
) -> Iterator[str]:
    told = catalogue.stages.get(stage.value)
    title = stage.heading if told is None else told.title
    yield f"{name}: step {title}" if wording else f"step {title}"
    if told is not None:
        yield f"  {told.text}"
    yield from ("", *(_order_of(stage, stages) if told is None else _picture(stage)))
    yield from _own_steps(evidence)
    yield from [""] if wording else []
    yield from _wording_lines(wording, catalogue)
    if wording is None and told is not None:
        yield from ("", "mistakes looked for here:", *_mistakes(stage, catalogue))


def _order_of(stage: Stage, stages: Sequence[Stage]) -> list[str]:
    """Draw the lab's own order of stages, with a mark under one of them."""
    names = [each.heading for each in stages]
    row, at = "", 0
    for each, name in zip(stages, names, strict=True):
        row += _ARROW if row else ""
        if each == stage:
            at = len(row)
        row += name
    return [f"  {row}", f"  {' ' * at}{'^' * len(stage.heading)}"]


def _picture(stage: Stage) -> list[str]:
    marked = _MARKED.get(stage, ())
    row = _ARROW.join(WORDS.values())
    pointers = (("^" if word in marked else " ") * len(word) for word in WORDS.values())
    under = (" " * len(_ARROW)).join(pointers).rstrip()
    back = "  ↑" + " " * (len(row) - 2) + "│"
    again = "  └" + "─" * (len(row) - 2) + "┘ next round"
    return [f"  {row}", *([f"  {under}"] if under else []), back, again]


def _own_steps(evidence: Iterable[str]) -> list[str]:
    told = next((fact for fact in evidence if fact.startswith(AS_IT_RAN)), None)
    if told is None:
        return []
    parts = [part.partition(": ") for part in told.removeprefix(AS_IT_RAN).split("; ")]
    lines = ["", "as it ran in this submission:"]
    for rounds, _, steps in parts[:_SHOWN_LINES]:
        lines.append(f"  {printable(rounds):<8}{printable(steps.replace(', ', _ARROW))}".rstrip())
    return lines


def _wording_lines(wording: Wording | None, catalogue: Catalogue) -> list[str]:
    if wording is None:
        return []
    lines = ["where to look:", f"  {wording.fix.replace('{at}', '')}"]
    if wording.symptom is not None:
        row = catalogue.symptoms[wording.symptom]
        lines += ["", "the lesson's table of symptoms:", f"  {row.sign}: {row.cause}; {row.fix}"]
    return lines


def _mistakes(stage: Stage, catalogue: Catalogue) -> list[str]:
    return [
        f"  {each.id:<28}{(each.symptom and catalogue.symptoms[each.symptom].sign) or ''}".rstrip()
        for each in catalogue.wordings.values()
        if each.stage == stage
    ]
