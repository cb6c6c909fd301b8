"""A lab's known mistakes: learners' scripts, each with the diagnosis that it must get."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from verifier.lab.stage import Stage
from verifier.schema import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from verifier.lab.spec import Lab


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A learner's script with one mistake."""

    script: Path
    title: str
    exercise: str
    symptom: str | None
    """The lesson's word for what a learner would see, where it has one."""
    diagnosis: str
    """The id that must come first."""
    stage: Stage
    also: tuple[str, ...]
    """Ids that are right as a second guess."""
    params: Mapping[str, float | str] = field(default_factory=dict)
    """What is solved for; empty for a diagnosis without a parameter."""
    start_here: Stage
    """Where the checks alone send the learner."""

    @property
    def id(self) -> str:
        """Its file's name, without what follows the point."""
        return self.script.stem


def load_mistakes(lab: Lab) -> tuple[Mistake, ...]:
    """Read every mistake of a lab, by name; there may be none.

    Raises:
        BadDataError: One has no expectation, or a bad one.
    """
    scripts = sorted((lab.folder / "mistakes").glob("*.py"), key=lambda path: path.stem)
    return tuple(load_mistake(path) for path in scripts)


def load_mistake(script: Path) -> Mistake:
    """Read what a mistake must get, from the file beside it.

    Raises:
        BadDataError: It cannot be read, or breaks its schema.
    """
    path = expected_path(script)
    document = read_document(path, schema="mistake", remedy="say there what the mistake must get")
    return Mistake(
        script=script,
        title=document["title"],
        exercise=document["exercise"],
        symptom=document["symptom"],
        diagnosis=document["diagnosis"]["id"],
        stage=Stage(document["diagnosis"]["stage"]),
        also=tuple(document["also"]),
        params=document.get("params", {}),
        start_here=Stage(document["start_here"]),
    )


def expected_path(script: Path) -> Path:
    """Name the file beside a script that says what it must get."""
    return script.with_name(f"{script.stem}.expected.json")
