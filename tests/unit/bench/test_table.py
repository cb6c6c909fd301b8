"""The figures in ``bench/README.md`` come from the results, and a difference is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bench import document, table
from tests.fakes import CHECKOUT
from verifier.errors import BadDataError

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = CHECKOUT / "schemas" / "examples" / "bench.json"
DIAGNOSIS = CHECKOUT / "schemas" / "examples" / "bench-diagnosis.json"


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    """Make a file with a place for the figures."""
    path = tmp_path / "README.md"
    path.write_text(f"before\n\n{table.BEGIN}\nyesterday\n{table.END}\n\nafter\n")
    return path


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    options = ["--results", EXAMPLE, "--peers", EXAMPLE, "--diagnosis", DIAGNOSIS]
    monkeypatch.setattr("sys.argv", ["table.py", *map(str, [*arguments, *options])])
    return table.main()


def test_figures_are_written_between_the_comments(
    readme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands around them stays."""
    assert _run(monkeypatch, readme) == 0

    text = readme.read_text()
    assert text.startswith(f"before\n\n{table.BEGIN}\n\n`make bench` on ")
    assert text.endswith(f"{table.END}\n\nafter\n")
    assert "yesterday" not in text


def test_check_finds_old_figures_and_writes_nothing(
    readme: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person asks, `python bench/table.py bench/README.md` mends."""
    before = readme.read_text()

    assert _run(monkeypatch, "--check", readme) == 1
    assert readme.read_text() == before
    assert "run `python bench/table.py" in capsys.readouterr().err


def test_check_is_content_after_writing(readme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing twice changes nothing either."""
    _run(monkeypatch, readme)

    assert _run(monkeypatch, "--check", readme) == 0


@pytest.mark.parametrize("text", ["", table.BEGIN, f"{table.END}\n{table.BEGIN}", 2 * table.BEGIN])
def test_file_without_a_place_is_refused(
    text: str, readme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures are never put where nobody asked for them."""
    readme.write_text(text)

    assert _run(monkeypatch, readme) == 2
    assert readme.read_text() == text


def test_shares_of_diagnoses_are_shown_by_stage_and_exercise(
    readme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stage without scripts shows no share."""
    assert _run(monkeypatch, readme) == 0

    text = readme.read_text()
    assert "| update | 2 | 100.0% | 50.0% | 0 |" in text
    assert "| loop | 0 | - | - | 0 |" in text
    assert "| **the lab's own mistakes** | 1 | 100.0% | 100.0% | 0 |" in text
    assert "| CPU of one diagnosis, 95th percentile, ms | 5.00 | ≤ 10 | holds |" in text


def test_update_keeps_the_keys_of_other_benchmarks(tmp_path: Path) -> None:
    """Reading output is measured on its own."""
    results = tmp_path / "results.json"
    results.write_bytes(EXAMPLE.read_bytes())
    before = document.read(results)

    document.update(results, {"date": "2026-12-24"})

    assert document.read(results) == before | {"date": "2026-12-24"}


def test_update_refuses_what_the_schema_does_not_know(tmp_path: Path) -> None:
    """And leaves the file as it was."""
    results = tmp_path / "results.json"
    results.write_bytes(EXAMPLE.read_bytes())
    wrong: dict[str, Any] = {"rows": {}}

    with pytest.raises(BadDataError, match="bench"):
        document.update(results, wrong)

    assert results.read_bytes() == EXAMPLE.read_bytes()


def test_results_of_the_checkout_satisfy_the_schema() -> None:
    """What is committed is what the benchmarks write."""
    assert document.read(CHECKOUT / "bench" / "results.json")["schema_version"] == 1
    figures = document.read(
        CHECKOUT / "bench" / "diagnosis" / "results.json", schema="bench-diagnosis"
    )
    assert figures["runner"] == "sandbox"


def test_figures_of_the_checkout_are_those_that_were_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody types them."""
    monkeypatch.setattr("sys.argv", ["table.py", "--check", str(CHECKOUT / "bench" / "README.md")])

    assert table.main() == 0


def test_nothing_measured_yet_gives_an_empty_text() -> None:
    """A fresh fork has a README too."""
    nothing = {"schema_version": 1}

    assert table.figures_text(nothing, peers=nothing, diagnosis=nothing) == "\n"
    assert json.loads(EXAMPLE.read_text())["schema_version"] == 1
