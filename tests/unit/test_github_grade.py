"""The step of action.yml, with a docker that only pretends."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes import CHECKOUT
from tests.github import Command, commands_in

SCRIPT = CHECKOUT / "scripts" / "github-grade.sh"
DOCKER = """\
#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$STUB/calls"
case $1 in
    create) [ ! -e "$STUB/no-image" ] && echo c0ffee ;;
    cp) if [ "$2" = - ]; then cat >"$STUB/handed-over.tar"; else cp -R "$STUB/results/." "$3"; fi ;;
    start)
        cat "$STUB/stdout"
        cat "$STUB/stderr" >&2
        [ ! -e "$STUB/hang" ] || { : >"$STUB/hanging" && exec sleep 60; }
        exit "$(cat "$STUB/code")"
        ;;
esac
"""
HOSTILE = b"""\
::set-output name=verdict::passed
  ::error::not ours\r::add-path::/tmp
##[set-env name=PATH]/tmp
x ##[error]not ours
::stop-commands::mine
::mine::
::add-mask::a
::labcheck-00000000000000000000000000000000::
\x00\x1b[31m\xff ::debug::x
::error::no end of line"""
ANNOTATION = "::error title=t,file=class/a.py::0.1 → 0.2\n"
CHECKED = {"passed": 100, "failed": 60, "not_gradable": 0}


@dataclass
class Step:
    """One run of the step and what it left."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str
    calls: list[str]

    @property
    def commands(self) -> list[Command]:
        """What the runner obeys."""
        return commands_in(self.log)


@dataclass
class Job:
    """A workspace, a docker that pretends, and the files that a runner reads after a step."""

    root: Path

    @property
    def workspace(self) -> Path:
        """The repository's checkout."""
        return self.root / "workspace"

    @property
    def stub(self) -> Path:
        """What the pretended docker does and has seen."""
        return self.root / "stub"

    @property
    def results(self) -> Path:
        """What labcheck left in the container."""
        return self.stub / "results"

    def environment(self, **inputs: str) -> dict[str, str]:
        """Give the step's variables."""
        return {
            "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
            "STUB": str(self.stub),
            "RUNNER_TEMP": str(self.root / "temp"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self.root / "output"),
            "GITHUB_STEP_SUMMARY": str(self.root / "summary"),
            "GRADE_PATHS": "class",
            **inputs,
        }

    def run(self, **inputs: str) -> Step:
        """Run the step to its end."""
        done = subprocess.run(
            [str(SCRIPT)],
            cwd=self.workspace,
            env=self.environment(**inputs),
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.stderr == b"", "a runner reads two streams in no certain order"
        return self.step(done.returncode, done.stdout)

    def step(self, code: int, log: bytes) -> Step:
        """Collect what it left."""
        calls = self.stub / "calls"
        return Step(
            code=code,
            log=log.decode("utf-8", "replace"),
            outputs=dict(
                line.split("=", 1) for line in (self.root / "output").read_text().splitlines()
            ),
            summary=(self.root / "summary").read_text(),
            calls=calls.read_text().splitlines() if calls.exists() else [],
        )

    def answers(
        self, *verdicts: str, code: int = 0, stdout: bytes = b"", stderr: bytes = b""
    ) -> None:
        """Say what labcheck will do."""
        (self.stub / "code").write_text(str(code))
        (self.stub / "stdout").write_bytes(stdout)
        (self.stub / "stderr").write_bytes(stderr)
        reports = [
            {"verdict": verdict, "score": CHECKED[verdict], "max_score": 100}
            for verdict in verdicts
        ]
        lines = "".join(json.dumps(report) + "\n" for report in reports)
        (self.results / "reports.jsonl").write_text(lines)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Hand in a class of two; labcheck finds one of them wrong."""
    found = Job(tmp_path)
    for folder in ("bin", "temp", "workspace/class/b", "workspace/.git", "stub/results"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("output", "summary"):
        (tmp_path / name).touch()
    docker = tmp_path / "bin" / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    (found.workspace / "class" / "a.py").write_text("print(1)\n")
    (found.workspace / "class" / "b" / "B.PY").write_text("print(2)\n")
    (found.workspace / "class" / "notes.txt").write_text("mine\n")
    (found.workspace / ".git" / "config.py").write_text("token\n")
    found.answers("passed", "failed", code=1)
    (found.results / "annotations.txt").write_text(ANNOTATION)
    (found.results / "summary.md").write_text("## labcheck: 1 failed, 1 passed\n")
    return found


def test_outputs_summary_annotations_and_results_are_left(job: Job) -> None:
    """What a workflow can go on with."""
    step = job.run()
    results = Path(step.outputs.pop("results"))

    assert step.code == 1
    assert step.outputs == {
        "verdict": "failed",
        "passed": "1",
        "submissions": "2",
        "score": "160",
        "max-score": "200",
    }
    assert step.summary == "## labcheck: 1 failed, 1 passed\n"
    assert step.log.endswith(ANNOTATION)
    assert sorted(path.name for path in results.iterdir()) == [
        "annotations.txt",
        "reports.jsonl",
        "summary.md",
    ]


def test_nothing_that_was_printed_is_a_command(job: Job) -> None:
    """On either stream, with or without the end of its last line."""
    job.answers("failed", code=1, stdout=HOSTILE, stderr=HOSTILE)
    step = job.run()

    assert [(each.name, each.data) for each in step.commands] == [("error", "0.1 → 0.2")]
    assert step.outputs["verdict"] == "failed"
    assert "::set-output name=verdict::passed" in step.log


def test_each_run_has_a_token_of_its_own(job: Job) -> None:
    """Nobody can write it down beforehand."""
    tokens = {job.run().log.partition("\n")[0] for _ in range(2)}

    assert len(tokens) == 2
    assert all(len(token) == len("::stop-commands::labcheck-") + 32 for token in tokens)


def test_what_is_no_annotation_of_ours_is_left_out(job: Job) -> None:
    """Even if somebody could write into that file."""
    (job.results / "annotations.txt").write_bytes(
        b"::set-output name=verdict::passed\n" + HOSTILE + b"\n" + ANNOTATION.encode()
    )

    assert [(each.name, each.data) for each in job.run().commands] == [("error", "0.1 → 0.2")]


def test_a_flood_of_annotations_is_cut(job: Job) -> None:
    """A step shows thirty."""
    (job.results / "annotations.txt").write_text(ANNOTATION * 1000)

    assert len(job.run().commands) == 30


def test_links_among_the_results_are_not_followed(job: Job, tmp_path: Path) -> None:
    """They would point to something on the runner."""
    secret = tmp_path / "secret"
    secret.write_text("::error title=t::secret\n")
    for name in ("annotations.txt", "summary.md", "other"):
        (job.results / name).unlink(missing_ok=True)
        (job.results / name).symlink_to(secret)
    step = job.run()

    assert "secret" not in step.log + step.summary
    assert [path.name for path in Path(step.outputs["results"]).iterdir()] == ["reports.jsonl"]


def test_only_scripts_are_handed_over_and_only_root_may_read_them(job: Job) -> None:
    """Under their paths in the repository; no history, no token of a checkout."""
    (job.workspace / "class" / "link.py").symlink_to("/etc/passwd")
    (job.workspace / "class" / "-x\n--checkpoint-action=exec=false.py").write_text("print(3)\n")
    assert job.run(GRADE_PATHS=".").code == 1

    with tarfile.open(fileobj=io.BytesIO((job.stub / "handed-over.tar").read_bytes())) as archive:
        members = archive.getmembers()
    assert sorted(member.name for member in members) == [
        "./class/-x\n--checkpoint-action=exec=false.py",
        "./class/a.py",
        "./class/b/B.PY",
        "./class/link.py",
    ]
    assert {(member.uid, member.gid) for member in members} == {(0, 0)}
    files = [member for member in members if member.isfile()]
    assert len(files) == 3
    assert all(stat.S_IMODE(member.mode) & 0o077 == 0 for member in files)


def test_a_path_may_be_named_through_the_repository(job: Job) -> None:
    """Several lines, files and folders, with the line ends of any editor."""
    assert job.run(GRADE_PATHS="class/b\r\n\nclass/a.py\n").code == 1

    with tarfile.open(fileobj=io.BytesIO((job.stub / "handed-over.tar").read_bytes())) as archive:
        assert archive.getnames() == ["./class/b/B.PY", "./class/a.py"]


def test_the_container_has_no_mount_no_network_and_no_right_to_spare(job: Job) -> None:
    """As the runner that labcheck starts itself; it is removed afterwards."""
    create, hand_over, start, fetch, remove = job.run(GRADE_JOBS="3", GRADE_LAB="l").calls

    words = create.split()
    assert not {"-v", "--volume", "--mount", "--privileged", "--user"} & set(words)
    for flags in (
        "--network none",
        "--cap-drop ALL --cap-add SETUID --cap-add SETGID --cap-add KILL",
        "--security-opt no-new-privileges",
        "--memory 5g --memory-swap 5g --pids-limit 512",
        "labcheck grade . --results /results --jobs 3 --fail-on failed --lab=l",
    ):
        assert f" {flags} " in f"{create} "
    assert hand_over == "cp - c0ffee:/work"
    assert start == "start --attach c0ffee"
    assert fetch.startswith("cp c0ffee:/results/. ")
    assert remove == "rm --force --volumes c0ffee"


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (["passed"], "passed"),
        (["passed", "not_gradable"], "not_gradable"),
        (["not_gradable", "failed", "passed"], "failed"),
        ([], "not_gradable"),
    ],
)
def test_the_verdict_of_many_is_the_worst(job: Job, verdicts: list[str], verdict: str) -> None:
    """And that of none is no pass."""
    job.answers(*verdicts)

    assert job.run().outputs["verdict"] == verdict


@pytest.mark.parametrize(("fail_on", "code"), [("failed", 1), ("never", 0)])
def test_the_exit_code_is_labchecks(job: Job, fail_on: str, code: int) -> None:
    """Which is told what counts."""
    job.answers("failed", code=code)
    step = job.run(GRADE_FAIL_ON=fail_on)

    assert step.code == code
    assert f"--fail-on {fail_on}" in step.calls[0]


@pytest.mark.parametrize(
    "inputs",
    [
        {"GRADE_PATHS": ""},
        {"GRADE_PATHS": "nowhere"},
        {"GRADE_PATHS": "/etc"},
        {"GRADE_PATHS": ".."},
        {"GRADE_PATHS": "class/notes.txt"},
        {"GRADE_PATHS": "::set-output name=a::b ##[add-path]/tmp"},
        {"GRADE_PATHS": "class\n::error::x"},
        {"GRADE_FAIL_ON": "maybe"},
        {"GRADE_JOBS": "2; id"},
        {"GRADE_JOBS": "17"},
        {"GRADE_MINUTES": "0"},
        {"GRADE_IMAGE": "--privileged"},
        {"GRADE_IMAGE": "a b"},
        {"GRADE_RESULTS": "class"},
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(
    job: Job, inputs: dict[str, str]
) -> None:
    """Exit 2; the words of an input are no commands either."""
    step = job.run(**inputs)

    assert (step.code, step.calls) == (2, [])
    assert [(each.name, each.data) for each in step.commands] == [
        ("error", "Exit code 2; the log says why.")
    ]


def test_a_link_out_of_the_repository_is_refused(job: Job) -> None:
    """A pull request may bring one."""
    (job.workspace / "outside").symlink_to("/etc")

    assert job.run(GRADE_PATHS="outside").code == 2


def test_an_image_that_is_not_there_is_the_machines_failure(job: Job) -> None:
    """Exit 4, as for labcheck; never a learner's failure."""
    (job.stub / "no-image").touch()
    step = job.run()

    assert step.code == 4
    assert "build it with `make image`" in step.log
    assert "verdict" not in step.outputs


@pytest.mark.parametrize("code", [4, 0, 137])
def test_without_reports_there_is_no_verdict(job: Job, code: int) -> None:
    """Whatever the exit code said."""
    job.answers(code=code)
    (job.results / "reports.jsonl").unlink()
    step = job.run()

    assert step.code == (code or 4)
    assert "verdict" not in step.outputs
    assert step.commands[-1].data == f"Exit code {code or 4}; the log says why."


def test_a_report_that_is_none_gives_no_verdict(job: Job) -> None:
    """Outputs are read from JSON, and nothing else becomes one."""
    (job.results / "reports.jsonl").write_text('{"verdict": "passed\\nx=y"}\n')
    step = job.run()

    assert step.code == 4
    assert set(step.outputs) == {"results"}


def test_modules_of_the_repository_are_not_imported(job: Job) -> None:
    """A learner's json.py lies in the working directory."""
    (job.workspace / "json.py").write_text("raise SystemExit('taken over')\n")
    step = job.run()

    assert step.code == 1
    assert "taken over" not in step.log


def test_a_step_that_is_cancelled_removes_its_container(job: Job) -> None:
    """At once, though docker would go on."""
    (job.stub / "hang").touch()
    running = subprocess.Popen(
        [str(SCRIPT)], cwd=job.workspace, env=job.environment(), stdout=subprocess.PIPE
    )
    deadline = time.monotonic() + 30
    while not (job.stub / "hanging").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGTERM)
    with running:
        running.wait(timeout=20)

    assert running.returncode == 130
    assert job.step(130, b"").calls[-1] == "rm --force --volumes c0ffee"
