"""Rows on disk: what is no row is never believed, and what is one is never lost."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.fakes import FakeRunner, run_result
from tests.unit.batch.batches import (
    configured,
    grade,
    rows,
    untimed,
    verdicts,
)
from verifier.batch import journal
from verifier.errors import (
    EnvironmentFailure,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("cut", [1, 40, 2000])
def test_torn_last_line_is_dropped_and_graded_again(folder: Path, results: Path, cut: int) -> None:
    """As a grader leaves it that is killed while it writes."""
    grade([folder], results)
    whole = untimed(results)
    file = results / "results.jsonl"
    file.write_bytes(file.read_bytes()[:-cut])
    summary = grade([folder], results)

    assert untimed(results) == whole
    assert (summary.repair.torn, summary.repair.superseded, summary.repair.set_aside) == (1, 0, 0)


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        b"\xff\n",
        b"[" * 100_000 + b"\n",
        b'{"schema_version": NaN}\n',
    ],
)
def test_line_that_is_no_row_is_set_aside(folder: Path, results: Path, line: bytes) -> None:
    """Never trusted, never lost."""
    grade([folder], results)
    file = results / "results.jsonl"
    file.write_bytes(line + file.read_bytes())
    summary = grade([folder], results)

    assert summary.repair.set_aside == 1
    assert (results / "set-aside.txt").read_bytes() == line
    assert len(rows(results)) == 4


def test_row_edited_by_hand_against_the_schema_is_graded_again(folder: Path, results: Path) -> None:
    """A score of minus one, or another submission's report."""
    grade([folder], results)
    first, second = rows(results)[:2]
    first["report"]["score"] = -1
    second["report"]["submission"]["path"] = "somebody.py"
    kept = rows(results)[2:]
    text = "".join(json.dumps(row) + "\n" for row in (first, second, *kept))
    (results / "results.jsonl").write_text(text)
    runner = FakeRunner(run_result())
    summary = grade([folder], results, configured(runner))

    assert (len(runner.sources), summary.repair.set_aside) == (2, 2)
    assert len(rows(results)) == 4


def test_row_that_stands_twice_is_kept_once(folder: Path, results: Path) -> None:
    """The later one counts."""
    grade([folder], results)
    file = results / "results.jsonl"
    file.write_bytes(file.read_bytes() * 2)
    summary = grade([folder], results)

    assert (len(rows(results)), summary.repair.superseded) == (4, 4)


def test_line_longer_than_any_row_is_set_aside(
    folder: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in pieces, in bounded memory."""
    grade([folder], results)
    longest = max(len(line) for line in (results / "results.jsonl").read_bytes().splitlines())
    monkeypatch.setattr(journal, "_LINE_LIMIT_BYTES", longest + 2)
    with (results / "results.jsonl").open("ab") as file:
        file.write(b"x" * 3 * longest + b"\n")
    summary = grade([folder], results)

    assert len(rows(results)) == 4
    assert summary.repair.set_aside >= 3


def test_full_disk_loses_no_finished_row(
    folder: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The half row is cut off again, and the message says what helps."""
    write = os.pwrite

    def fill(descriptor: int, data: bytes, at: int) -> int:
        """Take a half of what is given, and nothing from the 5000th byte on."""
        room = min(1 + len(data) // 2, 5000 - at)
        if room <= 0:
            raise OSError(28, "No space left on device")
        return write(descriptor, bytes(data)[:room], at)

    monkeypatch.setattr(os, "pwrite", fill)
    with pytest.raises(EnvironmentFailure, match="No space left on device") as caught:
        grade([folder], results)
    assert "free some space" in caught.value.remedy
    monkeypatch.setattr(os, "pwrite", write)

    assert verdicts(results) == {"empty.py": "not_gradable"}
    summary = grade([folder], results)
    assert (summary.complete, summary.repair.torn) == (True, 0)
