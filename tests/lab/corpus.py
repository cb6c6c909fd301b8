"""The scripts that the checks and the diagnoses are held against, with what each must get."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fakes import LAB_ROOT
from verifier.lab.catalogue import load_catalogue
from verifier.lab.load import load_labs
from verifier.lab.mistake import load_mistakes, tables_of_scripts
from verifier.lab.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

LAB = load_labs(LAB_ROOT)["forward-backward"]
CATALOGUE = load_catalogue(LAB)
"""Every diagnosis with its stage, and every symptom of the lesson."""

UNREPEATABLE = frozenset({"seed-missing", "seed-after-model"})
"""Their weights differ from run to run, and with them the readings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """A learner's script with two mistakes."""

    script: Path
    title: str
    diagnoses: tuple[tuple[str, Stage], tuple[str, Stage]]
    """Id and stage of both, in debug order."""

    @property
    def id(self) -> str:
        """Its file's name, without what follows the point."""
        return self.script.stem


@dataclass(frozen=True, slots=True, kw_only=True)
class Cheat:
    """A script that prints the right output, by whatever means."""

    script: Path
    title: str
    computed: str
    """``yes``, ``no`` or ``unclear``."""

    @property
    def id(self) -> str:
        """Its file's name, without what follows the point."""
        return self.script.stem


def _doubles() -> Iterator[Double]:
    for script, table in _tables("doubles", keys={"title", "diagnoses"}):
        one, two = ((each["id"], Stage(each["stage"])) for each in table["diagnoses"])
        yield Double(script=script, title=table["title"], diagnoses=(one, two))


def _cheats() -> Iterator[Cheat]:
    for script, table in _tables("cheats", keys={"title", "computed"}):
        yield Cheat(script=script, title=table["title"], computed=table["computed"])


def _tables(name: str, *, keys: set[str]) -> Iterator[tuple[Path, dict[str, Any]]]:
    file = Path(__file__).parent / name / f"{name}.toml"
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    for script, table in tables_of_scripts(file, document):
        if table.keys() != keys:
            msg = f"{file}: the keys of {script.stem} are {sorted(table)}"
            raise ValueError(msg)
        yield script, table


MISTAKES = load_mistakes(LAB)
DOUBLES = tuple(_doubles())
CHEATS = tuple(_cheats())
STYLES = tuple(sorted((Path(__file__).parent / "styles").glob("*.py")))
BY_HAND = tuple(sorted((Path(__file__).parent / "by-hand").glob("*/*.py")))
"""Right trainings from typed weights, or with the gradient written out; their folder names the
exercise."""
