"""Ten of the worst hand-ins come first in a class, and nobody else notices."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT
from tests.integration.worst import WORST
from verifier import cli
from verifier.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.engine
REFERENCE = (LAB_ROOT / "forward-backward" / "forward_backward_lab.py").read_text()


@pytest.mark.usefixtures("runtime")
def test_ten_of_the_worst_do_not_stop_a_class(tmp_path: Path) -> None:
    """Everybody has a row, the others their points, and the class exits 0."""
    for name, source in WORST.items():
        _hand_in(tmp_path / "class" / "a" / name, source)
    for number in range(40):
        _hand_in(tmp_path / "class" / "b" / f"{number}.py", f"{REFERENCE}# {number}\n")
    results = tmp_path / "results"
    code = cli.run(["grade", str(tmp_path / "class"), "--results", str(results)])

    lines = (results / "results.jsonl").read_bytes().splitlines()
    rows = [json.loads(line) for line in lines]
    assert code == ExitCode.PASSED
    assert len(rows) == 50
    assert max(map(len, lines)) < 1024 * 1024
    assert not (results / "internal-errors.txt").exists()
    verdicts = Counter((row["path"][0], row["report"]["verdict"]) for row in rows)
    assert verdicts == {("a", "failed"): 10, ("b", "passed"): 40}


def _hand_in(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
