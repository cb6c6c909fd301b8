"""Command portability: which digits are safe, in words and as JSON, and what it exits with."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import PUBLISHED
from tests.unit.cli.worlds import World
from verifier import cli
from verifier.drift import torch_environment
from verifier.drift.portability import CPU_SETTINGS
from verifier.errors import ExitCode, WorkerError
from verifier.run.interface import Exited, RunResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.fakes import FakeRunner

LESSON = ("--lab", "forward-backward")


class Settings(World):
    """One interpreter, which prints by the settings of the CPU."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.fails = "none"
        """The setting under which the first script ends with status 1."""

    def __call__(self, *, python: Path, settings: Mapping[str, str], **how: object) -> FakeRunner:
        """Start it."""
        what = " ".join(f"{name}={value}" for name, value in settings.items())
        self.seen.append(f"{python} {what}")
        runner = super().__call__(python=python, settings={**settings, "WHAT": what}, **how)
        if what == self.fails and isinstance(runner.result, RunResult):
            runner.result = replace(runner.result, outcome=Exited(code=1))
        return runner


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """No interpreter is started."""
    found = Settings()
    monkeypatch.setattr(torch_environment, "SandboxRunner", found)
    return found


def _portability(*arguments: str) -> int:
    return cli.run(["portability", *LESSON, *arguments])


def test_what_prints_the_same_everywhere_exits_0(
    world: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under each of the settings, in this Python where no other is named."""
    code = _portability()
    out = capsys.readouterr().out

    assert code == ExitCode.PASSED
    assert out.splitlines()[0] == (
        "settings: as it is; ATEN_CPU_CAPABILITY=default; ATEN_CPU_CAPABILITY=avx2; "
        "OMP_NUM_THREADS=2; MKL_CBWR=COMPATIBLE; ONEDNN_MAX_CPU_ISA=SSE41"
    )
    assert "forward-backward/baseline: 16 of 16 safe" in out.splitlines()
    assert len(set(world.seen)) == len(CPU_SETTINGS)
    assert all(each.startswith(sys.executable) for each in world.seen)


def test_a_digit_that_depends_on_the_cpu_exits_1(
    world: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named, with the decimals that could stay."""
    world.prints["MKL_CBWR=COMPATIBLE"] = PUBLISHED.replace(b"0.1927", b"0.1926")
    code = _portability()
    lines = capsys.readouterr().out.splitlines()

    assert code == ExitCode.FAILED
    assert "forward-backward/baseline: 15 of 16 safe" in lines
    assert (
        "  loss_before: safe with 3 of its 4 decimals (it prints 2 texts under different settings)"
    ) in lines


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (b"0.4", "safe without decimals, not with 4"),
        (b"nan", "not safe with any number of decimals"),
    ],
)
def test_the_advice_fits_what_is_left(
    world: Settings, capsys: pytest.CaptureFixture[str], text: bytes, advice: str
) -> None:
    """Which may be nothing."""
    world.prints["MKL_CBWR=COMPATIBLE"] = PUBLISHED.replace(b"0.1927", text)

    assert _portability() == ExitCode.FAILED
    assert f"  loss_before: {advice} (" in capsys.readouterr().out


def test_a_setting_under_which_a_lesson_fails_exits_1(
    world: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named under its script; what the others print is judged all the same."""
    world.fails = "ONEDNN_MAX_CPU_ISA=SSE41"
    code = _portability()
    lines = capsys.readouterr().out.splitlines()

    assert code == ExitCode.FAILED
    place = lines.index("forward-backward/baseline: 16 of 16 safe")
    assert lines[place + 1] == (
        f"  did not run to its end: python:{sys.executable} ONEDNN_MAX_CPU_ISA=SSE41"
    )


def test_json_has_every_value(world: Settings, tmp_path: Path) -> None:
    """With all its texts; a file may have it."""
    world.prints["MKL_CBWR=COMPATIBLE"] = PUBLISHED.replace(b"0.1927", b"0.1926")
    path = tmp_path / "p.json"

    assert _portability("--format", "json", "-o", str(path)) == ExitCode.FAILED
    scripts = json.loads(path.read_text())
    values = {value["name"]: value for value in scripts[0]["values"]}
    assert (scripts[0]["lab"], scripts[0]["canary"], scripts[0]["safe"]) == (
        "forward-backward", False, False,
    )  # fmt: skip
    assert values["loss_before"] == {
        "name": "loss_before",
        "texts": ["0.1927", "0.1926"],
        "decimals": 4,
        "safe_decimals": 3,
        "safe": False,
        "reasons": ["it prints 2 texts under different settings"],
    }
    assert values["loss_after"]["safe"] is True


def test_a_setting_that_cannot_be_run_exits_4(
    world: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named, and nothing is judged without it."""
    world.prints["ATEN_CPU_CAPABILITY=avx2"] = WorkerError("it died")

    assert _portability() == ExitCode.ENVIRONMENT
    captured = capsys.readouterr()
    assert (captured.out, "ATEN_CPU_CAPABILITY=avx2: it died" in captured.err) == ("", True)


def test_another_environment_can_be_named(world: Settings, tmp_path: Path) -> None:
    """As everywhere."""
    (tmp_path / "python").write_text("")

    assert _portability("--environment", f"python:{tmp_path}/python") == ExitCode.PASSED
    assert all(each.startswith(f"{tmp_path}/python") for each in world.seen)
    assert _portability("--environment", "here") == ExitCode.USAGE
