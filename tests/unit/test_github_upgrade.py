"""The step of torch-upgrade.yml, with a labcheck that only pretends."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT
from tests.github import commands_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, dict[str, str], str]]

LABCHECK = """\
#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$STUB/calls"
echo "$PIP_EXTRA_INDEX_URL" >"$STUB/index"
results=$7
printf '::error title=t::moved\\n::set-output name=a::b\\n' >"$results/annotations.txt"
echo '## torch' >"$results/drift.md"
[ -z "$LINK" ] || ln -sf "$LINK" "$results/drift.md"
printf 'pip says\\n##[add-path]/tmp\\n::stop-commands::x\\n::error::mine'
exit "${CODE:-0}"
"""
PINS = '[wheels]\ntorch = "{}"\nnumpy = "2.4.6"\n'


def _git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def _pin(folder: Path, torch: str) -> None:
    (folder / "docker").mkdir(exist_ok=True)
    (folder / "docker" / "pins.toml").write_text(PINS.format(torch))
    _git(folder, "add", ".")
    _git(folder, "commit", "-q", "--allow-empty", "-m", torch.partition("\n")[0])


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository of two commits, the second with another release."""
    folder = tmp_path / "repository"
    (folder / "scripts").mkdir(parents=True)
    for name in ("lib.sh", "github.sh", "github-upgrade.sh"):
        shutil.copy(CHECKOUT / "scripts" / name, folder / "scripts" / name)
    _git(folder, "init", "-q")
    _pin(folder, "2.13.0+cpu")
    _pin(folder, "2.14.1+cpu")
    return folder


@pytest.fixture
def run(repository: Path, tmp_path: Path) -> Run:
    """Run the step; give its exit code, log, outputs and summary."""
    labcheck = tmp_path / "labcheck"
    labcheck.write_text(LABCHECK)
    labcheck.chmod(0o755)

    def step(**inputs: str) -> tuple[int, str, dict[str, str], str]:
        for name in ("output", "summary"):
            (tmp_path / name).write_text("")
        environment = {
            "PATH": os.environ["PATH"],
            "STUB": str(tmp_path),
            "TMPDIR": str(tmp_path),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "UPGRADE_LABCHECK": str(labcheck),
            **inputs,
        }
        done = subprocess.run(
            [str(repository / "scripts" / "github-upgrade.sh")],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.stderr == b"", "a runner reads two streams in no certain order"
        lines = (tmp_path / "output").read_text().splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        summary = (tmp_path / "summary").read_text()
        return done.returncode, done.stdout.decode(), outputs, summary

    return step


def _calls(tmp_path: Path) -> list[str]:
    path = tmp_path / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_the_pins_of_two_revisions_are_compared(run: Run, tmp_path: Path) -> None:
    """What stands behind a plus sign is the build, not the release."""
    code, log, outputs, summary = run(UPGRADE_BASE="HEAD^", TORCH_INDEX="index")

    assert (code, summary) == (0, "## torch\n")
    assert _calls(tmp_path) == [
        f"upgrade --from 2.13.0 --to 2.14.1 --results {outputs['results']} --fail-on printed"
    ]
    assert outputs.items() >= {"from": "2.13.0", "to": "2.14.1", "compared": "true"}.items()
    assert (tmp_path / "index").read_text() == "index\n"
    assert [(each.name, each.data) for each in commands_in(log)] == [("error", "moved")]


def test_equal_pins_need_no_comparison(run: Run, repository: Path, tmp_path: Path) -> None:
    """A new wheel of the same release, or another pin beside it."""
    _pin(repository, "2.14.1+cu130")
    code, log, outputs, summary = run(UPGRADE_BASE="HEAD^")

    assert (code, _calls(tmp_path), commands_in(log)) == (0, [], [])
    assert outputs == {"from": "2.14.1", "to": "2.14.1", "compared": "false"}
    assert summary == "torch is 2.14.1 on both sides: there is nothing to compare.\n"


def test_releases_may_be_named_instead(run: Run, tmp_path: Path) -> None:
    """By hand, for a release that nobody has pinned yet."""
    assert run(UPGRADE_TO="2.15.0rc1", UPGRADE_FAIL_ON="tolerance")[0] == 0
    assert run(UPGRADE_FROM="2.6.0", UPGRADE_TO="2.7.1", UPGRADE_FAIL_ON="bits")[0] == 0

    assert [call.split("--results")[0] for call in _calls(tmp_path)] == [
        "upgrade --from 2.14.1 --to 2.15.0rc1 ",
        "upgrade --from 2.6.0 --to 2.7.1 ",
    ]


def test_a_link_among_the_results_is_not_followed(run: Run, tmp_path: Path) -> None:
    """The code that is compared is a stranger's pull request."""
    secret = tmp_path / "secret"
    secret.write_text("secret")

    assert run(UPGRADE_BASE="HEAD^", LINK=str(secret))[3] == ""


@pytest.mark.parametrize("code", [1, 4])
def test_drift_and_failure_keep_their_exit_codes(run: Run, code: int) -> None:
    """A machine's failure is an error of its own; drift has its annotations."""
    status, log, _, summary = run(UPGRADE_BASE="HEAD^", CODE=str(code))
    said = [each.data for each in commands_in(log)]

    assert (status, summary) == (code, "## torch\n")
    assert said == ["moved", *(["Exit code 4; the log says why."] if code == 4 else [])]


@pytest.mark.parametrize(
    "inputs",
    [
        {"UPGRADE_BASE": "--upload-pack=id"},
        {"UPGRADE_BASE": "nowhere"},
        {"UPGRADE_BASE": "HEAD^^"},
        {"UPGRADE_TO": "2.14.1; id"},
        {"UPGRADE_TO": "--results"},
        {"UPGRADE_TO": "2.14.1\n::error::x"},
        {"UPGRADE_FAIL_ON": "never"},
        {"UPGRADE_RESULTS": "scripts"},
    ],
)
def test_what_makes_no_sense_is_refused(
    run: Run, repository: Path, tmp_path: Path, inputs: dict[str, str]
) -> None:
    """Exit 2, and nothing is installed."""
    del repository
    code, log, outputs, _ = run(**{"UPGRADE_BASE": "HEAD^", **inputs})

    assert (code, _calls(tmp_path)) == (2, [])
    assert [each.data for each in commands_in(log)] == ["Exit code 2; the log says why."]
    assert "results" not in outputs


@pytest.mark.parametrize(
    "pin",
    ["2.14.1 --index evil", "::error::x", "2", '2.14.1\\n::error::x", "x', '"\n[other]\nx = "'],
)
def test_a_pin_of_a_strangers_pull_request_is_a_release_or_nothing(
    run: Run, repository: Path, tmp_path: Path, pin: str
) -> None:
    """It goes into a command's arguments."""
    _pin(repository, pin)
    code, log, _, _ = run(UPGRADE_BASE="HEAD^")

    assert (code, _calls(tmp_path)) == (2, [])
    assert [each.data for each in commands_in(log)] == ["Exit code 2; the log says why."]
