"""Arguments that name nothing, and a reader who leaves: quiet, and never exit 1."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from verifier import cli
from verifier.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

_MAIN = "from verifier.cli import main; main()"


@pytest.mark.parametrize(
    "arguments",
    [
        ["grade", ""],
        ["grade", "a.py", ""],
        ["grade", "a\0.py"],
        ["grade", "x" * 300 + ".py"],
        ["grade", "a.py", "--results", ""],
        ["grade", "-", "-"],
        ["check", ""],
        ["check", "x" * 300],
        ["record", ""],
    ],
)
def test_argument_that_names_nothing_is_a_usage_error(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With what to do instead; no report, and no folder of results."""
    monkeypatch.chdir(tmp_path)

    assert cli.run(arguments) == ExitCode.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert "→" in said.err
    assert "is a folder" not in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["--help"], ["lab", "show"], ["grade", "--help"]])
@pytest.mark.parametrize("with_errors", [False, True])
def test_reader_who_leaves_is_no_failed_submission(
    arguments: list[str], *, with_errors: bool
) -> None:
    """``labcheck … | head -1``: nothing is said, and the code is that of a closed pipe."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", _MAIN, *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=writing if with_errors else subprocess.PIPE,
    )
    os.close(writing)

    assert done.returncode == 141
    assert not done.stderr
