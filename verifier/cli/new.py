"""Command lab new: a lab, made of a page or a script, with no line written by hand."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier import pipeline
from verifier.authoring.fresh import fresh_golden
from verifier.authoring.looked import fresh_reference
from verifier.authoring.summary import summary
from verifier.cli.options import GivenPath, chosen_runner, runner_option
from verifier.cli.page import blocks_above, reference_of
from verifier.cli.progress import working
from verifier.errors import BadDataError, ExitCode, UsageError
from verifier.files import read_regular
from verifier.golden.golden import golden_text
from verifier.golden.write import write_golden_file, write_reference
from verifier.lab.load import load_lab
from verifier.lesson.folder import PAGE_SUFFIXES, Place, items_of, page_bytes
from verifier.lesson.outline import Outline, outline
from verifier.printable import counted, printable
from verifier.report.report import Verdict
from verifier.schema import MAX_BYTES
from verifier.submission import read_reference
from verifier.task import load_task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from verifier.cli.options import RunnerRequest
    from verifier.lab.spec import Lab
    from verifier.lesson.block import Item
    from verifier.task import Task

_SOURCE = re.compile(r"(?P<file>.+?)(?:#(?P<number>[1-9][0-9]{0,3}))?")
_EVERYWHERE = frozenset({"lesson", "index", "readme", "page", "reference", "main", "script"})
"""Names of files that say nothing: the folder's does."""
_BASELINE = "baseline"
_LONGEST_ID = 100
_SILENT = Outline(title="", tasks=(), exercises=(), evidence=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a lab is to be made of."""

    file: Path
    number: int

    @property
    def is_page(self) -> bool:
        """Whether it is a page; else it is the script itself."""
        return self.file.suffix.lower() in PAGE_SUFFIXES


@click.command(short_help="Make a lab of a page or a script.")
@click.option(
    "--from",
    "source",
    required=True,
    metavar="PAGE[#N]|SCRIPT",
    help="The page, and which of its scripts; the first, where no number stands. Or a script.",
)
@click.option(
    "--lab-root",
    "root",
    type=GivenPath(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Where labs lie; the new one becomes FOLDER/ID.",
)
@click.option("--id", "lab_id", metavar="ID", help="What it is called.  [default: as the page]")
@runner_option
def new(source: str, *, root: Path, lab_id: str | None, request: RunnerRequest) -> int:
    """Make a lab of a page or a script: manifest, golden values, and what they are worth.

    The script is run in the pinned environment; every value that two runs print alike becomes a
    field, with a tolerance by its digits and a stage by what the run's trace says of it. At last
    the reference is verified and graded by the new lab. Nothing is left where that fails.

    \b
    labcheck lab new --from course/regression.md --lab-root labs
    labcheck grade --lab-root labs --lab regression submission.py
    """  # noqa: D301 - \b is click's mark for a block it must not wrap
    origin = _origin(source)
    name = lab_id or _named(origin)
    if len(name) > _LONGEST_ID or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise UsageError(
            f"{printable(name)!r} is no lab's id",
            remedy="choose one of small letters, digits and single hyphens with --id, of at most "
            f"{_LONGEST_ID} characters",
        )
    _refuse_other_than_folder(root)
    folder = root / name
    is_at_home = origin.file.resolve().parent == folder.resolve()
    if folder.exists() and not is_at_home:
        raise UsageError(f"{printable(str(folder))} is there already", remedy="choose an --id")
    if (folder / "lab.toml").exists():
        raise UsageError(
            f"{printable(str(folder))} is a lab already",
            remedy=f"labcheck golden update --lab-root {printable(str(root))} --lab {name} …",
        )
    if is_at_home and os.path.lexists(folder / "golden"):
        raise UsageError(
            f"{printable(str(folder / 'golden'))} is there already", remedy="move it away"
        )
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=root) as place:
        made = Path(place) / name
        made.mkdir()
        said = outline(_items(origin.file)) if origin.is_page else _SILENT
        _write_manifest(made, name, origin, said, is_at_home=is_at_home)
        try:
            with working(f"the reference of {name}"):
                lines = list(_filled(load_lab(made / "lab.toml"), request, evidence=said.evidence))
        except BadDataError as error:  # nobody finds the folder that it speaks of
            told = error.problem.replace(f"{printable(str(made))}/", "")
            raise BadDataError(told, remedy=error.remedy) from error
        _move(made, folder, is_at_home=is_at_home)
    click.echo(f"made {printable(str(folder))}")
    for line in lines:
        click.echo(line)
    return ExitCode.PASSED


def _refuse_other_than_folder(root: Path) -> None:
    """See that a folder of labs is one, or could be made.

    Raises:
        UsageError: It is something else, or has a name that no folder can have.
    """
    why = "it is no folder"
    try:
        root.lstat()
        if root.is_dir():
            return
    except FileNotFoundError:
        return
    except OSError as error:
        why = error.strerror or why
    raise UsageError(
        f"{printable(str(root))} cannot hold labs: {why}",
        remedy="name a folder with --lab-root; it is made where there is none",
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no file can have that name
        return False


def _origin(source: str) -> Origin:
    found = _SOURCE.fullmatch(source)
    file = Path(source if found is None or _is_file(Path(source)) else found["file"])
    number = int((found and found["number"]) or 1)
    if not _is_file(file):
        raise UsageError(
            f"there is no page or script {printable(str(file))}", remedy="check the path"
        )
    if file.suffix.lower() not in {*PAGE_SUFFIXES, ".py"}:
        raise UsageError(
            f"{printable(file.name)} is neither a page nor a script",
            remedy=f"pages end with {', '.join(sorted(PAGE_SUFFIXES))}, scripts with .py",
        )
    return Origin(file=file, number=number)


def _named(origin: Origin) -> str:
    stem = origin.file.stem.lower()
    name = origin.file.resolve().parent.name.lower() if stem in _EVERYWHERE else stem
    slug = re.sub(r"[^a-z0-9]+", "-", name).strip("-") or "lab"
    return slug if origin.number == 1 else f"{slug}-{origin.number}"


def _write_manifest(
    folder: Path, name: str, origin: Origin, said: Outline, *, is_at_home: bool
) -> None:
    """Write lab.toml beside a copy of the page or script."""
    content = read_regular(origin.file, limit_bytes=MAX_BYTES)
    file = "reference.py"
    if origin.is_page:
        stem = re.sub(r"[^A-Za-z0-9_.-]", "-", origin.file.stem)
        file = stem + origin.file.suffix.lower()
    if is_at_home and file != origin.file.name:
        raise UsageError(
            f"{printable(origin.file.name)} lies in the lab's own folder already",
            remedy=f"call it {file} there",
        )
    where = f'page = "{file}#{origin.number}"' if origin.is_page else f'script = "{file}"'
    (folder / file).write_bytes(content)
    lines = ["schema_version = 2", f'id = "{name}"', where]
    lines += [f"title = {_toml(said.title)}"] if said.title else []
    if said.tasks:
        lines += ["instructions = [", *(f"  {_toml(task)}," for task in said.tasks), "]"]
    if said.exercises:
        lines += ["", "# Exercises of the page. One with a script becomes [exercises.NAME] here."]
        lines += [f"# - {printable(each, limit=len(each))}" for each in said.exercises]
    (folder / "lab.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _items(page: Path) -> list[Item]:
    try:
        return list(items_of(page_bytes(Place(base=page)), page.name))
    except (OSError, ValueError) as error:
        raise BadDataError(f"{printable(str(page))}: {error}", remedy="mend the page") from error


def _toml(text: str) -> str:
    """Write a text as TOML does, of which JSON's texts are a part."""
    return json.dumps(printable(text, limit=len(text)), ensure_ascii=False).replace("\x7f", "")


def _write_evidence(task: Task, evidence: Sequence[tuple[str, str]]) -> None:
    """Write down the page's closing lines, with the field where one has that name and text."""
    if not evidence:
        return
    lines = ["", "# The closing lines of the page: a field's address, or a text as it stands."]
    lines += ["[evidence]"]
    for label, rest in evidence:
        named = (
            field.at
            for field, reading in task.answers.items()
            if label in {field.called, field.name, field.key or field.section}
            and " ".join(reading.text.split()) == rest
        )
        lines += [f"{_toml(label)} = {_toml(next(named, rest))}"]
    with (task.lab.folder / "lab.toml").open("a", encoding="utf-8") as manifest:
        manifest.write("\n".join(lines) + "\n")


def _filled(
    lab: Lab, request: RunnerRequest, *, evidence: Sequence[tuple[str, str]]
) -> Iterator[str]:
    """Make the golden, see that the reference passes by it, and say what it is worth."""
    exercise = lab.exercise(_BASELINE)
    reference = reference_of(exercise) or read_reference(exercise.script)
    with chosen_runner(request, lab=lab, needs_walls=True) as runner:
        golden = fresh_golden(
            lab, exercise, runner=runner, reason="made by labcheck lab new", reference=reference
        )
        write_golden_file(exercise.golden, golden_text(golden))
        write_reference(exercise, fresh_reference(lab, exercise, reference, runner=runner))
        if exercise.source is not None:
            write_golden_file(exercise.script, reference.source.decode())
        manifest = lab.folder / "lab.toml"
        _write_evidence(load_task(load_lab(manifest), _BASELINE), evidence)
        task = load_task(load_lab(manifest), _BASELINE)
        reports = [
            pipeline.verify(task, runner=runner),
            pipeline.grade(reference, task=task, runner=runner).report,
        ]
    for report in reports:
        if report.verdict is not Verdict.PASSED:
            wrong = next((each.message for each in report.checks if each.status != "passed"), "")
            raise BadDataError(
                f"the new lab does not pass its own reference: {wrong}",
                remedy="see what it prints: numbers that are not finite, or change by themselves?",
            )
    yield from summary(task, reports[1])
    above = 0 if exercise.source is None else blocks_above(exercise.source)
    if above:
        yield (
            f"  it goes on from {counted(above, 'block')} above it on the page: what "
            f"{'that prints' if above == 1 else 'those print'} is asked of learners, too"
        )


def _move(made: Path, folder: Path, *, is_at_home: bool) -> None:
    if not is_at_home:
        made.rename(folder)
        return
    shutil.move(made / "golden", folder / "golden")
    shutil.move(made / "lab.toml", folder / "lab.toml")
