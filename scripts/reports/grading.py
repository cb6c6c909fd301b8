"""What is said of scripts: each folder as a batch, and one script of each kind by itself."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scripts.reports.corpus import APART, references
from scripts.reports.normal import (
    broken_up,
    in_short,
    normalised,
    readable,
    with_fixed_measures,
    without_measures,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from scripts.reports.folder import Folder
    from scripts.reports.labcheck import Labcheck, Ran

BASELINE = "baseline"
_GROUPS = ("styles", "cheats", "doubles", "odd", "class")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A folder of scripts, or several arguments, that answer one exercise."""

    name: str
    files: tuple[str, ...]
    """Below the corpus."""
    exercise: str = BASELINE
    in_short: bool = False
    """Whether its scripts are unrepeatable, or hostile."""

    @property
    def is_folder(self) -> bool:
        """Whether a row's path leads to its script."""
        return len(self.files) == 1 and not self.files[0].endswith(".zip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One row, and where its script lies."""

    name: str
    script: str
    exercise: str
    row: Row


def batches() -> Iterator[Batch]:
    """List the batches; the longest first, so that two at a time end together."""
    exercises = list(references())
    for apart in ("", f"{APART}/"):
        for exercise in exercises:
            name = f"{apart}mistakes/{exercise}"
            yield Batch(name=name, files=(name,), exercise=exercise, in_short=bool(apart))
        for group in _GROUPS:
            name = f"{apart}{group}"
            yield Batch(name=name, files=(name,), in_short=bool(apart))
    for exercise in exercises:  # five of six answer another exercise than is asked for
        yield Batch(name=f"references-as/{exercise}", files=("references",), exercise=exercise)
    yield Batch(name="archive", files=("class.zip",))
    yield Batch(name="mixed", files=("class", "class.zip", "styles/a*.py", "odd/nul.py"))


def grade_batch(labcheck: Labcheck, batch: Batch, folder: Folder) -> list[Judged]:
    """Have a batch graded, write what every file of its results says, and give its rows."""
    if batch.is_folder and not (labcheck.corpus / batch.files[0]).is_dir():
        return []
    results = labcheck.scratch / "results" / batch.name
    first = _graded(labcheck, batch, results)
    rows = _rows(results) if batch.in_short else _settled(labcheck, batch, results)
    judged = [_judged(batch, row) for row in rows]
    for each in judged:
        folder.put(f"scripts/{each.name}.json", readable(_said(labcheck, each.row, batch)))
    if not batch.in_short:
        folder.put(f"batches/{batch.name}/first.txt", first.whole)
        _write_pages(labcheck, batch, (results, rows), folder)
    return [] if batch.in_short else judged


def _settled(labcheck: Labcheck, batch: Batch, results: Path) -> list[Row]:
    """Have a batch graded again, and where both differ once more: what came out twice holds.

    On a busy machine a script may run out of time, which says nothing about the code.
    """
    turns = [_rows(results)]
    for turn in ("second", "third"):
        place = results.with_name(f"{results.name}-{turn}")
        _graded(labcheck, batch, place)
        turns.append(_rows(place))
        if _compared(turns[0]) == _compared(turns[1]):
            return turns[0]
    if len({tuple(row["path"] for row in rows) for rows in turns}) > 1:
        return turns[0]  # the machine failed on one
    return [_settled_row(rows) for rows in zip(*turns, strict=True)]


def _compared(rows: Iterable[Row]) -> list[str]:
    return [normalised(json.dumps(without_measures(row)), places={}, image=None) for row in rows]


def _settled_row(rows: tuple[Row, ...]) -> Row:
    first, second, third = _compared(rows)
    if first != second:
        sys.stderr.write(f"reports: {rows[0]['path']} varied, as on a busy machine: two of three\n")
    return rows[2] if first != second == third else rows[0]


def raw_rows(labcheck: Labcheck, batch: Batch, turn: int) -> dict[str, str]:
    """Have a batch graded once more, and give what came out of each script."""
    results = labcheck.scratch / "results" / f"{batch.name}-{turn}"
    _graded(labcheck, batch, results)
    judged = (_judged(batch, row) for row in _rows(results))
    return {each.name: labcheck.normal(readable(without_measures(each.row))) for each in judged}


def _graded(labcheck: Labcheck, batch: Batch, results: Path, *more: str) -> Ran:
    return labcheck.run(
        "grade", *batch.files, "--exercise", batch.exercise, "--runner", labcheck.runner,
        "--jobs", "1", "--results", str(results), *more,
    )  # fmt: skip


def _rows(results: Path) -> list[Row]:
    """Read the rows, by path: they stand in the order in which they were finished."""
    path = results / "results.jsonl"
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return sorted((json.loads(line) for line in lines), key=lambda row: row["path"])


def _judged(batch: Batch, row: Row) -> Judged:
    stem = row["path"].removesuffix(".py")
    name = quote(stem, safe="/ ()=+").replace("..", "%2E%2E")
    return Judged(
        name=f"{batch.name.removeprefix(APART + '/')}/{name}",
        script=f"{batch.files[0]}/{row['path']}" if batch.is_folder else "",
        exercise=batch.exercise,
        row=row,
    )


def _said(labcheck: Labcheck, row: Row, batch: Batch) -> Any:  # noqa: ANN401 - JSON
    if batch.in_short:
        return in_short(row)
    said = {key: value for key, value in row.items() if key != "labcheck_sha256"}
    text = labcheck.normal(json.dumps(without_measures(said)))
    # Said once, in batches/…/lab-revision.txt: else one file of the lab would change every report.
    return json.loads(text.replace(row["lab_revision"], "<lab revision>"))


def _write_pages(
    labcheck: Labcheck, batch: Batch, found: tuple[Path, list[Row]], folder: Folder
) -> None:
    """Have the pages drawn again, from the same rows with made-up times; nothing is run."""
    results, rows = found
    lines = (json.dumps(with_fixed_measures(row, n)) + "\n" for n, row in enumerate(rows, start=1))
    (results / "results.jsonl").write_text("".join(lines), encoding="utf-8")
    drawn = {"text": "txt", "markdown": "md", "github": "github", "json": "jsonl"}
    outputs = {name: results / f"again.{end}" for name, end in drawn.items()}
    options = [word for name, path in outputs.items() for word in ("-o", f"{name}={path}")]
    again = _graded(labcheck, batch, results, "--fail-on", "failed", *options)
    place = f"batches/{batch.name}"
    folder.put(f"{place}/again.txt", again.whole)
    revisions = sorted({row["lab_revision"] for row in rows})
    folder.put(f"{place}/lab-revision.txt", "".join(f"{each}\n" for each in revisions))
    for path in [*outputs.values(), results / "gradebook.csv", results / "report.html"]:
        text = labcheck.normal(_text(path))
        for revision in revisions:
            text = text.replace(revision, "<lab revision>")
        folder.put(f"{place}/{path.name}", broken_up(text) if path.suffix == ".html" else text)


def one_of_each(judged: Iterable[Judged]) -> list[Judged]:
    """Choose one script of every kind of report, by name: each format has a run of its own.

    The batch's rows hold the report of every script; how another format writes it depends on what
    kind of report it is.
    """
    chosen: dict[tuple[object, ...], Judged] = {}
    for each in sorted(judged, key=lambda judged: judged.name):
        if each.script:
            chosen.setdefault(_kind(each), each)
    return list(chosen.values())


def _kind(judged: Judged) -> tuple[object, ...]:
    report = judged.row["report"]
    return (
        judged.exercise,
        report["verdict"],
        report["computed"],
        tuple(each["id"] for each in report["diagnoses"]),
    )


def grade_alone(labcheck: Labcheck, judged: Judged, folder: Folder) -> None:
    """Have one script graded by itself, in every format, and its diagnosis explained with it."""
    place = labcheck.scratch / "alone" / judged.name
    ran = every_format(
        labcheck, place, "grade", judged.script, "--exercise", judged.exercise, "--runner",
        labcheck.runner,
    )  # fmt: skip
    put_formats(labcheck, folder, f"scripts/{judged.name}", place, ran)
    for diagnosis in judged.row["report"]["diagnoses"][:1]:
        report = place.with_name(f"{place.name}.json")
        told = labcheck.run("explain", diagnosis["id"], "--report", str(report))
        folder.put(f"scripts/{judged.name}.explain.txt", told.whole)


_ENDS = {"json": "json", "junit": "xml", "markdown": "md", "github": "github"}


def every_format(labcheck: Labcheck, place: Path, *arguments: str) -> Ran:
    """Run a command that judges, with text on standard output and all else in files."""
    place.parent.mkdir(parents=True, exist_ok=True)
    options = (word for name, end in _ENDS.items() for word in ("-o", f"{name}={place}.{end}"))
    return labcheck.run(*arguments, *options)


def put_formats(labcheck: Labcheck, folder: Folder, name: str, place: Path, ran: Ran) -> None:
    """Write what such a command gave."""
    folder.put(f"{name}.txt", ran.whole)
    for end in _ENDS.values():
        text = labcheck.normal(_text(place.with_name(f"{place.name}.{end}")))
        if end == "json":
            text = "".join(readable(json.loads(line)) for line in text.splitlines())
        folder.put(f"{name}.alone.{end}", broken_up(text) if end == "xml" else text)


def _text(path: Path) -> str:
    """Read a file as it is; where there is none, that is said."""
    if not path.exists():
        return "(there is no such file)\n"
    return path.read_bytes().decode("utf-8", errors="backslashreplace")
