"""Labs, schemas and pins are found from an installed wheel and from an editable checkout alike."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT, PUBLISHED
from verifier.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

RUN = "from verifier.cli import main; main()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `make image` builds, too."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--disable-pip-version-check", "--wheel-dir", str(folder)]
    subprocess.run([*command, str(CHECKOUT)], check=True, timeout=120)
    (made,) = folder.glob("labcheck-*.whl")
    return made


def _labcheck(*words: str, package_parent: Path | None, cwd: Path) -> tuple[int, str]:
    environment = {key: value for key, value in os.environ.items() if key != "LABCHECK_LAB"}
    if package_parent is not None:
        environment["PYTHONPATH"] = str(package_parent)
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words],
        cwd=cwd,
        env=environment,
        input=PUBLISHED,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def test_wheel_holds_its_data_inside_the_package_only(wheel: Path) -> None:
    """Top-level packages called lab or schemas would collide with anyone's."""
    names = zipfile.ZipFile(wheel).namelist()

    assert "verifier/_lab/forward-backward/golden/baseline.json" in names
    assert "verifier/_schemas/report.schema.json" in names
    assert "verifier/_pins.toml" in names
    assert "verifier/_torch-history.jsonl" in names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"verifier"}


def test_wheel_holds_what_judges_and_nothing_else_of_a_lab(wheel: Path) -> None:
    """Wording, signatures and canaries; but neither scripts with mistakes nor what benches use."""
    inside = {
        name.removeprefix("verifier/_lab/")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.startswith("verifier/_lab/")
    }

    assert inside >= {
        "forward-backward/lab.toml",
        "forward-backward/diagnoses.toml",
        "forward-backward/forward_backward_lab.py",
        "forward-backward/exercises/weights.py",
        "forward-backward/golden/weights.json",
        "forward-backward/golden/mistakes.json",
        "canary/dropout/lab.toml",
        "canary/dropout/dropout_lab.py",
        "canary/dropout/golden/baseline.json",
    }
    assert not {name for name in inside if {"mistakes", "bench"} & {*name.split("/")}}


def test_installed_wheel_says_that_it_has_no_mistakes(wheel: Path, tmp_path: Path) -> None:
    """Or it would remove every signature; exit 5 and one sentence."""
    target = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(target)
    code, text = _labcheck("golden", "mistakes", "--check", package_parent=target, cwd=tmp_path)

    assert code == ExitCode.BAD_DATA
    assert "the mistakes of lab forward-backward are not here: an installation carries none" in text


def test_installed_wheel_finds_its_own_labs_and_schemas(wheel: Path, tmp_path: Path) -> None:
    """Far away from any checkout."""
    target = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(target)
    code, text = _labcheck("check", "--format", "json", "-", package_parent=target, cwd=tmp_path)
    assert (code, '"verdict": "passed"' in text) == (ExitCode.PASSED, True)

    _, text = _labcheck("doctor", package_parent=target, cwd=tmp_path)
    assert str(target / "verifier" / "_lab") in text


def test_editable_checkout_finds_its_own_labs_from_anywhere(tmp_path: Path) -> None:
    """An editable install does not map data files."""
    code, text = _labcheck("check", "--format", "json", "-", package_parent=CHECKOUT, cwd=tmp_path)

    assert (code, '"verdict": "passed"' in text) == (ExitCode.PASSED, True)
