"""The doctor says what this machine has, and a remedy for what it lacks."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from verifier import cli, resources
from verifier.cli import doctor
from verifier.errors import BadDataError, ExitCode
from verifier.run import engine
from verifier.sandbox.walls import landlock

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _well(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has everything; each test takes something away."""
    monkeypatch.setenv("LABCHECK_LAB", str(LAB_ROOT))
    monkeypatch.delenv("LABCHECK_IN_IMAGE", raising=False)
    monkeypatch.delenv("LABCHECK_IMAGE", raising=False)
    monkeypatch.setattr(engine, "engine_trouble", lambda: None)
    monkeypatch.setattr(engine, "image_id", lambda name: f"sha256:{name}")
    monkeypatch.setattr(engine, "image_pins", lambda _name: resources.pins_sha256())
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "2.13.0+cpu")
    monkeypatch.setattr(landlock, "abi", lambda: 7)


def _doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    return cli.run(["doctor"]), capsys.readouterr().out


def test_machine_that_has_everything_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    """Not one cross."""
    code, out = _doctor(capsys)

    assert (code, "✗" in out, "can run the lab" in out) == (ExitCode.PASSED, False, True)


def test_no_engine_is_no_trouble_where_torch_is_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The local runner verifies without one; a remedy is named all the same."""
    monkeypatch.setattr(engine, "engine_trouble", lambda: "connection refused")
    monkeypatch.setattr(engine, "image_id", lambda _name: None)
    monkeypatch.setattr(engine, "image_pins", lambda _name: None)
    code, out = _doctor(capsys)

    assert code == ExitCode.PASSED
    assert "✗ engine                connection refused\n  → run `make engine`" in out
    assert "no image labcheck-runtime" in out


def test_image_looked_at_is_the_one_that_scripts_run_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A variant that is chosen, and how it is built."""
    monkeypatch.setenv("LABCHECK_IMAGE", "labcheck-runtime-course")
    monkeypatch.setattr(engine, "image_id", lambda _name: None)
    _, out = _doctor(capsys)

    assert "no image labcheck-runtime-course\n  → run `make image VARIANT=course`" in out


def test_neither_engine_nor_torch_exits_4(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing can be run here yet."""

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    monkeypatch.setattr(engine, "engine_trouble", lambda: "connection refused")
    code, out = _doctor(capsys)

    assert code == ExitCode.ENVIRONMENT
    assert "cannot run the lab on this machine yet" in out


def test_inside_the_image_no_engine_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is none, and none is needed."""
    monkeypatch.setenv("LABCHECK_IN_IMAGE", "1")
    code, out = _doctor(capsys)

    assert code == ExitCode.PASSED
    assert "engine" not in out


def test_image_of_other_pins_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stale image would verify an environment that nobody pinned."""
    monkeypatch.setattr(engine, "image_pins", lambda _name: "0" * 64)

    assert "the image was built from other pins (0000" in _doctor(capsys)[1]


def test_kernel_without_landlock_is_a_lower_tier(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, and runs go on."""
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    code, out = _doctor(capsys)

    assert code == ExitCode.PASSED
    assert "runs are in a lower tier" in out


@pytest.mark.parametrize(
    ("abi", "said"),
    [(2, "ABI 2: files\n"), (4, "ABI 4: files, TCP\n"), (7, "files, TCP, signals\n")],
)
def test_what_an_older_landlock_cannot_deny_is_visible(
    abi: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Debian 12's own kernel has ABI 2."""
    monkeypatch.setattr(landlock, "abi", lambda: abi)

    assert said in _doctor(capsys)[1]


def test_incomplete_installation_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No labs where they were said to be: that is vital. No pins: that is not."""

    def no_pins() -> str:
        raise BadDataError("this installation has no pins", remedy="install labcheck again")

    monkeypatch.setattr(doctor, "pins_sha256", no_pins)
    monkeypatch.setenv("LABCHECK_LAB", str(tmp_path))
    code, out = _doctor(capsys)

    assert code == ExitCode.ENVIRONMENT
    assert "there is no lab under" in out
    assert "this installation has no pins" in out
