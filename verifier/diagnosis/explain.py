"""The explanation of a diagnosis or a stage: its step, its symptom, the order as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.diagnosis.training import AS_IT_RAN, WORDS
from verifier.errors import UsageError
from verifier.lab.stage import STAGES, Stage
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


def explain(name: str, catalogue: Catalogue, *, evidence: Sequence[str] = ()) -> str:
    """Write what the lesson has to say about a diagnosis or a stage.

    Args:
        name: A diagnosis id or a stage.
        catalogue: The lab's.
        evidence: Of a report's diagnoses; the learner's own steps are found among it.
    Raises:
        UsageError: There is neither a diagnosis nor a stage of that name.
    """
    wording = catalogue.wordings.get(name)
    stages = [stage for stage in STAGES if stage.value == name]
    if wording is None and not (stages and catalogue.stages):
        known = ", ".join([*catalogue.stages, *sorted(catalogue.wordings)])
        raise UsageError(
            f"there is no diagnosis or stage {printable(name)!r}",
            remedy=f"choose one of: {known}" if known else "this lab names no mistakes",
        )
    stage = stages[0] if wording is None else wording.stage
    text = catalogue.stages[stage.value]
    lines = [f"{name}: step {text.title}" if wording else f"step {text.title}", f"  {text.text}"]
    lines += ["", *_picture(stage)]
    lines += _own_steps(evidence)
    lines += [""] if wording else []
    lines += _wording_lines(wording, catalogue)
    if wording is None:
        lines += ["", "mistakes looked for here:", *_mistakes(stage, catalogue)]
    return "\n".join(lines) + "\n"


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
