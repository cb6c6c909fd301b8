"""What is said without a learner's script: labs, goldens, explanations, drift, help and errors."""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.reports.grading import every_format, put_formats
from scripts.reports.labcheck import NO_ENGINE
from scripts.reports.normal import broken_up, readable, without_measures
from scripts.reports.outputs import outputs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.reports.folder import Folder
    from scripts.reports.labcheck import Labcheck

LESSON = "forward-backward"
_NAMED = re.compile(r"^  (\S+)", re.MULTILINE)
_RECORDED = ("right", "altered", "order", "twice", "cut", "shape", "bytes/empty")
"""Kinds of output of which the record is written too."""
_OTHER_CPU = "ATEN_CPU_CAPABILITY=default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of which all that it says is a report."""

    name: str
    arguments: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)

    def tell(self, labcheck: Labcheck, folder: Folder) -> None:
        """Run it and write what it said."""
        ran = labcheck.run(*self.arguments, **self.variables)
        folder.put(f"{self.name}.txt", ran.whole)


def commands(labcheck: Labcheck) -> Iterator[Command]:
    """List what is asked of the labs, the slow ones first."""
    labs = _labs(labcheck)
    runner = ("--runner", labcheck.runner)
    for lab in labs:
        chosen = ("--lab", lab)
        yield Command(
            name=f"tells/golden-diff/{lab}", arguments=("golden", "diff", *chosen, *runner)
        )
    for exercise in labs[LESSON]:
        script = f"references/{exercise}.py"
        for kind in ("json", "text"):
            yield Command(
                name=f"tells/record-run/{exercise}-{kind}",
                arguments=(
                    "record", "--run", script, "--exercise", exercise, "--format", kind, *runner,
                ),
            )  # fmt: skip
    for lab in labs:
        yield Command(name=f"tells/lab-show/{lab}", arguments=("lab", "show", "--lab", lab))
        yield Command(name=f"tells/golden-show/{lab}", arguments=("golden", "show", "--lab", lab))
    yield Command(name="tells/lab-list", arguments=("lab", "list"))
    for name in _explained(labcheck):
        yield Command(name=f"tells/explain/{name}", arguments=("explain", name))
    for kind in ("text", "json"):
        yield Command(name=f"tells/history-{kind}", arguments=("history", "--format", kind))
    for shell in ("bash", "zsh", "fish"):
        yield Command(name=f"tells/completion/{shell}", arguments=("completion", shell))
    yield Command(name="tells/doctor", arguments=("doctor",), variables=NO_ENGINE)


def _labs(labcheck: Labcheck) -> dict[str, list[str]]:
    """Read the labs and their exercises off the command that lists them."""
    found: dict[str, list[str]] = {}
    for line in labcheck.run("lab", "list").stdout.splitlines():
        name = line.split()[0]
        if line.startswith(" "):
            found[next(reversed(found))].append(name)
        else:
            found[name] = []
    return found


def _explained(labcheck: Labcheck) -> list[str]:
    """Read all that can be explained off the error that lists it."""
    said = labcheck.run("explain", "no-such-name").stderr
    return said.partition("choose one of: ")[2].strip().split(", ")


def verify(labcheck: Labcheck, folder: Folder) -> None:
    """Have the lesson verified, in every format."""
    place = labcheck.scratch / "verify"
    ran = every_format(labcheck, place, "verify", "--runner", labcheck.runner)
    put_formats(labcheck, folder, "tells/verify", place, ran)


def write_goldens(labcheck: Labcheck, folder: Folder) -> None:
    """Have goldens and signatures of mistakes written anew, in a copy of the labs."""
    labs = labcheck.scratch / "labs"
    shutil.copytree(labcheck.code / "lab", labs)
    golden = labs / LESSON / "golden"
    signed = sorted(golden.glob("mistakes/*.json"))
    (golden / "mistakes.json").unlink(missing_ok=True)
    if signed:  # one to be made, one to be changed, one to be removed
        signed[0].unlink()
        signed[1].write_text("{}\n", encoding="utf-8")
        signed[2].rename(golden / "mistakes" / "of-nobody.json")
    where = ("--lab-root", str(labs), "--runner", labcheck.runner)
    for name, words in (
        ("mistakes-check", ("golden", "mistakes", "--check")),
        ("mistakes", ("golden", "mistakes")),
        ("update", ("golden", "update", "--reason", "the guard's")),
    ):
        folder.put(f"goldens/{name}.txt", labcheck.run(*words, *where).whole)
    for path in sorted(golden.rglob("*.json")):
        text = labcheck.normal(path.read_text(encoding="utf-8"))
        dated = re.sub(r'"date": "[^"]*"', '"date": "<today>"', text)
        folder.put(f"goldens/{path.relative_to(golden)}", dated)


def judged_outputs() -> list[str]:
    """Name the captured outputs."""
    return [name for name, _ in outputs()]


def write_outputs(folder: Path) -> None:
    """Write every captured output as a file."""
    for name, content in outputs():
        path = folder / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def check_output(labcheck: Labcheck, name: str, folder: Folder) -> None:
    """Have one captured output judged, in every format, and its record made."""
    given = f"../outputs/{name}.txt"
    place = labcheck.scratch / "checked" / name
    ran = every_format(labcheck, place, "check", given)
    put_formats(labcheck, folder, f"outputs/{name}", place, ran)
    if name.startswith(_RECORDED):
        for kind in ("json", "text"):
            told = labcheck.run("record", given, "--format", kind)
            folder.put(f"outputs/{name}.record-{kind}.txt", told.whole)


def drift(labcheck: Labcheck, folder: Folder) -> None:
    """Have two environments observed and compared: this processor as it is, and as the plainest."""
    place = labcheck.scratch / "drift"
    place.mkdir()
    environment = (
        "image:labcheck-runtime" if labcheck.runner == "container" else f"python:{sys.executable}"
    )
    for name, settings in (("plain", ()), ("other-cpu", ("--env", _OTHER_CPU))):
        path = place / f"{name}.json"
        ran = labcheck.run("drift", "observe", environment, *settings, "-o", str(path))
        folder.put(f"drift/observe-{name}.txt", ran.whole)
        if path.exists():
            _put_observation(labcheck, path, folder, name)
    for kind in ("text", "json", "markdown", "html", "github"):
        for other in ("plain", "other-cpu"):
            files = (str(place / "plain.json"), str(place / f"{other}.json"))
            said = labcheck.run("drift", "compare", *files, "--format", kind, "--fail-on", "bits")
            folder.put(f"drift/compare-{other}-{kind}.txt", broken_up(said.whole))


def _put_observation(labcheck: Labcheck, path: Path, folder: Folder, name: str) -> None:
    """Write an observation, and put made-up measures into the file that is compared later."""
    document = json.loads(path.read_text(encoding="utf-8"))
    folder.put(f"drift/{name}.json", labcheck.normal(readable(without_measures(document))))
    document["start_s"] = [2.0 for _ in document["start_s"]]
    for script in document["scripts"]:
        for run in script["runs"]:
            run["wall_s"], run["peak_bytes"] = 0.02, 190_000_000
    path.write_text(json.dumps(document), encoding="utf-8")


def helped(labcheck: Labcheck, folder: Folder) -> None:
    """Write the help of every command, and of every command below it."""
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        command = waiting.pop()
        ran = labcheck.run(*command, "--help")
        folder.put(f"help/{'-'.join(('labcheck', *command))}.txt", ran.whole)
        listed = ran.stdout.partition("\nCommands:\n")[2]
        waiting += [(*command, name) for name in _NAMED.findall(listed)]


_WRONG: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "version": ("--version",),
    "unknown-command": ("gradee", "x"),
    "unknown-option": ("grade", "--nope", "references/baseline.py"),
    "grade-nothing": ("grade",),
    "grade-missing": ("grade", "missing.py", "--runner", "sandbox"),
    "grade-missing-folder": ("grade", "missing/", "--runner", "sandbox"),
    "grade-missing-pattern": ("grade", "missing/*.py", "--runner", "sandbox"),
    "grade-empty-folder": ("grade", "../empty", "--runner", "sandbox"),
    "grade-no-archive": ("grade", "../no-archive.zip", "--runner", "sandbox"),
    "grade-dev-null": ("grade", "/dev/null", "--runner", "sandbox"),
    "grade-directory-as-stdin": ("grade", "-", "--runner", "sandbox"),
    "grade-stdin-in-batch": ("grade", "-", "references", "--runner", "sandbox"),
    "grade-unknown-lab": ("grade", "references/baseline.py", "--lab", "nope"),
    "grade-canary": ("grade", "references/baseline.py", "--lab", "canary-adam"),
    "grade-unknown-exercise": ("grade", "references/baseline.py", "--exercise", "nope"),
    "grade-unknown-runner": ("grade", "references/baseline.py", "--runner", "nope"),
    "grade-without-engine": ("grade", "references/baseline.py"),
    "grade-in-container-without-engine": (
        "grade", "references/baseline.py", "--runner", "container",
    ),
    "grade-batch-without-engine": ("grade", "references"),
    "grade-local": ("grade", "references/baseline.py", "--runner", "local"),
    "grade-fresh-sandbox": (
        "grade", "references/baseline.py", "--runner", "sandbox", "--isolation", "fresh-container",
    ),
    "grade-unknown-wall": (
        "grade", "references/baseline.py", "--runner", "sandbox", "--require-tier", "moat",
    ),
    "grade-missing-wall": (
        "grade", "references/baseline.py", "--runner", "sandbox", "--require-tier", "full",
    ),
    "grade-bad-output": ("grade", "references/baseline.py", "-o", "pdf=x"),
    "grade-output-nowhere": (
        "grade", "odd/empty.py", "--runner", "sandbox", "-o", "json=nowhere/x.json",
    ),
    "grade-batch-junit": ("grade", "references", "--runner", "sandbox", "--format", "junit"),
    "grade-results-in-a-file": (
        "grade", "references", "--runner", "sandbox", "--results", "odd/nul.py",
    ),
    "grade-no-jobs": ("grade", "references", "--runner", "sandbox", "--jobs", "0"),
    "short-form": ("odd/empty.py", "--runner", "sandbox"),
    "check-missing": ("check", "missing.txt"),
    "check-directory": ("check", "references"),
    "check-stdin": ("check", "-"),
    "check-script": ("check", "references/baseline.py"),
    "record-missing": ("record", "missing.txt"),
    "record-no-evidence": ("record", "../outputs/right.txt", "--exercise", "lr-sweep", "--format",
                           "text"),
    "record-local": ("record", "--run", "references/baseline.py", "--runner", "local"),
    "record-empty": ("record", "--run", "odd/empty.py", "--runner", "sandbox"),
    "record-crash": ("record", "--run", "odd/exit-three.py", "--runner", "sandbox"),
    "explain-unknown": ("explain", "no-such-name"),
    "explain-no-report": ("explain", "step-missing", "--report", "references/baseline.py"),
    "explain-canary": ("explain", "step-missing", "--lab", "canary-adam"),
    "lab-root-empty": ("lab", "list", "--lab-root", "../empty"),
    "lab-root-bad-toml": ("lab", "list", "--lab-root", "../bad-toml"),
    "lab-root-bad-lab": ("lab", "list", "--lab-root", "../bad-lab"),
    "lab-show-unknown": ("lab", "show", "--lab", "nope"),
    "lab-show-unknown-exercise": ("lab", "show", "--exercise", "nope"),
    "verify-canary": ("verify", "--lab", "canary-adam", "--runner", "sandbox"),
    "verify-without-engine": ("verify", "--runner", "container"),
    "golden-show-unknown": ("golden", "show", "--lab", "nope"),
    "golden-update-no-reason": ("golden", "update"),
    "golden-update-empty-reason": ("golden", "update", "--reason", " "),
    "golden-mistakes-canary": (
        "golden", "mistakes", "--check", "--lab", "canary-adam", "--runner", "sandbox",
    ),
    "drift-nothing": ("drift",),
    "drift-bad-environment": ("drift", "--baseline", "nope", "--candidate", "nope"),
    "drift-no-python": ("drift", "observe", "python:nowhere"),
    "drift-compare-missing": ("drift", "compare", "missing.json", "missing.json"),
    "drift-compare-no-observation": ("drift", "compare", "odd/nul.py", "odd/nul.py"),
    "portability-bad-environment": ("portability", "--environment", "nope"),
    "upgrade-nothing": ("upgrade",),
    "completion-unknown": ("completion", "powershell"),
}  # fmt: skip
"""What goes wrong before anything is judged: no engine answers these."""

_FROM_CI: dict[str, tuple[str, ...]] = {
    "golden-update-in-ci": ("golden", "update", "--reason", "none"),
    "golden-mistakes-in-ci": ("golden", "mistakes"),
}


def errors() -> Iterator[Command]:
    """List commands that go wrong, with what their environment lacks."""
    for name, arguments in _WRONG.items():
        yield Command(name=f"errors/{name}", arguments=arguments, variables=NO_ENGINE)
    for name, arguments in _FROM_CI.items():
        yield Command(
            name=f"errors/{name}", arguments=arguments, variables=NO_ENGINE | {"CI": "true"}
        )
    yield Command(
        name="errors/lab-variable-wrong",
        arguments=("lab", "list"),
        variables={"LABCHECK_LAB": "nowhere"},
    )


def write_for_errors(scratch: Path) -> None:
    """Write what the wrong commands name."""
    (scratch / "empty").mkdir()
    (scratch / "no-archive.zip").write_bytes(b"PK no archive")
    for name, text in (("bad-toml", "= no TOML"), ("bad-lab", 'schema_version = 1\nid = "x"\n')):
        (scratch / name / "x").mkdir(parents=True)
        (scratch / name / "x" / "lab.toml").write_text(text, encoding="utf-8")
