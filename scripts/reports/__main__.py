"""Write what labcheck says of the whole corpus with the code of any commit, and compare two.

What is covered, what is hidden and what is left out stands in ../reports.sh.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from scripts.reports import checkout, corpus, grading, telling
from scripts.reports.checkout import GuardError
from scripts.reports.compare import comparison
from scripts.reports.folder import Folder, about
from scripts.reports.labcheck import Labcheck, end_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import FrameType

    from scripts.reports.checkout import Revision

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")

_JOBS = 2
_TURNS = 5
"""Runs of each script by which those that are unrepeatable are found."""
_RUNNERS = ("sandbox", "container")
_DIFFERS, _USAGE, _ENVIRONMENT, _INTERRUPTED = 1, 2, 4, 130
_HEADER = """\
# Scripts whose output is not the same in every run, so that of them only the verdict and the ids of
# the diagnoses are compared. Written by `scripts/reports.sh --find-unrepeatable COMMIT`.
"""


def main() -> int:
    """Do what the command line asks."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        return _run(arguments)
    except GuardError as error:
        _say(f"error: {error}")
        return _ENVIRONMENT
    except KeyboardInterrupt as interrupt:
        by = "".join(interrupt.args) or "SIGINT"
        _say(f"interrupted by {by}; nothing half done is kept")
        return _INTERRUPTED


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/reports.sh",
        description="Write what labcheck says of the whole corpus with the code of a commit into "
        "build/reports/, and with a second commit say which reports differ (exit 1 if any do).",
        epilog="RUNNER=container runs the scripts in containers, and the hostile ones too. FRESH=1 "
        "makes reports again that are there already. A COMMIT of . is the working tree as it is.",
    )
    parser.add_argument("commits", nargs="+", metavar="COMMIT", help="one, or two to compare")
    parser.add_argument(
        "--find-unrepeatable",
        action="store_true",
        help=f"run each script {_TURNS} times and list those that vary in unrepeatable.txt",
    )
    arguments = parser.parse_args()
    arguments.runner = os.environ.get("RUNNER") or _RUNNERS[0]
    if arguments.runner not in _RUNNERS:
        parser.error(f"RUNNER must be one of {', '.join(_RUNNERS)}, not {arguments.runner}")
    if len(arguments.commits) > (1 if arguments.find_unrepeatable else 2):
        parser.error("too many commits: name one, or two to compare")
    return arguments


def _run(arguments: argparse.Namespace) -> int:
    try:
        revisions = [checkout.revision(name) for name in arguments.commits]
    except GuardError as error:
        _say(f"error: {error}")
        return _USAGE
    if arguments.find_unrepeatable:
        _find_unrepeatable(revisions[0], arguments.runner)
        return 0
    suffix = "" if arguments.runner == "sandbox" else f"-{arguments.runner}"
    folders: list[Folder] = []
    for revision in revisions:
        again = (
            "-again" if revision.short in {each.path.name.split("-")[0] for each in folders} else ""
        )
        folder = Folder(f"{revision.short}{suffix}{again}")
        _make(revision, folder, runner=arguments.runner, keep=not again)
        folders.append(folder)
    if len(folders) == 1:
        return 0
    text, differ = comparison(folders[0].path, folders[1].path)
    sys.stdout.write(text)
    return _DIFFERS if differ else 0


def _make(revision: Revision, folder: Folder, *, runner: str, keep: bool) -> None:
    """Make the reports of a revision, unless they are there and still hold."""
    began = time.monotonic()
    with _scratch() as scratch:
        corpus.write_corpus(scratch / "corpus", apart=corpus.unrepeatable())
        corpus.write_hostile(scratch / "hostile")
        telling.write_outputs(scratch / "outputs")
        telling.write_for_errors(scratch)
        judged = corpus.digest(scratch / name for name in ("corpus", "hostile", "outputs"))
        made_from = about(commit=revision.full or "", corpus=judged, runner=runner)
        if keep and revision.full and not os.environ.get("FRESH") and folder.holds(made_from):
            _say(f"reports: those of {folder.path.name} are there (FRESH=1 makes them again)")
            return
        with _labcheck(revision, scratch, runner) as labcheck:
            folder.begin()
            try:
                _write(labcheck, folder)
                folder.finish(made_from)
            except BaseException:
                folder.discard()
                raise
    count = sum(path.is_file() for path in folder.path.rglob("*"))
    took_s = time.monotonic() - began
    _say(f"reports: {count} files in {_shown(folder.path)}, made in {took_s:.0f} s")


@contextlib.contextmanager
def _labcheck(revision: Revision, scratch: Path, runner: str) -> Iterator[Labcheck]:
    """Check a revision out, build its images if they are needed, and give its command."""
    with checkout.checked_out(revision) as code:
        image = checkout.build_image(code) if runner == "container" else None
        labcheck = Labcheck(code=code, scratch=scratch, runner=runner, image=image)
        found = labcheck.source_of()
        if not found.startswith(f"{code}/"):
            raise GuardError(f"the code of {revision.short} is not what runs: {found or 'nothing'}")
        yield labcheck


def _write(labcheck: Labcheck, folder: Folder) -> None:
    """Write all reports, part by part."""
    batches = list(grading.batches())
    found = _each("batches", batches, lambda each: grading.grade_batch(labcheck, each, folder))
    judged = [each for rows in found for each in rows]
    if labcheck.runner == "container":
        _write_hostile(labcheck, folder)
    alone = grading.one_of_each(judged)
    _each("single scripts", alone, lambda each: grading.grade_alone(labcheck, each, folder))
    parts = [telling.write_goldens, telling.drift, telling.verify, telling.helped]
    _each("goldens, drift, verify, help", parts, lambda part: part(labcheck, folder))
    commands = list(telling.commands(labcheck))
    _each("labs, goldens, explanations", commands, lambda each: each.tell(labcheck, folder))
    names = telling.judged_outputs()
    _each("captured outputs", names, lambda name: telling.check_output(labcheck, name, folder))
    _each("errors", list(telling.errors()), lambda each: each.tell(labcheck, folder))


def _write_hostile(labcheck: Labcheck, folder: Folder) -> None:
    """Write what is said of the hostile scripts, which are run in containers only."""
    families = sorted(path.name for path in (labcheck.scratch / "hostile").iterdir())
    batches = [
        grading.Batch(name=f"hostile/{name}", files=(f"../hostile/{name}",), in_short=True)
        for name in families
    ]
    _each("hostile scripts", batches, lambda each: grading.grade_batch(labcheck, each, folder))


def _find_unrepeatable(revision: Revision, runner: str) -> None:
    """Run every script several times, and list those of which two runs differ."""
    with _scratch() as scratch:
        corpus.write_corpus(scratch / "corpus", apart=frozenset())
        with _labcheck(revision, scratch, runner) as labcheck:
            seen: dict[str, set[str]] = {}
            for turn in range(_TURNS):
                for name, row in _turn(labcheck, turn):
                    seen.setdefault(name, set()).add(row)
    known = {name for name, _ in corpus.scripts()}
    varying = sorted(name for name, rows in seen.items() if len(rows) > 1 and name in known)
    corpus.UNREPEATABLE.write_text(
        _HEADER + "".join(f"{name}\n" for name in varying), encoding="utf-8"
    )
    _say(f"reports: {len(varying)} of {len(seen)} scripts vary: {_shown(corpus.UNREPEATABLE)}")


def _turn(labcheck: Labcheck, turn: int) -> Iterator[tuple[str, str]]:
    batches = [
        each
        for each in grading.batches()
        if each.is_folder and (labcheck.corpus / each.files[0]).is_dir()
    ]
    title = f"batches, run {turn + 1} of {_TURNS}"
    found: list[Mapping[str, str]] = _each(
        title, batches, lambda each: grading.raw_rows(labcheck, each, turn)
    )
    for rows in found:
        yield from rows.items()


def _each(title: str, items: Iterable[_Item], do: Callable[[_Item], _Found]) -> list[_Found]:
    """Do the same to all items, a few at a time, and stop at the first that fails."""
    items = list(items)
    began = time.monotonic()
    _say(f"reports: {title}: {len(items)} …")
    with ThreadPoolExecutor(_JOBS) as pool:
        try:
            found = list(pool.map(do, items))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise
    _say(f"reports: {title}: done in {time.monotonic() - began:.0f} s")
    return found


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """Give a folder outside of any checkout: what lies above a script must be no lab."""
    with tempfile.TemporaryDirectory(
        prefix="labcheck-reports-", ignore_cleanup_errors=True
    ) as made:
        scratch = Path(made).resolve()
        for name in ("tmp", "results", "corpus"):
            (scratch / name).mkdir()
        yield scratch


def _shown(path: Path) -> str:
    return path.relative_to(corpus.CHECKOUT).as_posix()


def _interrupt(number: int, _frame: FrameType | None) -> None:
    """End on SIGTERM as on Ctrl-C, so that worktree and scratch folder are removed."""
    raise KeyboardInterrupt(signal.Signals(number).name)


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
