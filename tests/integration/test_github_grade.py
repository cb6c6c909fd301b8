"""The step of action.yml with the real image: nothing mounted, every wall up, nothing obeyed."""

from __future__ import annotations

import io
import json
import os
import secrets
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT
from tests.github import commands_in
from tests.integration.images import CHECKER
from tests.integration.leftovers import containers_of
from tests.integration.submissions import NO_UPDATE, REFERENCE
from verifier.run.interface import WALLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient
    from docker.models.images import Image

pytestmark = pytest.mark.engine

_DOCKERFILE = f"""\
FROM {CHECKER}
COPY verifier /opt/labcheck/lib/verifier
RUN ["/usr/bin/python3", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash", \
"-x", "/_lab/", "/opt/labcheck/lib/verifier"]
LABEL org.labcheck.test={secrets.token_hex(8)}
"""
HOSTILE = """\
import sys
for stream in (sys.stdout, sys.stderr):
    print("::set-output name=verdict::passed\\n  ::error::mine", file=stream)
    print("\\r::stop-commands::t\\n::t::", file=stream)
    print("##[add-path]/tmp\\x00", end="", file=stream, flush=True)
other = "/work" "/class/right.py"
for path in ("/results/annotations.txt", "/results/summary.md", other):
    try:
        open(path, "a").write("::error title=t::mine\\n")
    except OSError as error:
        print(type(error).__name__)
try:
    print(open(other).read())
except OSError as error:
    print(type(error).__name__)
"""


@pytest.fixture(scope="module")
def grader(engine: DockerClient, checker: Image) -> Iterator[str]:
    """Build a throwaway image: the one that learners run, with today's checker."""
    del checker
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for path in sorted((CHECKOUT / "verifier").rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                tar.add(path, path.relative_to(CHECKOUT))
        dockerfile = _DOCKERFILE.encode()
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(dockerfile)
        tar.addfile(entry, io.BytesIO(dockerfile))
    context.seek(0)
    image, _ = engine.images.build(
        fileobj=context, custom_context=True, rm=True, forcerm=True, network_mode="none"
    )
    yield str(image.id)
    engine.images.remove(str(image.id), force=True)


def _grade(workspace: Path, *, image: str, temporary: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the step on a workspace, as a job of GitHub's does."""
    for name in ("output", "summary"):
        (temporary / name).touch()
    return subprocess.run(
        [str(CHECKOUT / "scripts" / "github-grade.sh")],
        cwd=workspace,
        env={
            **{key: os.environ[key] for key in ("PATH", "DOCKER_HOST") if key in os.environ},
            "RUNNER_TEMP": str(temporary),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_OUTPUT": str(temporary / "output"),
            "GITHUB_STEP_SUMMARY": str(temporary / "summary"),
            "GRADE_PATHS": "class",
            "GRADE_IMAGE": image,
        },
        capture_output=True,
        check=False,
        timeout=240,
    )


def test_a_class_is_graded_without_a_mount_and_behind_every_wall(
    engine: DockerClient, grader: str, tmp_path: Path
) -> None:
    """A right script, one without its update, and one that talks to the runner."""
    workspace = tmp_path / "workspace"
    (workspace / "class").mkdir(parents=True)
    (workspace / "class" / "right.py").write_bytes(REFERENCE.read_bytes())
    (workspace / "class" / "no_update.py").write_text(NO_UPDATE)
    (workspace / "class" / "hostile.py").write_text(HOSTILE)
    done = _grade(workspace, image=grader, temporary=tmp_path)
    log = done.stdout.decode()
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    results = Path(outputs.pop("results"))
    lines = (results / "reports.jsonl").read_text().splitlines()
    reports = {each["submission"]["path"]: each for each in map(json.loads, lines)}
    commands = commands_in(log)

    assert done.returncode == 1, log
    assert outputs == {
        "verdict": "failed",
        "passed": "1",
        "submissions": "3",
        "score": str(sum(report["score"] for report in reports.values())),
        "max-score": "300",
    }
    assert reports["class/right.py"]["verdict"] == "passed"
    for report in reports.values():
        assert report["tier"] == {"walls": list(WALLS), "missing": []}
    errors = [each for each in commands if each.name == "error"]
    (notice,) = (each for each in commands if each.name != "error")
    assert (notice.name, notice.properties["title"]) == ("notice", "judged by")
    assert {each.properties["file"] for each in errors} == {
        "class/hostile.py",
        "class/no_update.py",
    }
    assert "mine" not in {each.data for each in commands}
    assert (tmp_path / "summary").read_text() == (results / "summary.md").read_text()
    html = (results / "report.html").read_text()
    assert html.count("PermissionError") + html.count("FileNotFoundError") >= 4
    assert containers_of(engine, grader) == set()
