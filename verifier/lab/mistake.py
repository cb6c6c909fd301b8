"""A lab's known mistakes: learners' scripts, each with the diagnosis that it must get."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from verifier.errors import BadDataError
from verifier.lab.stage import Stage
from verifier.schema import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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
    """Read every mistake of a lab, by name; there may be none, and an installation has none.

    Raises:
        BadDataError: ``mistakes.toml`` cannot be read, breaks its schema, or does not speak of
            the scripts that lie beside it.
    """
    file = lab.folder / "mistakes" / "mistakes.toml"
    if not file.parent.exists():
        return ()
    document = read_document(
        file, schema="mistakes", remedy="say there what each mistake must get, a table a script"
    )
    return tuple(_mistake(script, table) for script, table in tables_of_scripts(file, document))


def _mistake(script: Path, table: dict[str, Any]) -> Mistake:
    return Mistake(
        script=script,
        title=table["title"],
        exercise=table["exercise"],
        symptom=table.get("symptom"),
        diagnosis=table["diagnosis"]["id"],
        stage=Stage(table["diagnosis"]["stage"]),
        also=tuple(table.get("also", ())),
        params=table.get("params", {}),
        start_here=Stage(table["start_here"]),
    )


def tables_of_scripts(
    file: Path, document: Mapping[str, Any]
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Join each script of a folder with the table of its name, in the order of the names.

    Args:
        file: Where the tables stand: among the scripts.
        document: What stands there; whatever is no table speaks of no script.
    Raises:
        BadDataError: A script has no table, or a table no script.
    """
    tables = {name: table for name, table in document.items() if isinstance(table, dict)}
    scripts = {path.stem: path for path in file.parent.glob("*.py")}
    for name in sorted(tables.keys() ^ scripts.keys()):
        if name in scripts:
            raise BadDataError(
                f"{file}: nothing says what {name}.py must get",
                remedy=f"write a table [{name}], or remove the script",
            )
        raise BadDataError(
            f"{file}: there is no {name}.py for the table [{name}]",
            remedy="write the script, or remove the table",
        )
    for name in sorted(tables):
        yield scripts[name], tables[name]
