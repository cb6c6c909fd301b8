"""Measure what a user would pick instead of labcheck, on ten of the same submissions.

Run ``make bench-peers``; outside CI, for it installs from PyPI. Each tool has a virtual environment
of its own under ``build/peers``, pinned by ``*.txt`` here, with the set-up that its documentation
recommends (``peers/``); torch and numpy come from the locked wheels, one copy for all three. The
tools take turns on each submission. Writes ``bench/peers/results.json``.

CPU seconds are those of the command and of all processes that were waited for.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import document, machine
from bench.machine import say
from bench.speed import submissions
from bench.speed.process import Finished, timed_process
from verifier.errors import ExitCode
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from bench.speed.submissions import Submission

ROOT = Path(__file__).resolve().parents[2]
COUNT = 10
SAID_CHARACTERS = 300

_HERE = ROOT / "bench" / "peers"
_PLACE = ROOT / "build" / "peers"
_WHEELHOUSE = ROOT / "build" / "wheelhouse"


class SetUpError(Exception):
    """A tool could not be installed, or did not work on a right submission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a tool made of one submission."""

    passed: bool
    says: str
    """Its first complaint; empty for one that passed."""


@dataclass(slots=True, kw_only=True)
class Peer:
    """One tool: how it is set up, started and read."""

    name: str
    package: str
    set_up: str
    """In a sentence, for whoever reads the figures."""
    arguments: list[str]
    """Its command, in a folder that holds ``submission.py``; ``{setup}`` is its set-up folder."""
    prepare: Callable[[Peer, Path], None]
    """Fills its set-up folder, once."""
    read: Callable[[Path, Finished], Judged]
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    agreed: int = 0
    said: list[tuple[str, str]] = field(default_factory=list)
    """(what was wrong, what it said)"""

    @property
    def venv(self) -> Path:
        """Its virtual environment."""
        return _PLACE / self.name

    @property
    def environment(self) -> dict[str, str]:
        """As in an activated virtual environment, with ``.pyc`` files written and read."""
        kept = {key: each for key, each in os.environ.items() if not key.startswith("PYTHON")}
        return kept | {
            "VIRTUAL_ENV": str(self.venv),
            "PATH": f"{self.venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }

    def run(self, submission: Submission, *, setup: Path, folder: Path) -> tuple[Finished, Judged]:
        """Judge one submission in a fresh folder."""
        folder.mkdir()
        (folder / "submission.py").write_bytes(submission.source)
        for extra in (setup / "beside").glob("*"):
            shutil.copy(extra, folder)
        command = [argument.format(setup=setup) for argument in self.arguments]
        command[0] = str(self.venv / "bin" / command[0])
        done = timed_process(command, environment=self.environment, cwd=folder)
        return done, self.read(folder, done)


def main() -> int:
    """Install, measure, write; 1 where a tool does not work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="where the figures go, as JSON")
    parser.add_argument("--count", type=int, default=COUNT, help="submissions (%(default)s)")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        peers = measure(arguments.count)
    except SetUpError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted; nothing was written")
        return ExitCode.INTERRUPTED
    entries = [_to_json(peer) for peer in peers]
    for entry in entries:
        print(
            f"{entry['name'] + ' ' + entry['version']:24}{entry['wall_s_p50']:6.2f} s"
            f"{entry['cpu_s_p50']:8.2f} CPU s  agrees on {entry['agrees']} of "
            f"{entry['submissions']}"
        )
        for each in entry["says_to_wrong"]:
            print(f"    {each['mistake']}: {each['says']}")
    if arguments.output:
        described = machine.describe(engine=None)
        document.update(
            arguments.output,
            {"date": document.today(), "machine": described, "peers": entries},
        )
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def measure(count: int) -> list[Peer]:
    """Run every tool on the same submissions, in turn.

    Raises:
        SetUpError: A tool could not be installed or does not work.
    """
    chosen = submissions.clean()[:count]
    peers = [_pytest(), _check50(), _otter()]
    with tempfile.TemporaryDirectory(prefix="labcheck-peers-") as name:
        folder = Path(name)
        for peer in peers:
            _install(peer)
            setup = folder / peer.name
            (setup / "beside").mkdir(parents=True)
            peer.prepare(peer, setup)
            say(f"{peer.name}: one run that is not counted")
            _, judged = peer.run(chosen[0], setup=setup, folder=folder / f"{peer.name}-warm")
            if not judged.passed:
                raise SetUpError(f"{peer.name} says to a right submission: {judged.says}")
        for number, submission in enumerate(chosen):
            say(f"submission {number + 1} of {len(chosen)}")
            for peer in peers:
                place = folder / f"{peer.name}-{number}"
                done, judged = peer.run(submission, setup=folder / peer.name, folder=place)
                _keep(peer, submission, done, judged)
    return peers


def _keep(peer: Peer, submission: Submission, done: Finished, judged: Judged) -> None:
    peer.wall_s.append(done.wall_s)
    peer.cpu_s.append(done.cpu_s)
    peer.agreed += judged.passed == (submission.expected == "passed")
    if submission.expected != "passed":
        peer.said.append((submission.kind, judged.says or "passed"))


def _to_json(peer: Peer) -> dict[str, Any]:
    return {
        "name": peer.name,
        "version": _version(peer),
        "set_up": peer.set_up,
        "submissions": len(peer.wall_s),
        "wall_s_p50": round(statistics.median(peer.wall_s), 3),
        "cpu_s_p50": round(statistics.median(peer.cpu_s), 3),
        "agrees": peer.agreed,
        "says_to_wrong": [
            {"mistake": mistake, "says": _one_line(said)} for mistake, said in peer.said
        ],
    }


def _version(peer: Peer) -> str:
    pins = (_HERE / f"{peer.name}.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{peer.package}==(.+)$", pins, re.MULTILINE)
    return found[1] if found else "unknown"


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()), limit=SAID_CHARACTERS)


def _install(peer: Peer) -> None:
    """Make its virtual environment, if it is not there with these pins.

    Raises:
        SetUpError: pip failed.
    """
    pins = _HERE / f"{peer.name}.txt"
    stamp = peer.venv / ".installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == pins.read_text(encoding="utf-8"):
        return
    shutil.rmtree(peer.venv, ignore_errors=True)
    say(f"{peer.name}: installing")
    _call([sys.executable, "-m", "venv", str(peer.venv)])
    pip = [str(peer.venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    _call([*pip, "install", "--quiet", "-r", str(pins)])
    torch = _PLACE / "torch"
    if not (torch / ".installed").exists():
        shutil.rmtree(torch, ignore_errors=True)
        wheels = [f"--find-links={_WHEELHOUSE / part}" for part in ("torch", "runtime")]
        locks = [f"-r{ROOT / 'docker' / name}.lock" for name in ("torch", "runtime")]
        say("torch: installing")
        _call([*pip, "install", "--quiet", "--no-index", "--no-deps", "--require-hashes",
               f"--target={torch}", *wheels, *locks])  # fmt: skip
        (torch / ".installed").touch()
    packages = next(peer.venv.glob("lib/python3*/site-packages"))
    # After its own packages: what the tool pins itself wins.
    (packages / "torch_shared.pth").write_text(f"{torch}\n", encoding="utf-8")
    stamp.write_text(pins.read_text(encoding="utf-8"), encoding="utf-8")


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetUpError(f"{command[:5]} failed: {done.stderr.strip()[-400:]}")


def _pytest() -> Peer:
    def prepare(_peer: Peer, setup: Path) -> None:
        shutil.copy(_HERE / "test_submission.py", setup / "beside")

    def read(_folder: Path, done: Finished) -> Judged:
        if done.code not in (0, 1):
            raise SetUpError(f"pytest ended with {done.code}")
        complaints = re.findall(rb"^E +(.*)$", done.stdout, re.MULTILINE)
        says = complaints[0].decode(errors="replace") if complaints else ""
        return Judged(passed=done.code == 0, says=says)

    return Peer(
        name="pytest",
        package="pytest",
        set_up="a test file beside the submission: a subprocess, its output against pytest.approx",
        arguments=["pytest", "-q", "test_submission.py"],
        prepare=prepare,
        read=read,
    )


def _check50() -> Peer:
    def prepare(_peer: Peer, setup: Path) -> None:
        shutil.copytree(_HERE / "check50", setup / "checks")

    def read(_folder: Path, done: Finished) -> Judged:
        try:
            results = json.loads(done.stdout)["results"]
        except (ValueError, KeyError) as error:
            raise SetUpError(f"check50 ended with {done.code} and no results") from error
        causes = [result["cause"] for result in results if not result["passed"]]
        says = str(causes[0]["rationale"]) if causes else ""
        return Judged(passed=not causes, says=says)

    return Peer(
        name="check50",
        package="check50",
        set_up="check50 --dev, one check that runs the script and four that read its output",
        arguments=["check50", "--dev", "{setup}/checks", "-o", "json"],
        prepare=prepare,
        read=read,
    )


def _otter() -> Peer:
    def prepare(peer: Peer, setup: Path) -> None:
        (setup / "tests").mkdir()
        shutil.copy(_HERE / "otter" / "baseline.py", setup / "tests")
        done = timed_process(
            [str(peer.venv / "bin" / "otter"), "generate", "-t", "tests", "--no-requirements",
             "--no-environment", "--no-config", "-o", "autograder.zip"],
            environment=peer.environment, cwd=setup,
        )  # fmt: skip
        if done.code != 0:
            raise SetUpError(f"otter generate ended with {done.code}")

    def read(folder: Path, done: Finished) -> Judged:
        try:
            results = json.loads((folder / "results.json").read_text(encoding="utf-8"))["tests"]
        except (OSError, ValueError, KeyError) as error:
            raise SetUpError(f"otter run ended with {done.code} and no results") from error
        graded = next(each for each in results if each["name"] == "baseline")
        passed = graded["score"] == graded["max_score"]
        found = re.findall(r"\w+(?:Error|Exception): .*", graded["output"])
        return Judged(passed=passed, says="" if passed else (found or [graded["output"]])[-1])

    return Peer(
        name="otter",
        package="otter-grader",
        set_up="otter run with an autograder.zip: a kernel, one case that reads the output",
        arguments=["otter", "run", "submission.py", "-a", "{setup}/autograder.zip", "--no-logo"],
        prepare=prepare,
        read=read,
    )


if __name__ == "__main__":
    sys.exit(main())
