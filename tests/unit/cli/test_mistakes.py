"""``labcheck golden mistakes``: writes what known mistakes print, and says what it leaves out."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes import LAB_ROOT, PUBLISHED, FakeRunner, run_result
from verifier import cli
from verifier.cli import mistakes, options
from verifier.errors import ExitCode
from verifier.golden.signature import load_signatures
from verifier.lab.load import load_lab
from verifier.run.interface import PLAIN, Exited

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.interface import Examination, Limits, RunResult

LATE = PUBLISHED.replace(b"0.888", b"0.825")
"""What a script without an update might print."""


class _Moody(FakeRunner):
    """Prints another prediction each time."""

    def run(
        self,
        source: bytes,
        *,
        limits: Limits,  # noqa: ARG002 - the protocol's
        examination: Examination = PLAIN,  # noqa: ARG002 - the protocol's
    ) -> RunResult:
        self.sources.append(source)
        return next(self.moods)

    moods = (run_result(PUBLISHED.replace(b"0.825", b"0.%d" % n)) for n in itertools.count(100))


def _lab(tmp_path: Path, *names: str) -> Path:
    """Copy the lab with some of its mistakes only."""
    folder = tmp_path / "forward-backward"
    shutil.copytree(LAB_ROOT / "forward-backward", folder)
    for path in (folder / "mistakes").glob("*.py"):
        if path.stem not in names:
            path.unlink()
    file = folder / "mistakes" / "mistakes.toml"
    head, *tables = re.split(r"^(?=\[)", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kept = [table for table in tables if table[1 : table.index("]")] in names]
    file.write_text(head + "".join(kept), encoding="utf-8")
    _kept(folder).unlink()
    return folder


def _kept(folder: Path) -> Path:
    return folder / "golden" / "mistakes.json"


def _signatures(folder: Path) -> dict[str, Any]:
    signatures: dict[str, Any] = json.loads(_kept(folder).read_text())["signatures"]
    return signatures


def _mistakes(folder: Path, *more: str) -> int:
    return cli.run(["golden", "mistakes", "--lab-root", str(folder.parent), *more])


def test_signature_is_written_and_read_back(
    fake: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The diagnosis finds what the command wrote; a second time nothing changes."""
    folder = _lab(tmp_path, "step-missing-first")
    fake.result = run_result(LATE)

    assert _mistakes(folder) == ExitCode.PASSED
    assert len(fake.sources) == 2
    out = capsys.readouterr().out
    assert "new: step-missing-first" in out
    assert "forward-backward: signatures of 1 of 1 mistake; 1 changes" in out
    lab = load_lab(folder / "lab.toml")
    (signature,) = load_signatures(lab, lab.exercise("baseline"))
    assert (signature.mistake, signature.diagnosis) == ("step-missing-first", "step-missing")
    assert "0.825" in signature.readings.values()
    assert _mistakes(folder, "--check") == ExitCode.PASSED
    assert "; 0 change" in capsys.readouterr().out


def test_check_writes_nothing_and_exits_1_where_a_signature_would_change(
    fake: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """New, changed and stale signatures are named alike."""
    folder = _lab(tmp_path, "step-missing-first", "seed-zero")

    assert _mistakes(folder, "--check") == ExitCode.FAILED
    assert not _kept(folder).exists()
    assert _mistakes(folder) == ExitCode.PASSED
    document = json.loads(_kept(folder).read_text())
    document["signatures"]["of-old"] = document["signatures"]["seed-zero"]
    before = json.dumps(document)
    _kept(folder).write_text(before)
    fake.results = {(folder / "mistakes" / "seed-zero.py").read_bytes(): run_result(LATE)}
    capsys.readouterr()
    assert _mistakes(folder, "--check") == ExitCode.FAILED
    out = capsys.readouterr().out
    assert "stale: of-old\n" in out
    assert "changed: seed-zero\n" in out
    assert "step-missing-first" not in out
    assert _kept(folder).read_text() == before
    assert _mistakes(folder) == ExitCode.PASSED
    assert list(_signatures(folder)) == ["seed-zero", "step-missing-first"]


def test_file_that_cannot_be_read_is_made_again(
    fake: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is what its own error says to do."""
    folder = _lab(tmp_path, "seed-zero")
    _kept(folder).write_bytes(b"\xff no signatures")

    assert _mistakes(folder) == ExitCode.PASSED
    assert f"stale: {_kept(folder)}\nnew: seed-zero\n" in capsys.readouterr().out
    assert list(_signatures(folder)) == ["seed-zero"]


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (run_result(outcome=Exited(code=1)), "it does not run to its end"),
        (run_result(b"prediction_before= 0.825\n"), "it prints 1 value, fewer than 6"),
    ],
)
def test_output_that_says_too_little_is_left_out_and_named(
    fake: FakeRunner,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    result: RunResult,
    said: str,
) -> None:
    """Its signature of before goes, too; one run is enough to know."""
    folder = _lab(tmp_path, "seed-zero")
    assert _mistakes(folder) == ExitCode.PASSED
    fake.result = result
    fake.sources.clear()

    assert _mistakes(folder) == ExitCode.PASSED
    assert len(fake.sources) == 1
    assert f"left out: seed-zero: {said}" in capsys.readouterr().out
    assert not _kept(folder).exists()


def test_output_that_differs_each_time_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No submission would print those values again."""
    folder = _lab(tmp_path, "seed-missing")
    monkeypatch.setattr(mistakes, "chosen_runner", lambda *_a, **_k: _Moody(run_result()))

    assert _mistakes(folder) == ExitCode.PASSED
    assert "left out: seed-missing: it prints other values each time" in capsys.readouterr().out


def test_mistake_that_cannot_be_handed_in_is_left_out(
    fake: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is never run."""
    folder = _lab(tmp_path, "seed-zero")
    (folder / "mistakes" / "seed-zero.py").write_bytes(b"\0")

    assert _mistakes(folder) == ExitCode.PASSED
    assert fake.sources == []
    assert "left out: seed-zero: it cannot be handed in" in capsys.readouterr().out


def test_writing_is_refused_in_ci_and_checking_is_not(
    monkeypatch: pytest.MonkeyPatch, fake: FakeRunner, tmp_path: Path
) -> None:
    """Accepting new values is a person's step."""
    folder = _lab(tmp_path, "seed-zero")
    monkeypatch.setenv("CI", "true")

    assert _mistakes(folder) == ExitCode.USAGE
    assert fake.sources == []
    assert _mistakes(folder, "--check") == ExitCode.FAILED


def test_signatures_never_come_from_a_runner_without_walls_by_themselves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They are what everybody is judged by; the local runner must be asked for by name."""
    monkeypatch.setattr(options, "engine_trouble", lambda: "no socket")

    assert _mistakes(_lab(tmp_path, "seed-zero")) == ExitCode.ENVIRONMENT


def test_signature_that_cannot_be_written_is_a_usage_error(
    fake: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not a fault of labcheck."""
    folder = _lab(tmp_path, "seed-zero")
    _kept(folder).mkdir()

    assert _mistakes(folder) == ExitCode.USAGE
    assert "cannot be written" in capsys.readouterr().err


def test_signature_tells_which_exercise_it_is_of(fake: FakeRunner, tmp_path: Path) -> None:
    """Only a submission to that one is compared with it."""
    folder = _lab(tmp_path, "lr-sweep-seed-once")
    assert _mistakes(folder) == ExitCode.PASSED
    signature = _signatures(folder)["lr-sweep-seed-once"]

    assert signature["exercise"] == "lr-sweep"
    assert len(signature["readings"]) == 21


def test_installation_without_mistakes_says_what_is_missing(
    fake: FakeRunner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or it would remove every signature."""
    folder = tmp_path / "forward-backward"
    shutil.copytree(
        LAB_ROOT / "forward-backward", folder, ignore=shutil.ignore_patterns("mistakes")
    )

    assert _mistakes(folder) == ExitCode.BAD_DATA
    assert fake.sources == []
    assert "an installation carries none" in capsys.readouterr().err
    assert _kept(folder).exists()


def test_second_run_takes_place_in_another_runner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address that is printed is the same in all that one server starts."""
    folder = _lab(tmp_path, "printed-gradient-method")
    runners = [FakeRunner(run_result()), FakeRunner(run_result(LATE))]
    monkeypatch.setattr(mistakes, "chosen_runner", lambda *_a, **_k: runners.pop())

    assert _mistakes(folder) == ExitCode.PASSED
    assert "printed-gradient-method: it prints other values each time" in capsys.readouterr().out
